// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/index/stacks.h"
#include "core/util/grow.h"

#define ID_MAX (1U << 20)
#define CUT_AT 32 /* frames that bpf/refs.h asks for */

void ft_stacks__init(struct ft_stacks *stacks, struct ft_arena *arena)
{
	*stacks = (struct ft_stacks){ .arena = arena };
}

void ft_stacks__free(struct ft_stacks *stacks)
{
	free(stacks->by_id);
	free(stacks->names);
	ft_hash__free(&stacks->by_address);
	free(stacks->index);
	*stacks = (struct ft_stacks){ 0 };
}

static int reach(struct ft_stacks *stacks, uint32_t id)
{
	size_t size = stacks->size;

	if (FT_GROW(stacks->by_id, stacks->size, (size_t)id + 1))
		return -ENOMEM;
	memset(stacks->by_id + size, 0, (stacks->size - size) * sizeof(*stacks->by_id));
	return 0;
}

int ft_stacks__add(struct ft_stacks *stacks, uint32_t id, uint32_t depth, const void *frames)
{
	struct ft_raw_stack *s;

	if (!id || id > ID_MAX || depth > FT_STACK_MAX)
		return -EINVAL;
	if (reach(stacks, id))
		return -ENOMEM;
	s = &stacks->by_id[id];
	if (s->frames)
		return 0; /* sent again: the same stack */
	s->frames = ft_arena__alloc(stacks->arena, depth + 1, sizeof(*s->frames));
	if (!s->frames)
		return -ENOMEM;
	s->depth = depth;
	memcpy(s->frames, frames, depth * sizeof(*s->frames));
	return 0;
}

static bool has_address(const void *names, uint32_t number, const void *address)
{
	return ((struct ft_frame_name *const *)names)[number]->address ==
	       *(const uint64_t *)address;
}

static uint32_t find_name(const struct ft_stacks *stacks, uint64_t address)
{
	return ft_hash__find(&stacks->by_address, ft_hash__of(address), has_address, stacks->names,
			     &address);
}

int ft_stacks__name(struct ft_stacks *stacks, struct ft_frame_name *name)
{
	uint32_t number = find_name(stacks, name->address);

	if (number == FT_HASH_NONE) {
		number = stacks->by_address.nr;
		if (FT_GROW(stacks->names, stacks->names_room, number + 1) ||
		    ft_hash__add(&stacks->by_address, ft_hash__of(name->address), number))
			return -ENOMEM;
	}
	stacks->names[number] = name;
	return 0;
}

static int resolve(struct ft_stacks *stacks, const struct ft_raw_stack *raw, struct ft_stack *out)
{
	uint32_t i;

	out->cut = raw->depth >= CUT_AT;
	out->frames = ft_arena__alloc(stacks->arena, raw->depth + 1, sizeof(*out->frames));
	if (!out->frames)
		return -ENOMEM;
	for (i = 0; i < raw->depth; i++) {
		uint32_t number = find_name(stacks, raw->frames[i]);

		if (number != FT_HASH_NONE)
			out->frames[out->depth++] = stacks->names[number];
	}
	return 0;
}

int ft_stacks__complete(struct ft_stacks *stacks, struct ft_run *run)
{
	size_t i, nr = 1;

	for (i = 0; i < stacks->size; i++)
		nr += stacks->by_id[i].frames != NULL;
	run->stacks = ft_arena__alloc(stacks->arena, nr, sizeof(*run->stacks));
	stacks->index = calloc(stacks->size + 1, sizeof(*stacks->index));
	if (!run->stacks || !stacks->index)
		return -ENOMEM;
	run->nr_stacks = 1;
	for (i = 0; i < stacks->size; i++) {
		if (!stacks->by_id[i].frames)
			continue;
		if (resolve(stacks, &stacks->by_id[i], &run->stacks[run->nr_stacks]))
			return -ENOMEM;
		stacks->index[i] = (uint32_t)run->nr_stacks++;
	}
	return 0;
}

uint32_t ft_stacks__index(const struct ft_stacks *stacks, uint32_t id)
{
	return stacks->index && id < stacks->size ? stacks->index[id] : 0;
}

#define OWN_FRAMES 6 /* a tracepoint has at most this many of its own */

const struct ft_stack *ft_run__stack(const struct ft_run *run, const struct ft_event *e)
{
	static const struct ft_stack none = { 0 };

	return e->stack < run->nr_stacks ? &run->stacks[e->stack] : &none;
}

uint32_t ft_run__operator(const struct ft_run *run, const struct ft_event *e)
{
	const struct ft_stack *s = ft_run__stack(run, e);
	uint32_t i, first = 0;

	if (e->source != FT_SRC_PAGE_REF)
		return 0;
	for (i = 0; i < s->depth && i < OWN_FRAMES; i++)
		if (strstr(s->frames[i]->function, e->site->function))
			first = i + 1;
	return first;
}
