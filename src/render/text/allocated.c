// SPDX-License-Identifier: GPL-2.0
/* Pages of the kernel or of a driver that nobody freed: told, and no finding without --strict. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/allocated.h"
#include "render/names.h"
#include "render/text/parts.h"

#define ROWS_MAX 64 /* what is in none of them is counted with the last */
#define NAMES_MAX 8

/* Those of one task, allocated at one place. */
struct row {
	struct allocated first;
	int64_t pages;
	uint64_t folios;
	uint32_t name[NAMES_MAX];
};

static bool is_like(const struct row *r, const struct allocated *a)
{
	const char *x = r->first.comm ? r->first.comm : "", *y = a->comm ? a->comm : "";

	return r->first.site == a->site && r->first.pid == a->pid && !strcmp(x, y);
}

static size_t collect(const struct text *t, struct row *rows)
{
	size_t i, at, nr = 0;

	for (i = 0; i < t->run->nr_folios; i++) {
		const struct ft_folio *folio = t->run->folios[i];
		struct allocated a;

		if (folio->hidden || !allocated__is(folio))
			continue;
		a = allocated__of(folio);
		for (at = 0; at < nr && !is_like(&rows[at], &a); at++)
			;
		if (at == nr && nr < ROWS_MAX)
			rows[nr++].first = a;
		at = at < nr ? at : nr - 1;
		rows[at].pages += a.pages;
		if (rows[at].folios < NAMES_MAX)
			rows[at].name[rows[at].folios] = folio->id;
		rows[at].folios++;
	}
	return nr;
}

static void print_row(const struct text *t, const struct row *r)
{
	const struct allocated *a = &r->first;
	uint64_t i;

	fprintf(t->out, "%sstill allocated%s: ", t->c->bold, t->c->off);
	text__plural(t->out, (uint64_t)r->pages, "page");
	if (a->site) {
		fputs(a->exact ? ", allocated at " : ", first seen in ", t->out);
		text__site(t->out, a->site);
	}
	if (a->comm || a->pid) {
		fputs(" by ", t->out);
		text__foreign(t->out, a->comm ? a->comm : "");
		if (a->pid)
			fprintf(t->out, "/%" PRIu32, a->pid);
	}
	fputs(" (", t->out);
	for (i = 0; i < r->folios && i < NAMES_MAX; i++)
		fprintf(t->out, "%s%s", i ? " " : "", name__of(r->name[i]).s);
	fputs(r->folios > NAMES_MAX ? " ...)\n" : ")\n", t->out);
	if (!t->opts->verbose || !a->event || ft_run__stack(t->run, a->event)->depth < 2)
		return;
	text__label(t, 4, "called by");
	text__stack(t, ft_run__stack(t->run, a->event), 1, 4 + LABEL_COLUMNS);
	fputc('\n', t->out);
}

int text__still_allocated(const struct text *t)
{
	struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
	size_t i, nr;

	if (!rows)
		return -ENOMEM;
	nr = collect(t, rows);
	if (nr)
		fputc('\n', t->out);
	for (i = 0; i < nr; i++)
		print_row(t, &rows[i]);
	free(rows);
	return 0;
}
