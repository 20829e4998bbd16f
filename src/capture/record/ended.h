/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tasks of a recording, and which of them have ended: a call that a task made is over then, so
 * that nothing can be put by it any more.
 */
#ifndef FT_CAPTURE_RECORD_ENDED_H
#define FT_CAPTURE_RECORD_ENDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "wire.h"

struct seen_task {
	uint32_t pid;
	bool ended;
	uint64_t last_ns; /* of its last record: pids are used again */
};

struct seen_tasks {
	struct seen_task *list;
	size_t room;
	struct ft_hash index; /* of list, index.nr of them */
	bool out_of_memory;
};

/* Whether our PIDs are those of the records, and we see every process. */
bool in_initial_pid_namespace(void);
void seen_tasks__add(struct seen_tasks *s, const struct ft_wire_task *t);
/*
 * False: nobody can tell, as the PIDs of the records are not those of our PID namespace, or /proc
 * is not there.
 */
bool seen_tasks__can_tell(const struct seen_tasks *s);
/*
 * Marks those that do not exist any more, or have given back all that they had: to be called before
 * a reading, which then has nothing that they would still give back.
 */
void seen_tasks__look(struct seen_tasks *s);
void seen_tasks__free(struct seen_tasks *s);

#endif /* FT_CAPTURE_RECORD_ENDED_H */
