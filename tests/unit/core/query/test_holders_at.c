// SPDX-License-Identifier: GPL-2.0
/* Who holds a folio at a moment: refcount 3 = 1 mapping + 1 isolation + ... */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"

#define ROW(id, function) "{\"id\": " #id ", \"function\": \"" function "\", \"offset\": 16}"
#define SYMBOLS                                                                                                                                                                                  \
	"{\"sites\": [" ROW(1, "drv_get") "," ROW(2, "drv_put") "," ROW(3, "folio_isolate_lru") "," ROW(4, "drv_putback") "," ROW(                                                               \
		5,                                                                                                                                                                               \
		"zap") "," ROW(6,                                                                                                                                                                \
			       "__folio_batch_add_and_move") "," ROW(7,                                                                                                                          \
								     "folios_put_refs") "," ROW(8,                                                                                               \
												"try_grab_folio") "],\"frames\": ["                                                              \
														  "{\"address\": 4096, \"function\": \"any\", \"offset\": 17},"                  \
														  "{\"address\": 8192, \"function\": \"drv_ioctl\", \"offset\": 5},"             \
														  "{\"address\": 12288, \"function\": \"folio_batch_move_lru\", \"offset\": 5}," \
														  "{\"address\": 16384, \"function\": \"vmsplice_to_pipe\", \"offset\": 5}]}"

enum { GET = 1, PUT, ISOLATE, PUTBACK, ZAP, BATCH, UNBATCH, GRAB };
enum { IOCTL = 1, DRAIN, VMSPLICE };

static struct capture_builder *start(void)
{
	static const uint64_t frames[][2] = { { 4096, 8192 }, { 4096, 12288 }, { 4096, 16384 } };
	struct capture_builder *m = capture__new();
	uint32_t i;

	m->source = "inline";
	capture__meta(m);
	capture__symbols(m, SYMBOLS);
	for (i = 0; i < 3; i++)
		capture__stack(m, i + 1, frames[i], 2);
	return m;
}

static struct ft_run *finish(struct capture_builder *m)
{
	struct ft_run *run;

	capture__flush(m);
	capture__end(m);
	run = capture__load(m, true);
	capture__free(m);
	return run;
}

static void op(struct capture_builder *m, struct fixture *a, uint32_t site, int delta,
	       uint32_t stack)
{
	capture__op_of(m, a, delta > 0 ? FT_OP_GET : FT_OP_PUT, FT_SRC_INLINE, site, delta, stack);
}

/* "2 mapping", "1 get drv_get+0x10 never put", "1 pipe get vmsplice+0x10", "1 around f" */
static void print_holder(FILE *f, const struct ft_holder *h)
{
	fprintf(f, "%lld%s%s", (long long)h->refs, h->holder ? " " : "",
		h->holder ? h->holder : "");
	if (h->site)
		fprintf(f, " %s %s+0x%llx", h->get ? "get" : "around", h->site->function,
			(unsigned long long)h->site->offset);
	if (h->get && !h->put)
		fprintf(f, " never put");
}

static const char *print_holders(const struct ft_holder *list, size_t nr)
{
	static char text[512];
	FILE *f = fmemopen(text, sizeof(text), "w");
	size_t i;

	assert_non_null(f);
	text[0] = '\0';
	for (i = 0; i < nr; i++) {
		fprintf(f, "%s", i ? ", " : "");
		print_holder(f, &list[i]);
	}
	fclose(f);
	return text;
}

/* Of the folio's record with this number, checked to add up. */
static const char *holders(const struct ft_run *run, const struct ft_folio *folio, uint32_t seq)
{
	const struct ft_event *at = &folio->events[seq - 1];
	struct ft_holder *list;
	int64_t sum = 0;
	size_t i, nr;

	assert_int_equal(at->seq, seq);
	assert_int_equal(ft_folio__holders_at(run, folio, at, &list, &nr), 0);
	for (i = 0; i < nr; i++)
		sum += list[i].refs;
	assert_true(!nr || sum == at->refcount);
	return print_holders(list, nr);
}

static int64_t refs_of(const struct ft_run *run, const struct ft_folio *folio, uint32_t seq,
		       const char *holder)
{
	struct ft_holder *list;
	int64_t refs = 0;
	size_t i, nr;

	assert_int_equal(ft_folio__holders_at(run, folio, &folio->events[seq - 1], &list, &nr), 0);
	for (i = 0; i < nr; i++)
		if (list[i].holder && !strcmp(list[i].holder, holder))
			refs += list[i].refs;
	return refs;
}

static void born(struct capture_builder *m, struct fixture *a)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void test_each_moment(void **state)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(1, 1);
	const struct ft_folio *folio;
	struct ft_holder *list;
	struct ft_run *run;
	size_t nr;
	(void)state;

	a.flags |= FT_PF_LRU;
	born(m, &a);		       /* 1, 2 */
	op(m, &a, BATCH, 1, IOCTL);    /* 3 */
	op(m, &a, UNBATCH, -1, DRAIN); /* 4 */
	op(m, &a, GET, 1, IOCTL);      /* 5 */
	a.flags &= ~FT_PF_LRU;
	op(m, &a, ISOLATE, 1, IOCTL); /* 6 */
	a.flags |= FT_PF_LRU;
	op(m, &a, PUTBACK, -1, IOCTL); /* 7 */
	op(m, &a, GRAB, 1, VMSPLICE);  /* 8 */
	op(m, &a, PUT, -1, VMSPLICE);  /* 9 */
	a.mapcount = 0;
	op(m, &a, ZAP, -1, IOCTL);     /* 10 */
	capture__rest(m, &a, 2, 1, 0); /* 11, 12 */
	run = finish(m);
	folio = folio_of(run, 1);
	assert_int_equal(folio->verdict, FT_VERDICT_LEAK);
	assert_string_equal(folio->lost[0].site->function, "drv_get");
	assert_string_equal(holders(run, folio, 2), "1 mapping");
	assert_string_equal(holders(run, folio, 3),
			    "1 mapping, 1 LRU batch get __folio_batch_add_and_move+0x10");
	assert_string_equal(holders(run, folio, 4), "1 mapping");
	assert_string_equal(holders(run, folio, 5), "1 mapping, 1 get drv_get+0x10 never put");
	assert_string_equal(
		holders(run, folio, 6),
		"1 mapping, 1 isolation get folio_isolate_lru+0x10, 1 get drv_get+0x10 never put");
	assert_string_equal(holders(run, folio, 7), "1 mapping, 1 get drv_get+0x10 never put");
	assert_string_equal(
		holders(run, folio, 8),
		"1 mapping, 1 pipe get try_grab_folio+0x10, 1 get drv_get+0x10 never put");
	assert_string_equal(holders(run, folio, 10), "1 get drv_get+0x10 never put");
	assert_string_equal(holders(run, folio, 12), "1 get drv_get+0x10 never put");
	assert_int_equal(ft_folio__holders_at(run, folio, &folio->events[7], &list, &nr), 0);
	assert_string_equal(list[1].stack->frames[1]->function, "vmsplice_to_pipe");
	assert_int_equal(list[1].put->seq, 9);
	ft_run__free(run);
}

/* A folio that was freed is asked as well, between its zap and the put that follows. */
static void test_healthy(void **state)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(1, 1);
	const struct ft_folio *folio;
	struct ft_run *run;
	(void)state;

	born(m, &a);
	a.mapcount = 0;
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, 1, 0); /* 3 */
	op(m, &a, ZAP, -1, IOCTL);
	scenario__die(m, &a);
	run = finish(m);
	folio = folio_of(run, 1);
	assert_int_equal(folio->verdict, FT_VERDICT_FREED);
	assert_string_equal(holders(run, folio, 2), "1 mapping");
	assert_string_equal(holders(run, folio, 3), "1 from birth");
	assert_string_equal(holders(run, folio, 4), ""); /* 0: nobody */
	ft_run__free(run);
}

/* More than the assignment takes: what the folio shows is still listed. */
static void test_large(void **state)
{
	struct capture_builder *m = start();
	struct fixture a = capture__large(1, 512);
	const struct ft_folio *folio;
	struct ft_run *run;
	(void)state;

	a.flags = FT_PF_LARGE | FT_PF_UPTODATE | FT_PF_LRU;
	capture__at(m, &a, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0);
	a.flags |= FT_PF_MAPPING;
	op(m, &a, GET, 512, IOCTL);
	op(m, &a, GRAB, 1, IOCTL);
	a.pincount = 1;
	op(m, &a, GRAB, 1, IOCTL);
	op(m, &a, PUT, -1, IOCTL);
	op(m, &a, PUT, -1, IOCTL);
	capture__rest(m, &a, 2, 513, 0);
	run = finish(m);
	folio = folio_of(run, 1);
	assert_int_equal(refs_of(run, folio, 3, "page cache"), 512);
	assert_int_equal(refs_of(run, folio, 4, "page cache"), 512);
	assert_int_equal(refs_of(run, folio, 4, "pin"), 1);
	ft_run__free(run);
}

/* Boundaries alone: what the functions are known to hold, and the rest. */
static void test_boundaries(void **state)
{
	struct capture_builder *m = capture__new();
	const struct ft_folio *folio = NULL;
	struct ft_holder *list;
	struct ft_run *run;
	size_t i, nr;
	int64_t at_work = 0;
	(void)state;

	scenario__build("seed-leak", m);
	run = capture__load(m, true);
	capture__free(m);
	for (i = 0; i < run->nr_folios; i++)
		if (run->folios[i]->verdict == FT_VERDICT_LEAK)
			folio = run->folios[i];
	assert_non_null(folio);
	for (i = 0; i < folio->nr_events; i++)
		at_work += refs_of(run, folio, (uint32_t)i + 1, "work in hand");
	assert_true(at_work > 0);
	assert_int_equal(ft_folio__holders_at(run, folio, &folio->events[i - 1], &list, &nr), 0);
	assert_int_equal(nr, 1);
	assert_non_null(list[0].get);
	assert_null(list[0].put);
	assert_int_equal(list[0].site->offset, 0); /* somewhere in it */
	assert_int_equal(ft_folio__holders_at(run, folio, NULL, &list, &nr), 0);
	assert_int_equal(nr, 0);
	ft_run__free(run);
}

static void test_over_put(void **state)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(1, 1);
	const struct ft_folio *folio;
	struct ft_run *run;
	(void)state;

	a.flags |= FT_PF_LRU;
	born(m, &a);
	a.mapcount = 2;
	op(m, &a, GRAB, 1, IOCTL);
	op(m, &a, PUT, -1, IOCTL);
	capture__rest(m, &a, 2, 1, 2);
	run = finish(m);
	folio = folio_of(run, 1);
	assert_int_equal(folio->verdict, FT_VERDICT_OVERPUT);
	assert_string_equal(holders(run, folio, 6), "2 mapping, -1");
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_moment), cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_large),	    cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_over_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
