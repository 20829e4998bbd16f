// SPDX-License-Identifier: GPL-2.0
#include "render/reason.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "render/names.h"

/*
 * {0}, {1} and {2} are the numbers of a reason; {1?a|b} is a if n[1] is 1, else b;
 * {put?a|b} is a if a put is lost, b if it is a get. The other names in braces are
 * those of the table parts.
 */
#define ADOPTED "it was there before the run"
#define GREW ADOPTED "; its count grew by {0} since"
#define ANSWERED "{0} other{0? was|s were}{1? (with other callers)|} put by {place}{under}, "

static const char *const sentence[FT_REASON_COUNT] = {
	[FT_REASON_SURPLUS] = "refcount {0} at rest, {1} expected: surplus {2}",
	[FT_REASON_DEFICIT] = "refcount {0} at rest, {1} expected",
	[FT_REASON_BELOW_MAPCOUNT] =
		"refcount {0} is below mapcount {1} at rest: it will be freed while it is mapped",
	[FT_REASON_FREED_MAPPED] = "it was freed while it was still mapped (mapcount {0})",
	[FT_REASON_FREED_HELD] = "it was freed while somebody held it (refcount {0})",

	[FT_REASON_LOCKED] =
		"the folio is still locked: somebody is working on it and holds a reference",
	[FT_REASON_WRITEBACK] = "the folio is under writeback",
	[FT_REASON_MAYBE_FROZEN] =
		"the folio is locked or under writeback: somebody may have its count frozen",
	[FT_REASON_REFCOUNT_ZERO] =
		"refcount 0 at rest and not freed: its count is frozen, or its end was not seen",
	[FT_REASON_JOURNAL_PENDING] =
		"the file systems did not write in time what their journals hold, which may be "
		"this folio",
	[FT_REASON_LRU_NOT_DRAINED] =
		"the per-CPU LRU batches were not drained, and each may hold a reference",
	[FT_REASON_NOT_ON_LRU] =
		"the folio is not on the LRU list: it may be in a per-CPU batch, or isolated",
	[FT_REASON_IN_LRU_BATCH] =
		"it went into a per-CPU LRU batch and was not seen to come out of it: the batch "
		"may still hold the reference",
	[FT_REASON_PROBABLY_PINNED] =
		"probably pinned \xc3\x97{0}: of one page pins are only seen as multiples of {1} "
		"in the refcount",
	[FT_REASON_TASKS_LEFT] =
		"surplus {0}, but {1} process{1?|es} of the command still live{1?s|} and may hold "
		"it (a pipe, a buffer under I/O)",
	[FT_REASON_ADOPTED_NO_READING] = ADOPTED ", and no reading shows what its count was then",
	[FT_REASON_ADOPTED_NO_STABLE_READING] = ADOPTED
	", and no stable reading shows what its count was then",
	[FT_REASON_ADOPTED_BOUNDARY_ONLY] = GREW
	", and readings at boundaries cannot tell whose reference it is",
	[FT_REASON_ADOPTED_OPERATIONS_MISSING] = GREW ", and not every operation on it is known",
	[FT_REASON_ADOPTED_OTHER_TASK] = GREW
	", of which {comm}/{1} took a reference in {site}, which is not of the "
	"command and may still hold it",
	[FT_REASON_BIRTH_LOST] =
		"the record of its birth was lost: what it held before is not known",
	[FT_REASON_NOT_READ] = "it was not read at the end of the run",
	[FT_REASON_CUT_OFF_BEFORE_READ] = "the capture was cut off before it was read at the end",
	[FT_REASON_CUT_OFF_BEFORE_PUT] =
		"the capture was cut off: the reference may have been put later",
	[FT_REASON_MEMORY_REUSED] =
		"its memory belongs to something else now; its end was not seen",
	[FT_REASON_NOT_AT_REST] = "not at rest: the last two readings do not agree",

	[FT_REASON_CAPTURE_CUT_OFF] = "the capture was cut off before its end",
	[FT_REASON_RECORDS_MALFORMED] = "records of the capture are malformed",
	[FT_REASON_RECORDS_LOST] = "records were lost that no folio misses by number",
	[FT_REASON_LIFETIMES_MISSED] = "births or deaths of folios were missed",
	[FT_REASON_PROBE_HITS_MISSED] =
		"probe hits were missed, and not every folio's operations could be summed up",
	[FT_REASON_OPERATIONS_MISSED] =
		"operations were missed, and not every folio's could be summed up",
	[FT_REASON_FOLIOS_NOT_TRACKED] = "folios could not be tracked: the map was full or busy",
	[FT_REASON_TASKS_NOT_FOLLOWED] = "processes of the command could not be followed",
	[FT_REASON_MIGRATION_ENTRIES_LEFT] = "migrations with more entries than are looked at",
	[FT_REASON_CHILDREN_NOT_TRACKED] = "children of a split could not be tracked",
	[FT_REASON_LOSS_UNKNOWN] = "losses of a kind that this version does not know",
	[FT_REASON_FOLIOS_INCONCLUSIVE] = "{0} folio{0?|s} could not be judged",

	[FT_REASON_INFERRED_FIRST_READING] =
		"inferred: its first reading, {event} (refcount/mapcount), has the "
		"{put?deficit|surplus} already",
	[FT_REASON_INFERRED_BETWEEN] =
		"inferred: {put?one put too many|taken} between {after} and {event} "
		"(refcount/mapcount){inside}{meanwhile}",
	[FT_REASON_OTHERS_PAIRED] = "every other {put?put|get} has its {put?get|put}{alike}",
	[FT_REASON_OTHERS_PAIRED_AS_SEEN] =
		"as far as was seen, every other {put?put|get} has its {put?get|put}{alike}",
	[FT_REASON_CANDIDATES_UNDECIDED] =
		"one of {lost} and {place}: what happened to this folio cannot decide{alike}",
	[FT_REASON_BALANCED_FOLIOS_DECIDE] =
		"balanced folios of this run decide; else {place} (p {p}){alike}",
	[FT_REASON_LIKELIEST] =
		"the likeliest by what happened around it; else {place} (p {p}){alike}",
	[FT_REASON_BEFORE_FIRST_OPERATION] =
		"it was there before the first operation that was seen",

	[FT_REASON_ANSWER_UNKNOWN] = "no folio of this run shows the put that answers this get",
	[FT_REASON_ANSWERED_IN_SAME_CALL] = ANSWERED "in the same call; this one was not",
	[FT_REASON_ANSWERED_IN_LATER_CALL] = ANSWERED
	"in a later call of the task; this one was not",
	[FT_REASON_ANSWERED_BY_OTHER_TASK] = ANSWERED "by another task; this one was not",

	[FT_REASON_OTHER_COMMAND] = "it is for another command",
	[FT_REASON_CHECKPOINT_NOT_WATCHED] = "this checkpoint cannot be watched on this kernel",
	[FT_REASON_FUNCTION_NOT_WATCHED] = "no such function was watched on this kernel",
	[FT_REASON_FOLIOS_TOO_FEW] = "{0} folios match, at least {1} are expected",
	[FT_REASON_FOLIOS_OUT_OF_RANGE] = "{0} folios match, {1} to {2} are expected",

	[FT_REASON_BOUNDARY_ONLY] = "source boundary does not see who takes a reference",
	[FT_REASON_TOO_MANY_HOLDERS] = "there are too many to name them all",
	[FT_REASON_NO_GET_LEFT] = "no get that was seen is left over for it",
	[FT_REASON_OPERATIONS_DO_NOT_ADD_UP] =
		"the operations that were seen do not add up to this count",

	[FT_REASON_PUT_IN_OTHER_RUN] =
		"in {0?A|B} {answer} puts what {site} takes; in {0?B|A} nothing does",
	[FT_REASON_SURPLUS_IN_ONE_RUN] =
		"{0?A|B} puts, or never takes, a reference {steps} that {0?B|A} keeps{taken}",

	[FT_REASON_PINS_LOST] =
		"{0} pin{0?|s} at rest, and nobody is left who could unpin {0?it|them}",
	[FT_REASON_PIN_PUT_AS_REFERENCE] =
		"{0} pin{0?|s} {0?was|were} released as {0?a plain reference|plain references}",
	[FT_REASON_MAPPINGS_LOST] = "{0} mapping{0?|s} at rest, and no page table has {0?it|them}",
	[FT_REASON_NEGATIVE_COUNT] =
		"a count is below 0 at rest: refcount {0}, mapcount {1}, pincount {2}",
	[FT_REASON_ISOLATION_LOST] =
		"refcount {0} at rest, {1} expected: it was isolated from the LRU list and never put back",
	[FT_REASON_LOCKED_LOST] =
		"refcount {0} at rest, {1} expected, and still locked {2} ms after the last operation on it: "
		"who locked it is gone",
	[FT_REASON_GET_ON_FREED] = "{site} took a reference when the folio had none: it was free",
	[FT_REASON_ROBBED] =
		"the command put {0} reference{0?|s} more than it took: who held it before has {1} too few, "
		"other tasks {2}",
	[FT_REASON_HELD_BY_OTHER_TASK] =
		"surplus {0}; {comm}/{1}, which is not of the command and lives, took a reference in {site} "
		"and may still hold it",
	[FT_REASON_MAY_HAVE_LIVING_HOLDER] = "surplus {0}, and a living task may hold it: {class}",
	[FT_REASON_BOUNDARY_CANNOT_TELL] =
		"surplus {0}, and readings at boundaries cannot tell whether somebody outside of the command "
		"holds it: trace with --source inline",
	[FT_REASON_MAPPINGS_NOT_SEARCHED] =
		"{0} mapping{0?|s} at rest, and not all page tables could be searched for {0?it|them}",
	[FT_REASON_FILE_SYSTEM_UNKNOWN] =
		"surplus {0}, which may be its file system's own: no table says how many it keeps",
	[FT_REASON_STILL_ALLOCATED] =
		"{0} page{0?|s} of the kernel, allocated while tracing and not freed",
};

/* What a sentence is about; lost and timeline may be NULL. */
struct about {
	const struct ft_reason *reason;
	const struct ft_lost *lost;
	const struct ft_diff_timeline *timeline;
};

struct writer {
	struct reason_text *to;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct writer *w, const char *fmt, ...)
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

static const char *function(const char *name)
{
	return name ? name : "?";
}

static void add_comm(struct writer *w, const struct about *x)
{
	add(w, "%s", x->reason->comm ? x->reason->comm : "");
}

static void add_site(struct writer *w, const struct about *x)
{
	add(w, "%s", function(x->reason->site ? x->reason->site->function : NULL));
}

static void add_address(struct writer *w, const struct ft_site *site)
{
	if (site)
		add(w, "%s+0x%" PRIx64, function(site->function), site->offset);
}

/* What may hold it, by the class in n[1]. */
static void add_class(struct writer *w, const struct about *x)
{
	add(w, "%s", name__owner((enum ft_owner_class)x->reason->n[1]));
}

static void add_place(struct writer *w, const struct about *x)
{
	add_address(w, x->reason->site);
}

static void add_lost(struct writer *w, const struct about *x)
{
	add_address(w, x->lost->site);
}

/* A reading, by the function that it was made in, and its counts. */
static void add_reading(struct writer *w, const struct ft_event *e)
{
	if (e->op == FT_OP_CHECKPOINT)
		add(w, "%s", ft_checkpoint__name((enum ft_checkpoint_at)(e->aux & FT_CP_AT_MASK)));
	else if (e->op == FT_OP_SNAPSHOT)
		add(w, "the reading at rest");
	else
		add(w, "%s%s", function(e->site->function),
		    e->op == FT_OP_ENTER  ? " (entry)" :
		    e->op == FT_OP_RETURN ? " (return)" :
					    "");
	add(w, " at %" PRId32 "/%" PRId32, e->refcount, e->mapcount);
}

static void add_event(struct writer *w, const struct about *x)
{
	add_reading(w, x->lost->event);
}

static void add_after(struct writer *w, const struct about *x)
{
	add_reading(w, x->lost->after);
}

static void add_inside(struct writer *w, const struct about *x)
{
	if (x->lost->in)
		add(w, ", inside %s", function(x->lost->in->function));
}

static void add_meanwhile(struct writer *w, const struct about *x)
{
	size_t i;

	for (i = 0; i < x->lost->nr_returned; i++) {
		const struct ft_returned *r = &x->lost->returned[i];

		add(w, "%s%s", i ? ", " : "; meanwhile ", function(r->site->function));
		if (r->site->returns)
			add(w, " = %" PRId64, r->value);
	}
	if (x->lost->nr_returned)
		add(w, " returned");
}

static void add_alike(struct writer *w, const struct about *x)
{
	if (x->reason->n[0])
		add(w, "; this one or another of %" PRId64 " like it", x->reason->n[0]);
}

static void add_p(struct writer *w, const struct about *x)
{
	add(w, "%.2f", x->lost->candidates[x->reason->n[1]].p);
}

static void add_under(struct writer *w, const struct about *x)
{
	if (x->lost->answered_in)
		add(w, ", under %s", function(x->lost->answered_in->function));
	else if (x->lost->answered_caller)
		add(w, " < %s", x->lost->answered_caller);
}

static void add_answer(struct writer *w, const struct about *x)
{
	const struct ft_site *put = x->timeline->put;

	add(w, "%s", function(put->function));
	if (put->module)
		add(w, " [%s]", put->module);
	if (x->timeline->put_caller)
		add(w, " (called by %s)", x->timeline->put_caller);
}

static const char *step_name(const struct ft_step *s)
{
	return s->what == FT_STEP_CHECKPOINT ? ft_checkpoint__name(s->at) : function(s->function);
}

static void add_steps(struct writer *w, const struct about *x)
{
	const struct ft_diff_timeline *t = x->timeline;

	if (t->before)
		add(w, "between %s and %s", step_name(t->before), step_name(t->differs));
	else
		add(w, "before %s", step_name(t->differs));
}

static void add_taken(struct writer *w, const struct about *x)
{
	if (x->reason->site)
		add(w, "; taken in %s", function(x->reason->site->function));
}

static const struct {
	const char *name;
	void (*add)(struct writer *w, const struct about *x);
} parts[] = {
	{ "comm", add_comm },	  { "site", add_site },		  { "place", add_place },
	{ "lost", add_lost },	  { "event", add_event },	  { "after", add_after },
	{ "inside", add_inside }, { "meanwhile", add_meanwhile }, { "alike", add_alike },
	{ "p", add_p },		  { "under", add_under },	  { "answer", add_answer },
	{ "steps", add_steps },	  { "taken", add_taken },	  { "class", add_class },
};

static void add_part(struct writer *w, const struct about *x, const char *name, size_t len)
{
	size_t i;

	if (len == 1 && *name >= '0' && *name <= '2') {
		add(w, "%" PRId64, x->reason->n[*name - '0']);
		return;
	}
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strncmp(parts[i].name, name, len) && !parts[i].name[len])
			parts[i].add(w, x);
}

/* "1?a|b", "put?a|b" */
static void add_choice(struct writer *w, const struct about *x, const char *text, size_t len)
{
	const char *a = memchr(text, '?', len) + 1, *b = memchr(text, '|', len) + 1;
	bool first = *text == 'p' ? x->lost->put : x->reason->n[*text - '0'] == 1;

	add(w, "%.*s", (int)(first ? b - 1 - a : text + len - b), first ? a : b);
}

static struct reason_text format(const struct about *x)
{
	struct reason_text text;
	struct writer w = { .to = &text };
	const char *s =
		(unsigned int)x->reason->code < FT_REASON_COUNT ? sentence[x->reason->code] : NULL;
	size_t n;

	text.s[0] = '\0';
	for (; s && *s; s += n) {
		n = strcspn(s, "{");
		add(&w, "%.*s", (int)n, s);
		if (!s[n])
			continue;
		s += n + 1;
		n = strcspn(s, "}");
		if (memchr(s, '?', n))
			add_choice(&w, x, s, n);
		else
			add_part(&w, x, s, n);
		n++;
	}
	return text;
}

struct reason_text reason__text(const struct ft_reason *reason)
{
	return format(&(struct about){ .reason = reason });
}

struct reason_text reason__of_lost(const struct ft_lost *lost)
{
	return format(&(struct about){ .reason = &lost->reason, .lost = lost });
}

struct reason_text reason__answer(const struct ft_lost *lost)
{
	return format(&(struct about){ .reason = &lost->answer, .lost = lost });
}

struct reason_text reason__of_diff(const struct ft_diff_timeline *timeline)
{
	return format(&(struct about){ .reason = &timeline->reason, .timeline = timeline });
}

/* An int in a register: the upper half is anything. */
static void add_value(struct writer *w, int64_t value)
{
	const char *error = name__error(value);

	if (!error)
		error = name__error(value = (int32_t)value);
	add(w, "%" PRId64, value);
	if (error)
		add(w, " (-%s)", error);
}

struct reason_text reason__after(const struct ft_lost *lost)
{
	bool inferred = lost->reason.code == FT_REASON_INFERRED_BETWEEN;
	struct reason_text text;
	struct writer w = { .to = &text };
	size_t i;

	text.s[0] = '\0';
	for (i = 0; !inferred && i < lost->nr_returned; i++) {
		const struct ft_returned *r = &lost->returned[i];

		add(&w, "%s%s returned ", i ? "; then " : "", function(r->site->function));
		if (r->site == lost->answered_in)
			add(&w, "without it");
		else if (!r->site->returns)
			add(&w, "without a put");
		else
			add_value(&w, r->value);
	}
	return text;
}
