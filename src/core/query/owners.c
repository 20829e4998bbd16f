// SPDX-License-Identifier: GPL-2.0
/*
 * The owners of a folio at its last reading. What the folio shows comes first, then what
 * it had before, what was found, what is lost, and what is left: so their units add up to
 * its counts.
 */
#include <errno.h>

#include "core/index/owners.h"
#include "core/util/arena.h"
#include "model.h"

static const struct {
	enum ft_term term;
	enum ft_owner_class class;
} shown_terms[] = {
	{ FT_TERM_PAGE_CACHE, FT_OWNER_PAGE_CACHE },
	{ FT_TERM_SWAP_CACHE, FT_OWNER_SWAP_CACHE },
	{ FT_TERM_PRIVATE, FT_OWNER_PRIVATE },
	{ FT_TERM_PRIVATE_2, FT_OWNER_PRIVATE_2 },
	{ FT_TERM_IDLE, FT_OWNER_IDLE },
	{ FT_TERM_FILE_SYSTEM, FT_OWNER_FILE_SYSTEM },
};

struct builder {
	const struct ft_run *run;
	const struct ft_folio *folio;
	struct ft_owner *list;
	size_t nr, room;
	struct ft_units left;	      /* of the folio's counts, without an owner so far */
	struct ft_units gone;	      /* mappings and pins that are lost, without one so far */
	int64_t per_mapping, per_pin; /* references that each comes with */
};

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool is_nothing(const struct ft_units *u)
{
	return !u->references && !u->pins && !u->mappings;
}

static bool is_like(const struct ft_owner *a, const struct ft_owner *b)
{
	if (a->class != b->class || a->state != b->state || a->pid != b->pid ||
	    !a->since != !b->since || (a->units.references < 0) != (b->units.references < 0))
		return false;
	return !a->since ||
	       (a->since->site == b->since->site && a->since->stack == b->since->stack);
}

static void add(struct builder *b, const struct ft_owner *new)
{
	struct ft_owner *to = b->list;

	b->left.references -= new->units.references;
	b->left.pins -= new->units.pins;
	b->left.mappings -= new->units.mappings;
	if (is_nothing(&new->units))
		return;
	while (to < b->list + b->nr && !is_like(to, new))
		to++;
	if (to == b->list + b->nr) {
		*to = *new;
		b->nr++;
		return;
	}
	to->units.references += new->units.references;
	to->units.pins += new->units.pins;
	to->units.mappings += new->units.mappings;
}

static struct ft_units mappings(const struct builder *b, int64_t n)
{
	return (struct ft_units){ .references = n * b->per_mapping, .mappings = n };
}

static struct ft_units pins(const struct builder *b, int64_t n)
{
	return (struct ft_units){ .references = n * b->per_pin, .pins = n };
}

/* References that are left, without those of pins and mappings. */
static int64_t plain_left(const struct builder *b)
{
	return b->left.references - b->left.pins * b->per_pin - b->left.mappings * b->per_mapping;
}

/* A unit that is left without an owner, by the verdict. */
static enum ft_owner_state state_left(const struct builder *b)
{
	if (ft_folio__is_bad(b->folio))
		return FT_OWNER_GONE;
	return b->folio->verdict == FT_VERDICT_INCONCLUSIVE ? FT_OWNER_POSSIBLE : FT_OWNER_SHOWN;
}

/* The owners of this class that were found, up to max units; how many units those are. */
static int64_t add_found(struct builder *b, enum ft_owner_class class, int64_t max)
{
	const struct ft_found_owner *f;
	size_t nr = ft_run__found_owners(b->run, b->folio->id, &f), i;
	int64_t units = 0;

	for (i = 0; i < nr && units < max; i++) {
		int64_t n = smaller(f[i].units, max - units);
		struct ft_owner o = { .class = class,
				      .state = FT_OWNER_PROVED,
				      .pid = f[i].pid,
				      .tgid = f[i].tgid,
				      .comm = f[i].comm };

		if (f[i].class != class)
			continue;
		if (class == FT_OWNER_MAPPING)
			o.units = mappings(b, n);
		else if (class == FT_OWNER_IO_URING && b->left.pins >= n)
			o.units = pins(b, n);
		else
			o.units.references = n;
		add(b, &o);
		units += n;
	}
	return units;
}

static void add_mappings(struct builder *b)
{
	int64_t living = b->left.mappings - b->gone.mappings;

	living -= add_found(b, FT_OWNER_MAPPING, living);
	if (living > 0)
		add(b, &(struct ft_owner){ .class = FT_OWNER_MAPPING,
					   .state = FT_OWNER_SHOWN,
					   .units = mappings(b, living) });
}

static void add_terms(struct builder *b)
{
	size_t i;

	for (i = 0; i < sizeof(shown_terms) / sizeof(*shown_terms); i++)
		add(b,
		    &(struct ft_owner){
			    .class = shown_terms[i].class,
			    .state = FT_OWNER_SHOWN,
			    .units.references = b->folio->final.expected.term[shown_terms[i].term],
		    });
}

/* That of a page of the kernel or of a driver: whoever allocated it. */
static void add_allocation(struct builder *b)
{
	if (ft_kind__is_judged(b->folio->kind) || !b->folio->born || plain_left(b) <= 0)
		return;
	add(b, &(struct ft_owner){ .class = FT_OWNER_ALLOCATION,
				   .state = FT_OWNER_SHOWN,
				   .units.references = 1 });
}

/* The surplus from before, or what is left of it. */
static void add_before(struct builder *b)
{
	int64_t before = b->folio->baseline, left = plain_left(b);

	if (b->folio->born)
		return;
	/* a robbed one keeps what it had: the puts too many are told apart */
	if (b->folio->ownerless.references >= 0) {
		if ((before < 0) != (left < 0))
			return;
		before = before < 0 ? larger(before, left) : smaller(before, left);
	}
	add(b, &(struct ft_owner){ .class = FT_OWNER_BEFORE,
				   .state = FT_OWNER_SHOWN,
				   .units.references = before });
}

static void add_all_found(struct builder *b)
{
	enum ft_owner_class of;

	for (of = FT_OWNER_OTHER; of < FT_OWNER_COUNT; of++) {
		if (of == FT_OWNER_IO_URING && b->left.pins > 0)
			add_found(b, of, b->left.pins);
		else if (of != FT_OWNER_MAPPING && plain_left(b) > 0)
			add_found(b, of, plain_left(b));
	}
}

static struct ft_owner owner_by(const struct ft_event *e)
{
	struct ft_owner o = { .since = e };

	if (e) {
		o.pid = e->pid;
		o.tgid = e->tgid;
		o.comm = e->comm;
	}
	return o;
}

/* The other side of what is lost: the plain put of a pin, the get that a put robbed or that
 * was released as a pin. */
static void add_other(struct builder *b, const struct ft_lost *l)
{
	struct ft_owner o = owner_by(l->other);

	if (!l->other)
		return;
	o.class = l->put ? FT_OWNER_OTHER : FT_OWNER_PIN;
	o.state = l->put && l->class != FT_OWNER_PIN ? FT_OWNER_POSSIBLE : FT_OWNER_GONE;
	o.units.references = l->put ? 1 : -1;
	add(b, &o);
}

static void add_lost(struct builder *b, const struct ft_lost *l)
{
	int64_t n = l->put ? -1 : 1;
	struct ft_owner o = owner_by(l->event);

	o.class = l->class;
	o.state = l->state == FT_OWNER_SHOWN ? state_left(b) : l->state;
	if (l->class == FT_OWNER_MAPPING && b->gone.mappings * n > 0) {
		o.units = mappings(b, n);
		b->gone.mappings -= n;
	} else if (l->class == FT_OWNER_PIN &&
		   (b->gone.pins * n > 0 || (n > 0 && b->left.pins > 0))) {
		o.units = pins(b, n);
		b->gone.pins -= b->gone.pins * n > 0 ? n : 0;
	} else if (l->class == FT_OWNER_PIN && l->put && l->other) {
		o.units.references = -b->per_pin;
	} else {
		o.units.references = n;
	}
	add_other(b, l);
	add(b, &o);
}

/* Pins and mappings that no event is known of. */
static void add_unseen(struct builder *b)
{
	struct ft_owner o = { .state = FT_OWNER_GONE, .class = FT_OWNER_MAPPING };

	o.units = mappings(b, b->gone.mappings);
	add(b, &o);
	o.class = FT_OWNER_PIN;
	o.units = pins(b, b->gone.pins);
	add(b, &o);
	o.state = b->folio->verdict == FT_VERDICT_INCONCLUSIVE ? FT_OWNER_POSSIBLE : FT_OWNER_SHOWN;
	o.units = pins(b, b->left.pins);
	add(b, &o);
	o.class = FT_OWNER_MAPPING;
	o.units = mappings(b, b->left.mappings);
	add(b, &o);
}

/* Whose the references are that are left, as far as the reason says. */
static struct ft_owner whose(const struct builder *b)
{
	const struct ft_reason *r = &b->folio->reason;
	struct ft_owner o = { .class = FT_OWNER_OTHER, .state = state_left(b) };

	switch (r->code) {
	case FT_REASON_MAY_HAVE_LIVING_HOLDER:
		o.class = (enum ft_owner_class)r->n[1];
		break;
	case FT_REASON_FILE_SYSTEM_UNKNOWN:
		o.class = FT_OWNER_FILE_SYSTEM;
		break;
	case FT_REASON_HELD_BY_OTHER_TASK:
	case FT_REASON_ADOPTED_OTHER_TASK:
		o.pid = (uint32_t)r->n[1];
		o.comm = r->comm;
		break;
	default:
		/* a put took one from somebody, who is not known */
		if (b->folio->verdict == FT_VERDICT_OVERPUT && b->left.references > 0) {
			o.class = FT_OWNER_BEFORE;
			o.state = FT_OWNER_SHOWN;
		}
		if (b->left.references < 0 && (b->folio->final.flags & FT_PF_PRIVATE_2))
			o.class = FT_OWNER_PRIVATE_2;
		else if (o.state == FT_OWNER_SHOWN && (b->folio->final.flags & FT_PF_HWPOISON))
			o.class = FT_OWNER_MEMORY_FAILURE;
		break;
	}
	o.units.references = b->left.references;
	return o;
}

static void add_left(struct builder *b)
{
	struct ft_owner o;
	size_t i;

	add_unseen(b);
	o = whose(b);
	/* a flag for which this file system has no reference */
	for (i = 0; o.class == FT_OWNER_PRIVATE_2 && i < b->nr; i++)
		if (b->list[i].class == o.class) {
			b->list[i].units.references += o.units.references;
			o.units.references = 0;
		}
	add(b, &o);
}

static bool is_taken_away(const struct ft_units *u)
{
	return u->references < 0 || u->pins < 0 || u->mappings < 0;
}

/* What was taken away comes last. */
static void sort(struct builder *b, struct ft_owner *to)
{
	size_t i, nr = 0;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < b->nr; i++)
			if (!is_nothing(&b->list[i].units) &&
			    is_taken_away(&b->list[i].units) == pass)
				to[nr++] = b->list[i];
	b->list = to;
	b->nr = nr;
}

/* Of one page pins are only in the refcount. */
static int64_t pins_of(const struct ft_folio *folio)
{
	const struct ft_reading *r = &folio->final;

	if (r->flags & FT_PF_LARGE)
		return r->pincount == FT_UNKNOWN ? 0 : r->pincount;
	if (folio->ownerless.pins || ft_folio__is_bad(folio))
		return folio->ownerless.pins;
	return r->surplus > folio->baseline ? (r->surplus - folio->baseline) / FT_PIN_BIAS : 0;
}

static void start(struct builder *b)
{
	const struct ft_reading *r = &b->folio->final;

	b->left.references = r->refcount;
	b->left.mappings = r->mapcount == FT_UNKNOWN ? 0 : r->mapcount;
	b->left.pins = pins_of(b->folio);
	b->gone = b->folio->ownerless;
	/* before 6.15 a mapping of a DAX page took no reference */
	b->per_mapping = !b->left.mappings || r->expected.term[FT_TERM_MAPPINGS];
	b->per_pin = r->flags & FT_PF_LARGE ? 1 : FT_PIN_BIAS;
}

int ft_folio__owners(const struct ft_run *run, const struct ft_folio *folio, struct ft_owner **list,
		     size_t *nr)
{
	struct builder b = { .run = run, .folio = folio };
	const struct ft_found_owner *found;
	struct ft_owner *sorted;
	size_t i;

	*list = NULL;
	*nr = 0;
	if (folio->died || folio->verdict == FT_VERDICT_NONE || !folio->final.valid ||
	    folio->final.refcount == FT_UNKNOWN)
		return 0;
	b.room = FT_TERM_COUNT + ft_run__found_owners(run, folio->id, &found) + 2 * folio->nr_lost +
		 8;
	b.list = ft_arena__alloc(run->arena, b.room, sizeof(*b.list));
	sorted = ft_arena__alloc(run->arena, b.room, sizeof(*sorted));
	if (!b.list || !sorted)
		return -ENOMEM;
	start(&b);
	add_mappings(&b);
	add_terms(&b);
	add_all_found(&b);
	add_before(&b);
	add_allocation(&b);
	for (i = 0; i < folio->nr_lost; i++)
		add_lost(&b, &folio->lost[i]);
	add_left(&b);
	sort(&b, sorted);
	*list = b.list;
	*nr = b.nr;
	return 0;
}
