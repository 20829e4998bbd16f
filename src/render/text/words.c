// SPDX-License-Identifier: GPL-2.0
/* Numbers, counts and names in the text report. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "render/text/words.h"

#define WRAP 100

const struct paint paint_none = { "", "", "", "", "", "", "" };
static const struct paint paint_terminal = {
	.bold = "\033[1m",
	.dim = "\033[2m",
	.red = "\033[1;31m",
	.green = "\033[1;32m",
	.yellow = "\033[1;33m",
	.cyan = "\033[36m",
	.off = "\033[0m",
};

struct text text__start(const struct ft_run *run, const struct ft_text_options *opts, FILE *out)
{
	errno = 0;
	return (struct text){
		.run = run,
		.opts = opts,
		.c = opts->colour ? &paint_terminal : &paint_none,
		.out = out,
	};
}

static void foreign(FILE *out, const char *s, size_t len)
{
	const unsigned char *p, *end = (const unsigned char *)s + len;

	for (p = (const unsigned char *)s; p < end; p++) {
		/* U+0080..U+009F: some terminals obey these, too */
		if (*p == 0xc2 && p + 1 < end && p[1] >= 0x80 && p[1] < 0xa0) {
			fputc('?', out);
			p++;
		} else {
			fputc(*p < 0x20 || *p == 0x7f ? '?' : *p, out);
		}
	}
}

void text__foreign(FILE *out, const char *s)
{
	foreign(out, s, strlen(s));
}

void text__plural(FILE *out, uint64_t n, const char *noun)
{
	text__number(out, n);
	fprintf(out, " %s%s", noun, n == 1 ? "" : noun[strlen(noun) - 1] == 's' ? "es" : "s");
}

void text__number(FILE *out, uint64_t n)
{
	char digits[24], *d = digits;
	int left = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (; left; left--) {
		fputc(*d++, out);
		if (left > 1 && left % 3 == 1)
			fputc(',', out);
	}
}

/* A term that is counted has a plural; the references of a cache are "512 page cache". */
static const struct {
	const char *one, *many;
} terms[FT_TERM_COUNT] = {
	[FT_TERM_MAPPINGS] = { "mapping", "mappings" },
	[FT_TERM_SWAP_CACHE] = { "swap cache", "swap cache" },
	[FT_TERM_PAGE_CACHE] = { "page cache", "page cache" },
	[FT_TERM_PRIVATE] = { "private data", "private data" },
	[FT_TERM_PRIVATE_2] = { "private_2", "private_2" },
	[FT_TERM_PINS] = { "pin", "pins" },
	[FT_TERM_IDLE] = { "idle device page", "idle device page" },
	[FT_TERM_FUNCTION] = { "held by the function", "held by the function" },
	[FT_TERM_LRU_BATCH] = { "LRU batch", "LRU batches" },
	[FT_TERM_FAULT] = { "held by the fault", "held by the fault" },
	[FT_TERM_FILE_SYSTEM] = { "of its file system", "of its file system" },
};

void text__expected(FILE *out, const struct ft_expected *e)
{
	const char *sep = " = ";
	int i;

	fprintf(out, "expected %" PRId64, e->total);
	for (i = 0; i < FT_TERM_COUNT; i++) {
		if (!e->term[i])
			continue;
		fprintf(out, "%s%" PRId64 " %s", sep, e->term[i],
			e->term[i] == 1 ? terms[i].one : terms[i].many);
		sep = " + ";
	}
}

void text__wrapped(FILE *out, int margin, const char *s)
{
	int column = margin;

	while (*s) {
		size_t word = strcspn(s, " ");

		if (column > margin && column + (int)word >= WRAP) {
			fprintf(out, "\n%*s", margin, "");
			column = margin;
		} else if (column > margin) {
			fputc(' ', out);
			column++;
		}
		foreign(out, s, word);
		column += (int)word;
		s += word;
		s += strspn(s, " ");
	}
	fputc('\n', out);
}

double text__ms(const struct text *t, uint64_t t_ns)
{
	return (double)(int64_t)(t_ns - t->run->started_ns) / 1e6;
}

void text__site(FILE *out, const struct ft_site *site)
{
	fputs(site->function ? site->function : "?", out);
	if (site->offset)
		fprintf(out, "+0x%" PRIx64, site->offset);
	if (site->module)
		fprintf(out, " [%s]", site->module);
}

void text__label(const struct text *t, int margin, const char *name)
{
	fprintf(t->out, "%*s%s%-*s%s", margin, "", t->c->dim, LABEL_COLUMNS, name, t->c->off);
}
