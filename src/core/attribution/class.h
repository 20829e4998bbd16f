/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Classes of gets and puts: a site and the three functions that called it. A class has an
 * id, counted from 0, and the place (number) of its site alone.
 */
#ifndef FT_CORE_ATTRIBUTION_CLASS_H
#define FT_CORE_ATTRIBUTION_CLASS_H

#include "core/folio/holders.h"
#include "hash.h"

#define FT_CLASS_CALLERS 3

struct ft_class {
	const struct ft_site *site;	      /* NULL: of pseudo-tokens; caller[0] is the holder */
	const char *caller[FT_CLASS_CALLERS]; /* interned; NULL where there is none */
	uint32_t place;			      /* number of the site alone */
	enum ft_place_role role;
	/* of balanced lifetimes: how often a count of the folio moved with it, of how often; pins
	 * of large folios only */
	uint32_t mapped, cached, seen;
	uint32_t pinned, seen_large;
};

struct ft_classes {
	struct ft_class *list;
	size_t nr, room;
	struct ft_hash index;
	const void **places;
	size_t nr_places, room_places;
};

void ft_classes__free(struct ft_classes *classes);
/* Sets *id. The site and the names must outlive the classes. stack: frame 0 is the site's
 * own; may be NULL. 0 or -ENOMEM. */
int ft_classes__intern(struct ft_classes *classes, const struct ft_site *site,
		       const struct ft_stack *stack, uint32_t *id);
/* The class of a pseudo-token. holder: a constant string. */
int ft_classes__intern_holder(struct ft_classes *classes, const char *holder, uint32_t *id);
/* What is taken or put there, as most of what was seen there is; or as little of it is. Of a
 * class that was hardly seen neither is true. */
bool ft_class__mostly(uint32_t number, uint32_t seen);
bool ft_class__hardly(uint32_t number, uint32_t seen);
/* Whether a reference that is taken or put there goes from task to task, as in a pipe. */
bool ft_classes__passes_on(const struct ft_classes *classes, uint32_t id,
			   const struct ft_stack *stack);

#endif /* FT_CORE_ATTRIBUTION_CLASS_H */
