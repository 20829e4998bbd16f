// SPDX-License-Identifier: GPL-2.0
/*
 * Every tests/golden/NAME.data has a hand-written NAME.expected beside it.
 *
 *   test_golden                  compares them all
 *   test_golden --write [NAME]   writes the made-up captures (scenarios.c)
 *   test_golden --show FILE      prints the verdicts of a capture
 *   test_golden --pack FILE OUT  writes the capture with all frames deflated
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/format/frame.h"
#include "support/scenarios.h"
#include "support/verdict_text.h"

#define GOLDEN "tests/golden"

static char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *data = NULL;
	struct stat st;

	if (!f || fstat(fileno(f), &st))
		return NULL;
	data = calloc(1, (size_t)st.st_size + 1);
	if (data)
		*size = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	return data;
}

static struct ft_run *load(const char *path)
{
	struct ft_error e = { 0 };
	struct ft_run *run = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	if (ft_run__load(fd, path, NULL, &run, &e))
		fprintf(stderr, "%s\n", e.text);
	close(fd);
	return run;
}

static int compare(const char *data)
{
	char path[512], *expected, *got;
	struct ft_run *run;
	size_t size;
	int wrong;

	snprintf(path, sizeof(path), "%.*s.expected", (int)(strlen(data) - 5), data);
	expected = read_file(path, &size);
	if (!expected) {
		fprintf(stderr, "%s is missing: write it by hand\n", path);
		return 1;
	}
	run = load(data);
	got = run ? verdict_text(run) : strdup("");
	wrong = verdict_compare(data, expected, got);
	ft_run__free(run);
	free(got);
	free(expected);
	return wrong;
}

static int is_data(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 5 && !strcmp(d->d_name + len - 5, ".data");
}

static int for_each_golden(int (*fn)(const char *path))
{
	struct dirent **list;
	int i, sum = 0, nr = scandir(GOLDEN, &list, is_data, alphasort);
	char path[512];

	if (nr < 0)
		err(1, GOLDEN);
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), GOLDEN "/%s", list[i]->d_name);
		sum += fn(path);
		free(list[i]);
	}
	free(list);
	if (!nr)
		errx(1, "no captures in " GOLDEN);
	return sum;
}

static void test_expected(void **state)
{
	(void)state;
	assert_int_equal(for_each_golden(compare), 0);
}

/* The scenarios still give the verdicts of the captures that were written from them. */
static void test_scenarios(void **state)
{
	size_t i, size;
	(void)state;

	for (i = 0; i < nr_scenarios; i++) {
		struct capture_builder *m = capture__new();
		char path[512], *expected, *got;
		struct ft_run *run;

		scenario__build(scenarios[i].name, m);
		run = capture__load(m, false);
		got = verdict_text(run);
		snprintf(path, sizeof(path), GOLDEN "/%s.expected", scenarios[i].name);
		expected = read_file(path, &size);
		assert_non_null(expected);
		assert_int_equal(verdict_compare(scenarios[i].name, expected, got), 0);
		free(expected);
		free(got);
		ft_run__free(run);
		capture__free(m);
	}
}

/* A flipped bit anywhere: an error with a text or a run, never a pass. */
static int flip(const char *path)
{
	size_t size, i, step;
	char *data = read_file(path, &size);
	int fd = memfd_create("flipped", MFD_CLOEXEC), passed = 0;

	assert_non_null(data);
	step = size > 4000 ? size / 100 : 1;
	assert_int_equal(write(fd, data, size), size);
	for (i = 0; i < size; i += step) {
		char bad = (char)(data[i] ^ (1 << i % 8));
		struct ft_run *run = NULL;
		struct ft_error e = { 0 };

		assert_int_equal(pwrite(fd, &bad, 1, (off_t)i), 1);
		if (!ft_run__load(fd, "flipped", NULL, &run, &e))
			passed += run->verdict == FT_RUN_PASS;
		else
			assert_true(e.text[0] != '\0');
		ft_run__free(run);
		assert_int_equal(pwrite(fd, &data[i], 1, (off_t)i), 1);
	}
	close(fd);
	free(data);
	return passed;
}

static void test_flips(void **state)
{
	(void)state;
	assert_int_equal(for_each_golden(flip), 0);
}

/* Cut anywhere: an error or an unfinished run, never a pass. */
static int cut(const char *path)
{
	size_t size, i, step;
	char *data = read_file(path, &size);
	int fd = memfd_create("cut", MFD_CLOEXEC), passed = 0;

	assert_non_null(data);
	step = size > 4000 ? size / 100 : 1;
	assert_int_equal(write(fd, data, size), size);
	for (i = size - 1; i > step; i -= step) {
		struct ft_run *run = NULL;

		assert_int_equal(ftruncate(fd, (off_t)i), 0);
		if (!ft_run__load(fd, "cut", NULL, &run, NULL)) {
			passed += run->verdict == FT_RUN_PASS;
			assert_false(run->complete);
		}
		ft_run__free(run);
	}
	close(fd);
	free(data);
	return passed;
}

static void test_cuts(void **state)
{
	(void)state;
	assert_int_equal(for_each_golden(cut), 0);
}

static int write_scenarios(const char *only)
{
	char path[512];
	size_t i;

	for (i = 0; i < nr_scenarios; i++) {
		struct capture_builder *m = capture__new();
		FILE *f;

		if (only && strcmp(only, scenarios[i].name)) {
			capture__free(m);
			continue;
		}
		m->codec = FT_CODEC_DEFLATE;
		scenario__build(scenarios[i].name, m);
		snprintf(path, sizeof(path), GOLDEN "/%s.data", scenarios[i].name);
		f = fopen(path, "wb");
		if (!f || fwrite(m->file, 1, m->size, f) != m->size || fclose(f))
			err(1, "%s", path);
		capture__free(m);
	}
	return 0;
}

static int show(const char *path)
{
	struct ft_run *run = load(path);
	char *text;

	if (!run)
		return 1;
	text = verdict_text(run);
	fputs(text, stdout);
	free(text);
	ft_run__free(run);
	return 0;
}

static int pack(const char *from, const char *to)
{
	struct capture_builder *m = capture__new();
	struct ft_frames frames;
	struct ft_frame frame;
	struct ft_error e = { 0 };
	int code, fd = open(from, O_RDONLY | O_CLOEXEC);
	FILE *f;

	if (fd < 0)
		err(1, "%s", from);
	m->codec = FT_CODEC_DEFLATE;
	code = ft_frames__open(&frames, fd, from, &e);
	while (!code && (code = ft_frames__next(&frames, &frame, &e)) > 0) {
		if (frame.type == FT_FRAME_EVENTS) {
			capture__raw(m, frame.data, frame.size);
		} else {
			capture__flush(m);
			capture__frame(m, frame.type, frame.data, frame.size);
		}
		code = 0;
	}
	capture__flush(m);
	if (code)
		errx(1, "%s", e.text);
	ft_frames__close(&frames);
	close(fd);
	f = fopen(to, "wb");
	if (!f || fwrite(m->file, 1, m->size, f) != m->size || fclose(f))
		err(1, "%s", to);
	capture__free(m);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expected),
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_cuts),
	};

	if (argc > 1 && !strcmp(argv[1], "--write"))
		return write_scenarios(argc > 2 ? argv[2] : NULL);
	if (argc > 2 && !strcmp(argv[1], "--show"))
		return show(argv[2]);
	if (argc > 3 && !strcmp(argv[1], "--pack"))
		return pack(argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
