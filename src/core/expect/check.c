// SPDX-License-Identifier: GPL-2.0
/* A run against the rules of an expectation, the rest of it against the model. */
#include "expect.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/util/arena.h"

/* One count of a folio, at rest or at a checkpoint. */
struct reading {
	const struct ft_folio *folio;
	const struct ft_checkpoint *checkpoint; /* NULL: at rest */
	int64_t field[FT_FIELD_COUNT];
};

struct comparing {
	struct ft_check *check;
	struct ft_arena *arena;
	struct ft_rule_result *of;    /* whose deviations grow */
	size_t room;		      /* ... in them */
	const struct ft_folio **last; /* per rule: the folio that it matched last */
	bool *applies;		      /* per rule: the command is one of its own */
};

static bool passed_through(const struct ft_folio *folio, const struct ft_match *m)
{
	bool function = !m->function, comm = !m->comm;

	for (size_t i = 0; i < folio->nr_events && !(function && comm); i++) {
		const struct ft_event *e = &folio->events[i];

		function |= !function && e->site->function &&
			    !fnmatch(m->function, e->site->function, 0);
		comm |= !comm && e->comm && !fnmatch(m->comm, e->comm, 0);
	}
	return function && comm;
}

static bool matches_checkpoint(const struct ft_match *m, const struct ft_checkpoint *c)
{
	const char *in = c->in && c->in->function ? c->in->function : "";

	return (m->role == FT_ROLE_ANY || c->dst == (m->role == FT_ROLE_DST)) &&
	       (m->src_is_dst < 0 || c->src_is_dst == m->src_is_dst) &&
	       (!m->function || !fnmatch(m->function, in, 0)) &&
	       (!m->comm || !fnmatch(m->comm, c->comm ? c->comm : "", 0));
}

/* Whose the first unit is that a bad folio lost, as a bit; 0: it lost none. */
static uint32_t lost_class(const struct ft_folio *folio)
{
	if (!ft_folio__is_bad(folio))
		return 0;
	if (folio->nr_lost)
		return 1U << folio->lost[0].class;
	if (folio->ownerless.pins)
		return 1U << FT_OWNER_PIN;
	return 1U << (folio->ownerless.mappings ? FT_OWNER_MAPPING : FT_OWNER_OTHER);
}

static bool matches(const struct ft_match *m, const struct reading *r)
{
	const struct ft_checkpoint *c = r->checkpoint;
	unsigned int order = c ? c->order : r->folio->order;

	return m->at == (c ? (int)c->at : FT_AT_FINAL) &&
	       (!m->orders || m->orders >> (order & 63) & 1) &&
	       (!m->kinds || m->kinds >> r->folio->kind & 1) &&
	       (!m->classes || m->classes & lost_class(r->folio)) &&
	       (c ? matches_checkpoint(m, c) : passed_through(r->folio, m));
}

static int deviate(struct comparing *x, struct ft_rule_result *of, const struct ft_deviation *d)
{
	if (x->of != of || of->nr_deviations == x->room) {
		size_t room = of->nr_deviations ? 2 * of->nr_deviations : 4;
		struct ft_deviation *grown = ft_arena__alloc(x->arena, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		if (of->nr_deviations)
			memcpy(grown, of->deviations, of->nr_deviations * sizeof(*grown));
		of->deviations = grown;
		x->of = of;
		x->room = room;
	}
	of->deviations[of->nr_deviations++] = *d;
	of->test = FT_TEST_FAIL;
	x->check->events_missing |= !d->folio->events;
	return 0;
}

static int compare(struct comparing *x, size_t i, const struct reading *r)
{
	const struct ft_rule *rule = &x->check->expectation->rules[i];
	struct ft_rule_result *result = &x->check->rules[i];
	int code = 0;

	result->readings++;
	for (int f = 0; f < FT_FIELD_COUNT && !code; f++) {
		const struct ft_range *range = &rule->field[f];

		if (!range->set || r->field[f] == FT_UNKNOWN ||
		    (r->field[f] >= range->min && r->field[f] <= range->max))
			continue;
		code = deviate(x, result,
			       &(struct ft_deviation){ .folio = r->folio,
						       .checkpoint = r->checkpoint,
						       .field = (enum ft_field)f,
						       .expected = *range,
						       .seen = r->field[f] });
	}
	return code;
}

/* The first rule that matches, or nr_rules. */
static size_t rule_of(const struct comparing *x, const struct reading *r)
{
	const struct ft_expectation *e = x->check->expectation;
	size_t i;

	for (i = 0; e && i < e->nr_rules; i++)
		if (x->applies[i] && matches(&e->rules[i].match, r))
			return i;
	return i;
}

/* *by: the rule that judged it, or nr_rules. */
static int judge(struct comparing *x, const struct reading *r, bool waived, size_t *by)
{
	size_t i = *by = rule_of(x, r);

	if (!x->check->expectation || i == x->check->expectation->nr_rules)
		return 0;
	if (x->last[i] != r->folio)
		x->check->rules[i].folios++;
	x->last[i] = r->folio;
	return waived ? 0 : compare(x, i, r);
}

static bool waives(const struct ft_waiver *w, const struct ft_folio *folio,
		   const struct ft_lost *lost)
{
	const struct ft_site *site = ft_lost__site(lost);

	return site && site->function && !fnmatch(w->function, site->function, 0) &&
	       (!w->module || !fnmatch(w->module, site->module ? site->module : "", 0)) &&
	       (!w->orders || w->orders >> (folio->order & 63) & 1) &&
	       (!w->kinds || w->kinds >> folio->kind & 1) &&
	       (!w->classes || w->classes >> lost->class & 1);
}

static bool expired(const struct ft_waiver *w, const struct ft_run *run)
{
	return w->until && run->release && ft_release__compare(run->release, w->until) >= 0;
}

/* The waiver in force of one lost reference; counts the expired ones, too. */
static struct ft_waiver_result *waiver_of(struct comparing *x, const struct ft_folio *folio,
					  const struct ft_lost *lost)
{
	const struct ft_expectation *e = x->check->expectation;
	struct ft_waiver_result *found = NULL;

	for (size_t i = 0; e && i < e->nr_waivers && !found; i++) {
		struct ft_waiver_result *w = &x->check->waivers[i];

		if (!waives(&e->waivers[i], folio, lost))
			continue;
		w->folios++;
		if (w->state != FT_WAIVER_EXPIRED)
			found = w;
	}
	return found;
}

/* Only if every reference that it lost is known. */
static bool is_waived(struct comparing *x, const struct ft_folio *folio)
{
	size_t nr = 0;

	if (!ft_folio__is_bad(folio) || folio->free_while_mapped)
		return false;
	for (size_t i = 0; i < folio->nr_lost; i++) {
		struct ft_waiver_result *w = waiver_of(x, folio, &folio->lost[i]);

		if (!w)
			continue;
		w->state = FT_WAIVER_USED;
		nr++;
	}
	return nr && nr == folio->nr_lost;
}

/* A rule on the surplus expects it to be off: it says nothing of what is lost while the
 * count is in order, such as a pin that was put as a plain reference, unless it names that. */
static bool is_excused(const struct ft_rule *rule, const struct ft_folio *folio)
{
	return rule->field[FT_FIELD_SURPLUS].set &&
	       (rule->match.classes || ft_folio__surplus(folio));
}

static int at_rest(struct comparing *x, const struct ft_folio *folio, bool waived)
{
	const struct ft_expectation *e = x->check->expectation;
	const struct reading r = {
		.folio = folio,
		.field = { folio->final.refcount, folio->final.mapcount, ft_folio__surplus(folio) },
	};
	size_t by = 0;
	int code = 0;

	/* no rule judges a count that is not at rest, or of a kind that is not judged */
	if (folio->final.valid && !folio->died &&
	    (folio->verdict == FT_VERDICT_BALANCED || ft_folio__is_bad(folio))) {
		x->check->model.readings++;
		code = judge(x, &r, waived, &by);
	} else {
		by = e ? e->nr_rules : 0;
	}
	if (code || waived || !ft_folio__is_bad(folio))
		return code;
	if (e && by < e->nr_rules && is_excused(&e->rules[by], folio)) {
		x->check->excused++;
		return 0;
	}
	return deviate(x, &x->check->model,
		       &(struct ft_deviation){ .folio = folio,
					       .field = FT_FIELD_SURPLUS,
					       .expected = { .set = true },
					       .seen = r.field[FT_FIELD_SURPLUS] });
}

static int still_allocated(struct comparing *x, const struct ft_folio *folio)
{
	struct ft_rule_result *of = &x->check->allocated;

	if (folio->reason.code != FT_REASON_STILL_ALLOCATED || ft_folio__is_bad(folio))
		return 0;
	of->folios++;
	return deviate(x, of,
		       &(struct ft_deviation){ .folio = folio,
					       .field = FT_FIELD_REFCOUNT,
					       .expected = { .set = true },
					       .seen = folio->final.refcount });
}

static int compare_folio(struct comparing *x, const struct ft_folio *folio)
{
	bool waived = is_waived(x, folio);
	int code = 0;
	size_t by;

	x->check->waived += waived;
	x->check->model.folios += folio->verdict != FT_VERDICT_NONE;
	for (size_t i = 0; i < folio->nr_checkpoints && !code; i++) {
		const struct ft_checkpoint *c = &folio->checkpoints[i];
		const struct reading r = {
			.folio = folio,
			.checkpoint = c,
			.field = { c->refcount, c->mapcount, c->surplus },
		};

		if (folio->verdict != FT_VERDICT_INCONCLUSIVE && c->refcount != FT_UNKNOWN &&
		    c->mapcount != FT_UNKNOWN)
			code = judge(x, &r, waived, &by);
	}
	if (!code && x->check->strict)
		code = still_allocated(x, folio);
	return code ? code : at_rest(x, folio, waived);
}

/* Whether as many folios as expected were there; a loss may explain too few. */
static void count_folios(struct comparing *x, size_t i)
{
	const struct ft_range *want = &x->check->expectation->rules[i].folios;
	struct ft_rule_result *r = &x->check->rules[i];

	if (!want->set || (r->folios >= (uint64_t)want->min &&
			   (want->max == INT64_MAX || r->folios <= (uint64_t)want->max)))
		return;
	r->reason = (struct ft_reason){
		.code = want->max == INT64_MAX ? FT_REASON_FOLIOS_TOO_FEW :
						 FT_REASON_FOLIOS_OUT_OF_RANGE,
		.n = { (int64_t)r->folios, want->min, want->max },
	};
	if (r->test == FT_TEST_PASS)
		r->test = x->check->run->doubt.code && r->folios < (uint64_t)want->min ?
				  FT_TEST_SKIP :
				  FT_TEST_FAIL;
}

/* argv as one line, to match against. */
static char *command_line(struct comparing *x)
{
	const struct ft_run *run = x->check->run;
	size_t size = 1;
	char *line, *to;

	for (int i = 0; i < run->argc; i++)
		size += strlen(run->argv[i]) + 1;
	line = to = ft_arena__alloc(x->arena, size, 1);
	for (int i = 0; line && i < run->argc; i++) {
		if (i)
			*to++ = ' ';
		to = stpcpy(to, run->argv[i]);
	}
	return line;
}

/* Whether a function of this role (0: of any), that matches the glob, was watched. */
static bool is_watched(const struct ft_run *run, enum ft_role role, const char *glob)
{
	for (size_t i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (s->attached && (!role || s->role == role) &&
		    (!glob || (s->function && !fnmatch(glob, s->function, 0))))
			return true;
	}
	return false;
}

/* Why no reading of this run can match, whatever happened in it. */
static enum ft_reason_code cannot_match(const struct ft_run *run, const struct ft_match *m,
					const char *line)
{
	bool moves = m->at == FT_AT_RMP_ENTRY || m->at == FT_AT_RMP_RETURN;

	if (m->argv && fnmatch(m->argv, line, 0))
		return FT_REASON_OTHER_COMMAND;
	if (m->at != FT_AT_FINAL && (!is_watched(run, FT_ROLE_FINALIZE, m->function) ||
				     (moves && !is_watched(run, FT_ROLE_MOVE, NULL))))
		return FT_REASON_CHECKPOINT_NOT_WATCHED;
	if (m->at == FT_AT_FINAL && m->function && !is_watched(run, 0, m->function))
		return FT_REASON_FUNCTION_NOT_WATCHED;
	return FT_REASON_NONE;
}

static int choose_rules(struct comparing *x)
{
	const struct ft_expectation *e = x->check->expectation;
	char *line = command_line(x);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < e->nr_rules; i++) {
		struct ft_rule_result *r = &x->check->rules[i];

		r->reason.code = cannot_match(x->check->run, &e->rules[i].match, line);
		x->applies[i] = !r->reason.code;
		if (!x->applies[i])
			r->test = FT_TEST_SKIP;
	}
	for (size_t i = 0; i < e->nr_waivers; i++)
		if (expired(&e->waivers[i], x->check->run))
			x->check->waivers[i].state = FT_WAIVER_EXPIRED;
	return 0;
}

static int prepare(struct comparing *x)
{
	const struct ft_expectation *e = x->check->expectation;

	if (!e)
		return 0;
	x->check->rules = ft_arena__alloc(x->arena, e->nr_rules + 1, sizeof(*x->check->rules));
	x->check->waivers =
		ft_arena__alloc(x->arena, e->nr_waivers + 1, sizeof(*x->check->waivers));
	x->last = ft_arena__alloc(x->arena, e->nr_rules + 1, sizeof(*x->last));
	x->applies = ft_arena__alloc(x->arena, e->nr_rules + 1, sizeof(*x->applies));
	if (!x->check->rules || !x->check->waivers || !x->last || !x->applies)
		return -ENOMEM;
	return choose_rules(x);
}

static int compare_all(struct comparing *x)
{
	const struct ft_run *run = x->check->run;
	const struct ft_expectation *e = x->check->expectation;
	int code = prepare(x);

	for (size_t i = 0; i < run->nr_folios && !code; i++)
		code = compare_folio(x, run->folios[i]);
	for (size_t i = 0; e && i < e->nr_rules && !code; i++)
		if (x->applies[i])
			count_folios(x, i);
	return code;
}

static void conclude(struct ft_check *c)
{
	bool failed = c->model.test == FT_TEST_FAIL || c->allocated.test == FT_TEST_FAIL;

	for (size_t i = 0; c->expectation && i < c->expectation->nr_rules; i++)
		failed |= c->rules[i].test == FT_TEST_FAIL;
	c->reason = c->run->doubt;
	c->verdict = failed ? FT_RUN_FAIL : c->reason.code ? FT_RUN_INCONCLUSIVE : FT_RUN_PASS;
}

int ft_check__run(const struct ft_run *run, const struct ft_expectation *e, bool strict,
		  struct ft_check **out)
{
	struct ft_arena *arena = ft_arena__new();
	struct ft_check *c = arena ? ft_arena__alloc(arena, 1, sizeof(*c)) : NULL;
	struct comparing x = { .check = c, .arena = arena };
	int code = -ENOMEM;

	*out = NULL;
	if (c) {
		c->run = run;
		c->expectation = e;
		c->strict = strict || (e && e->strict);
		c->arena = arena;
		code = compare_all(&x);
	}
	if (code) {
		ft_arena__free(arena);
		return code;
	}
	conclude(c);
	*out = c;
	return 0;
}

void ft_check__free(struct ft_check *c)
{
	if (c)
		ft_arena__free(c->arena);
}
