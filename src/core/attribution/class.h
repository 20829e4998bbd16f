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

/* By how much of its names a class is told, for what is compared with other runs. */
enum ft_class_level { FT_LEVEL_FUNCTION, FT_LEVEL_CALLER, FT_LEVEL_CALLERS, FT_LEVEL_COUNT };

struct ft_class {
	const struct ft_site *site;	      /* NULL: of pseudo-tokens; caller[0] is the holder */
	const char *caller[FT_CLASS_CALLERS]; /* interned; NULL where there is none */
	uint32_t place;			      /* number of the site alone */
	enum ft_place_role role;
	/* of balanced lifetimes: how often a count of the folio moved with it, of how often; pins
	 * of large folios only */
	uint32_t mapped, cached, seen;
	uint32_t pinned, seen_large;
	uint64_t name[FT_LEVEL_COUNT]; /* hashes: equal in every run and build */
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
/* The name of its function; of a pseudo-token "(holder)", which is written into buf. */
#define FT_HOLDER_NAME 32
const char *ft_class__function(const struct ft_class *class, char *buf, size_t size);
/* The hashes of a function and its callers: what the compiler adds to a name (".isra.0") does
 * not count. */
void ft_class__hash_names(const char *function, const char *const *caller,
			  uint64_t name[FT_LEVEL_COUNT]);
/* Whether a reference that is taken or put there goes from task to task, as in a pipe. */
bool ft_classes__passes_on(const struct ft_classes *classes, uint32_t id,
			   const struct ft_stack *stack);

#endif /* FT_CORE_ATTRIBUTION_CLASS_H */
