// SPDX-License-Identifier: GPL-2.0
/*
 * Behind a static key (arch/x86/include/asm/jump_label.h): a NOP of 2 or 5 bytes while it
 * is off, a jump while it is on. The kernel refuses to probe either.
 */
#include <string.h>

#include "sitefinder/insn.h"
#include "sitefinder/scan.h"

#define OPCODE_JMP 0xe9
#define OPCODE_JMP_SHORT 0xeb
#define OPCODE_JCC_SHORT 0x70 /* to 0x7f */
#define OPCODE_TWO_BYTES 0x0f
#define OPCODE2_JCC 0x80 /* to 0x8f */

/* Where the jump of opcode bytes at p and a displacement of size bytes leads; 0: cut off. */
static uint64_t target(const struct scan *s, const uint8_t *p, unsigned int opcode,
		       unsigned int size)
{
	int32_t relative;

	if (s->end - p < (long)opcode ||
	    !ft_imm__read(&relative, (struct ft_bytes){ p + opcode, s->end }, size))
		return 0;
	return s->base + (uint64_t)(p - s->text) + opcode + size + (uint64_t)(int64_t)relative;
}

/* What is no instruction counts, too. */
static bool may_lead_to(const struct scan *s, const uint8_t *p, uint64_t address)
{
	if (*p == OPCODE_JMP_SHORT || (*p & 0xf0) == OPCODE_JCC_SHORT)
		return target(s, p, 1, 1) == address;
	if (*p == OPCODE_JMP)
		return target(s, p, 1, 4) == address;
	return *p == OPCODE_TWO_BYTES && s->end - p > 1 && (p[1] & 0xf0) == OPCODE2_JCC &&
	       target(s, p, 2, 4) == address;
}

/* Another jump of the function, its cold part included, than that at key. */
static bool is_led_to(struct scan *s, uint64_t address, const uint8_t *key)
{
	const struct ft_finder *f = s->f;
	uint32_t function = scan__function_at(s, key), i;

	if (function == FT_NO_FUNCTION)
		return true;
	function = scan__whole_function(f, function);
	for (i = 0; i < f->nr_functions; i++) {
		const struct ft_function *at = &f->functions[i];
		uint64_t to;

		if (scan__whole_function(f, i) != function)
			continue;
		for (to = at->start; to < at->end; to++) {
			const uint8_t *p = s->text + (to - s->base);

			if (p != key && p < s->end && may_lead_to(s, p, address))
				return true;
		}
	}
	return false;
}

uint64_t ft_finder__behind_key(const struct ft_finder *f, const void *text, size_t size,
			       uint64_t base, uint64_t key)
{
	static const uint8_t nop2[] = { 0x66, 0x90 }, nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	struct scan s = { .f = f, .text = text, .end = (const uint8_t *)text + size, .base = base };
	const uint8_t *p;
	uint64_t to = 0;
	size_t left;

	if (key < base || key - base >= size)
		return 0;
	p = s.text + (key - base);
	left = (size_t)(s.end - p);
	if (left >= sizeof(nop2) && !memcmp(p, nop2, sizeof(nop2)))
		return key + sizeof(nop2);
	if (left >= sizeof(nop5) && !memcmp(p, nop5, sizeof(nop5)))
		return key + sizeof(nop5);
	if (*p == OPCODE_JMP || *p == OPCODE_JMP_SHORT)
		to = target(&s, p, 1, *p == OPCODE_JMP ? 4 : 1);
	return to && !is_led_to(&s, to, p) ? to : 0;
}
