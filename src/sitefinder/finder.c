// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the instructions that change a _refcount by their bytes: see site.h.
 * The encodings are those that gcc and clang make of include/linux/page_ref.h
 * for x86-64; that the refcount is 32 bits wide excludes REX.W and the prefix 66.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "site.h"
#include "sitefinder/insn.h"
#include "sitefinder/scan.h"

#define PREFIX_LOCK 0xf0
#define PREFIX_DS 0x3e /* the kernel patches LOCK to it on one CPU */
#define PREFIX_16BIT 0x66
#define OPCODE_LEA 0x8d
#define OPCODE_MOV_REG 0x89
#define OPCODE_MOV_IMM 0xc7
#define OPCODE_TWO_BYTES 0x0f

#define RSP 4

#define ANY_REGISTER 0xffffU
#define LARGEST_COUNT 0xffffff /* that code stores as a constant */

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
	function = scan__function_at(s, p);
	if (function != FT_NO_FUNCTION &&
	    s->pointers[scan__whole_function(s->f, function)] >> m->base & 1)
		return FT_RULE_LEA;
	return 0;
}

/* A folio is not on the stack. */
static bool is_page_operand(const struct ft_mem *m)
{
	return !m->indexed && m->base != RSP;
}

/* Decodes what follows LOCK and REX: fills form, imm, src. Returns the size; 0: another op. */
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
	return scan__add(s, p, (size_t)(at.p - p) + size, &site);
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
	return scan__add(s, start, (size_t)(at.p - start), &site);
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
	function = scan__function_at(s, p);
	if (function != FT_NO_FUNCTION)
		s->pointers[scan__whole_function(s->f, function)] |= pointers;
	return 0;
}

static int find_ops(struct scan *s)
{
	int err;

	err = scan__each(s, OPCODE_LEA, try_lea);
	if (!err)
		err = scan__each(s, PREFIX_LOCK, try_lock_op);
	if (!err && s->f->up)
		err = scan__each(s, PREFIX_DS, try_lock_op);
	if (!err)
		err = scan__each(s, OPCODE_MOV_REG, try_store);
	if (!err)
		err = scan__each(s, OPCODE_MOV_IMM, try_store);
	return err;
}

int ft_finder__scan(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
		    struct ft_insn_site **sites, size_t *nr_sites)
{
	struct scan s = scan__of(f, text, size, base, sites, nr_sites);
	int err;

	if (!size)
		return 0;
	s.pointers = calloc(f->nr_functions + 1, sizeof(*s.pointers));
	if (!s.pointers)
		return -ENOMEM;
	err = find_ops(&s);
	scan__merge(&s);
	free(s.pointers);
	return err;
}
