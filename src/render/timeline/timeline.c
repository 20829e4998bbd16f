// SPDX-License-Identifier: GPL-2.0
#include "render/timeline/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/timeline/calls.h"
#include "render/timeline/open_calls.h"
#include "render/timeline/repeats.h"

struct builder {
	struct timeline *timeline;
	const struct ft_folio *folio;
	uint8_t source; /* whose operations are shown */
	bool exact;	/* they explain every change of the refcount */
	struct open_calls open;
	/* the last counts that were read, and the entry that read them */
	int32_t ref, map;
	const struct ft_event *entry;
};

static struct timeline_line *add(struct timeline *s)
{
	struct timeline_line *line;

	if (s->nr == s->size) {
		size_t size = s->size ? s->size * 2 : 64;

		line = realloc(s->line, size * sizeof(*line));
		if (!line)
			return NULL;
		s->line = line;
		s->size = size;
	}
	line = &s->line[s->nr++];
	*line = (struct timeline_line){
		.repeat = 1,
		.ref = { FT_UNKNOWN, FT_UNKNOWN },
		.map = { FT_UNKNOWN, FT_UNKNOWN },
	};
	return line;
}

/* The last reading was the entry of the call that returns here. */
static bool is_own_return(const struct builder *t, const struct ft_event *e)
{
	return e->op == FT_OP_RETURN && t->entry && t->entry->pid == e->pid &&
	       t->entry->site == e->site;
}

/*
 * Counts read at e, before e itself changed anything. If they are not what the
 * last reading left, something in between changed them that no line shows; the
 * entry and return of one call are that call's own line. Where the operations
 * add up, a refcount that is off was read in the middle of one.
 */
static int observe(struct builder *t, const struct ft_event *e, uint32_t pid, uint64_t t_ns,
		   int32_t ref, int32_t map)
{
	struct timeline_line *line;

	if (((timeline__changed(t->ref, ref) && !t->exact) || timeline__changed(t->map, map)) &&
	    !(e && is_own_return(t, e)) && !open_calls__others(&t->open, pid)) {
		line = add(t->timeline);
		if (!line)
			return -ENOMEM;
		line->what = TIMELINE_UNSEEN;
		line->t_ns = t_ns;
		line->depth = open_calls__depth(&t->open, pid);
		line->ref = (struct timeline_count){ t->exact ? ref : t->ref, ref };
		line->map = (struct timeline_count){ t->map, map };
		t->timeline->has_unseen = true;
	}
	return 0;
}

static void seen(struct builder *t, const struct ft_event *entry, int32_t ref, int32_t map)
{
	t->entry = entry;
	if (ref != FT_UNKNOWN)
		t->ref = ref;
	if (map != FT_UNKNOWN)
		t->map = map;
}

static struct timeline_line *add_event(struct builder *t, enum timeline_what what,
				       const struct ft_event *e)
{
	struct timeline_line *line = add(t->timeline);

	if (!line)
		return NULL;
	line->what = what;
	line->t_ns = e->t_ns;
	line->pid = e->pid;
	line->cpu = e->cpu;
	line->comm = e->comm;
	line->depth = open_calls__depth(&t->open, e->pid);
	line->ref = (struct timeline_count){ e->refcount, e->refcount };
	line->map = (struct timeline_count){ e->mapcount, e->mapcount };
	line->in = e;
	return line;
}

static int add_enter(struct builder *t, const struct ft_event *e)
{
	struct timeline_line *line = add_event(t, TIMELINE_CALL, e);

	if (!line)
		return -ENOMEM;
	line->ref.after = line->map.after = FT_UNKNOWN;
	open_calls__push(&t->open, t->timeline->nr - 1, e->pid, e->site);
	seen(t, e, e->refcount, e->mapcount);
	return 0;
}

static int add_return(struct builder *t, const struct ft_event *e)
{
	ssize_t at = open_calls__pop(&t->open, e->pid, e->site);
	struct timeline_line *line;

	if (at >= 0) {
		line = &t->timeline->line[at];
	} else if (is_own_return(t, e)) {
		/* the folio was first seen at the entry of this call */
		line = add_event(t, TIMELINE_CALL, t->entry);
		if (!line)
			return -ENOMEM;
	} else {
		line = add_event(t, TIMELINE_CALL, e);
		if (!line)
			return -ENOMEM;
		line->in = NULL;
	}
	line->out = e;
	line->ref.after = e->refcount;
	line->map.after = e->mapcount;
	seen(t, NULL, e->refcount, e->mapcount);
	return 0;
}

/* Readings that agree, with nothing between them, are one line. */
static int add_reading(struct builder *t, const struct ft_event *e)
{
	struct timeline_line *last = t->timeline->nr ? &t->timeline->line[t->timeline->nr - 1] :
						       NULL;

	if (last && last->what == TIMELINE_READING && last->ref.after == e->refcount &&
	    last->map.after == e->mapcount) {
		last->repeat++;
		return 0;
	}
	if (!add_event(t, TIMELINE_READING, e))
		return -ENOMEM;
	seen(t, NULL, e->refcount, e->mapcount);
	return 0;
}

static int add_operation(struct builder *t, const struct ft_event *e)
{
	int32_t before = e->refcount == FT_UNKNOWN ? FT_UNKNOWN : e->refcount - e->delta;
	int err = t->exact ? 0 : observe(t, e, e->pid, e->t_ns, before, t->map);
	struct timeline_line *line = err ? NULL : add_event(t, TIMELINE_OP, e);

	if (!line)
		return -ENOMEM;
	line->ref.before = before;
	/* mapped or unmapped since the line before, by whatever way */
	if (timeline__changed(t->map, e->mapcount))
		line->map.before = t->map;
	seen(t, NULL, e->refcount, e->mapcount);
	return 0;
}

static bool starts(const struct ft_event *e)
{
	return e->op == FT_OP_BORN || e->op == FT_OP_ADOPTED;
}

static int build_event(struct builder *t, const struct ft_event *e)
{
	struct timeline_line *line;
	int err;

	if (e->op == FT_OP_CHECKPOINT && t->folio->nr_checkpoints)
		return 0;
	if (ft_event__is_operation(e))
		return e->source == t->source ? add_operation(t, e) : 0;
	err = observe(t, e, e->pid, e->t_ns, e->refcount, e->mapcount);
	if (err)
		return err;
	if (e->op == FT_OP_ENTER)
		return add_enter(t, e);
	if (e->op == FT_OP_RETURN)
		return add_return(t, e);
	if (e->op == FT_OP_SNAPSHOT)
		return add_reading(t, e);
	line = add_event(t, TIMELINE_MARK, e);
	if (!line)
		return -ENOMEM;
	line->important = true;
	seen(t, starts(e) ? e : NULL, e->refcount, e->mapcount);
	return 0;
}

static int add_checkpoint(struct builder *t, const struct ft_checkpoint *c)
{
	struct timeline_line *line;
	int err = observe(t, NULL, c->pid, c->t_ns, c->refcount, c->mapcount);

	line = err ? NULL : add(t->timeline);
	if (!line)
		return -ENOMEM;
	line->what = TIMELINE_CHECKPOINT;
	line->t_ns = c->t_ns;
	line->pid = c->pid;
	line->comm = c->comm;
	line->depth = open_calls__depth(&t->open, c->pid);
	line->ref = (struct timeline_count){ c->refcount, c->refcount };
	line->map = (struct timeline_count){ c->mapcount, c->mapcount };
	line->checkpoint = c;
	line->important = true;
	t->timeline->has_checkpoints = true;
	seen(t, NULL, c->refcount, c->mapcount);
	return 0;
}

/* A call record has no comm: it is taken from the folio's own events of that task. */
static const char *comm_of(const struct ft_folio *folio, uint32_t pid)
{
	size_t i;

	for (i = 0; i < folio->nr_events; i++)
		if (folio->events[i].pid == pid)
			return folio->events[i].comm;
	return NULL;
}

static int add_other_call(struct builder *t, const struct ft_call *s)
{
	struct timeline_line *line;
	ssize_t at;

	if (s->returned) {
		at = open_calls__pop(&t->open, s->pid, s->site);
		if (at >= 0)
			t->timeline->line[at].other_out = s;
		return 0;
	}
	line = add(t->timeline);
	if (!line)
		return -ENOMEM;
	line->what = TIMELINE_OTHER_CALL;
	line->t_ns = s->t_ns;
	line->pid = s->pid;
	line->cpu = s->cpu;
	line->depth = open_calls__depth(&t->open, s->pid);
	line->comm = comm_of(t->folio, s->pid);
	line->other_in = s;
	open_calls__push(&t->open, t->timeline->nr - 1, s->pid, s->site);
	return 0;
}

/* Merges events, which stay in the order of their seq, with checkpoints and calls, by time. */
static int build(struct builder *t, const struct ft_call *const *call, size_t nr_calls)
{
	const struct ft_folio *folio = t->folio;
	size_t e = 0, c = 0, s = 0;
	int err = 0;

	while (!err && (e < folio->nr_events || c < folio->nr_checkpoints || s < nr_calls)) {
		uint64_t te = e < folio->nr_events ? folio->events[e].t_ns : UINT64_MAX;
		uint64_t tc = c < folio->nr_checkpoints ? folio->checkpoints[c].t_ns : UINT64_MAX;
		uint64_t ts = s < nr_calls ? call[s]->t_ns : UINT64_MAX;

		if (s < nr_calls && ts <= te && ts <= tc)
			err = add_other_call(t, call[s++]);
		else if (c < folio->nr_checkpoints && tc <= te)
			err = add_checkpoint(t, &folio->checkpoints[c++]);
		else
			err = build_event(t, &folio->events[e++]);
	}
	return err;
}

static void mark_lost(struct timeline *s, const struct ft_folio *folio)
{
	size_t i, k;

	for (k = 0; k < folio->nr_lost; k++)
		for (i = 0; folio->lost[k].event && i < s->nr; i++)
			if (s->line[i].in == folio->lost[k].event ||
			    s->line[i].out == folio->lost[k].event)
				s->line[i].important = true;
}

int timeline__init(struct timeline *s, const struct ft_run *run, const struct ft_folio *folio,
		   bool whole)
{
	struct builder t = { .timeline = s, .folio = folio, .ref = FT_UNKNOWN, .map = FT_UNKNOWN };
	const struct ft_call **call = NULL;
	size_t nr_calls = 0;
	int err;

	memset(s, 0, sizeof(*s));
	t.source = run->exact_source;
	t.exact = folio->conservation.state == FT_CONSERVATION_HOLDS;
	err = calls__of(run, folio, &call, &nr_calls);
	if (!err)
		err = build(&t, call, nr_calls);
	free(call);
	if (err) {
		timeline__free(s);
		return err;
	}
	mark_lost(s, folio);
	if (!whole)
		repeats__join(s);
	return 0;
}

void timeline__free(struct timeline *s)
{
	free(s->line);
	memset(s, 0, sizeof(*s));
}
