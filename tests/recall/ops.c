// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "ops.h"

static bool in_memory(uint8_t modrm)
{
	return modrm >> 6 != 3;
}

/* LOCK [REX] and an opcode that changes memory, of any width and displacement. */
static bool is_lock_op(const uint8_t *p, const uint8_t *end)
{
	if (*p++ != 0xf0)
		return false;
	if (p < end && (*p & 0xf0) == 0x40)
		p++;
	if (end - p < 2)
		return false;
	switch (*p) {
	case 0x01:
	case 0x09:
	case 0x21:
	case 0x29:
	case 0x31:
	case 0x81:
	case 0x83:
	case 0x87:
	case 0xf7:
	case 0xff:
		return in_memory(p[1]);
	case 0x0f:
		return end - p > 2 &&
		       (p[1] == 0xb1 || p[1] == 0xc1 || p[1] == 0xba || p[1] == 0xab) &&
		       in_memory(p[2]);
	}
	return false;
}

/* [REX] 89 or c7 /0 with a memory operand, but no 64-bit one. */
static bool is_store(const uint8_t *p, const uint8_t *end)
{
	if ((*p & 0xf8) == 0x40)
		p++;
	if (end - p < 2)
		return false;
	return (*p == 0x89 && in_memory(p[1])) ||
	       (*p == 0xc7 && in_memory(p[1]) && (p[1] & 0x38) == 0);
}

static void push(struct op **array, size_t *nr, size_t *room, const struct op *op)
{
	if (*nr == *room) {
		*room = *room ? *room * 2 : 1024;
		*array = realloc(*array, *room * sizeof(**array));
		if (!*array)
			abort(); /* a test program */
	}
	(*array)[(*nr)++] = *op;
}

static void read_instance(struct ops *ops, const struct truth *t, const struct instance *in,
			  const struct image *image)
{
	const struct area *first = &t->ranges[in->first_range];
	const uint8_t *p, *end;
	size_t before = ops->nr;
	struct op op = { .primitive = in->primitive, .store = in->store };
	const struct area *r;

	for (r = first; r < first + in->nr_ranges; r++) {
		if (r->start < image->text_base || r->end > image->text_base + image->text_size)
			return; /* .init.text */
		end = image->text + (r->end - image->text_base);
		for (p = image->text + (r->start - image->text_base); p < end; p++) {
			if (!(in->store ? is_store(p, end) : is_lock_op(p, end)))
				continue;
			op.address = image->text_base + (uint64_t)(p - image->text);
			op.end = r->end;
			push(&ops->all, &ops->nr, &ops->room, &op);
			if (in->store)
				p = end; /* the first one; what is in its bytes is none */
		}
	}
	if (ops->nr != before)
		return;
	op.address = first->start;
	op.end = first->end;
	push(&ops->none, &ops->nr_none, &ops->none_room, &op);
}

static int by_address(const void *a, const void *b)
{
	const struct op *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return strcmp(x->primitive, y->primitive);
}

void ops__read(struct ops *ops, const struct truth *truth, const struct image *image)
{
	size_t i, to = 0;

	*ops = (struct ops){ 0 };
	for (i = 0; i < truth->nr; i++)
		read_instance(ops, truth, &truth->instances[i], image);
	if (!ops->nr)
		return;
	/* Merged tails: one instruction that is several instances'. */
	qsort(ops->all, ops->nr, sizeof(*ops->all), by_address);
	for (i = 1; i < ops->nr; i++) {
		if (ops->all[i].address != ops->all[to].address)
			ops->all[++to] = ops->all[i];
	}
	ops->nr = to + 1;
}

void ops__free(struct ops *ops)
{
	free(ops->all);
	free(ops->none);
}
