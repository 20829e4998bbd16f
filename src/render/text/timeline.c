// SPDX-License-Identifier: GPL-2.0
/* A folio's timeline, one line a step. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/names.h"
#include "render/text/parts.h"
#include "render/timeline/timeline.h"

/* A longer timeline is cut in the middle; important lines stay. */
#define HEAD_LINES 14
#define TAIL_LINES 18
#define IMPORTANT_MAX 40

#define MARGIN "    "

/* "2", "2 -> 3", "?" */
static void count_text(char *to, size_t size, const struct timeline_count *n)
{
	int32_t before = n->before, after = n->after;

	if (before == FT_UNKNOWN && after == FT_UNKNOWN)
		snprintf(to, size, "?");
	else if (before == after || after == FT_UNKNOWN)
		snprintf(to, size, "%" PRId32, before);
	else if (before == FT_UNKNOWN)
		snprintf(to, size, "? -> %" PRId32, after);
	else
		snprintf(to, size, "%" PRId32 " -> %" PRId32, before, after);
}

static bool changed(const struct timeline_count *n)
{
	return timeline__changed(n->before, n->after);
}

static void counts(const struct text *t, const struct timeline_line *line)
{
	char ref[32], map[32];

	count_text(ref, sizeof(ref), &line->ref);
	count_text(map, sizeof(map), &line->map);
	fprintf(t->out, "%s%-12s%s%s%-12s%s", changed(&line->ref) ? t->c->bold : "", ref, t->c->off,
		changed(&line->map) ? t->c->bold : "", map, t->c->off);
}

/* Time, CPU, task: the first columns of every line with an event. */
static void columns(const struct text *t, const struct timeline_line *line)
{
	char task[32];
	const char *p;
	int width;

	fprintf(t->out, MARGIN "%s%11.3f %3u  %s", t->c->dim, text__ms(t, line->t_ns), line->cpu,
		t->c->off);
	width = snprintf(task, sizeof(task), "%s/%" PRIu32, line->comm ? line->comm : "",
			 line->pid);
	text__foreign(t->out, task);
	/* in columns, not bytes */
	for (p = task; *p; p++)
		width -= (*p & 0xc0) == 0x80;
	fprintf(t->out, "%*s  ", width < 20 ? 20 - width : 0, "");
}

static void indent(const struct text *t, const struct timeline_line *line)
{
	fprintf(t->out, "%*s", (int)(line->depth < 12 ? line->depth : 12) * 2, "");
}

static void returned(const struct text *t, const struct ft_site *site, int64_t raw)
{
	int64_t value = ft_value__returned(raw);
	const char *name = name__error(value);

	if (!site->returns)
		return;
	if (name)
		fprintf(t->out, " %s= %" PRId64 " (-%s)%s", t->c->yellow, value, name, t->c->off);
	else
		fprintf(t->out, " = %" PRId64, value);
}

static void call(const struct text *t, const struct timeline_line *line)
{
	const struct ft_event *e = line->in ? line->in : line->out;

	columns(t, line);
	counts(t, line);
	indent(t, line);
	text__site(t->out, e->site);
	if (line->repeat > 1)
		fprintf(t->out, " x%u", line->repeat);
	else if (line->out)
		returned(t, e->site, line->out->value);
	if (ft_event__mm_owner(e) && line->repeat == 1)
		fprintf(t->out, " (mm of %" PRIu32 ")", ft_event__mm_owner(e));
	if (!line->in)
		fputs(" (return; its entry was not seen)", t->out);
	else if (!line->out)
		fputs(" (entry; its return was not seen)", t->out);
}

static void other_call(const struct text *t, const struct timeline_line *line)
{
	columns(t, line);
	fprintf(t->out, "%24s", "");
	indent(t, line);
	fputs(t->c->dim, t->out);
	text__site(t->out, line->other_in->site);
	fputs(t->c->off, t->out);
	if (line->other_out)
		returned(t, line->other_in->site, line->other_out->value);
}

static void operation(const struct text *t, const struct timeline_line *line)
{
	columns(t, line);
	counts(t, line);
	indent(t, line);
	fprintf(t->out, "%s %+" PRId32 " ", ft_op__name(line->in), line->in->delta);
	if (line->repeat > 1)
		fprintf(t->out, "x%u ", line->repeat);
	text__place(t, line->in);
}

static void died(const struct text *t, const struct ft_event *e)
{
	static const char *const how[] = {
		[FT_DIED_FREED] = "freed",
		[FT_DIED_DEVICE] = "back to the driver",
		[FT_DIED_HUGETLB] = "back to the hugetlb pool",
		[FT_DIED_UNSEEN] = "gone, its end was not seen",
		[FT_DIED_SPLIT] = "ended by a split",
	};

	if (e->value >= 0 && (size_t)e->value < sizeof(how) / sizeof(how[0]))
		fputs(how[e->value], t->out);
	else
		fputs("ended", t->out);
}

static void mark(const struct text *t, const struct timeline_line *line)
{
	const struct ft_event *e = line->in;

	columns(t, line);
	counts(t, line);
	indent(t, line);
	fputs(t->c->cyan, t->out);
	switch (e->op) {
	case FT_OP_BORN:
		fputs("born", t->out);
		if (e->value)
			fprintf(t->out, ", split from %s", name__of((uint32_t)e->value).s);
		break;
	case FT_OP_ADOPTED:
		fputs("first seen, allocated earlier", t->out);
		break;
	case FT_OP_DIED:
		died(t, e);
		break;
	case FT_OP_SPLIT:
		fprintf(t->out, "split into %" PRId64, e->value);
		break;
	case FT_OP_MIGRATE:
		fprintf(t->out, "contents move to %s", name__of((uint32_t)e->value).s);
		break;
	default:
		fputs(ft_op__name(e), t->out);
	}
	fputs(t->c->off, t->out);
	if (e->site->function && *e->site->function) {
		fputs(": ", t->out);
		text__site(t->out, e->site);
	}
}

static void reading(const struct text *t, const struct timeline_line *line)
{
	fprintf(t->out, MARGIN "%s%11.3f%s%28s", t->c->dim, text__ms(t, line->t_ns), t->c->off, "");
	counts(t, line);
	fputs("read afterwards", t->out);
	if (line->repeat > 1)
		fprintf(t->out, ", %u times", line->repeat);
}

static void unseen(const struct text *t, const struct timeline_line *line)
{
	fprintf(t->out, MARGIN "%39s", "");
	counts(t, line);
	indent(t, line);
	fprintf(t->out, "%s~ %s%s", t->c->yellow,
		changed(&line->ref) || !t->run->exact ? "not seen, inferred" :
							"mapcount changed meanwhile",
		t->c->off);
	if (line->repeat > 1)
		fprintf(t->out, " x%u", line->repeat);
}

/*
 * __migrate_device_finalize(): the print points and the words of the patch that this program
 * replaces; ENTRY is one more.
 */
static void checkpoint(const struct text *t, const struct ft_checkpoint *c,
		       const struct ft_folio *folio)
{
	static const char *const when[] = {
		[FT_AT_FINALIZE_ENTRY] = "ENTRY",
		[FT_AT_RMP_ENTRY] = "BEFORE remove_migration_ptes",
		[FT_AT_RMP_RETURN] = "AFTER remove_migration_ptes",
	};
	const char *role = c->dst ? "dst" : "src";
	char ref[16] = "?", map[16] = "?";
	uint32_t dst = c->src_is_dst ? folio->id : folio->migrated_to ? folio->migrated_to->id : 0;

	if (c->refcount != FT_UNKNOWN)
		snprintf(ref, sizeof(ref), "%" PRId32, c->refcount);
	if (c->mapcount != FT_UNKNOWN)
		snprintf(map, sizeof(map), "%" PRId32, c->mapcount);
	fprintf(t->out, MARGIN "%s%11.3f%s  %sFINALIZE[%" PRId64 "]: %s=%s", t->c->dim,
		text__ms(t, c->t_ns), t->c->off, c->surplus ? t->c->red : t->c->bold, c->index,
		role, name__of(folio->id).s);
	if (!c->dst && c->at == FT_AT_RMP_ENTRY)
		fprintf(t->out,
			" dst=%s src==dst=%d refcount_src=%s mapcount_src=%s order_src=%u migrate=%d",
			name__of(dst).s, c->src_is_dst, ref, map, c->order, c->migrate);
	else if (c->at == FT_AT_FINALIZE_RETURN)
		fprintf(t->out, " refcount=%s", ref);
	else
		fprintf(t->out, " refcount=%s mapcount=%s", ref, map);
	if (c->at == FT_AT_FINALIZE_RETURN)
		fprintf(t->out, " AFTER folio_put(%s)%s  [", role, t->c->off);
	else
		fprintf(t->out, " %s%s  [", c->at < FT_AT_FINALIZE_RETURN ? when[c->at] : "?",
			t->c->off);
	text__expected(t->out, &c->expected);
	fprintf(t->out, ", surplus %" PRId64 "]", c->surplus);
}

void text__checkpoints(const struct text *t, const struct ft_folio *folio)
{
	size_t i;

	for (i = 0; i < folio->nr_checkpoints; i++) {
		checkpoint(t, &folio->checkpoints[i], folio);
		fputc('\n', t->out);
	}
}

static void print_line(const struct text *t, const struct timeline_line *line,
		       const struct ft_folio *folio)
{
	switch (line->what) {
	case TIMELINE_CALL:
		call(t, line);
		break;
	case TIMELINE_OTHER_CALL:
		other_call(t, line);
		break;
	case TIMELINE_OP:
		operation(t, line);
		break;
	case TIMELINE_MARK:
		mark(t, line);
		break;
	case TIMELINE_READING:
		reading(t, line);
		break;
	case TIMELINE_UNSEEN:
		unseen(t, line);
		break;
	case TIMELINE_CHECKPOINT:
		checkpoint(t, line->checkpoint, folio);
		break;
	}
	fputc('\n', t->out);
}

/* Head, tail, and the important lines with their neighbours. */
static bool *choose_lines(const struct text *t, const struct timeline *s)
{
	bool *keep = calloc(s->nr + 1, sizeof(*keep));
	bool all = t->opts->verbose || s->nr <= HEAD_LINES + TAIL_LINES + 4;
	size_t i, important = 0;

	for (i = 0; keep && i < s->nr; i++) {
		if (all || i < HEAD_LINES || i + TAIL_LINES >= s->nr)
			keep[i] = true;
		if (!s->line[i].important || ++important > IMPORTANT_MAX)
			continue;
		keep[i] = true;
		if (i)
			keep[i - 1] = true;
		keep[i + 1] = true;
	}
	return keep;
}

int text__timeline(const struct text *t, const struct ft_folio *folio, struct text_notes *notes)
{
	struct timeline s;
	size_t i, left = 0;
	bool *keep;
	int err = timeline__init(&s, t->run, folio, t->opts->verbose);

	if (err)
		return err;
	keep = choose_lines(t, &s);
	if (!keep) {
		timeline__free(&s);
		return -ENOMEM;
	}
	if (s.nr)
		fprintf(t->out, MARGIN "%s%11s %3s  %-20s  %-12s%s%s\n", t->c->dim, "ms", "cpu",
			"task", "refcount", "mapcount", t->c->off);
	for (i = 0; i < s.nr; i++) {
		if (!keep[i]) {
			left++;
			continue;
		}
		if (left)
			fprintf(t->out, MARGIN "%11s      %s%zu more lines, shown with -v%s\n",
				"...", t->c->dim, left, t->c->off);
		left = 0;
		print_line(t, &s.line[i], folio);
	}
	notes->has_checkpoints |= s.has_checkpoints;
	notes->has_unseen |= s.has_unseen;
	free(keep);
	timeline__free(&s);
	return 0;
}
