// SPDX-License-Identifier: GPL-2.0
/*
 * The TAP that a command wrote, as a subtest. A KTAP parser counts results: a wrong number, a
 * late or wrong plan, or output that looks like a result would make the whole document
 * invalid. So only results in sequence stay results. All else becomes a diagnostic, and a
 * result that the plan promised and that is missing becomes a failure.
 */
#include "render/tests/tap.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 512
#define RESULTS_MAX 100000
#define OTHERS_MAX (8U << 20) /* bytes of diagnostics */

struct ft_tap {
	char line[LINE_MAX_BYTES];
	size_t length;
	char *text; /* of body, once ended */
	size_t size;
	FILE *body;
	size_t others; /* bytes of diagnostics kept */
	bool started, cut;
	long plan; /* -1: none yet */
	long next; /* number of the next result */
};

struct ft_tap *ft_tap__new(void)
{
	struct ft_tap *tap = calloc(1, sizeof(*tap));

	if (!tap)
		return NULL;
	tap->plan = -1;
	tap->next = 1;
	tap->body = open_memstream(&tap->text, &tap->size);
	if (tap->body)
		return tap;
	free(tap);
	return NULL;
}

void ft_tap__free(struct ft_tap *tap)
{
	if (!tap)
		return;
	if (tap->body)
		fclose(tap->body);
	free(tap->text);
	free(tap);
}

/* "1..N", all of the line or before a blank. */
static bool is_plan(const char *line, long *plan)
{
	char *end;

	if (strncmp(line, "1..", 3) || !isdigit((unsigned char)line[3]))
		return false;
	*plan = strtol(line + 3, &end, 10);
	return (!*end || *end == ' ') && *plan <= RESULTS_MAX;
}

static bool is_version(const char *line)
{
	return !strncmp(line, "TAP version 1", 13) || !strncmp(line, "KTAP version ", 13);
}

/* "ok 3 name", "not ok - name". *rest: what comes after the number. */
static bool is_result(const char *line, bool *ok, long *number, const char **rest)
{
	char *end;

	*ok = strncmp(line, "not ", 4) != 0;
	line += *ok ? 0 : 4;
	if (strncmp(line, "ok", 2) || (line[2] && line[2] != ' '))
		return false;
	line += 2 + strspn(line + 2, " ");
	*number = isdigit((unsigned char)*line) ? strtol(line, &end, 10) : 0;
	*rest = *number ? end : line;
	*rest += strspn(*rest, " -");
	return true;
}

static void diagnostic(struct ft_tap *tap, const char *line)
{
	bool is_one = line[0] == '#' && line[1] == ' ' && strncmp(line, "# Subtest", 9);

	if (tap->others > OTHERS_MAX) {
		tap->cut = true;
		return;
	}
	tap->others += strlen(line) + 3;
	fprintf(tap->body, "%s%s\n", is_one ? "" : "# ", line);
}

static void take(struct ft_tap *tap, const char *line)
{
	const char *rest;
	long number, plan;
	bool ok;

	if (is_plan(line, &plan) && tap->plan < 0 && tap->next == 1) {
		tap->started = true;
		tap->plan = plan;
	} else if (is_version(line) && !tap->started) {
		tap->started = true;
	} else if (tap->started && is_result(line, &ok, &number, &rest) &&
		   (!number || number == tap->next) &&
		   tap->next <= (tap->plan < 0 ? RESULTS_MAX : tap->plan)) {
		fprintf(tap->body, "%sok %ld %s\n", ok ? "" : "not ", tap->next++, rest);
	} else {
		diagnostic(tap, line);
	}
}

static void end_line(struct ft_tap *tap)
{
	char *p;

	while (tap->length && isspace((unsigned char)tap->line[tap->length - 1]))
		tap->length--;
	tap->line[tap->length] = '\0';
	for (p = tap->line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = *p == '\t' ? ' ' : '?';
	if (tap->length)
		take(tap, tap->line);
	tap->length = 0;
}

void ft_tap__feed(struct ft_tap *tap, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n')
			end_line(tap);
		else if (tap->length < sizeof(tap->line) - 1)
			tap->line[tap->length++] = data[i] ? data[i] : '?';
	}
}

int ft_tap__end(struct ft_tap *tap)
{
	bool failed;

	end_line(tap);
	for (; tap->next <= tap->plan; tap->next++)
		fprintf(tap->body, "not ok %ld the command ended before this test\n", tap->next);
	tap->plan = tap->next - 1;
	if (tap->cut)
		fputs("# what the command wrote after this was too much to keep\n", tap->body);
	failed = ferror(tap->body);
	failed |= fclose(tap->body) != 0;
	tap->body = NULL;
	return failed ? -ENOMEM : 0;
}

size_t tap__results(const struct ft_tap *tap)
{
	return (size_t)tap->plan;
}

const char *tap__text(const struct ft_tap *tap)
{
	return tap->text ? tap->text : "";
}

void tap__write(const struct ft_tap *tap, const char *name, FILE *out)
{
	const char *indent = tap->plan ? "    " : "";

	if (tap->plan)
		fprintf(out, "    KTAP version 1\n    # Subtest: %s\n    1..%ld\n", name,
			tap->plan);
	for (const char *line = tap__text(tap); *line;) {
		size_t n = strcspn(line, "\n");

		fprintf(out, "%s%.*s\n", indent, (int)n, line);
		line += n + (line[n] == '\n');
	}
}
