/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the owner of a reference can still exist. */
#ifndef FT_CORE_FOLIO_OWNER_H
#define FT_CORE_FOLIO_OWNER_H

#include "model.h"

/* A unit of a count that was seen being taken. */
struct ft_taken {
	const struct ft_event *get;
	enum ft_owner_class class; /* whose it is */
	enum ft_owner_class place; /* what the place it was taken at says, of a pin too */
};

/* Whether the task of e is known not to be of the command, and lives: it may have what it
 * took. */
bool ft_run__is_living_outsider(const struct ft_run *run, const struct ft_event *e);
/* Whether a task of the command did it, and not an interrupt that came meanwhile: what that
 * puts may be anybody's. */
bool ft_event__is_commands(const struct ft_event *e);
/* Whether a task of the command lives: it may have what any of them took. */
bool ft_run__command_lives(const struct ft_run *run);
/* Whether nothing outside of the command can have a pipe, a socket or a ring with the
 * folio in it; false where that was not looked for. */
bool ft_run__class_is_searched(const struct ft_run *run, enum ft_owner_class class);

/* Whether such a one may have the folio after its task has ended, unsearched. */
bool ft_run__class_may_live(const struct ft_run *run, enum ft_owner_class class);

/*
 * FT_OWNER_GONE or FT_OWNER_POSSIBLE. reason: of the latter, without the number of units
 * (n[0]).
 */
enum ft_owner_state ft_run__owner_state(const struct ft_run *run, const struct ft_taken *taken,
					struct ft_reason *reason);

#endif /* FT_CORE_FOLIO_OWNER_H */
