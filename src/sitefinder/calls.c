// SPDX-License-Identifier: GPL-2.0
/* Calls of out-of-line copies, for those that cannot be probed themselves: see site.h. */
#include <errno.h>

#include "sitefinder/insn.h"
#include "sitefinder/scan.h"

#define OPCODE_CALL 0xe8
#define OPCODE_JMP 0xe9
#define OPCODE_TWO_BYTES 0x0f
#define OPCODE2_JCC 0x80 /* to 0x8f */

enum { RAX = 0, RDI = 7 };

#define MAX_TAILS 16 /* functions that tail jump to one; mm/gup.c has one */

struct calls {
	struct scan scan; /* first: the callback of scan__each() gets a pointer to it */
	const struct ft_out_of_line *copies;
	size_t nr_copies;
	struct ft_out_of_line tails[MAX_TAILS];
	size_t nr_tails;
	size_t *unreachable;
};

/* The copy at the relative address after an opcode of size bytes at p, or NULL. */
static const struct ft_out_of_line *copy_at(const struct calls *c, const uint8_t *p, size_t size)
{
	const struct scan *s = &c->scan;
	int32_t relative;
	uint64_t target;
	size_t i;

	if (!ft_imm__read(&relative, (struct ft_bytes){ p + size, s->end }, 4))
		return NULL;
	target = s->base + (uint64_t)(p - s->text) + size + 4 + (uint64_t)(int64_t)relative;
	for (i = 0; i < c->nr_copies; i++)
		if (c->copies[i].address == target)
			return &c->copies[i];
	return NULL;
}

/* p is a tail jump: the function around it returns what the copy returns. */
static bool add_tail(struct calls *c, const uint8_t *p)
{
	uint32_t function = scan__function_at(&c->scan, p);
	uint64_t start;
	size_t i;

	if (function == FT_NO_FUNCTION)
		return false;
	start = c->scan.f->functions[scan__whole_function(c->scan.f, function)].start;
	for (i = 0; i < c->nr_tails && c->tails[i].address != start; i++)
		;
	if (i == MAX_TAILS)
		return false;
	c->tails[i] = (struct ft_out_of_line){ start, FT_FORM_TAIL_TRY };
	c->nr_tails += i == c->nr_tails;
	return true;
}

/* A call of, or jump to, a copy whose return value is needed. p is at the opcode. */
static int try_result(struct calls *c, const uint8_t *p, size_t size, struct ft_insn_site *site)
{
	struct ft_insn_site refs = *site;

	refs.form = FT_FORM_TRY_REFS;
	if (*p != OPCODE_CALL) {
		if (site->form == FT_FORM_CALL_TRY && *p == OPCODE_JMP && add_tail(c, p))
			return scan__add(&c->scan, p, size, &refs);
		++*c->unreachable;
		return 0;
	}
	site->base = RAX;
	if (site->form == FT_FORM_CALL_TRY && scan__add(&c->scan, p, size, &refs))
		return -ENOMEM;
	return scan__add(&c->scan, p, size, site);
}

/* p is at the opcode, size bytes long, and a relative address of 4 bytes follows. */
static int try_branch(struct calls *c, const uint8_t *p, size_t size)
{
	const struct ft_out_of_line *copy = copy_at(c, p, size);
	struct ft_insn_site site = { .rule = FT_RULE_CALL, .base = RDI };

	if (!copy)
		return 0;
	size += 4;
	site.form = (uint8_t)copy->form;
	site.disp = (int32_t)c->scan.f->refcount;
	if (site.form == FT_FORM_CALL_TRY || site.form == FT_FORM_TAIL_TRY)
		return try_result(c, p, size, &site);
	return scan__add(&c->scan, p, size, &site);
}

static int try_call(struct scan *s, const uint8_t *p)
{
	return try_branch((struct calls *)s, p, 1);
}

static int try_conditional_jump(struct scan *s, const uint8_t *p)
{
	if (s->end - p < 2 || (p[1] & 0xf0) != OPCODE2_JCC)
		return 0;
	return try_branch((struct calls *)s, p, 2);
}

static int find_calls(struct calls *c)
{
	int err = scan__each(&c->scan, OPCODE_CALL, try_call);

	if (!err)
		err = scan__each(&c->scan, OPCODE_JMP, try_call);
	if (!err)
		err = scan__each(&c->scan, OPCODE_TWO_BYTES, try_conditional_jump);
	return err;
}

int ft_finder__scan_calls(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
			  const struct ft_out_of_line *copies, size_t nr_copies,
			  struct ft_insn_site **sites, size_t *nr_sites, size_t *unreachable)
{
	struct calls c = {
		.scan = scan__of(f, text, size, base, sites, nr_sites),
		.copies = copies,
		.nr_copies = nr_copies,
		.unreachable = unreachable,
	};
	int err;

	if (!size || !nr_copies)
		return 0;
	err = find_calls(&c);
	if (!err && c.nr_tails) {
		c.copies = c.tails;
		c.nr_copies = c.nr_tails;
		err = find_calls(&c);
	}
	scan__merge(&c.scan);
	return err;
}
