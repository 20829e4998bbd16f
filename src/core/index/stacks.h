/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks by the numbers that the events carry. A capture has the addresses beside the
 * events and their names at its end, so the addresses are kept until then.
 */
#ifndef FT_CORE_INDEX_STACKS_H
#define FT_CORE_INDEX_STACKS_H

#include "core/util/arena.h"
#include "hash.h"
#include "model.h"

struct ft_raw_stack {
	uint32_t depth;
	uint64_t *frames; /* NULL: no such stack */
};

struct ft_stacks {
	struct ft_arena *arena;
	struct ft_raw_stack *by_id; /* of the wire */
	size_t size;
	struct ft_frame_name **names;
	size_t names_room;
	struct ft_hash by_address; /* of names */
	uint32_t *index;	   /* wire id to index in the run; of size entries */
};

void ft_stacks__init(struct ft_stacks *stacks, struct ft_arena *arena);
void ft_stacks__free(struct ft_stacks *stacks);
/* frames: depth addresses, unaligned. 0, -ENOMEM, or -EINVAL: out of range. */
int ft_stacks__add(struct ft_stacks *stacks, uint32_t id, uint32_t depth, const void *frames);
/* A later name of an address replaces the one before. */
int ft_stacks__name(struct ft_stacks *stacks, struct ft_frame_name *name);
/* Fills run->stacks, once all is read. */
int ft_stacks__complete(struct ft_stacks *stacks, struct ft_run *run);
/* 0 for a stack that is not there. */
uint32_t ft_stacks__index(const struct ft_stacks *stacks, uint32_t id);

#endif /* FT_CORE_INDEX_STACKS_H */
