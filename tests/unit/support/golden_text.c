// SPDX-License-Identifier: GPL-2.0
#include "support/golden_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Tests run from the top of the tree, unless FT_TESTS names the folder of tests. */
static void path_of(char *path, size_t size, const char *name)
{
	const char *dir = getenv("FT_TESTS");

	snprintf(path, size, "%s/golden/%s", dir ? dir : "tests", name);
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int same(const char *path, const char *text, size_t len)
{
	char *buf = malloc(len + 1);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(buf, 1, len + 1, f) : 0;
	int equal = f && n == len && !memcmp(buf, text, len);

	if (f)
		fclose(f);
	free(buf);
	return equal;
}

static void show_diff(const char *path, const char *text, size_t len)
{
	char seen[] = "/tmp/folio-trace-golden.XXXXXX", cmd[4608];
	int fd = mkstemp(seen);

	assert_true(fd >= 0);
	close(fd);
	write_file(seen, text, len);
	snprintf(cmd, sizeof(cmd), "diff -u '%s' '%s' | cut -c 1-300 | head -60 >&2", path, seen);
	if (system(cmd))
		print_error("diff failed\n");
	unlink(seen);
}

void golden__check(const char *name, char *text, size_t len)
{
	const char *bless = getenv("BLESS");
	char path[4096];

	path_of(path, sizeof(path), name);
	if (same(path, text, len)) {
		free(text);
		return;
	}
	if (bless && *bless == '1') {
		write_file(path, text, len);
		free(text);
		return;
	}
	show_diff(path, text, len);
	free(text);
	fail_msg("output differs from %s; BLESS=1 accepts it", path);
}
