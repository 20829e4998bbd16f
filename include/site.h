/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sites: the instructions in kernel text that change a _refcount.
 *
 * folio_get() and its family are static inlines (include/linux/page_ref.h). In the text they are
 * atomic instructions on the word at offsetof(struct page, _refcount). The finder matches bytes. It
 * needs no disassembler, no symbols beyond function bounds and no kernel, and keeps no state. It
 * rather takes too much than too little: the kernel refuses to probe what is not an instruction
 * (arch_prepare_kprobe(), -EILSEQ), and hits on what is not a struct page are filtered.
 */
#ifndef FT_SITE_H
#define FT_SITE_H

#ifndef __bpf__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

/* How the BPF program decodes the operation when the probe hits. Values are not stored. */
enum ft_form {
	FT_FORM_ADD = 1,	/* lock add/sub/inc/dec: delta is imm */
	FT_FORM_ADD_REG = 2,	/* lock add r: delta is the register src */
	FT_FORM_SUB_REG = 3,	/* lock sub r: delta is minus that */
	FT_FORM_XADD = 4,	/* lock xadd, probed AT it: delta is the register src,
				 * which afterwards would hold the old value instead */
	FT_FORM_CMPXCHG = 5,	/* probed AFTER it: ZF success, rax old, src new */
	FT_FORM_STORE_IMM = 6,	/* plain mov $imm */
	FT_FORM_STORE_REG = 7,	/* plain mov r */
	FT_FORM_CALL_PUT = 8,	/* call of, or jump to, an out-of-line copy that puts rdi's folio */
	FT_FORM_CALL_TRY = 9,	/* probed AFTER call try_get_folio: rax folio or 0, and the
				 * references that FT_FORM_TRY_REFS saw */
	FT_FORM_CALL_GET = 10,	/* the same, but it gets rdi's folio */
	FT_FORM_TRY_REFS = 11,	/* that call itself, or a tail jump: esi references are wanted */
	FT_FORM_TAIL_TRY = 12,	/* like CALL_TRY, after a call of a function that may have tail
				 * jumped to try_get_folio: if it did, TRY_REFS saw it */
	FT_FORM_CALL_DROP = 13, /* the same, but it puts rdi's folio if ecx is
				 * FT_BEHAVIOR_DROP: folio_wait_bit_common() */
};

/* mm/filemap.c, enum behavior */
#define FT_BEHAVIOR_DROP 2

#ifndef __bpf__

/* Which rule of the finder took it, for reports and tests. */
enum ft_site_rule {
	FT_RULE_LOCK = 1,     /* lock op at the refcount's displacement */
	FT_RULE_LEA = 2,      /* lock op at 0(r) in a function with lea refcount(x) */
	FT_RULE_LRU = 3,      /* base is &folio->lru */
	FT_RULE_DEFERRED = 4, /* base is &folio->_deferred_list */
	FT_RULE_STORE = 5,    /* plain store at the refcount's displacement */
	FT_RULE_CALL = 6,     /* call of an out-of-line copy that cannot be probed itself */
};

struct ft_insn_site {
	uint64_t address;  /* of the operation */
	uint64_t probe;	   /* where to probe: the same, or the next instruction */
	int32_t disp;	   /* refcount = reg[base] + disp */
	int32_t imm;	   /* by form */
	uint8_t form;	   /* enum ft_form */
	uint8_t rule;	   /* enum ft_site_rule */
	uint8_t base;	   /* register number as x86 encodes it, 0 rax .. 15 r15 */
	uint8_t src;	   /* the same, for forms with a source register */
	uint32_t function; /* index into the functions given, or FT_NO_FUNCTION */
};

#define FT_NO_FUNCTION UINT32_MAX

/* Bounds of a function: start inclusive, end exclusive, without padding. */
struct ft_function {
	uint64_t start, end;
	const char *name;
	/* this is the .cold part of functions[parent], where a base may be computed; else FT_NO_FUNCTION */
	uint32_t parent;
};

/* What the finder has to know of the kernel. Offsets and sizes in bytes. */
struct ft_finder {
	uint32_t refcount;     /* offsetof(struct page, _refcount) */
	uint32_t lru;	       /* offsetof(struct folio, lru) */
	int32_t deferred_list; /* offsetof(struct folio, _deferred_list), -1: none */
	uint32_t sizeof_page;
	bool up;			     /* uniprocessor: LOCK prefixes patched to 0x3e (6.1) */
	const struct ft_function *functions; /* ascending, not overlapping; the caller's */
	size_t nr_functions;
};

/*
 * Appends the sites of text[0..size), which is at address base in the kernel, to the array *sites,
 * which is reallocated and which the caller frees. In ascending order of address. Returns 0 or
 * -ENOMEM.
 */
int ft_finder__scan(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
		    struct ft_insn_site **sites, size_t *nr_sites);

/* A copy of an inline function that the compiler has kept out of line, and what a call of it does. */
struct ft_out_of_line {
	uint64_t address;
	enum ft_form form; /* FT_FORM_CALL_* */
};

/*
 * The same for direct calls and jumps (e8, e9 and 0f 8x) to out-of-line copies. A call of one with
 * FT_FORM_CALL_TRY is two sites: FT_FORM_TRY_REFS at the call, FT_FORM_CALL_TRY after it. After a
 * tail jump to one, control returns to the callers of the function that jumps, so FT_FORM_TAIL_TRY
 * is after their calls. If these are tail jumps, too, or the jump is conditional, the site is left
 * out and counted in *unreachable.
 */
int ft_finder__scan_calls(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
			  const struct ft_out_of_line *copies, size_t nr_copies,
			  struct ft_insn_site **sites, size_t *nr_sites, size_t *unreachable);

/*
 * The kernel does not probe the patched instruction of a static key (jump_label_text_reserved()).
 * One may be where a probe is wanted, as the keys of the page_ref tracepoints are after some
 * cmpxchg. Returns the address at which execution continues with the same registers and flags: the
 * next instruction if the key is off, else the target of its jump. 0: there is no static key at the
 * address key, or another jump of its function has the same target. Valid as long as the key is not
 * switched.
 */
uint64_t ft_finder__behind_key(const struct ft_finder *f, const void *text, size_t size,
			       uint64_t base, uint64_t key);

#endif /* !__bpf__ */

#endif /* FT_SITE_H */
