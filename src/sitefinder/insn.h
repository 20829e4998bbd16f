/* SPDX-License-Identifier: GPL-2.0 */
/* What the site finder knows of x86-64's encoding: operands in memory. */
#ifndef FT_SITEFINDER_INSN_H
#define FT_SITEFINDER_INSN_H

#include <stdbool.h>
#include <stdint.h>

#define FT_REX_B 0x01U /* base register: r8 and above */
#define FT_REX_X 0x02U
#define FT_REX_R 0x04U /* register operand: r8 and above */
#define FT_REX_W 0x08U

/* Bytes that are left to read. */
struct ft_bytes {
	const uint8_t *p, *end;
};

/* [base + disp]: a ModRM byte with all that belongs to it. */
struct ft_mem {
	int32_t disp;
	uint8_t reg; /* the other operand, or the opcode's extension in bits 0..2 */
	uint8_t base;
	uint8_t size; /* bytes, ModRM included */
	bool indexed;
};

/* A REX prefix before an instruction without byte operands. */
static inline bool ft_is_rex(uint8_t byte)
{
	return (byte & 0xf0) == 0x40;
}

/* false: no memory operand with a base register, or it is cut off. */
bool ft_mem__read(struct ft_mem *m, struct ft_bytes at, uint8_t rex);

/* The little-endian number of 1 or 4 bytes, sign-extended; false: cut off. */
bool ft_imm__read(int32_t *imm, struct ft_bytes at, unsigned int size);

/*
 * Whether the last of these bytes looks like the 8-bit displacement or immediate that ends an
 * instruction of a common form. That is no proof: x86 cannot be read backwards.
 */
bool ft_may_end_insn(struct ft_bytes before);

#endif /* FT_SITEFINDER_INSN_H */
