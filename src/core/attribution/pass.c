// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "core/attribution/attributor.h"
#include "core/attribution/pass.h"
#include "core/folio/reading.h"
#include "core/format/frame.h"
#include "core/ledger/ledger.h"

/* Enough examples of every kind of lifetime; a capture may have a hundred times that. */
#define LEARN_EVENTS_MAX 4000000

struct learning {
	const struct ft_pass *pass;
	struct ft_attributor *attributor;
	uint64_t events;
};

/* A lifetime that ended. Its account goes back to the ledger afterwards. */
static int learn_freed(void *arg, struct ft_account *account)
{
	struct learning *l = arg;
	struct ft_folio folio = { .verdict = FT_VERDICT_FREED, .died = true };
	struct ft_analysis c;
	size_t i;
	int code;

	account->folio = &folio;
	code = ft_builder__build(l->pass->builder, account, &c);
	account->folio = NULL;
	if (code)
		return code;
	for (i = 0; i < c.nr; i++) {
		const struct ft_event *e = &c.events[i];

		if (e->op == FT_OP_DIED && e->mapcount > 0 && e->mapcount != FT_UNKNOWN)
			return 0; /* freed while mapped: no example */
		if (e->op == FT_OP_DIED && e->value == FT_DIED_UNSEEN)
			return 0;
		if (e->op == FT_OP_SPLIT)
			folio.how = FT_DIED_SPLIT;
		folio.kind = ft_kind__after(folio.kind, e->flags);
	}
	return ft_attributor__learn_folio(l->attributor, &folio, c.events, c.nr);
}

/* Lifetimes that had not ended were learned from the ledger of the first pass; and one that was
 * put too often is no example. */
static bool was_learned(const struct learning *l, uint32_t id)
{
	const struct ft_account *a = ft_ledger__find(l->pass->ledger, id);

	return a && a->folio && (!a->folio->died || ft_folio__is_bad(a->folio));
}

/* More examples of known kinds change little, and there is no room for other kinds. */
static bool knows_enough(const struct learning *l)
{
	return l->events >= LEARN_EVENTS_MAX || l->attributor->learner.nr >= FT_LEARN_SIGNATURES;
}

static int learn_event(struct learning *l, struct ft_ledger *ledger, const struct ft_wire_event *e)
{
	int code;

	if (!e->id || was_learned(l, e->id))
		return 0;
	l->events++;
	code = ft_ledger__add(ledger, e);
	return code == -EINVAL ? 0 : code; /* malformed: the first pass counted it */
}

static int learn_frame(struct learning *l, struct ft_ledger *ledger, struct ft_frame *frame)
{
	struct ft_wire_event e;
	int code = 0;

	while (!code && ft_frame__next_event(frame, &e))
		code = learn_event(l, ledger, &e);
	return code;
}

static int learn_from_file(struct learning *l)
{
	struct ft_error err;
	struct ft_frames frames;
	struct ft_frame frame;
	struct ft_ledger ledger;
	int code = ft_frames__open(&frames, l->pass->fd, "", &err);

	ft_ledger__init(&ledger, false);
	ledger.on_close = learn_freed;
	ledger.arg = l;
	while (!code && !knows_enough(l) && ft_frames__next(&frames, &frame, &err) > 0)
		if (frame.type == FT_FRAME_EVENTS)
			code = learn_frame(l, &ledger, &frame);
	ft_ledger__free(&ledger);
	ft_frames__close(&frames);
	return code;
}

/* From the ledger of the first pass. freed: of freed folios, too, which it only has with
 * keep_all. */
static int learn_from_accounts(struct learning *l, bool freed)
{
	const struct ft_slot *slot;
	struct ft_analysis c;
	uint64_t id;
	int code = 0;

	for (id = 0; !code && (slot = ft_ledger__next(l->pass->ledger, &id)); id++) {
		struct ft_account *account = ft_slot__account(slot);
		const struct ft_folio *folio = account ? account->folio : NULL;

		if (!folio || ft_folio__is_bad(folio) || (folio->died && !freed))
			continue;
		code = ft_builder__build(l->pass->builder, account, &c);
		if (!code)
			code = ft_attributor__learn_folio(l->attributor, folio, c.events, c.nr);
	}
	return code;
}

/* Pairs of runs that the user takes for good ones, against those that are shipped. */
#define KNOWN_WEIGHS 8.0

/* What other runs taught. */
static int know(struct ft_attributor *n, const struct ft_pass *pass)
{
	const struct ft_analyse_options *o = pass->opts;
	const struct ft_pairs *shipped = o && o->shipped ? o->shipped(o->arg, pass->run->release) :
							   NULL;
	int code = shipped ? ft_attributor__know(n, shipped, 1) : 0;

	return code || !o || !o->known ? code : ft_attributor__know(n, o->known, KNOWN_WEIGHS);
}

static bool is_asked(const struct ft_folio *folio)
{
	return ft_folio__is_bad(folio) || folio->question;
}

/* The folios to name are no examples, but what their calls do counts, too. */
static int count_asked(struct learning *l)
{
	const struct ft_run *run = l->pass->run;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < run->nr_folios; i++)
		if (is_asked(run->folios[i]) && run->folios[i]->verdict >= FT_VERDICT_INCONCLUSIVE)
			code = ft_attributor__count(l->attributor, run->folios[i]);
	return code;
}

static int learn(struct learning *l)
{
	bool again = l->pass->again && !l->pass->ledger->keep_all;
	uint64_t malformed = l->pass->run->nr_malformed;
	int code = know(l->attributor, l->pass);

	if (!code)
		code = learn_from_accounts(l, !again);
	if (!code && again)
		code = learn_from_file(l);
	l->pass->run->nr_malformed = malformed; /* the first pass counted them */
	if (!code)
		code = count_asked(l);
	return code ? code : ft_attributor__learn(l->attributor);
}

/* Others put what may have been the command's; examples may show that it was their own. */
static bool is_unclear(const struct ft_folio *folio)
{
	size_t i;

	for (i = 0; i < folio->nr_lost; i++)
		if (folio->lost[i].state == FT_OWNER_POSSIBLE)
			return folio->question == FT_QUESTION_BALANCE;
	return false;
}

static bool is_any(const struct ft_run *run, bool (*is)(const struct ft_folio *))
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++)
		if (is(run->folios[i]))
			return true;
	return false;
}

static int name_folios(const struct ft_pass *pass, struct ft_attributor *attributor,
		       bool (*which)(const struct ft_folio *))
{
	struct ft_run *run = pass->run;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < run->nr_folios; i++) {
		struct ft_folio *folio = run->folios[i];

		if (!which(folio))
			continue;
		if (is_unclear(folio))
			folio->nr_lost = 0;
		run->count[folio->verdict]--;
		code = ft_attributor__name(attributor, folio);
		run->count[folio->verdict]++;
	}
	return code;
}

int ft_pass__name_lost(const struct ft_pass *pass)
{
	const struct ft_run *run = pass->run;
	struct ft_attributor attributor;
	struct learning l = { .pass = pass, .attributor = &attributor };
	/* examples help to name; whether a count in order is each one's own mostly needs none */
	bool teaches = pass->opts && pass->opts->learn_pairs;
	bool learned = teaches || is_any(run, ft_folio__is_bad);
	int code = 0;

	if (!run->exact || (!teaches && !is_any(run, is_asked)))
		return 0;
	ft_attributor__init(&attributor, run, pass->arena);
	if (learned)
		code = learn(&l);
	if (!code)
		code = name_folios(pass, &attributor, is_asked);
	if (!code && !learned && is_any(run, is_unclear)) {
		code = learn(&l);
		if (!code)
			code = name_folios(pass, &attributor, is_unclear);
	}
	if (!code && teaches)
		code = ft_attributor__pairs(&attributor, &pass->run->pairs);
	ft_attributor__free(&attributor);
	return code;
}
