// SPDX-License-Identifier: GPL-2.0
/* The site finder where an instruction's surroundings matter, and on random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/finder_bytes.h"

#define NR(array) (sizeof(array) / sizeof(*(array)))

/* One function of 32 bytes, its cold part of 16 behind 16 of padding, another function. */
static const struct ft_function functions[] = {
	{ BASE, BASE + 32, "one", FT_NO_FUNCTION },
	{ BASE + 48, BASE + 64, "one.cold", 0 },
	{ BASE + 64, BASE + 96, "two", FT_NO_FUNCTION },
};

static const uint8_t lea_34[] = { 0x48, 0x8d, 0x43, 0x34 };	   /* lea 0x34(%rbx),%rax */
static const uint8_t lea_2c[] = { 0x49, 0x8d, 0x5e, 0x2c };	   /* lea 0x2c(%r14),%rbx */
static const uint8_t lea_a4[] = { 0x4c, 0x8d, 0x63, 0xa4 };	   /* lea -0x5c(%rbx),%r12 */
static const uint8_t dec_rbx[] = { 0xf0, 0xff, 0x0b };		   /* lock decl (%rbx) */
static const uint8_t dec_r12[] = { 0xf0, 0x41, 0xff, 0x0c, 0x24 }; /* lock decl (%r12) */
static const uint8_t dec_rbp[] = { 0xf0, 0xff, 0x4d, 0x00 };	   /* lock decl 0(%rbp) */
static const uint8_t cmpxchg[] = { 0xf0, 0x0f, 0xb1, 0x0a };	   /* lock cmpxchg %ecx,(%rdx) */

struct piece {
	size_t at;
	const uint8_t *bytes;
	size_t size;
};

#define PIECE(at, bytes) ((struct piece){ at, bytes, sizeof(bytes) })

static struct found scan_pieces(const struct piece *pieces, size_t nr)
{
	struct ft_finder f = finder_73;
	uint8_t text[96];
	size_t i;

	f.functions = functions;
	f.nr_functions = NR(functions);
	memset(text, 0xcc, sizeof(text));
	for (i = 0; i < nr; i++)
		memcpy(text + pieces[i].at, pieces[i].bytes, pieces[i].size);
	return scan(&f, text, sizeof(text));
}

#define SCAN(...)                                                                                  \
	scan_pieces((struct piece[]){ __VA_ARGS__ }, NR(((struct piece[]){ __VA_ARGS__ })))

static void test_lea(void **state)
{
	struct found found;
	(void)state;

	/* every lock op of the function without displacement, also before the lea */
	found = SCAN(PIECE(4, dec_rbx), PIECE(10, lea_34), PIECE(20, dec_rbp), PIECE(26, cmpxchg));
	assert_int_equal(found.nr, 3);
	assert_int_equal(found.sites[0].address, BASE + 4);
	assert_int_equal(found.sites[0].rule, FT_RULE_LEA);
	assert_int_equal(found.sites[0].form, FT_FORM_ADD);
	assert_int_equal(found.sites[0].base, RBX);
	assert_int_equal(found.sites[0].disp, 0);
	assert_int_equal(found.sites[0].imm, -1);
	assert_int_equal(found.sites[0].function, 0);
	assert_int_equal(found.sites[1].address, BASE + 20);
	assert_int_equal(found.sites[1].base, RBP);
	assert_int_equal(found.sites[2].form, FT_FORM_CMPXCHG);
	assert_int_equal(found.sites[2].probe, BASE + 30);
	assert_int_equal(found.sites[2].src, RCX);
	free(found.sites);
}

static void test_lea_elsewhere(void **state)
{
	struct found found;
	(void)state;

	/* in the cold part, for the function and the other way round */
	found = SCAN(PIECE(50, lea_34), PIECE(4, dec_rbx));
	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].function, 0);
	free(found.sites);
	found = SCAN(PIECE(4, lea_34), PIECE(50, dec_rbx));
	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].function, 1);
	free(found.sites);
	/* not in another function, nor outside of any */
	assert_nr_sites(SCAN(PIECE(4, lea_34), PIECE(70, dec_rbx)), 0);
	assert_nr_sites(SCAN(PIECE(36, lea_34), PIECE(40, dec_rbx)), 0);
	assert_nr_sites(SCAN(PIECE(70, lea_34), PIECE(4, dec_rbx), PIECE(80, dec_rbx)), 1);
}

/* From a pointer to one of the folio's lists: only the register that lea loads. */
static void test_lea_of_lists(void **state)
{
	struct found found;
	(void)state;

	found = SCAN(PIECE(4, lea_2c), PIECE(10, dec_rbx), PIECE(20, dec_rbp));
	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].base, RBX);
	assert_int_equal(found.sites[0].rule, FT_RULE_LEA);
	free(found.sites);
	found = SCAN(PIECE(4, lea_a4), PIECE(10, dec_rbx), PIECE(20, dec_r12));
	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].base, R12);
	free(found.sites);
}

static void test_lea_forms(void **state)
{
	static const uint8_t indexed[] = { 0x48, 0x8d, 0x44, 0x18, 0x34 }; /* 0x34(%rax,%rbx) */
	static const uint8_t far[] = { 0x49, 0x8d, 0x87, 0x34, 0, 0, 0 };  /* 0x34(%r15) */
	static const uint8_t narrow[] = { 0x8d, 0x43, 0x34 };		   /* lea to %eax */
	static const uint8_t narrow_r8[] = { 0x41, 0x8d, 0x40, 0x34 };	   /* the same, of r8 */
	static const uint8_t stack[] = { 0x48, 0x8d, 0x44, 0x24, 0x34 };   /* 0x34(%rsp) */
	static const uint8_t other[] = { 0x48, 0x8d, 0x43, 0x38 };
	(void)state;

	assert_nr_sites(SCAN(PIECE(4, indexed), PIECE(20, dec_rbx)), 1);
	assert_nr_sites(SCAN(PIECE(4, far), PIECE(20, dec_rbx)), 1);
	assert_nr_sites(SCAN(PIECE(4, narrow), PIECE(20, dec_rbx)), 0);
	assert_nr_sites(SCAN(PIECE(4, narrow_r8), PIECE(20, dec_rbx)), 0);
	assert_nr_sites(SCAN(PIECE(4, stack), PIECE(20, dec_rbx)), 0);
	assert_nr_sites(SCAN(PIECE(4, other), PIECE(20, dec_rbx)), 0);
}

static void test_function_index(void **state)
{
	static const uint8_t inc[] = { 0xf0, 0xff, 0x47, 0x34 };
	static const size_t at[] = { 0, 28, 32, 44, 48, 64, 92 };
	static const uint32_t in[] = { 0, 0, FT_NO_FUNCTION, FT_NO_FUNCTION, 1, 2, 2 };
	struct piece pieces[NR(at)];
	struct found found;
	size_t i;
	(void)state;

	for (i = 0; i < NR(at); i++)
		pieces[i] = (struct piece)PIECE(at[i], inc);
	found = scan_pieces(pieces, NR(at));
	assert_int_equal(found.nr, NR(at));
	for (i = 0; i < NR(at); i++) {
		assert_int_equal(found.sites[i].address, BASE + at[i]);
		assert_int_equal(found.sites[i].function, in[i]);
	}
	free(found.sites);
}

static void assert_store_at(const uint8_t *bytes, size_t size, size_t at)
{
	struct found found = scan(&finder_73, bytes, size);

	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].address, BASE + at);
	assert_int_equal(found.sites[0].probe, BASE + at);
	free(found.sites);
}

/* A byte before a move that no compiler makes a REX here. */
static void test_no_rex(void **state)
{
	/* mov 0x40(%rdi),%eax; mov %eax,0x34(%rdi) */
	static const uint8_t disp_40[] = { 0x8b, 0x47, 0x40, 0x89, 0x47, 0x34 };
	static const uint8_t disp_42[] = { 0x8b, 0x47, 0x42, 0x89, 0x47, 0x34 };
	static const uint8_t real[] = { 0x90, 0x90, 0x90, 0x44, 0x89, 0x47, 0x34 };
	(void)state;

	assert_store_at(disp_40, sizeof(disp_40), 3);
	assert_store_at(disp_42, sizeof(disp_42), 3);
	assert_store_at(real, sizeof(real), 3);
}

/* A byte that may be a prefix of the move, or the end of what is before it. */
static void test_prefix_or_not(void **state)
{
	static const uint8_t disp_48[] = { 0x8b, 0x47, 0x48, 0x89, 0x47, 0x34 };
	static const uint8_t sib_4c[] = { 0x8b, 0x44, 0x24, 0x4c, 0x89, 0x47, 0x34 };
	static const uint8_t movzx_4a[] = { 0x0f, 0xb7, 0x46, 0x4a, 0x89, 0x47, 0x34 };
	static const uint8_t add_66[] = { 0x83, 0xc0, 0x66, 0x89, 0x47, 0x34 };
	static const uint8_t disp_44[] = { 0x8b, 0x47, 0x44, 0x89, 0x47, 0x34 };
	static const uint8_t wide[] = { 0x8b, 0x47, 0x10, 0x48, 0x89, 0x47, 0x34 };
	struct found found;
	(void)state;

	assert_store_at(disp_48, sizeof(disp_48), 3);
	assert_store_at(sib_4c, sizeof(sib_4c), 4);
	assert_store_at(movzx_4a, sizeof(movzx_4a), 4);
	assert_store_at(add_66, sizeof(add_66), 3);
	assert_nr_sites(scan(&finder_73, wide, sizeof(wide)), 0);

	/* mov 0x44(%rdi),%eax; mov %eax,... or mov %r8d,... : the kernel knows which */
	found = scan(&finder_73, disp_44, sizeof(disp_44));
	assert_int_equal(found.nr, 2);
	assert_int_equal(found.sites[0].address, BASE + 2);
	assert_int_equal(found.sites[0].src, R8);
	assert_int_equal(found.sites[1].address, BASE + 3);
	assert_int_equal(found.sites[1].src, RAX);
	free(found.sites);
}

/* After cmpxchg is where a store is: one probe, of the lock operation. */
static void test_one_site_a_probe(void **state)
{
	static const uint8_t text[] = { 0xf0, 0x0f, 0xb1, 0x53, 0x34, 0x89, 0x47, 0x34 };
	struct found found = scan(&finder_73, text, sizeof(text));
	(void)state;

	assert_int_equal(found.nr, 1);
	assert_int_equal(found.sites[0].form, FT_FORM_CMPXCHG);
	assert_int_equal(found.sites[0].probe, BASE + 5);
	free(found.sites);
}

static void test_appends(void **state)
{
	static const uint8_t text[] = { 0xf0, 0xff, 0x47, 0x34, 0xf0, 0xff, 0x4f, 0x34 };
	struct found found = { 0 };
	uint64_t base;
	(void)state;

	/* the later text may lie below: what is there stays in front */
	for (base = BASE + 64; base >= BASE; base -= 32)
		assert_int_equal(ft_finder__scan(&finder_73, text, sizeof(text), base, &found.sites,
						 &found.nr),
				 0);
	assert_int_equal(found.nr, 6);
	assert_int_equal(found.sites[0].address, BASE + 64);
	assert_int_equal(found.sites[1].address, BASE + 68);
	assert_int_equal(found.sites[2].address, BASE + 32);
	assert_int_equal(found.sites[5].address, BASE + 4);
	assert_int_equal(ft_finder__scan(&finder_73, "", 0, BASE, &found.sites, &found.nr), 0);
	assert_int_equal(found.nr, 6);
	free(found.sites);
}

#define PUT (BASE + 0x1000)
#define TRY (BASE - 0x100)
#define GET (BASE + 0x20)
#define WAIT (BASE + 0x2000)

static const struct ft_out_of_line copies[] = {
	{ PUT, FT_FORM_CALL_PUT },
	{ TRY, FT_FORM_CALL_TRY },
	{ GET, FT_FORM_CALL_GET },
	{ WAIT, FT_FORM_CALL_DROP },
};

static void put_branch(uint8_t *text, size_t at, const char *opcode, uint64_t target)
{
	size_t size = strlen(opcode) + 4;
	int32_t relative = (int32_t)(target - (BASE + at + size));

	memcpy(text + at, opcode, size - 4);
	memcpy(text + at + size - 4, &relative, 4);
}

static void test_calls(void **state)
{
	static const struct ft_insn_site want[] = {
		{ BASE, BASE, 0x34, 0, FT_FORM_CALL_PUT, FT_RULE_CALL, RDI, 0, 0 },
		{ BASE + 8, BASE + 8, 0x34, 0, FT_FORM_TRY_REFS, FT_RULE_CALL, RDI, 0, 0 },
		{ BASE + 8, BASE + 13, 0x34, 0, FT_FORM_CALL_TRY, FT_RULE_CALL, RAX, 0, 0 },
		{ BASE + 16, BASE + 16, 0x34, 0, FT_FORM_CALL_GET, FT_RULE_CALL, RDI, 0, 0 },
		{ BASE + 24, BASE + 24, 0x34, 0, FT_FORM_TRY_REFS, FT_RULE_CALL, RDI, 0, 0 },
		{ BASE + 49, BASE + 49, 0x34, 0, FT_FORM_CALL_PUT, FT_RULE_CALL, RDI, 0, 1 },
		{ BASE + 56, BASE + 56, 0x34, 0, FT_FORM_CALL_DROP, FT_RULE_CALL, RDI, 0, 1 },
		{ BASE + 64, BASE + 69, 0x34, 0, FT_FORM_TAIL_TRY, FT_RULE_CALL, RAX, 0, 2 },
	};
	struct ft_finder f = finder_73;
	struct ft_insn_site *sites = NULL;
	size_t nr = 0, unreachable = 0, size;
	uint8_t text[96], *cut;
	(void)state;

	f.functions = functions;
	f.nr_functions = NR(functions);
	memset(text, 0xcc, sizeof(text));
	put_branch(text, 0, "\xe8", PUT);
	put_branch(text, 8, "\xe8", TRY);
	put_branch(text, 16, "\xe9", GET);
	put_branch(text, 24, "\xe9", TRY); /* its return is behind the call of one() */
	put_branch(text, 32, "\x0f\x85", TRY);
	put_branch(text, 40, "\xe8", PUT + 1);
	put_branch(text, 49, "\x0f\x84", PUT);
	put_branch(text, 56, "\xe8", WAIT);
	put_branch(text, 80, "\x0f\x94", PUT); /* sete */
	put_branch(text, 64, "\xe8", BASE);
	put_branch(text, 72, "\xe9", BASE); /* a tail of a tail */
	assert_int_equal(ft_finder__scan_calls(&f, text, sizeof(text), BASE, copies, NR(copies),
					       &sites, &nr, &unreachable),
			 0);
	assert_int_equal(nr, NR(want));
	assert_memory_equal(sites, want, sizeof(want));
	assert_int_equal(unreachable, 2);
	free(sites);

	for (size = 0; size < 5; size++) {
		sites = NULL;
		nr = unreachable = 0;
		cut = malloc(size + 1);
		assert_non_null(cut);
		cut = realloc(cut, size ? size : 1);
		memcpy(cut, text, size);
		assert_int_equal(ft_finder__scan_calls(&f, cut, size, BASE, copies, NR(copies),
						       &sites, &nr, &unreachable),
				 0);
		assert_int_equal(nr, 0);
		free(cut);
	}
}

/* xorshift64: the same bytes in each run */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	return *seed ^= *seed << 17;
}

static void fill(uint8_t *text, size_t size, uint64_t *seed)
{
	static const uint8_t likely[] = { 0xf0, 0x3e, 0xff, 0x83, 0x81, 0x01, 0x29, 0x0f, 0xb1,
					  0xc1, 0x34, 0x2c, 0xa4, 0x47, 0x87, 0x44, 0x24, 0x41,
					  0x45, 0x48, 0x8d, 0x89, 0xc7, 0x00, 0x01, 0xe8, 0xe9 };
	uint64_t r;
	size_t i;

	for (i = 0; i < size; i++) {
		r = next_random(seed) >> 16;
		text[i] = (r & 0x700) == 0x700 ? (uint8_t)r : likely[(r >> 12) % sizeof(likely)];
	}
}

static void check_sites(const struct ft_insn_site *sites, size_t nr, size_t size)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		assert_in_range(sites[i].address, BASE, BASE + size - 1);
		assert_in_range(sites[i].probe, sites[i].address, sites[i].address + 15);
		assert_true(sites[i].probe <= BASE + size);
		assert_in_range(sites[i].form, FT_FORM_ADD, FT_FORM_CALL_DROP);
		assert_in_range(sites[i].rule, FT_RULE_LOCK, FT_RULE_CALL);
		assert_true(sites[i].base < 16 && sites[i].src < 16 && sites[i].base != RSP);
		assert_true(sites[i].function < NR(functions) ||
			    sites[i].function == FT_NO_FUNCTION);
		assert_true(i == 0 || sites[i - 1].address < sites[i].address);
	}
}

static void test_random(void **state)
{
	struct ft_finder f = finder_73;
	uint64_t seed = 0x9e3779b97f4a7c15ULL;
	struct ft_insn_site *calls;
	size_t size, nr, unreachable, all = 0;
	struct found found, again;
	uint8_t bytes[512], *text;
	int round;
	(void)state;

	f.functions = functions;
	f.nr_functions = NR(functions);
	for (round = 0; round < 20000; round++) {
		size = next_random(&seed) % sizeof(bytes) + 1;
		f.up = round & 1;
		fill(bytes, size, &seed);
		found = scan(&f, bytes, size);
		check_sites(found.sites, found.nr, size);
		again = scan(&f, bytes, size);
		assert_int_equal(again.nr, found.nr);
		if (found.nr)
			assert_memory_equal(again.sites, found.sites,
					    found.nr * sizeof(*found.sites));
		all += found.nr;
		free(again.sites);
		free(found.sites);

		calls = NULL;
		nr = unreachable = 0;
		text = malloc(size);
		assert_non_null(text);
		memcpy(text, bytes, size);
		assert_int_equal(ft_finder__scan_calls(&f, text, size, BASE, copies, NR(copies),
						       &calls, &nr, &unreachable),
				 0);
		check_sites(calls, nr, size);
		free(calls);
		free(text);
	}
	assert_true(all > 1000); /* the random text must have had candidates */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lea),
		cmocka_unit_test(test_lea_elsewhere),
		cmocka_unit_test(test_lea_of_lists),
		cmocka_unit_test(test_lea_forms),
		cmocka_unit_test(test_function_index),
		cmocka_unit_test(test_no_rex),
		cmocka_unit_test(test_prefix_or_not),
		cmocka_unit_test(test_one_site_a_probe),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
