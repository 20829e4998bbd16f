// SPDX-License-Identifier: GPL-2.0
#include "sitefinder/insn.h"

/* Fields of ModRM with a meaning of their own (Intel SDM 2A, table 2-2 and 2-3). */
#define MOD_REGISTER 3U
#define RM_SIB 4U
#define RM_NO_BASE 5U	/* with mod 0: rip-relative, or in SIB no base */
#define SIB_NO_INDEX 4U /* without REX.X */

bool ft_imm__read(int32_t *imm, struct ft_bytes at, unsigned int size)
{
	if (at.end - at.p < (long)size)
		return false;
	if (size == 1)
		*imm = (int8_t)at.p[0];
	else
		*imm = (int32_t)((uint32_t)at.p[0] | (uint32_t)at.p[1] << 8 |
				 (uint32_t)at.p[2] << 16 | (uint32_t)at.p[3] << 24);
	return true;
}

bool ft_mem__read(struct ft_mem *m, struct ft_bytes at, uint8_t rex)
{
	const uint8_t *start = at.p;
	uint8_t mod, rm, index;
	unsigned int size;

	if (at.p >= at.end)
		return false;
	mod = *at.p >> 6;
	rm = *at.p & 7;
	*m = (struct ft_mem){ .reg = (*at.p >> 3 & 7) | (rex & FT_REX_R ? 8 : 0) };
	at.p++;
	if (mod == MOD_REGISTER)
		return false;
	if (rm == RM_SIB) {
		if (at.p >= at.end)
			return false;
		index = (*at.p >> 3 & 7) | (rex & FT_REX_X ? 8 : 0);
		m->indexed = index != SIB_NO_INDEX;
		rm = *at.p++ & 7;
	}
	if (mod == 0 && rm == RM_NO_BASE)
		return false;
	m->base = rm | (rex & FT_REX_B ? 8 : 0);
	size = mod == 0 ? 0 : mod == 1 ? 1 : 4;
	if (size && !ft_imm__read(&m->disp, at, size))
		return false;
	m->size = (uint8_t)(at.p - start) + size;
	return true;
}

/* Opcodes with a ModRM byte and no immediate: arithmetic, movslq, test, mov, lea. */
static bool is_common_opcode(uint8_t opcode)
{
	switch (opcode) {
	case 0x63:
	case 0x85:
	case 0x89:
	case 0x8b:
	case 0x8d:
		return true;
	}
	/* add, or, and, sub, xor, cmp of 32 or 64 bits in either direction */
	return opcode < 0x40 && ((opcode & 7) == 1 || (opcode & 7) == 3);
}

bool ft_may_end_insn(struct ft_bytes before)
{
	const uint8_t *p = before.end;
	long size = before.end - before.p;

	/* opcode, ModRM, SIB, displacement */
	if (size >= 4 && p[-3] >> 6 == 1 && (p[-3] & 7) == RM_SIB && is_common_opcode(p[-4]))
		return true;
	if (size < 3)
		return false;
	/* opcode, ModRM, displacement; or movzx and the like behind 0f */
	if (p[-2] >> 6 == 1 && (p[-2] & 7) != RM_SIB &&
	    (is_common_opcode(p[-3]) || (size >= 4 && p[-4] == 0x0f)))
		return true;
	/* arithmetic and shifts of a register by a constant */
	return p[-2] >> 6 == MOD_REGISTER && (p[-3] == 0x83 || p[-3] == 0xc1);
}
