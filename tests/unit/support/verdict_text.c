// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/verdict_text.h"

const char *reason_word(const struct ft_reason *reason)
{
	return reason->code ? ft_reason__name(reason->code) : "nothing";
}

static void print_lost(FILE *f, const struct ft_folio *l, const struct ft_lost *lost)
{
	fprintf(f, "lost F%u %s %s in %s", l->id, lost->put ? "put" : "get",
		ft_confidence__name(lost->confidence), lost->in ? lost->in->function : "?");
	if (lost->site)
		fprintf(f, " at %s+0x%" PRIx64, lost->site->function, lost->site->offset);
	fprintf(f, "\n");
}

static void print_folio(FILE *f, const struct ft_folio *l)
{
	size_t i;

	fprintf(f, "folio F%u %s %s order %u", l->id, ft_verdict__name(l->verdict),
		ft_kind__name(l->kind), l->order);
	if (l->final.valid && !l->died)
		fprintf(f, " final %d/%d expected %" PRId64 " surplus %" PRId64, l->final.refcount,
			l->final.mapcount, l->final.expected.total, l->final.surplus);
	fprintf(f, "\n");
	for (i = 0; i < l->nr_checkpoints; i++) {
		const struct ft_checkpoint *c = &l->checkpoints[i];

		fprintf(f,
			"checkpoint F%u %s %" PRId64 " %s %d/%d expected %" PRId64
			" surplus %" PRId64 "\n",
			l->id, c->dst ? "dst" : "src", c->index, ft_checkpoint__name(c->at),
			c->refcount, c->mapcount, c->expected.total, c->surplus);
	}
	for (i = 0; i < l->nr_lost; i++)
		print_lost(f, l, &l->lost[i]);
	if (ft_folio__severity(l))
		fprintf(f, "severity F%u %s\n", l->id, ft_severity__name(ft_folio__severity(l)));
}

/* Of the folios whose events are kept. */
static uint64_t operations(const struct ft_run *run)
{
	uint64_t n = 0;
	size_t i, k;

	for (i = 0; i < run->nr_folios; i++)
		for (k = 0; k < run->folios[i]->nr_events; k++)
			n += ft_event__is_operation(&run->folios[i]->events[k]);
	return n;
}

char *verdict_text(const struct ft_run *run)
{
	static const enum ft_verdict order[] = {
		FT_VERDICT_BALANCED, FT_VERDICT_FREED,	 FT_VERDICT_INCONCLUSIVE,
		FT_VERDICT_LEAK,     FT_VERDICT_OVERPUT, FT_VERDICT_NONE,
	};
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fprintf(f, "verdict %s\n", ft_run_verdict__name(run->verdict));
	if (run->reason.code)
		fprintf(f, "because %s\n", reason_word(&run->reason));
	fprintf(f, "count");
	for (i = 0; i < sizeof(order) / sizeof(*order); i++)
		fprintf(f, " %s %" PRIu64, ft_verdict__name(order[i]), run->count[order[i]]);
	fprintf(f, "\n");
	if (run->exact)
		fprintf(f, "operations %" PRIu64 " broken %" PRIu64 " overlaps %" PRIu64 "\n",
			operations(run), run->loss.conservation_errors, run->loss.overlaps);
	for (i = 0; i < run->nr_folios; i++)
		print_folio(f, run->folios[i]);
	fclose(f);
	return text;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	const char *p = text;

	while (*p) {
		size_t n = strcspn(p, "\n");

		if (n == len && !memcmp(p, line, len))
			return true;
		p += n + (p[n] == '\n');
	}
	return false;
}

static bool is_optional(const char *line, size_t len)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
	return !strncmp(copy, "checkpoint ", 11) ||
	       (!strncmp(copy, "folio ", 6) &&
		(strstr(copy, " balanced ") || strstr(copy, " freed ") || strstr(copy, " none ")));
}

int verdict_compare(const char *name, const char *expected, const char *got)
{
	int wrong = 0;
	const char *p;
	size_t n;

	for (p = expected; *p; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		if (n && *p != '#' && !has_line(got, p, n)) {
			fprintf(stderr, "%s: -%.*s\n", name, (int)n, p);
			wrong++;
		}
	}
	for (p = got; *p; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		if (n && !is_optional(p, n) && !has_line(expected, p, n)) {
			fprintf(stderr, "%s: +%.*s\n", name, (int)n, p);
			wrong++;
		}
	}
	return wrong;
}
