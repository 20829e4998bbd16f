/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sites: the instructions in kernel text that change a _refcount.
 *
 * folio_get() and its family are static inlines (include/linux/page_ref.h), so
 * what remains of them are atomic instructions on the word at
 * offsetof(struct page, _refcount). The finder matches bytes; it needs no
 * disassembler, no symbols beyond function bounds, and no kernel: bytes in,
 * descriptors out. It takes too much rather than too little: what is no
 * instruction the kernel refuses to probe, what is no page is filtered when hit.
 */
#ifndef FT_SITE_H
#define FT_SITE_H

#ifndef __bpf__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

/* How the operation is read when the probe hits. */
enum ft_form {
	FT_FORM_ADD = 1,	/* lock add/sub/inc/dec: delta is imm */
	FT_FORM_ADD_REG = 2,	/* lock add r: delta is the register src */
	FT_FORM_SUB_REG = 3,	/* lock sub r: delta is minus that */
	FT_FORM_XADD = 4,	/* lock xadd, probed AT it: delta is the register src,
				 * which afterwards would hold the old value instead */
	FT_FORM_CMPXCHG = 5,	/* probed AFTER it: ZF success, rax old, src new */
	FT_FORM_STORE_IMM = 6,	/* plain mov $imm */
	FT_FORM_STORE_REG = 7,	/* plain mov r */
	FT_FORM_CALL_PUT = 8,	/* call or jmp to a helper that puts rdi's folio */
	FT_FORM_CALL_TRY = 9,	/* probed AFTER call try_get_folio: rax folio or 0, and the
				 * references that FT_FORM_TRY_REFS saw */
	FT_FORM_CALL_GET = 10,	/* call or jmp to a helper that gets rdi's folio */
	FT_FORM_TRY_REFS = 11,	/* that call itself, or a tail jump: esi references are wanted */
	FT_FORM_TAIL_TRY = 12,	/* like CALL_TRY, after a call of a function that may have tail
				 * jumped to try_get_folio: if it did, TRY_REFS saw it */
	FT_FORM_CALL_DROP = 13, /* call or jmp to a helper that puts rdi's folio if ecx says
				 * so: folio_wait_bit_common() with behavior DROP */
};

/* mm/filemap.c, enum behavior */
#define FT_BEHAVIOR_DROP 2

#ifndef __bpf__

/* Why this was taken, for reports and tests. */
enum ft_site_rule {
	FT_RULE_LOCK = 1,     /* lock op at the refcount's displacement */
	FT_RULE_LEA = 2,      /* lock op at 0(r) in a function with lea refcount(x) */
	FT_RULE_LRU = 3,      /* base is &folio->lru */
	FT_RULE_DEFERRED = 4, /* base is &folio->_deferred_list */
	FT_RULE_STORE = 5,    /* plain store at the refcount's displacement */
	FT_RULE_CALL = 6,     /* call of a helper that cannot be probed itself */
};

struct ft_insn_site {
	uint64_t address;  /* of the operation */
	uint64_t probe;	   /* where to probe: the same, or the next instruction */
	int32_t disp;	   /* refcount = reg[base] + disp */
	int32_t imm;	   /* by form */
	uint8_t form;	   /* enum ft_form */
	uint8_t rule;	   /* enum ft_site_rule */
	uint8_t base;	   /* register number as x86 encodes it, 0 rax .. 15 r15 */
	uint8_t src;	   /* the same, where the form has one */
	uint32_t function; /* index into the functions given, or FT_NO_FUNCTION */
};

#define FT_NO_FUNCTION UINT32_MAX

/* Function bounds, ascending, not overlapping. Padding belongs to none. */
struct ft_function {
	uint64_t start, end;
	const char *name;
	/* .cold part of functions[parent], else FT_NO_FUNCTION: a lea there counts here */
	uint32_t parent;
};

struct ft_finder {
	uint32_t refcount;     /* offsetof(struct page, _refcount) */
	uint32_t lru;	       /* offsetof(struct folio, lru) */
	int32_t deferred_list; /* offsetof(struct folio, _deferred_list), -1: none */
	uint32_t sizeof_page;
	bool up; /* uniprocessor: LOCK prefixes patched to 0x3e (6.1) */
	const struct ft_function *functions;
	size_t nr_functions;
};

/*
 * Appends the sites of text[0..size), which is at address base in the kernel, to
 * a growing array (realloc'd; the caller frees *sites). Returns 0 or -ENOMEM.
 * Sites come in ascending order of address.
 */
int ft_finder__scan(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
		    struct ft_insn_site **sites, size_t *nr_sites);

/* What a helper that is called out of line does. */
struct ft_helper {
	uint64_t address;
	enum ft_form form; /* FT_FORM_CALL_* */
};

/*
 * The same, for direct calls and jumps (e8, e9, and 0f 8x) to helpers. A call of a
 * FT_FORM_CALL_TRY helper is two sites, FT_FORM_TRY_REFS before the other. A tail
 * jump to one has its "after" behind the calls of the function that jumps; where
 * those are tail jumps, too, or the jump is conditional, it is left out: counted
 * in *unreachable.
 */
int ft_finder__scan_calls(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
			  const struct ft_helper *helpers, size_t nr_helpers,
			  struct ft_insn_site **sites, size_t *nr_sites, size_t *unreachable);

/*
 * A static key may stand where a probe is wanted, as that of page_ref's tracepoints does
 * behind some cmpxchg; the kernel probes none (arch_jump_label_transform()). Where to go
 * on is behind it: at the next instruction while it is off, where it jumps to while it is
 * on. Registers and flags are the same there. 0: at key is none, or another jump of its
 * function leads there as well. Not to be used of a key that is turned afterwards.
 */
uint64_t ft_finder__behind_key(const struct ft_finder *f, const void *text, size_t size,
			       uint64_t base, uint64_t key);

#endif /* !__bpf__ */

#endif /* FT_SITE_H */
