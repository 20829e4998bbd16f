// SPDX-License-Identifier: GPL-2.0
/* Who has the units of a folio's counts: refcount 3 = 1 mapping + 1 pipe + 1 that is lost. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/util/arena.h"
#include "support/scenarios.h"

static const struct ft_site drv_get = { .function = "drv_get", .offset = 16 };
static const struct ft_site drv_put = { .function = "drv_put", .offset = 16 };
static const struct ft_event get = { .op = FT_OP_GET,
				     .site = &drv_get,
				     .comm = "drive",
				     .seq = 7,
				     .pid = 136,
				     .tgid = 136 };
static const struct ft_event put = { .op = FT_OP_PUT,
				     .site = &drv_put,
				     .comm = "drive",
				     .seq = 9,
				     .pid = 136,
				     .tgid = 136 };

/* An anonymous folio at rest, and the run that it is of. */
struct world {
	struct ft_run run;
	struct ft_folio folio;
	struct ft_lost lost[8];
};

static struct world start(uint32_t flags, int32_t refcount, int32_t mapcount, int32_t pincount)
{
	struct world w = { .folio = { .id = 1,
				      .born = true,
				      .kind = FT_KIND_ANON,
				      .verdict = FT_VERDICT_BALANCED } };
	struct ft_reading *r = &w.folio.final;

	w.run.arena = ft_arena__new();
	assert_non_null(w.run.arena);
	flags |= FT_PF_ANON | FT_PF_MAPPING;
	w.folio.order = flags & FT_PF_LARGE ? 9 : 0;
	*r = (struct ft_reading){ .valid = true, .flags = flags, .at_rest = true };
	r->refcount = refcount;
	r->mapcount = mapcount;
	r->pincount = pincount;
	r->expected = ft_expected__of(FT_KIND_ANON, flags, w.folio.order, mapcount, pincount, 0);
	r->surplus = refcount - r->expected.total;
	return w;
}

static void judge(struct world *w, enum ft_verdict verdict, int64_t references, int64_t pins,
		  int64_t mappings)
{
	w->folio.verdict = verdict;
	w->folio.ownerless = (struct ft_units){ references, pins, mappings };
}

static struct ft_lost *lose(struct world *w, enum ft_owner_class class, const struct ft_event *e)
{
	w->folio.lost = w->lost;
	w->lost[w->folio.nr_lost++] = (struct ft_lost){ .put = e == &put,
							.class = class,
							.state = FT_OWNER_GONE,
							.event = e };
	return &w->lost[w->folio.nr_lost - 1];
}

static void check_sums(const struct ft_folio *folio, const struct ft_owner *list, size_t nr)
{
	struct ft_units sum = { 0 };
	size_t i;

	for (i = 0; i < nr; i++) {
		sum.references += list[i].units.references;
		sum.pins += list[i].units.pins;
		sum.mappings += list[i].units.mappings;
	}
	assert_int_equal(sum.references, folio->final.refcount);
	if (folio->final.mapcount != FT_UNKNOWN)
		assert_int_equal(sum.mappings, folio->final.mapcount);
	if ((folio->final.flags & FT_PF_LARGE) && folio->final.pincount != FT_UNKNOWN)
		assert_int_equal(sum.pins, folio->final.pincount);
}

/* "mapping 1/0/1 proved drive/136, other 1/0/0 gone 7": references, pins, mappings */
static const char *print(const struct ft_owner *list, size_t nr)
{
	static char text[512];
	FILE *f = fmemopen(text, sizeof(text), "w");
	size_t i;

	assert_non_null(f);
	text[0] = '\0';
	for (i = 0; i < nr; i++) {
		const struct ft_owner *o = &list[i];

		fprintf(f, "%s%s %lld/%lld/%lld %s", i ? ", " : "", ft_owner_class__name(o->class),
			(long long)o->units.references, (long long)o->units.pins,
			(long long)o->units.mappings, ft_owner_state__name(o->state));
		if (o->pid)
			fprintf(f, " %s/%u", o->comm, o->pid);
		if (o->since)
			fprintf(f, " since %u", o->since->seq);
	}
	fclose(f);
	return text;
}

static const char *owners(struct world *w)
{
	struct ft_owner *list;
	const char *text;
	size_t nr;

	assert_int_equal(ft_folio__owners(&w->run, &w->folio, &list, &nr), 0);
	text = print(list, nr);
	check_sums(&w->folio, list, nr);
	ft_arena__free(w->run.arena);
	return text;
}

static void test_shown(void **state)
{
	struct world w = start(FT_PF_SWAPCACHE, 3, 2, FT_UNKNOWN);
	(void)state;

	assert_string_equal(owners(&w), "mapping 2/0/2 shown, swap_cache 1/0/0 shown");
	w = start(FT_PF_LARGE, 4, 2, 2);
	assert_string_equal(owners(&w), "mapping 2/0/2 shown, pin 2/2/0 shown");
}

static void test_found(void **state)
{
	struct ft_found_owner found[] = {
		{ .folio = 1, .class = FT_OWNER_MAPPING, .units = 1, .pid = 136, .comm = "drive" },
		{ .folio = 1, .class = FT_OWNER_MAPPING, .units = 1, .pid = 137, .comm = "child" },
		{ .folio = 1, .class = FT_OWNER_PIPE, .units = 1, .pid = 99, .comm = "outer" },
		{ .folio = 2, .class = FT_OWNER_PIPE, .units = 9, .pid = 99, .comm = "outer" },
	};
	struct world w = start(0, 4, 3, FT_UNKNOWN);
	(void)state;

	w.run.found_owners = found;
	w.run.nr_found_owners = 4;
	assert_string_equal(owners(&w),
			    "mapping 1/0/1 proved drive/136, mapping 1/0/1 proved "
			    "child/137, mapping 1/0/1 shown, pipe 1/0/0 proved outer/99");
	/* more was found than is there: the readings are what counts */
	w = start(0, 1, 1, FT_UNKNOWN);
	w.run.found_owners = found;
	w.run.nr_found_owners = 4;
	assert_string_equal(owners(&w), "mapping 1/0/1 proved drive/136");
}

static void test_lost(void **state)
{
	struct world w = start(0, 4, 1, FT_UNKNOWN);
	(void)state;

	judge(&w, FT_VERDICT_LEAK, 3, 0, 0);
	lose(&w, FT_OWNER_GUP, &get);
	lose(&w, FT_OWNER_GUP, &get);
	/* of the third nothing is known */
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, gup 2/0/0 gone drive/136 since 7, "
					"other 1/0/0 gone");
}

static void test_pins(void **state)
{
	struct world w = start(0, 2049, 1, FT_UNKNOWN);
	(void)state;

	judge(&w, FT_VERDICT_LEAK, 0, 2, 0);
	lose(&w, FT_OWNER_PIN, &get);
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, pin 1024/1/0 gone drive/136 since 7, "
					"pin 1024/1/0 gone");
	/* released as a plain reference: 1 of 1024 is put */
	w = start(0, 1024, 1, FT_UNKNOWN);
	judge(&w, FT_VERDICT_LEAK, -1, 1, 0);
	lose(&w, FT_OWNER_PIN, &get)->other = &put;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, pin 1024/1/0 gone drive/136 since 7, "
					"pin -1/0/0 gone drive/136 since 9");
	w = start(FT_PF_LARGE, 0, 0, 1);
	judge(&w, FT_VERDICT_LEAK, -1, 1, 0);
	lose(&w, FT_OWNER_PIN, &get)->other = &put;
	assert_string_equal(owners(&w), "pin 1/1/0 gone drive/136 since 7, "
					"pin -1/0/0 gone drive/136 since 9");
	/* the opposite: a reference released as a pin */
	w = start(FT_PF_LARGE, 1, 1, -1);
	judge(&w, FT_VERDICT_OVERPUT, 0, -1, 0);
	lose(&w, FT_OWNER_PIN, &put)->other = &get;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, other 1/0/0 gone drive/136 since 7, "
					"pin -1/-1/0 gone drive/136 since 9");
	w = start(0, -1022, 1, FT_UNKNOWN);
	judge(&w, FT_VERDICT_OVERPUT, -1023, 0, 0);
	lose(&w, FT_OWNER_PIN, &put)->other = &get;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, other 1/0/0 gone drive/136 since 7, "
					"pin -1024/0/0 gone drive/136 since 9");
	/* one that may be somebody's */
	w = start(0, 1025, 1, FT_UNKNOWN);
	w.folio.verdict = FT_VERDICT_INCONCLUSIVE;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, pin 1024/1/0 possible");
}

static void test_mappings(void **state)
{
	struct world w = start(FT_PF_LARGE, 2, 2, 0);
	(void)state;

	judge(&w, FT_VERDICT_LEAK, 0, 0, 1);
	lose(&w, FT_OWNER_MAPPING, &get);
	assert_string_equal(owners(&w),
			    "mapping 1/0/1 shown, mapping 1/0/1 gone drive/136 since 7");
	/* removed twice: below 0, with the reference that belongs to it */
	w = start(FT_PF_LARGE, -1, -1, 0);
	judge(&w, FT_VERDICT_OVERPUT, -1, 0, -1);
	lose(&w, FT_OWNER_MAPPING, &put);
	assert_string_equal(owners(&w), "mapping -1/0/-1 gone drive/136 since 9");
}

static void test_before(void **state)
{
	struct world w = start(0, 3, 1, FT_UNKNOWN);
	(void)state;

	w.folio.born = false;
	w.folio.baseline = 2;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, before 2/0/0 shown");
	/* they have put one since, which is their right */
	w = start(0, 2, 1, FT_UNKNOWN);
	w.folio.born = false;
	w.folio.baseline = 2;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, before 1/0/0 shown");
	/* the command has put it: they still count on theirs */
	w = start(0, 2, 1, FT_UNKNOWN);
	w.folio.born = false;
	w.folio.baseline = 2;
	judge(&w, FT_VERDICT_OVERPUT, -1, 0, 0);
	lose(&w, FT_OWNER_BEFORE, &put);
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, before 2/0/0 shown, "
					"before -1/0/0 gone drive/136 since 9");
}

/* The count is in order: what somebody took was put by somebody else. */
static void test_robbed(void **state)
{
	static const struct ft_event others = { .op = FT_OP_GET,
						.site = &drv_get,
						.comm = "outer",
						.seq = 5,
						.pid = 99,
						.tgid = 99 };
	struct world w = start(0, 1, 1, FT_UNKNOWN);
	(void)state;

	judge(&w, FT_VERDICT_OVERPUT, -1, 0, 0);
	lose(&w, FT_OWNER_OTHER, &put)->other = &others;
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, other 1/0/0 possible outer/99 since "
					"5, other -1/0/0 gone drive/136 since 9");
	w = start(0, 1, 1, FT_UNKNOWN);
	judge(&w, FT_VERDICT_OVERPUT, -1, 0, 0);
	lose(&w, FT_OWNER_OTHER, &put);
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, before 1/0/0 shown, "
					"other -1/0/0 gone drive/136 since 9");
}

/* What is left has the class and the task that the reason names. */
static void test_reasons(void **state)
{
	struct world w = start(0, 2, 1, FT_UNKNOWN);
	(void)state;

	w.folio.verdict = FT_VERDICT_INCONCLUSIVE;
	w.folio.reason = (struct ft_reason){ .code = FT_REASON_MAY_HAVE_LIVING_HOLDER,
					     .n = { 1, FT_OWNER_SOCKET } };
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, socket 1/0/0 possible");
	w = start(0, 2, 1, FT_UNKNOWN);
	w.folio.verdict = FT_VERDICT_INCONCLUSIVE;
	w.folio.reason = (struct ft_reason){ .code = FT_REASON_HELD_BY_OTHER_TASK,
					     .n = { 1, 99 },
					     .comm = "outer" };
	assert_string_equal(owners(&w), "mapping 1/0/1 shown, other 1/0/0 possible outer/99");
	w = start(0, 1, 0, FT_UNKNOWN);
	w.folio.kind = FT_KIND_UNKNOWN;
	w.folio.reason = (struct ft_reason){ .code = FT_REASON_STILL_ALLOCATED, .n = { 1 } };
	assert_string_equal(owners(&w), "allocation 1/0/0 shown");
	w = start(FT_PF_HWPOISON, 1, 0, FT_UNKNOWN);
	assert_string_equal(owners(&w), "memory_failure 1/0/0 shown");
}

static void test_nobody(void **state)
{
	struct world w = start(0, 2, 1, FT_UNKNOWN);
	struct ft_owner *list;
	size_t nr;
	(void)state;

	w.folio.died = true;
	assert_int_equal(ft_folio__owners(&w.run, &w.folio, &list, &nr), 0);
	assert_int_equal(nr, 0);
	w.folio.died = false;
	w.folio.final.valid = false;
	assert_int_equal(ft_folio__owners(&w.run, &w.folio, &list, &nr), 0);
	assert_int_equal(nr, 0);
	ft_arena__free(w.run.arena);
}

/* Of every folio of every scenario the units add up. */
static size_t check_run(struct ft_run *run)
{
	size_t i, nr, with_owners = 0;
	struct ft_owner *list;

	for (i = 0; i < run->nr_folios; i++) {
		assert_int_equal(ft_folio__owners(run, run->folios[i], &list, &nr), 0);
		if (nr)
			check_sums(run->folios[i], list, nr);
		with_owners += nr > 0;
	}
	ft_run__free(run);
	return with_owners;
}

static void test_add_up(void **state)
{
	size_t i, with_owners = 0;
	(void)state;

	for (i = 0; i < nr_scenarios; i++) {
		struct capture_builder *m = capture__new();

		scenarios[i].record(m);
		with_owners += check_run(capture__load(m, true));
		capture__free(m);
	}
	assert_true(with_owners > 10);
}

/* The same of real captures of every lane. */
static void test_real_ones_add_up(void **state)
{
	size_t i, with_owners = 0;
	glob_t found;
	(void)state;

	assert_int_equal(glob("tests/golden/packed/*.data", 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++) {
		struct ft_error e = { 0 };
		struct ft_run *run;
		int fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);

		assert_int_equal(ft_run__load(fd, found.gl_pathv[i], NULL, &run, &e), 0);
		close(fd);
		with_owners += check_run(run);
	}
	globfree(&found);
	assert_true(with_owners > 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_robbed),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_add_up),
		cmocka_unit_test(test_real_ones_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
