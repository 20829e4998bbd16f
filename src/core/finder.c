// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the instructions that change a _refcount by their bytes: see site.h.
 * The encodings are those that gcc and clang make of include/linux/page_ref.h
 * for x86-64; that the refcount is 32 bits wide excludes REX.W and the prefix 66.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/finder_insn.h"
#include "site.h"

#define PREFIX_LOCK 0xf0
#define PREFIX_DS 0x3e /* what the kernel makes of LOCK on one CPU */
#define PREFIX_16BIT 0x66
#define OPCODE_LEA 0x8d
#define OPCODE_MOV_REG 0x89
#define OPCODE_MOV_IMM 0xc7
#define OPCODE_CALL 0xe8
#define OPCODE_JMP 0xe9
#define OPCODE_TWO_BYTES 0x0f
#define OPCODE2_JCC 0x80 /* to 0x8f */

enum { RAX = 0, RSP = 4, RDI = 7 };

#define ANY_REGISTER 0xffffU
#define LARGEST_COUNT 0xffffff /* that code stores as a constant */

struct scan {
	const struct ft_finder *f;
	const uint8_t *text, *end;
	uint64_t base;
	size_t function; /* the first one that ends behind where we are */
	/* By function, its cold part included: the registers that may point at a refcount. */
	uint16_t *pointers;
	struct ft_insn_site **sites;
	size_t *nr, first, room;
};

/* The index of the function that p is in. */
static uint32_t function_at(struct scan *s, const uint8_t *p)
{
	uint64_t address = s->base + (uint64_t)(p - s->text);

	while (s->function < s->f->nr_functions && s->f->functions[s->function].end <= address)
		s->function++;
	if (s->function == s->f->nr_functions || s->f->functions[s->function].start > address)
		return FT_NO_FUNCTION;
	return (uint32_t)s->function;
}

static uint32_t whole_function(const struct ft_finder *f, uint32_t function)
{
	uint32_t parent = f->functions[function].parent;

	return parent < f->nr_functions ? parent : function;
}

static int add(struct scan *s, const struct ft_insn_site *site)
{
	struct ft_insn_site *p;

	if (*s->nr == s->room) {
		s->room = s->room ? s->room * 2 : 1024;
		p = realloc(*s->sites, s->room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		*s->sites = p;
	}
	(*s->sites)[(*s->nr)++] = *site;
	return 0;
}

/* Completes a site whose operation is at p and has size bytes. */
static int add_at(struct scan *s, const uint8_t *p, size_t size, struct ft_insn_site *site)
{
	site->address = s->base + (uint64_t)(p - s->text);
	site->probe = site->address;
	if (site->form == FT_FORM_CMPXCHG || site->form == FT_FORM_CALL_TRY)
		site->probe += size;
	site->function = function_at(s, p);
	return add(s, site);
}

/* The rule by which disp is that of a refcount, or 0: from the page, its lru, its list. */
static uint8_t rule_of_disp(const struct ft_finder *f, int32_t disp)
{
	if (disp == (int32_t)f->refcount)
		return FT_RULE_LOCK;
	if (disp == (int32_t)(f->refcount - f->lru))
		return FT_RULE_LRU;
	if (f->deferred_list >= 0 && disp == (int32_t)f->refcount - f->deferred_list)
		return FT_RULE_DEFERRED;
	return 0;
}

static uint8_t rule_of_lock(struct scan *s, const uint8_t *p, const struct ft_mem *m)
{
	uint32_t function;

	if (m->disp)
		return rule_of_disp(s->f, m->disp);
	function = function_at(s, p);
	if (function != FT_NO_FUNCTION &&
	    s->pointers[whole_function(s->f, function)] >> m->base & 1)
		return FT_RULE_LEA;
	return 0;
}

/* A folio is not on the stack. */
static bool is_page_operand(const struct ft_mem *m)
{
	return !m->indexed && m->base != RSP;
}

/* What follows LOCK and REX: fills form, imm, src; returns the size, 0 if it is no such op. */
static size_t read_lock_op(struct ft_insn_site *site, struct ft_mem *m, struct ft_bytes at,
			   uint8_t rex)
{
	const uint8_t *start = at.p;
	uint8_t opcode, extension;
	unsigned int imm_size = 0;

	if (at.end - at.p < 3)
		return 0;
	opcode = *at.p++;
	if (opcode == OPCODE_TWO_BYTES) {
		opcode = *at.p++;
		if (opcode != 0xb1 && opcode != 0xc1)
			return 0;
		site->form = opcode == 0xb1 ? FT_FORM_CMPXCHG : FT_FORM_XADD;
	} else if (opcode == 0x01 || opcode == 0x29) {
		site->form = opcode == 0x01 ? FT_FORM_ADD_REG : FT_FORM_SUB_REG;
	} else if (opcode == 0xff || opcode == 0x83 || opcode == 0x81) {
		site->form = FT_FORM_ADD;
		imm_size = opcode == 0xff ? 0 : opcode == 0x83 ? 1 : 4;
	} else {
		return 0;
	}
	if (!ft_mem__read(m, at, rex) || !is_page_operand(m))
		return 0;
	at.p += m->size;
	if (site->form != FT_FORM_ADD) {
		site->src = m->reg;
		return (size_t)(at.p - start);
	}
	/* inc and dec are /0 and /1, add and sub /0 and /5 */
	extension = m->reg & 7;
	if (extension && extension != (imm_size ? 5 : 1))
		return 0;
	site->imm = 1;
	if (imm_size && !ft_imm__read(&site->imm, at, imm_size))
		return 0;
	if (extension)
		site->imm = (int32_t)(0U - (uint32_t)site->imm);
	return (size_t)(at.p - start) + imm_size;
}

static int try_lock_op(struct scan *s, const uint8_t *p)
{
	struct ft_bytes at = { p + 1, s->end };
	struct ft_insn_site site = { 0 };
	struct ft_mem m;
	uint8_t rex = 0;
	size_t size;

	if (at.p < at.end && ft_is_rex(*at.p))
		rex = *at.p++;
	if (rex & FT_REX_W)
		return 0;
	size = read_lock_op(&site, &m, at, rex);
	if (!size)
		return 0;
	site.disp = m.disp;
	site.base = m.base;
	site.rule = rule_of_lock(s, p, &m);
	if (!site.rule)
		return 0;
	return add_at(s, p, (size_t)(at.p - p) + size, &site);
}

/*
 * Constants are also stored by way of the page's lru (1, and 2 where a folio is unfrozen for the
 * page cache), and into the page before or behind the one that the register points at.
 */
static bool is_stored_count(const struct ft_finder *f, int32_t disp, int32_t imm)
{
	int32_t from_refcount = disp - (int32_t)f->refcount;

	if (imm < 0 || imm > LARGEST_COUNT)
		return false;
	if (from_refcount == -(int32_t)f->lru)
		return imm == 1 || imm == 2;
	if (from_refcount == (int32_t)f->sizeof_page || from_refcount == -(int32_t)f->sizeof_page)
		return imm == 1;
	return from_refcount == 0;
}

/* A quick test of what follows an opcode: moves are a twentieth of all bytes. */
static bool may_have_disp(const struct scan *s, const uint8_t *modrm)
{
	uint8_t low = (uint8_t)s->f->refcount;

	return s->end - modrm < 3 || modrm[1] == low || modrm[2] == low;
}

/* A move whose opcode is at p, and whose REX prefix, if it has one, is before it. */
static int add_store(struct scan *s, const uint8_t *p, uint8_t rex)
{
	struct ft_bytes at = { p + 1, s->end };
	struct ft_insn_site site = { .rule = FT_RULE_STORE };
	const uint8_t *start = rex ? p - 1 : p;
	struct ft_mem m;

	if (!ft_mem__read(&m, at, rex) || !is_page_operand(&m))
		return 0;
	at.p += m.size;
	if (*p == OPCODE_MOV_REG) {
		site.form = FT_FORM_STORE_REG;
		site.src = m.reg;
		if (m.disp != (int32_t)s->f->refcount)
			return 0;
	} else {
		site.form = FT_FORM_STORE_IMM;
		if ((m.reg & 7) || !ft_imm__read(&site.imm, at, 4) ||
		    !is_stored_count(s->f, m.disp, site.imm))
			return 0;
		at.p += 4;
	}
	site.disp = m.disp;
	site.base = m.base;
	return add_at(s, start, (size_t)(at.p - start), &site);
}

/*
 * p is at the opcode. A byte before it that could be a prefix may as well end the instruction
 * before: where that is likely both are taken, and the kernel refuses what is none.
 */
static int try_store(struct scan *s, const uint8_t *p)
{
	struct ft_bytes before = { s->text, p };
	uint8_t rex;
	int err;

	if (*p == OPCODE_MOV_REG && !may_have_disp(s, p + 1))
		return 0;
	rex = p > s->text && ft_is_rex(p[-1]) ? p[-1] : 0;
	/* No compiler makes another REX here: no index, and no byte registers. */
	if (!(rex & (FT_REX_R | FT_REX_B | FT_REX_W)) || (rex & FT_REX_X && !(rex & FT_REX_W)))
		rex = 0;
	if (rex) {
		err = ft_may_end_insn(before) ? add_store(s, p, 0) : 0;
		if (err || rex & FT_REX_W)
			return err;
		before.end--;
	}
	if (before.end > before.p && before.end[-1] == PREFIX_16BIT && !ft_may_end_insn(before))
		return 0;
	return add_store(s, p, rex);
}

/*
 * p is at the opcode, behind REX.W. `lea refcount(x),r` marks the function: x may be indexed, r may
 * be moved or spilled on the way to the lock op. By way of lists only r itself counts, since
 * other structures have members there, too.
 */
static int try_lea(struct scan *s, const uint8_t *p)
{
	uint16_t pointers = ANY_REGISTER;
	uint32_t function;
	struct ft_mem m;
	uint8_t rule;

	if (p == s->text || !ft_is_rex(p[-1]) || !(p[-1] & FT_REX_W) ||
	    !ft_mem__read(&m, (struct ft_bytes){ p + 1, s->end }, p[-1]))
		return 0;
	rule = rule_of_disp(s->f, m.disp);
	if (!rule || m.base == RSP)
		return 0;
	if (rule != FT_RULE_LOCK)
		pointers = (uint16_t)(1U << m.reg);
	function = function_at(s, p);
	if (function != FT_NO_FUNCTION)
		s->pointers[whole_function(s->f, function)] |= pointers;
	return 0;
}

static int compare_sites(const void *a, const void *b)
{
	const struct ft_insn_site *x = a, *y = b;

	if (x->probe != y->probe)
		return x->probe < y->probe ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct ft_insn_site *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* One site a probe address: of bytes that can be read in two ways, the rule first in enum. */
static void merge(struct scan *s)
{
	struct ft_insn_site *sites = *s->sites;
	size_t i, to = s->first;

	if (*s->nr == s->first)
		return;
	qsort(sites + s->first, *s->nr - s->first, sizeof(*sites), compare_sites);
	for (i = s->first + 1; i < *s->nr; i++) {
		if (sites[i].probe != sites[to].probe)
			sites[++to] = sites[i];
	}
	*s->nr = to + 1;
	qsort(sites + s->first, *s->nr - s->first, sizeof(*sites), compare_addresses);
}

/* Calls one function at each byte of one value: memchr() passes over all others fast. */
static int at_each(struct scan *s, uint8_t byte, int (*try)(struct scan *, const uint8_t *))
{
	const uint8_t *p = s->text;
	int err = 0;

	s->function = 0;
	while (!err && p < s->end && (p = memchr(p, byte, (size_t)(s->end - p))))
		err = try(s, p++);
	return err;
}

static int find_ops(struct scan *s)
{
	int err;

	err = at_each(s, OPCODE_LEA, try_lea);
	if (!err)
		err = at_each(s, PREFIX_LOCK, try_lock_op);
	if (!err && s->f->up)
		err = at_each(s, PREFIX_DS, try_lock_op);
	if (!err)
		err = at_each(s, OPCODE_MOV_REG, try_store);
	if (!err)
		err = at_each(s, OPCODE_MOV_IMM, try_store);
	return err;
}

static struct scan scan_of(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
			   struct ft_insn_site **sites, size_t *nr_sites)
{
	return (struct scan){
		.f = f,
		.text = text,
		.end = (const uint8_t *)text + size,
		.base = base,
		.sites = sites,
		.nr = nr_sites,
		.first = *nr_sites,
		.room = *nr_sites,
	};
}

int ft_finder__scan(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
		    struct ft_insn_site **sites, size_t *nr_sites)
{
	struct scan s = scan_of(f, text, size, base, sites, nr_sites);
	int err;

	if (!size)
		return 0;
	s.pointers = calloc(f->nr_functions + 1, sizeof(*s.pointers));
	if (!s.pointers)
		return -ENOMEM;
	err = find_ops(&s);
	merge(&s);
	free(s.pointers);
	return err;
}

struct calls {
	struct scan scan; /* first: at_each() hands that on */
	const struct ft_helper *helpers;
	size_t nr_helpers;
	size_t *unreachable;
};

/* p is at the opcode, size bytes long, and a relative address of 4 bytes follows. */
static int try_branch(struct calls *c, const uint8_t *p, size_t size)
{
	struct scan *s = &c->scan;
	struct ft_insn_site site = { .rule = FT_RULE_CALL };
	int32_t relative;
	uint64_t target;
	size_t i;

	if (!ft_imm__read(&relative, (struct ft_bytes){ p + size, s->end }, 4))
		return 0;
	size += 4;
	target = s->base + (uint64_t)(p - s->text) + size + (uint64_t)(int64_t)relative;
	for (i = 0; i < c->nr_helpers && c->helpers[i].address != target; i++)
		;
	if (i == c->nr_helpers)
		return 0;
	site.form = (uint8_t)c->helpers[i].form;
	if (site.form == FT_FORM_CALL_TRY && *p != OPCODE_CALL) {
		++*c->unreachable;
		return 0;
	}
	site.disp = (int32_t)s->f->refcount;
	site.base = site.form == FT_FORM_CALL_TRY ? RAX : RDI;
	return add_at(s, p, size, &site);
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

int ft_finder__scan_calls(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
			  const struct ft_helper *helpers, size_t nr_helpers,
			  struct ft_insn_site **sites, size_t *nr_sites, size_t *unreachable)
{
	struct calls c = {
		.scan = scan_of(f, text, size, base, sites, nr_sites),
		.helpers = helpers,
		.nr_helpers = nr_helpers,
		.unreachable = unreachable,
	};
	int err;

	if (!size || !nr_helpers)
		return 0;
	err = at_each(&c.scan, OPCODE_CALL, try_call);
	if (!err)
		err = at_each(&c.scan, OPCODE_JMP, try_call);
	if (!err)
		err = at_each(&c.scan, OPCODE_TWO_BYTES, try_conditional_jump);
	merge(&c.scan);
	return err;
}
