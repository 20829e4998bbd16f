// SPDX-License-Identifier: GPL-2.0
#include "render/reason_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "render/names.h"

void reason_part__add(struct reason_writer *w, const char *fmt, ...)
{
	size_t left = sizeof(w->to->s) - w->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(w->to->s + w->len, left, fmt, args);
	va_end(args);
	if (n > 0)
		w->len += (size_t)n < left ? (size_t)n : left - 1;
}

void reason_part__number(struct reason_writer *w, uint64_t n)
{
	if (n < 1000) {
		reason_part__add(w, "%" PRIu64, n);
		return;
	}
	reason_part__number(w, n / 1000);
	reason_part__add(w, ",%03" PRIu64, n % 1000);
}

static const char *function(const char *name)
{
	return name ? name : "?";
}

static void add_comm(struct reason_writer *w, const struct reason_about *x)
{
	reason_part__add(w, "%s", x->reason->comm ? x->reason->comm : "");
}

static void add_site(struct reason_writer *w, const struct reason_about *x)
{
	reason_part__add(w, "%s", function(x->reason->site ? x->reason->site->function : NULL));
}

static void add_address(struct reason_writer *w, const struct ft_site *site)
{
	if (site)
		reason_part__add(w, "%s+0x%" PRIx64, function(site->function), site->offset);
}

/* What it may be in, by the class in n[1]. */
static void add_class(struct reason_writer *w, const struct reason_about *x)
{
	static const char *const in[FT_OWNER_COUNT] = {
		[FT_OWNER_MAPPING] = "a page table",
		[FT_OWNER_PIN] = "a pin",
		[FT_OWNER_PIPE] = "a pipe",
		[FT_OWNER_BIO] = "a bio",
		[FT_OWNER_SOCKET] = "a socket buffer",
		[FT_OWNER_IO_URING] = "an io_uring buffer",
	};
	int64_t class = x->reason->n[1];

	if (class >= 0 && class < FT_OWNER_COUNT && in[class])
		reason_part__add(w, "in %s", in[class]);
	else
		reason_part__add(w, "by a reference of its own");
}

/* References that are lost beside pins. */
static void add_beside(struct reason_writer *w, const struct reason_about *x)
{
	if (x->reason->n[1] > 0)
		reason_part__add(w, ", and %" PRId64 " reference%s never put", x->reason->n[1],
				 x->reason->n[1] == 1 ? "" : "s");
}

/* Of so many processes nobody has it. */
static void add_searched(struct reason_writer *w, const struct reason_about *x)
{
	if (!x->reason->n[1])
		reason_part__add(w, "nobody is left who could have");
	else if (x->reason->n[1] == 1)
		reason_part__add(w, "the one process that lives does not have");
	else
		reason_part__add(w, "none of the %" PRId64 " processes that live has",
				 x->reason->n[1]);
}

static void add_robbed(struct reason_writer *w, const struct reason_about *x)
{
	int64_t before = x->reason->n[1], others = x->reason->n[2];

	if (before > 0)
		reason_part__add(w, "%" PRId64 " of who had the folio before the run", before);
	if (others > 0)
		reason_part__add(w, "%s%" PRId64 " of other tasks", before > 0 ? ", " : "", others);
	if (before <= 0 && others <= 0)
		reason_part__add(w, "of somebody else");
}

static void add_place(struct reason_writer *w, const struct reason_about *x)
{
	add_address(w, x->reason->site);
}

static void add_lost(struct reason_writer *w, const struct reason_about *x)
{
	add_address(w, x->lost->site);
}

/* A reading, by the function that it was made in, and its counts. */
static void add_reading(struct reason_writer *w, const struct ft_event *e)
{
	if (e->op == FT_OP_CHECKPOINT)
		reason_part__add(
			w, "%s",
			ft_checkpoint__name((enum ft_checkpoint_at)(e->aux & FT_CP_AT_MASK)));
	else if (e->op == FT_OP_SNAPSHOT)
		reason_part__add(w, "the reading at rest");
	else
		reason_part__add(w, "%s%s", function(e->site->function),
				 e->op == FT_OP_ENTER  ? " (entry)" :
				 e->op == FT_OP_RETURN ? " (return)" :
							 "");
	reason_part__add(w, " at %" PRId32 "/%" PRId32, e->refcount, e->mapcount);
}

static void add_event(struct reason_writer *w, const struct reason_about *x)
{
	add_reading(w, x->lost->event);
}

static void add_after(struct reason_writer *w, const struct reason_about *x)
{
	add_reading(w, x->lost->after);
}

static void add_inside(struct reason_writer *w, const struct reason_about *x)
{
	if (x->lost->in)
		reason_part__add(w, ", inside %s", function(x->lost->in->function));
}

static void add_meanwhile(struct reason_writer *w, const struct reason_about *x)
{
	size_t i;

	for (i = 0; i < x->lost->nr_returned; i++) {
		const struct ft_returned *r = &x->lost->returned[i];

		reason_part__add(w, "%s%s", i ? ", " : "; meanwhile ", function(r->site->function));
		if (r->site->returns)
			reason_part__add(w, " = %" PRId64, r->value);
	}
	if (x->lost->nr_returned)
		reason_part__add(w, " returned");
}

static void add_alike(struct reason_writer *w, const struct reason_about *x)
{
	if (x->reason->n[0])
		reason_part__add(w, "; this one or another of %" PRId64 " like it",
				 x->reason->n[0]);
}

static void add_p(struct reason_writer *w, const struct reason_about *x)
{
	reason_part__add(w, "%.2f", x->lost->candidates[x->reason->n[1]].p);
}

static void add_under(struct reason_writer *w, const struct reason_about *x)
{
	if (x->lost->answered_in)
		reason_part__add(w, ", under %s", function(x->lost->answered_in->function));
	else if (x->lost->answered_caller)
		reason_part__add(w, " < %s", x->lost->answered_caller);
}

static void add_answer(struct reason_writer *w, const struct reason_about *x)
{
	const struct ft_site *put = x->timeline->put;

	reason_part__add(w, "%s", function(put->function));
	if (put->module)
		reason_part__add(w, " [%s]", put->module);
	if (x->timeline->put_caller)
		reason_part__add(w, " (called by %s)", x->timeline->put_caller);
}

static const char *step_name(const struct ft_step *s)
{
	return s->what == FT_STEP_CHECKPOINT ? ft_checkpoint__name(s->at) : function(s->function);
}

static void add_steps(struct reason_writer *w, const struct reason_about *x)
{
	const struct ft_diff_timeline *t = x->timeline;

	if (t->before)
		reason_part__add(w, "between %s and %s", step_name(t->before),
				 step_name(t->differs));
	else
		reason_part__add(w, "before %s", step_name(t->differs));
}

static void add_taken(struct reason_writer *w, const struct reason_about *x)
{
	if (x->reason->site)
		reason_part__add(w, "; taken in %s", function(x->reason->site->function));
}

static const struct {
	const char *name;
	void (*add)(struct reason_writer *w, const struct reason_about *x);
} parts[] = {
	{ "comm", add_comm },	  { "site", add_site },		  { "place", add_place },
	{ "lost", add_lost },	  { "event", add_event },	  { "after", add_after },
	{ "inside", add_inside }, { "meanwhile", add_meanwhile }, { "alike", add_alike },
	{ "p", add_p },		  { "under", add_under },	  { "answer", add_answer },
	{ "steps", add_steps },	  { "taken", add_taken },	  { "class", add_class },
	{ "beside", add_beside }, { "searched", add_searched },	  { "robbed", add_robbed },
};

void reason_part__named(struct reason_writer *w, const struct reason_about *x, const char *name,
			size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strncmp(parts[i].name, name, len) && !parts[i].name[len])
			parts[i].add(w, x);
}
