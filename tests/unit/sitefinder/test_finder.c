// SPDX-License-Identifier: GPL-2.0
/* The site finder, on each form of instruction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/finder_bytes.h"

struct form {
	const char *text; /* as objdump shows it */
	uint8_t bytes[16];
	uint8_t size;
	struct ft_insn_site is; /* address and probe from the instruction's start */
};

#define BYTES(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

#define SITE(form_, rule_, base_, disp_, ...)                                                      \
	.is = { .form = form_, .rule = rule_, .base = base_, .disp = disp_, __VA_ARGS__ }
#define ADDS(n, base) SITE(FT_FORM_ADD, FT_RULE_LOCK, base, 0x34, .imm = n)

static const struct form lock_forms[] = {
	{ "lock incl 0x34(%rdi)", BYTES(0xf0, 0xff, 0x47, 0x34), ADDS(1, RDI) },
	{ "lock decl 0x34(%rax)", BYTES(0xf0, 0xff, 0x48, 0x34), ADDS(-1, RAX) },
	{ "lock decl 0x34(%rbp)", BYTES(0xf0, 0xff, 0x4d, 0x34), ADDS(-1, RBP) },
	{ "lock decl 0x34(%r15)", BYTES(0xf0, 0x41, 0xff, 0x4f, 0x34), ADDS(-1, R15) },
	{ "lock incl 0x34(%r12)", BYTES(0xf0, 0x41, 0xff, 0x44, 0x24, 0x34), ADDS(1, R12) },
	{ "lock incl 0x34(%r13)", BYTES(0xf0, 0x41, 0xff, 0x45, 0x34), ADDS(1, R13) },
	{ "lock incl 0x34(%rdi), 32-bit displacement", BYTES(0xf0, 0xff, 0x87, 0x34, 0, 0, 0),
	  ADDS(1, RDI) },
	{ "lock decl 0x34(%r12), 32-bit displacement",
	  BYTES(0xf0, 0x41, 0xff, 0x8c, 0x24, 0x34, 0, 0, 0), ADDS(-1, R12) },
	{ "lock addl $2,0x34(%rbx)", BYTES(0xf0, 0x83, 0x43, 0x34, 2), ADDS(2, RBX) },
	{ "lock addl $-1,0x34(%rbx)", BYTES(0xf0, 0x83, 0x43, 0x34, 0xff), ADDS(-1, RBX) },
	{ "lock addl $0x1ff,0x34(%r8)", BYTES(0xf0, 0x41, 0x81, 0x40, 0x34, 0xff, 1, 0, 0),
	  ADDS(0x1ff, R8) },
	{ "lock subl $3,0x34(%rsi)", BYTES(0xf0, 0x83, 0x6e, 0x34, 3), ADDS(-3, RSI) },
	{ "lock subl $-128,0x34(%rsi)", BYTES(0xf0, 0x83, 0x6e, 0x34, 0x80), ADDS(128, RSI) },
	{ "lock subl $0x400,0x34(%r12)", BYTES(0xf0, 0x41, 0x81, 0x6c, 0x24, 0x34, 0, 4, 0, 0),
	  ADDS(-0x400, R12) },
	{ "lock subl $0x80000000,0x34(%rax)", BYTES(0xf0, 0x81, 0x68, 0x34, 0, 0, 0, 0x80),
	  ADDS(INT32_MIN, RAX) },
	{ "lock add %esi,0x34(%rdi)", BYTES(0xf0, 0x01, 0x77, 0x34),
	  SITE(FT_FORM_ADD_REG, FT_RULE_LOCK, RDI, 0x34, .src = RSI) },
	{ "lock add %r9d,0x34(%rdi)", BYTES(0xf0, 0x44, 0x01, 0x4f, 0x34),
	  SITE(FT_FORM_ADD_REG, FT_RULE_LOCK, RDI, 0x34, .src = R9) },
	{ "lock sub %ebp,0x34(%r14)", BYTES(0xf0, 0x41, 0x29, 0x6e, 0x34),
	  SITE(FT_FORM_SUB_REG, FT_RULE_LOCK, R14, 0x34, .src = RBP) },
	{ "lock sub %r13d,0x34(%r12)", BYTES(0xf0, 0x45, 0x29, 0x6c, 0x24, 0x34),
	  SITE(FT_FORM_SUB_REG, FT_RULE_LOCK, R12, 0x34, .src = R13) },
	{ "lock xadd %eax,0x34(%rdi)", BYTES(0xf0, 0x0f, 0xc1, 0x47, 0x34),
	  SITE(FT_FORM_XADD, FT_RULE_LOCK, RDI, 0x34, .src = RAX) },
	{ "lock xadd %r10d,0x34(%r11)", BYTES(0xf0, 0x45, 0x0f, 0xc1, 0x53, 0x34),
	  SITE(FT_FORM_XADD, FT_RULE_LOCK, R11, 0x34, .src = R10) },
	{ "lock cmpxchg %edx,0x34(%rbx)", BYTES(0xf0, 0x0f, 0xb1, 0x53, 0x34),
	  SITE(FT_FORM_CMPXCHG, FT_RULE_LOCK, RBX, 0x34, .src = RDX, .probe = 5) },
	{ "lock cmpxchg %r8d,0x34(%r12)", BYTES(0xf0, 0x45, 0x0f, 0xb1, 0x44, 0x24, 0x34),
	  SITE(FT_FORM_CMPXCHG, FT_RULE_LOCK, R12, 0x34, .src = R8, .probe = 7) },
	{ "lock cmpxchg %ecx,0x34(%r12), 32-bit displacement",
	  BYTES(0xf0, 0x41, 0x0f, 0xb1, 0x8c, 0x24, 0x34, 0, 0, 0),
	  SITE(FT_FORM_CMPXCHG, FT_RULE_LOCK, R12, 0x34, .src = RCX, .probe = 10) },
	{ "lock decl 0x2c(%rbx)", BYTES(0xf0, 0xff, 0x4b, 0x2c),
	  SITE(FT_FORM_ADD, FT_RULE_LRU, RBX, 0x2c, .imm = -1) },
	{ "lock cmpxchg %ecx,0x2c(%rbx)", BYTES(0xf0, 0x0f, 0xb1, 0x4b, 0x2c),
	  SITE(FT_FORM_CMPXCHG, FT_RULE_LRU, RBX, 0x2c, .src = RCX, .probe = 5) },
	{ "lock incl -92(%r13)", BYTES(0xf0, 0x41, 0xff, 0x45, 0xa4),
	  SITE(FT_FORM_ADD, FT_RULE_DEFERRED, R13, -92, .imm = 1) },
};

#define STORES(form, base, disp, ...) SITE(form, FT_RULE_STORE, base, disp, __VA_ARGS__)

static const struct form store_forms[] = {
	{ "mov %eax,0x34(%rdi)", BYTES(0x89, 0x47, 0x34),
	  STORES(FT_FORM_STORE_REG, RDI, 0x34, .src = RAX) },
	{ "mov %r13d,0x34(%rbx)", BYTES(0x44, 0x89, 0x6b, 0x34),
	  STORES(FT_FORM_STORE_REG, RBX, 0x34, .src = R13) },
	{ "mov %esi,0x34(%r12)", BYTES(0x41, 0x89, 0x74, 0x24, 0x34),
	  STORES(FT_FORM_STORE_REG, R12, 0x34, .src = RSI) },
	{ "mov %r9d,0x34(%r12), 32-bit displacement", BYTES(0x45, 0x89, 0x8c, 0x24, 0x34, 0, 0, 0),
	  STORES(FT_FORM_STORE_REG, R12, 0x34, .src = R9) },
	{ "mov %edx,0x34(%rax), 32-bit displacement", BYTES(0x89, 0x90, 0x34, 0, 0, 0),
	  STORES(FT_FORM_STORE_REG, RAX, 0x34, .src = RDX) },
	{ "movl $1,0x34(%rdi)", BYTES(0xc7, 0x47, 0x34, 1, 0, 0, 0),
	  STORES(FT_FORM_STORE_IMM, RDI, 0x34, .imm = 1) },
	{ "movl $0,0x34(%r12)", BYTES(0x41, 0xc7, 0x44, 0x24, 0x34, 0, 0, 0, 0),
	  STORES(FT_FORM_STORE_IMM, R12, 0x34, .imm = 0) },
	{ "movl $0x201,0x34(%r15)", BYTES(0x41, 0xc7, 0x47, 0x34, 1, 2, 0, 0),
	  STORES(FT_FORM_STORE_IMM, R15, 0x34, .imm = 0x201) },
	{ "movl $1,0x2c(%rbx)", BYTES(0xc7, 0x43, 0x2c, 1, 0, 0, 0),
	  STORES(FT_FORM_STORE_IMM, RBX, 0x2c, .imm = 1) },
	{ "movl $2,0x2c(%rbx)", BYTES(0xc7, 0x43, 0x2c, 2, 0, 0, 0),
	  STORES(FT_FORM_STORE_IMM, RBX, 0x2c, .imm = 2) },
	{ "movl $1,-0xc(%rax)", BYTES(0xc7, 0x40, 0xf4, 1, 0, 0, 0),
	  STORES(FT_FORM_STORE_IMM, RAX, -0xc, .imm = 1) },
	{ "movl $1,0x74(%rdx)", BYTES(0xc7, 0x42, 0x74, 1, 0, 0, 0),
	  STORES(FT_FORM_STORE_IMM, RDX, 0x74, .imm = 1) },
};

#define NONE(...) BYTES(__VA_ARGS__), .is = { 0 }

/* Instructions that look like an operation on a refcount and are none. */
static const struct form not_forms[] = {
	{ "incl 0x34(%rdi), no lock", NONE(0xff, 0x47, 0x34) },
	{ "lock incl 0x30(%rdi), the mapcount", NONE(0xf0, 0xff, 0x47, 0x30) },
	{ "lock incl 0x134(%rdi)", NONE(0xf0, 0xff, 0x87, 0x34, 1, 0, 0) },
	{ "lock incl -0xcc(%rdi)", NONE(0xf0, 0xff, 0x87, 0x34, 0xff, 0xff, 0xff) },
	{ "lock incl (%rdi), no lea in sight", NONE(0xf0, 0xff, 0x07) },
	{ "lock incl 0x34(%rip)", NONE(0xf0, 0xff, 0x05, 0x34, 0, 0, 0) },
	{ "lock incl 0x34", NONE(0xf0, 0xff, 0x04, 0x25, 0x34, 0, 0, 0) },
	{ "lock incl 0x34(%rsp)", NONE(0xf0, 0xff, 0x44, 0x24, 0x34) },
	{ "lock incl 0x34(%rdi,%rcx)", NONE(0xf0, 0xff, 0x44, 0x0f, 0x34) },
	{ "lock incl 0x34(%rdi,%r12)", NONE(0xf0, 0x42, 0xff, 0x44, 0x27, 0x34) },
	{ "lock incq 0x34(%rdi)", NONE(0xf0, 0x48, 0xff, 0x47, 0x34) },
	{ "lock xadd %rax,0x34(%rdi)", NONE(0xf0, 0x48, 0x0f, 0xc1, 0x47, 0x34) },
	{ "lock cmpxchg %rax,0x34(%r12)", NONE(0xf0, 0x49, 0x0f, 0xb1, 0x44, 0x24, 0x34) },
	{ "lock incw 0x34(%rdi)", NONE(0xf0, 0x66, 0xff, 0x47, 0x34) },
	{ "lock incb 0x34(%rdi)", NONE(0xf0, 0xfe, 0x47, 0x34) },
	{ "lock orl $1,0x34(%rdi)", NONE(0xf0, 0x83, 0x4f, 0x34, 1) },
	{ "lock and %eax,0x34(%rdi)", NONE(0xf0, 0x21, 0x47, 0x34) },
	{ "lock btsl $1,0x34(%rdi)", NONE(0xf0, 0x0f, 0xba, 0x6f, 0x34, 1) },
	{ "lock cmpxchgb %al,0x34(%rdi)", NONE(0xf0, 0x0f, 0xb0, 0x47, 0x34) },
	{ "lock notl 0x34(%rdi)", NONE(0xf0, 0xf7, 0x57, 0x34) },
	{ "call *0x34(%rdi)", NONE(0xf0, 0xff, 0x57, 0x34) },
	{ "ds incl 0x34(%rdi), more than one CPU", NONE(0x3e, 0xff, 0x47, 0x34) },
	{ "mov 0x34(%rdi),%eax", NONE(0x8b, 0x47, 0x34) },
	{ "mov %rax,0x34(%rdi)", NONE(0x48, 0x89, 0x47, 0x34) },
	{ "mov %r8,0x34(%r12)", NONE(0x4d, 0x89, 0x44, 0x24, 0x34) },
	{ "mov %ax,0x34(%rdi)", NONE(0x66, 0x89, 0x47, 0x34) },
	{ "mov %r8w,0x34(%rdi)", NONE(0x66, 0x44, 0x89, 0x47, 0x34) },
	{ "mov %al,0x34(%rdi)", NONE(0x88, 0x47, 0x34) },
	{ "mov %eax,0x34(%rsp)", NONE(0x89, 0x44, 0x24, 0x34) },
	{ "mov %eax,0x34(%rdi,%rcx)", NONE(0x89, 0x44, 0x0f, 0x34) },
	{ "mov %eax,0x2c(%rdi)", NONE(0x89, 0x47, 0x2c) },
	{ "movq $1,0x34(%rdi)", NONE(0x48, 0xc7, 0x47, 0x34, 1, 0, 0, 0) },
	{ "movl $-1,0x34(%rdi)", NONE(0xc7, 0x47, 0x34, 0xff, 0xff, 0xff, 0xff) },
	{ "movl $3,0x2c(%rdi)", NONE(0xc7, 0x47, 0x2c, 3, 0, 0, 0) },
	{ "movl $2,0x74(%rdi)", NONE(0xc7, 0x47, 0x74, 2, 0, 0, 0) },
	{ "c7 /1", NONE(0xc7, 0x4f, 0x34, 1, 0, 0, 0) },
	{ "lea 0x34(%rdi),%rax", NONE(0x48, 0x8d, 0x47, 0x34) },
};

#define NR(array) (sizeof(array) / sizeof(*(array)))

static void assert_site(const struct form *form, const struct ft_insn_site *got, uint64_t address)
{
	struct ft_insn_site want = form->is;

	want.address = address;
	want.probe += address;
	want.function = FT_NO_FUNCTION;
	if (memcmp(&want, got, sizeof(want)) == 0)
		return;
	fail_msg("%s: form %d rule %d base %d disp %d imm %d src %d probe +%d", form->text,
		 got->form, got->rule, got->base, got->disp, got->imm, got->src,
		 (int)(got->probe - address));
}

/* Alone, between other instructions, and cut off after each byte. */
static void check_forms(const struct form *forms, size_t nr, const struct ft_finder *f)
{
	uint8_t text[32] = { 0x90, 0xc3 }; /* nop; ret */
	const struct form *form;
	struct found found;
	size_t size;

	for (form = forms; form < forms + nr; form++) {
		found = scan(f, form->bytes, form->size);
		if (found.nr != 1)
			fail_msg("%s: %zu sites", form->text, found.nr);
		assert_site(form, found.sites, BASE);
		free(found.sites);

		memcpy(text + 2, form->bytes, form->size);
		memset(text + 2 + form->size, 0xcc, sizeof(text) - 2 - form->size);
		found = scan(f, text, sizeof(text));
		if (found.nr != 1)
			fail_msg("%s, among others: %zu sites", form->text, found.nr);
		assert_site(form, found.sites, BASE + 2);
		free(found.sites);

		for (size = 0; size < form->size; size++) {
			found = scan(f, form->bytes, size);
			if (found.nr)
				fail_msg("%s, cut to %zu bytes: %zu sites", form->text, size,
					 found.nr);
		}
	}
}

static void test_lock_ops(void **state)
{
	(void)state;
	check_forms(lock_forms, NR(lock_forms), &finder_73);
}

static void test_stores(void **state)
{
	(void)state;
	check_forms(store_forms, NR(store_forms), &finder_73);
}

static void test_others(void **state)
{
	const struct form *form;
	struct found found;
	(void)state;

	for (form = not_forms; form < not_forms + NR(not_forms); form++) {
		found = scan(&finder_73, form->bytes, form->size);
		if (found.nr)
			fail_msg("%s: taken as form %d at +%d", form->text, found.sites->form,
				 (int)(found.sites->address - BASE));
	}
}

/*
 * A 66 in front is either the end of another instruction or a prefix: then no instruction starts
 * at the LOCK, and the kernel refuses the probe. So it is taken.
 */
static void test_16bit_prefix(void **state)
{
	static const uint8_t text[] = { 0x66, 0xf0, 0xff, 0x47, 0x34 };
	struct found found = scan(&finder_73, text, sizeof(text));
	(void)state;

	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].address, BASE + 1);
	free(found.sites);
}

/* 6.1 has no _deferred_list in struct folio; refcount - (-1) is no displacement of it. */
static void test_no_deferred_list(void **state)
{
	struct ft_finder f = finder_73;
	static const uint8_t at_minus_92[] = { 0xf0, 0xff, 0x45, 0xa4 };
	static const uint8_t at_0x35[] = { 0xf0, 0xff, 0x45, 0x35 };
	(void)state;

	f.deferred_list = -1;
	assert_nr_sites(scan(&f, at_minus_92, sizeof(at_minus_92)), 0);
	assert_nr_sites(scan(&f, at_0x35, sizeof(at_0x35)), 0);
}

/* On one CPU the kernel patches LOCK to DS (alternatives_smp); hand-written LOCKs stay. */
static void test_uniprocessor(void **state)
{
	struct ft_finder f = finder_73;
	struct form forms[NR(lock_forms)];
	size_t i;
	(void)state;

	f.up = true;
	memcpy(forms, lock_forms, sizeof(forms));
	for (i = 0; i < NR(forms); i++)
		forms[i].bytes[0] = 0x3e;
	check_forms(forms, NR(forms), &f);
	check_forms(lock_forms, NR(lock_forms), &f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock_ops),     cmocka_unit_test(test_stores),
		cmocka_unit_test(test_others),	     cmocka_unit_test(test_no_deferred_list),
		cmocka_unit_test(test_uniprocessor), cmocka_unit_test(test_16bit_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
