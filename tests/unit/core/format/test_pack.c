// SPDX-License-Identifier: GPL-2.0
/* Packed records: byte for byte what they were, small, and harmless when damaged. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/format/frame.h"
#include "support/scenarios.h"

#define SEED 20260917U

static uint64_t draw(uint64_t *random, uint64_t below)
{
	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*random >> 33) % below;
}

/* Packs and unpacks; returns the packed size. */
static size_t there_and_back(struct ft_pack *to, struct ft_pack *from, const void *raw, size_t size)
{
	/* of just these sizes, so that the sanitizer sees a byte too far */
	unsigned char *packed = malloc(ft_pack__bound(size)), *back = malloc(size + 1), *copy;
	size_t stored = ft_pack__records(to, raw, size, packed);

	assert_true(stored > 0 && stored <= ft_pack__bound(size));
	copy = malloc(stored);
	assert_non_null(memcpy(copy, packed, stored));
	assert_int_equal(ft_pack__unpack(from, copy, stored, back, size), 0);
	assert_memory_equal(back, raw, size);
	free(packed);
	free(back);
	free(copy);
	return stored;
}

/* Any value in any field now and then, else what is usual. */
static void make_event(uint64_t *r, struct ft_wire_event *e)
{
	__u64 *wide[] = { &e->t_ns, &e->folio, &e->mapping, (__u64 *)&e->value, &e->aux };
	__u32 *word[] = { &e->seq,
			  &e->pid,
			  &e->tgid,
			  &e->site,
			  &e->stack,
			  &e->entry_seq,
			  &e->flags,
			  (__u32 *)&e->delta,
			  (__u32 *)&e->refcount,
			  (__u32 *)&e->mapcount,
			  (__u32 *)&e->entire_mapcount,
			  (__u32 *)&e->pincount };
	uint64_t what = draw(r, 40);

	e->head.type = FT_WIRE_EVENT;
	e->head.len = sizeof(*e);
	e->t_ns += draw(r, 5000);
	e->seq++;
	e->id = (uint32_t)draw(r, 3) ? e->id : (uint32_t)draw(r, 1U << 20);
	if (what < 5)
		*wide[what] = draw(r, UINT64_MAX) << draw(r, 33);
	else if (what < 17)
		*word[what - 5] = (uint32_t)(draw(r, UINT64_MAX) << draw(r, 33));
	else if (what < 20)
		e->head.op = (uint8_t)draw(r, 256);
	else if (what == 20)
		e->head.cpu = (uint16_t)draw(r, 65536);
	else if (what == 21)
		e->head.context = (uint8_t)draw(r, 256);
	else if (what == 22)
		e->order = (uint8_t)draw(r, 256);
	else if (what == 23)
		e->source = (uint8_t)draw(r, 256);
	else if (what == 24)
		e->mapcount = FT_UNKNOWN;
	e->reserved = draw(r, 100) ? 0 : 1;
}

static void test_anything_comes_back(void **state)
{
	struct ft_pack *to = ft_pack__new(), *from = ft_pack__new();
	unsigned char *raw = malloc(64 << 10);
	struct ft_wire_event e = { 0 };
	uint64_t random = SEED;
	int frame;
	(void)state;

	for (frame = 0; frame < 200; frame++) {
		size_t size = 0, i;

		while (size < (60U << 10) && draw(&random, 500)) {
			if (!draw(&random, 20)) { /* another kind of record, of any length */
				struct ft_wire_head h = {
					.type = (uint16_t)draw(&random, 6),
					.len = (uint16_t)(sizeof(h) + draw(&random, 200)),
				};

				memcpy(raw + size, &h, sizeof(h));
				for (i = sizeof(h); i < h.len; i++)
					raw[size + i] = (unsigned char)draw(&random, 256);
				size += h.len;
				continue;
			}
			make_event(&random, &e);
			memcpy(raw + size, &e, sizeof(e));
			size += sizeof(e);
		}
		size -= size && !draw(&random, 4); /* the last one is torn */
		there_and_back(to, from, raw, size);
	}
	free(raw);
	ft_pack__free(to);
	ft_pack__free(from);
}

/* Real captures: the records of the goldens, less what was stored once only. */
static void test_real_records_are_small(void **state)
{
	static const char *const names[] = {
		"tests/golden/vm-inline-seed-leak-7.3.data",
		"tests/golden/vm-inline-seed-fix-7.3.data",
		"tests/golden/vm-seed-leak-7.3.data",
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct ft_pack *to = ft_pack__new(), *from = ft_pack__new();
		struct ft_frames frames;
		struct ft_frame frame;
		struct ft_error err;
		size_t raw = 0, packed = 0;
		int fd = open(names[i], O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_int_equal(ft_frames__open(&frames, fd, names[i], &err), 0);
		while (ft_frames__next(&frames, &frame, &err) > 0) {
			if (frame.type != FT_FRAME_EVENTS)
				continue;
			raw += frame.size;
			packed += there_and_back(to, from, frame.data, frame.size);
		}
		print_message("%s: %zu bytes of records, %zu packed\n", names[i], raw, packed);
		assert_true(raw > 0 && packed * 4 < raw);
		ft_frames__close(&frames);
		close(fd);
		ft_pack__free(to);
		ft_pack__free(from);
	}
}

/* Bytes that nobody packed: refused, or something else, and never past the end. */
static void test_damage(void **state)
{
	uint64_t random = SEED;
	int i;
	(void)state;

	for (i = 0; i < 3000; i++) {
		struct ft_pack *to = NULL, *p = i % 100 ? NULL : ft_pack__new();
		static struct ft_pack *kept;
		struct ft_wire_event e[8] = { { .id = 0 } };
		size_t size = sizeof(e), stored, at, cut;
		unsigned char *packed = malloc(ft_pack__bound(size)), *copy, *out = malloc(size);

		if (p) {
			ft_pack__free(kept);
			kept = p;
		}
		to = ft_pack__new();
		for (at = 0; at < 8; at++) {
			e[at] = e[at ? at - 1 : 0];
			make_event(&random, &e[at]);
		}
		stored = ft_pack__records(to, e, size, packed);
		for (at = draw(&random, 5); at--;)
			packed[draw(&random, stored)] ^= (unsigned char)(1 + draw(&random, 255));
		cut = draw(&random, 3) ? stored : draw(&random, stored);
		copy = malloc(cut ? cut : 1);
		memcpy(copy, packed, cut);
		ft_pack__unpack(kept, copy, cut, out, size);
		if (i == 2999) {
			ft_pack__free(kept);
			kept = NULL;
		}
		ft_pack__free(to);
		free(packed);
		free(copy);
		free(out);
	}
}

static void test_what_is_missing_is_refused(void **state)
{
	struct ft_pack *to = ft_pack__new(), *from = ft_pack__new();
	struct ft_wire_event e[2] = { { .id = 0 } }, out[3];
	unsigned char packed[1024];
	uint64_t random = SEED;
	size_t stored;
	(void)state;

	make_event(&random, &e[0]);
	e[1] = e[0];
	make_event(&random, &e[1]);
	stored = ft_pack__records(to, e, sizeof(e), packed);
	assert_int_equal(ft_pack__unpack(from, packed, 0, out, sizeof(e)), -EINVAL);
	assert_int_equal(ft_pack__unpack(from, packed, stored - 1, out, sizeof(e)), -EINVAL);
	assert_int_equal(ft_pack__unpack(from, packed, stored, out, sizeof(e[0])), -EINVAL);
	assert_int_equal(ft_pack__unpack(from, packed, stored, out, sizeof(out)), -EINVAL);
	ft_pack__free(to);
	ft_pack__free(from);
}

/* A capture of packed frames says the same as one of plain ones. */
static void test_capture(void **state)
{
	struct capture_builder *plain = capture__new(), *m = capture__new();
	struct ft_run *a, *b;
	size_t i;
	(void)state;

	m->codec = FT_CODEC_PACKED;
	scenario__build("seed-leak", plain);
	scenario__build("seed-leak", m);
	assert_true(m->size < plain->size);
	a = capture__load(plain, true);
	b = capture__load(m, true);
	assert_int_equal(a->nr_events, b->nr_events);
	assert_int_equal(a->nr_folios, b->nr_folios);
	for (i = 0; i < a->nr_folios; i++) {
		assert_int_equal(a->folios[i]->verdict, b->folios[i]->verdict);
		assert_int_equal(a->folios[i]->nr_events, b->folios[i]->nr_events);
	}
	ft_run__free(a);
	ft_run__free(b);
	capture__free(plain);
	capture__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anything_comes_back),
		cmocka_unit_test(test_real_records_are_small),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_what_is_missing_is_refused),
		cmocka_unit_test(test_capture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
