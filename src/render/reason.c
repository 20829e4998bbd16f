// SPDX-License-Identifier: GPL-2.0
#include "render/reason.h"

#include <inttypes.h>
#include <string.h>

#include "render/names.h"
#include "render/reason_parts.h"

/*
 * {0}, {1} and {2} are the numbers of a reason; {1?a|b} is a if n[1] is 1, else b;
 * {put?a|b} is a if a put is lost, b if it is a get. The other names in braces are
 * those of render/reason_parts.c.
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
	[FT_REASON_ADOPTED_OTHERS_PUT] = GREW
	", and tasks outside of the command put {1} reference{1?|s} that {1?was|were} the command's or "
	"from before: trace it when nobody else uses it",
	[FT_REASON_MAY_BE_HANDED_OVER] =
		"the command put {0} reference{0?|s} that threads of the kernel had taken, in calls "
		"that took none: handed over to it, or put too often; who owes the put, the code says",
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
		"{0} pin{0?|s} at rest, and nobody is left who could unpin {0?it|them}{beside}",
	[FT_REASON_PIN_PUT_AS_REFERENCE] =
		"{0} pin{0?|s} {0?was|were} released by {0?a plain put|plain puts}, which take{0?s|}"
		" a reference and leave{0?s|} the pin",
	[FT_REASON_MAPPINGS_LOST] =
		"{0} mapping{0?|s} at rest that no page table has: {searched} {0?it|them}",
	[FT_REASON_NEGATIVE_COUNT] =
		"a count is below 0 at rest: refcount {0}, mapcount {1}, pincount {2}",
	[FT_REASON_ISOLATION_LOST] =
		"refcount {0} at rest, {1} expected: it was isolated from the LRU list and never "
		"put back",
	[FT_REASON_LOCKED_LOST] =
		"refcount {0} at rest, {1} expected, and it is still locked {2} ms after the last "
		"operation on it: who locked it is gone",
	[FT_REASON_GET_ON_FREED] =
		"{site} took a reference after the last one had been put: the folio was free",
	[FT_REASON_ROBBED] = "the command put {0} reference{0?|s} more than it had taken: {robbed}",

	[FT_REASON_HELD_BY_OTHER_TASK] =
		"surplus {0}, but {comm}/{1}, which lives and is not of the command, took a "
		"reference in {site} and may still hold it: let it end first",
	[FT_REASON_MAY_HAVE_LIVING_HOLDER] =
		"surplus {0}, but a process that lives may hold it {class}: let it end, or close "
		"that, first",
	[FT_REASON_BOUNDARY_CANNOT_TELL] =
		"surplus {0}, and readings at boundaries cannot tell whether somebody outside of "
		"the command holds it: trace with --source inline",
	[FT_REASON_MAPPINGS_NOT_SEARCHED] =
		"{0} mapping{0?|s} at rest, and not all page tables could be searched for "
		"{0?it|them}: trace as root, outside of any container",
	[FT_REASON_FILE_SYSTEM_UNKNOWN] =
		"surplus {0}, which may be its file system's own: no table says how many it keeps; "
		"compare with an expectation of a good run",

	[FT_REASON_BEFORE_WENT] =
		"who had it before the run has {0} reference{0?|s} and {1} pin{1?|s} less at its end, and "
		"who put them is not known: trace it when nobody else uses it",
	[FT_REASON_FREED_PINNED] = "it was freed while it was pinned ({0} pin{0?|s})",
	[FT_REASON_FREED_IN_SWAP_CACHE] = "it was freed while the swap cache had it",
	[FT_REASON_FILE_SYSTEM_MAY_PUT] =
		"the command put {0} reference{0?|s} that it had not taken, which may be its file system's "
		"own: no table says how many it keeps; compare with an expectation of a good run",
	[FT_REASON_STILL_ALLOCATED] =
		"{0} page{0?|s} of the kernel or of a driver, allocated while tracing and not freed",
};

static void add_part(struct reason_writer *w, const struct reason_about *x, const char *name,
		     size_t len)
{
	if (len == 1 && *name >= '0' && *name <= '2')
		reason_part__add(w, "%" PRId64, x->reason->n[*name - '0']);
	else
		reason_part__named(w, x, name, len);
}

/* "1?a|b", "put?a|b" */
static void add_choice(struct reason_writer *w, const struct reason_about *x, const char *text,
		       size_t len)
{
	const char *a = memchr(text, '?', len) + 1, *b = memchr(text, '|', len) + 1;
	bool first = *text == 'p' ? x->lost->put : x->reason->n[*text - '0'] == 1;

	reason_part__add(w, "%.*s", (int)(first ? b - 1 - a : text + len - b), first ? a : b);
}

static struct reason_text format(const struct reason_about *x)
{
	struct reason_text text;
	struct reason_writer w = { .to = &text };
	const char *s =
		(unsigned int)x->reason->code < FT_REASON_COUNT ? sentence[x->reason->code] : NULL;
	size_t n;

	text.s[0] = '\0';
	for (; s && *s; s += n) {
		n = strcspn(s, "{");
		reason_part__add(&w, "%.*s", (int)n, s);
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
	return format(&(struct reason_about){ .reason = reason });
}

struct reason_text reason__of_lost(const struct ft_lost *lost)
{
	return format(&(struct reason_about){ .reason = &lost->reason, .lost = lost });
}

struct reason_text reason__answer(const struct ft_lost *lost)
{
	return format(&(struct reason_about){ .reason = &lost->answer, .lost = lost });
}

struct reason_text reason__of_diff(const struct ft_diff_timeline *timeline)
{
	return format(&(struct reason_about){ .reason = &timeline->reason, .timeline = timeline });
}

static void add_calls(struct reason_writer *w, const struct ft_lost_calls *c)
{
	reason_part__number(w, c->balanced);
	reason_part__add(w, " of ");
	reason_part__number(w, c->calls);
	reason_part__add(w, " calls of %s ", c->function);
	if (!c->each) {
		reason_part__add(w, "put as many as they took");
		return;
	}
	reason_part__add(w, "took ");
	reason_part__number(w, c->each);
	reason_part__add(w, " and put ");
	reason_part__number(w, c->each);
}

static void add_this_call(struct reason_writer *w, const struct ft_lost_calls *c)
{
	reason_part__add(w, "; this one took ");
	reason_part__number(w, c->took);
	reason_part__add(w, " and put ");
	reason_part__number(w, c->put);
}

struct reason_text reason__calls(const struct ft_lost *lost)
{
	struct reason_text text;
	struct reason_writer w = { .to = &text };

	text.s[0] = '\0';
	if (!lost->calls.function)
		return text;
	add_calls(&w, &lost->calls);
	add_this_call(&w, &lost->calls);
	return text;
}

/* An int in a register: the upper half is anything. */
static void add_value(struct reason_writer *w, int64_t value)
{
	const char *error = name__error(value);

	if (!error)
		error = name__error(value = (int32_t)value);
	reason_part__add(w, "%" PRId64, value);
	if (error)
		reason_part__add(w, " (-%s)", error);
}

struct reason_text reason__after(const struct ft_lost *lost)
{
	bool inferred = lost->reason.code == FT_REASON_INFERRED_BETWEEN;
	struct reason_text text;
	struct reason_writer w = { .to = &text };
	size_t i;

	text.s[0] = '\0';
	for (i = 0; !inferred && i < lost->nr_returned; i++) {
		const struct ft_returned *r = &lost->returned[i];

		reason_part__add(&w, "%s%s returned ", i ? "; then " : "",
				 r->site->function ? r->site->function : "?");
		if (r->site == lost->answered_in)
			reason_part__add(&w, "without it");
		else if (!r->site->returns)
			reason_part__add(&w, "without a put");
		else
			add_value(&w, r->value);
	}
	return text;
}
