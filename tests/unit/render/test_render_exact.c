// SPDX-License-Identifier: GPL-2.0
/* What the reports make of a real capture of the inline source, byte for byte. */
#include <err.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "render.h"
#include "support/golden_text.h"

#define CAPTURE "golden/vm-inline-seed-leak-7.3.data"

static struct ft_run *load(void)
{
	const char *dir = getenv("FT_TESTS");
	struct ft_error e = { 0 };
	struct ft_run *run = NULL;
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests", CAPTURE);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	if (ft_run__load(fd, CAPTURE, NULL, &run, &e))
		errx(1, "%s", e.text);
	close(fd);
	return run;
}

static void check_text(bool verbose, const char *golden)
{
	const struct ft_text_options opts = { .verbose = verbose };
	struct ft_run *run = load();
	char *text = NULL, *end;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(ft_run__group(run), 0);
	assert_int_equal(ft_text__report(run, &opts, f), 0);
	fclose(f);
	ft_run__free(run);
	assert_null(strstr(text, "inferred"));
	/* balanced folios are listed without their events: another test's matter */
	end = verbose ? strstr(text, ": balanced") : NULL;
	if (end) {
		while (*end != '\n')
			end--;
		end[1] = '\0';
		len = strlen(text);
	}
	golden__check(golden, text, len);
}

static void test_text(void **state)
{
	(void)state;
	check_text(false, "render/inline.txt");
}

static void test_stacks(void **state)
{
	(void)state;
	check_text(true, "render/inline-v.txt");
}

/* One folio a line: the lines of those that are right are left out. */
static void test_json(void **state)
{
	const struct ft_json_options opts = { 0 };
	struct ft_run *run = load();
	char *text = NULL, *some = NULL, *line, *save;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	(void)state;

	assert_int_equal(ft_run__group(run), 0);
	assert_int_equal(ft_json__document(run, &opts, f), 0);
	fclose(f);
	ft_run__free(run);
	f = open_memstream(&some, &len);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t n = strlen(line);

		if (strncmp(line, "{\"id\"", 5))
			fprintf(f, "%s\n", line);
		else if (strstr(line, "\"verdict\": \"leak\""))
			fprintf(f, "%.*s\n", (int)(n - (line[n - 1] == ',')), line);
	}
	fclose(f);
	free(text);
	golden__check("render/inline.json", some, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
