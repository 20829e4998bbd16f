// SPDX-License-Identifier: GPL-2.0
/* The capture file: whole frames are read, damaged ones are reported. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <zlib.h>

#include "support/scenarios.h"
#include "support/verdict_text.h"

static struct ft_error failure(struct capture_builder *m)
{
	struct ft_error e = { 0 };
	struct ft_run *run = NULL;
	int fd = capture__fd(m);

	assert_int_not_equal(ft_run__load(fd, "x.data", NULL, &run, &e), 0);
	assert_null(run);
	assert_true(e.code < 0);
	assert_int_equal(e.exit, FT_EXIT_FAILURE);
	close(fd);
	capture__free(m);
	return e;
}

#define assert_says(e, word) assert_non_null(strstr((e).text, word))

static void test_no_capture(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_error e;
	(void)state;

	m->size = 0;
	e = failure(m);
	assert_says(e, "is not a capture");
	assert_says(e, "empty");

	m = capture__new();
	m->file[0] = 'X';
	assert_says(failure(m), "is not a capture");

	m = capture__new(); /* only the header: killed before the first frame */
	assert_says(failure(m), "cut off before its first frame");

	m = capture__new();
	((struct ft_file_head *)m->file)->size = 3;
	assert_says(failure(m), "header is damaged");
}

static void test_newer(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_error e;
	(void)state;

	scenario__build("seed-leak", m);
	((struct ft_file_head *)m->file)->version = FT_FORMAT_VERSION + 1;
	e = failure(m);
	assert_int_equal(e.code, -EPROTONOSUPPORT);
	assert_says(e, "format version 3");
	assert_says(e, "reads up to 2");
}

/* A later version of the same format has a longer header. */
static void test_longer_header(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;
	char more[24] = "more";
	unsigned char *whole;
	(void)state;

	scenario__build("seed-leak", m);
	whole = malloc(m->size + sizeof(more));
	assert_non_null(whole);
	memcpy(whole, m->file, 16);
	memcpy(whole + 16, more, sizeof(more));
	memcpy(whole + 16 + sizeof(more), m->file + 16, m->size - 16);
	((struct ft_file_head *)whole)->size = 16 + sizeof(more);
	free(m->file);
	m->file = whole;
	m->size += sizeof(more);
	run = capture__load(m, false);
	assert_int_equal(run->verdict, FT_RUN_FAIL);
	ft_run__free(run);
	capture__free(m);
}

/* Each codec gives the same; and so does a pipe, which cannot be sought. */
static void test_codecs(void **state)
{
	struct capture_builder *raw = capture__new(), *packed = capture__new();
	struct ft_run *a, *b, *c = NULL;
	char *ta, *tb, *tc;
	int pipefd[2];
	(void)state;

	packed->codec = FT_CODEC_DEFLATE;
	scenario__build("seed-leak", raw);
	scenario__build("seed-leak", packed);
	assert_true(packed->size < raw->size);
	a = capture__load(raw, false);
	b = capture__load(packed, false);
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(write(pipefd[1], packed->file, packed->size), packed->size);
	close(pipefd[1]);
	assert_int_equal(ft_run__load(pipefd[0], "pipe", NULL, &c, NULL), 0);
	close(pipefd[0]);
	ta = verdict_text(a);
	tb = verdict_text(b);
	tc = verdict_text(c);
	assert_string_equal(ta, tb);
	assert_string_equal(ta, tc);
	free(ta);
	free(tb);
	free(tc);
	ft_run__free(a);
	ft_run__free(b);
	ft_run__free(c);
	capture__free(raw);
	capture__free(packed);
}

/* The offset of fd is the caller's, and the capture is read from its start. */
static void test_offset(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run = NULL;
	int fd;
	(void)state;

	scenario__build("seed-fix", m);
	fd = capture__fd(m);
	assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
	assert_int_equal(ft_run__load(fd, "x", NULL, &run, NULL), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	close(fd);
	capture__free(m);
}

static void test_meta(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;
	(void)state;

	m->fsdax_idle = 1;
	m->hugetlb = "one";
	scenario__build("seed-leak", m);
	run = capture__load(m, false);
	assert_string_equal(run->release, "7.3.4+deb13-cloud-amd64");
	assert_string_equal(run->tool_version, "0.1");
	assert_string_equal(run->machine, "x86_64");
	assert_string_equal(run->source, "boundary");
	assert_int_equal(run->argc, 2);
	assert_string_equal(run->argv[0], "program");
	assert_string_equal(run->argv[1], "--all");
	assert_null(run->argv[2]);
	assert_int_equal(run->cpus, 2);
	assert_int_equal(run->sizeof_page, 64);
	assert_true(run->vmemmap_base == 0xffffea0000000000ULL);
	assert_true(run->hugetlb_cache_is_one);
	assert_true(run->zone_idle_is_one);
	assert_int_equal(ft_run__rules(run), FT_RULE_HUGETLB_CACHE_ONE | FT_RULE_ZONE_IDLE_ONE);
	assert_true(run->complete);
	assert_true(run->drained);
	assert_int_equal(run->exit_status, 0);
	assert_int_equal(run->exit_signal, 0);
	assert_int_equal(run->folios[0]->pfn, 512);
	assert_int_equal(run->nr_tasks, 1);
	assert_string_equal(run->tasks[0].comm, "hmm-tests");
	assert_true(run->nr_sites > 40);
	ft_run__free(run);
	capture__free(m);
}

/* META without one of its members: the error names it. */
static void test_meta_missing(void **state)
{
	static const char *const member[] = {
		"tool",
		"kernel.release",
		"layout.page_size",
		"layout.sizeof_page",
		"layout.hugetlb_cache_refs",
		"layout.fsdax_idle",
		"clock.monotonic_ns",
		"clock.realtime_ns",
		"command.argv",
		"source",
		"cpus",
		"hooks",
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(member) / sizeof(*member); i++) {
		struct capture_builder *m = capture__new();
		char *text = capture__meta_text(m), *dot, name[64], quoted[80];
		json_t *root = json_loads(text, 0, NULL), *o = root;
		struct ft_error e;

		free(text);
		snprintf(name, sizeof(name), "%s", member[i]);
		dot = strchr(name, '.');
		if (dot) {
			*dot = '\0';
			o = json_object_get(root, name);
			assert_int_equal(json_object_del(o, dot + 1), 0);
		} else {
			assert_int_equal(json_object_del(o, name), 0);
		}
		text = json_dumps(root, JSON_COMPACT);
		capture__frame(m, FT_FRAME_META, text, strlen(text));
		free(text);
		json_decref(root);
		e = failure(m);
		snprintf(quoted, sizeof(quoted), "\"%s\"", member[i]);
		assert_says(e, "META");
		assert_says(e, quoted);
	}
}

static void test_meta_wrong(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "null", "{\"tool\": 5}", "{\"tool\": \"\\u0000\"}",
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct capture_builder *m = capture__new();

		capture__frame(m, FT_FRAME_META, texts[i], strlen(texts[i]));
		assert_says(failure(m), "META");
	}
}

static void test_frame_order(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	(void)state;

	scenario__fault(m, &a);
	capture__flush(m);
	capture__meta(m);
	assert_says(failure(m), "first frame is not META");

	m = capture__new();
	capture__meta(m);
	capture__meta(m);
	assert_says(failure(m), "two META");
}

static void test_end_missing(void **state)
{
	static const char *const text = "{\"exit\": 0, \"tasks_left\": 0, \"loss\": {}, "
					"\"rest\": {}, \"monotonic_ns\": 5}";
	struct capture_builder *m = capture__new();
	struct ft_error e;
	(void)state;

	capture__meta(m);
	capture__frame(m, FT_FRAME_END, text, strlen(text));
	e = failure(m);
	assert_says(e, "END");
	assert_says(e, "\"rest.drained\"");
}

/* Frames and records of types to come are skipped and counted, and nothing else. */
static void test_unknown_types(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_wire_head later = { 77, 24, 0, 1, 0 };
	unsigned char record[24] = { 0 };
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	capture__frame(m, 99, "later", 5);
	memcpy(record, &later, sizeof(later));
	capture__raw(m, record, sizeof(record));
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_skipped, 2);
	assert_int_equal(run->nr_malformed, 0);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	capture__free(m);
}

/* A record is believed only as far as its length goes, and not over the frame's. */
static void test_bad_lengths(void **state)
{
	const uint16_t lens[] = { 0, 7, 8, 20, 103, 65535 };
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__small(1, 1);
		struct ft_wire_event e = capture__record(m, &a, FT_OP_BORN, 1);
		struct ft_run *run;

		e.head.len = lens[i];
		capture__meta(m);
		capture__put(m, &e);
		capture__end(m);
		run = capture__load(m, false);
		assert_true(run->nr_malformed > 0);
		assert_int_equal(run->verdict, FT_RUN_INCONCLUSIVE);
		assert_int_equal(run->nr_folios, 0);
		ft_run__free(run);
		capture__free(m);
	}
}

/* A record that grew at its end is read like one of today. */
static void test_longer_record(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_wire_event e;
	char more[13] = "new fields";
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	a.refcount = 1;
	e = capture__record(m, &a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap);
	e.head.len = sizeof(e) + sizeof(more);
	capture__put(m, &e);
	capture__raw(m, more, sizeof(more));
	scenario__die(m, &a);
	capture__end(m);
	run = capture__load(m, true);
	assert_int_equal(run->nr_malformed, 0);
	assert_int_equal(run->nr_folios, 1);
	assert_int_equal(run->folios[0]->nr_events, 2);
	assert_int_equal(run->folios[0]->verdict, FT_VERDICT_FREED);
	ft_run__free(run);
	capture__free(m);
}

/* Sizes in a frame's head are not believed without its checksum, nor above the limit. */
static void test_huge_frame(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_frame_head h = {
		.magic = FT_FRAME_MAGIC,
		.type = FT_FRAME_EVENTS,
		.codec = FT_CODEC_DEFLATE,
		.raw = UINT32_MAX,
		.stored = 8,
	};
	unsigned char *p;
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	h.head_crc =
		(uint32_t)crc32(0, (const Bytef *)&h, offsetof(struct ft_frame_head, head_crc));
	capture__frame(m, 99, "0123456789", 10);
	p = m->file + m->size - 10 - sizeof(h);
	memcpy(p, &h, sizeof(h));
	run = capture__load(m, false);
	assert_false(run->complete);
	assert_int_equal(run->bytes_dropped, 10 + sizeof(h));
	ft_run__free(run);
	capture__free(m);
}

/* Deflated data that says it is larger or smaller than it is. */
static void test_bad_deflate(void **state)
{
	int delta;
	(void)state;

	for (delta = -1; delta <= 1; delta += 2) {
		struct capture_builder *m = capture__new();
		struct ft_frame_head h;
		size_t at;
		struct ft_run *run;

		capture__meta(m);
		at = m->size;
		m->codec = FT_CODEC_DEFLATE;
		capture__frame(m, 99, "0123456789", 10);
		memcpy(&h, m->file + at, sizeof(h));
		h.raw = (uint32_t)((int)h.raw + delta);
		h.head_crc = (uint32_t)crc32(0, (const Bytef *)&h,
					     offsetof(struct ft_frame_head, head_crc));
		memcpy(m->file + at, &h, sizeof(h));
		run = capture__load(m, false);
		assert_int_equal(run->bytes_dropped, m->size - at);
		assert_int_equal(run->verdict, FT_RUN_INCONCLUSIVE);
		ft_run__free(run);
		capture__free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_capture),    cmocka_unit_test(test_newer),
		cmocka_unit_test(test_longer_header), cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_offset),	      cmocka_unit_test(test_meta),
		cmocka_unit_test(test_meta_missing),  cmocka_unit_test(test_meta_wrong),
		cmocka_unit_test(test_frame_order),   cmocka_unit_test(test_end_missing),
		cmocka_unit_test(test_unknown_types), cmocka_unit_test(test_bad_lengths),
		cmocka_unit_test(test_longer_record), cmocka_unit_test(test_huge_frame),
		cmocka_unit_test(test_bad_deflate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
