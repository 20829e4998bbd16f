// SPDX-License-Identifier: GPL-2.0
#include "core/finder_insn.h"

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
