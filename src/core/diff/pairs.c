// SPDX-License-Identifier: GPL-2.0
/* Which put answers which get, and which calls returned what, in one run only. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/diff/parts.h"

struct pairs {
	struct ft_diff_pair *list;
	size_t nr, room;
};

static int count_pair(struct pairs *p, const struct ft_site *get, const struct ft_site *put,
		      uint64_t seen, bool in_b)
{
	struct ft_diff_pair *x;
	size_t i;

	for (i = 0; i < p->nr; i++)
		if (ft_function__is_same(p->list[i].get, get->function) &&
		    ft_function__is_same(p->list[i].put, put ? put->function : NULL))
			break;
	if (i == p->nr) {
		if (p->nr == p->room) {
			p->room = p->room ? 2 * p->room : 64;
			x = realloc(p->list, p->room * sizeof(*x));
			if (!x)
				return -ENOMEM;
			p->list = x;
		}
		p->list[p->nr++] = (struct ft_diff_pair){ .get = get->function,
							  .get_module = get->module,
							  .put = put ? put->function : NULL,
							  .put_module = put ? put->module : NULL };
	}
	*(in_b ? &p->list[i].b : &p->list[i].a) += seen;
	return 0;
}

/* What balanced folios of this run show, by site without callers. */
static int count_pairs(struct pairs *p, const struct ft_side *side, bool in_b)
{
	const struct ft_classes *c = &side->attributor.classes;
	size_t i, j;
	int code = 0;

	for (i = 0; !code && i < c->nr; i++)
		for (j = 0; !code && c->list[i].site && j < c->nr; j++) {
			uint64_t seen = c->list[j].site ? ft_model__seen(&side->attributor.model,
									 (uint32_t)i, (uint32_t)j) :
							  0;

			if (seen)
				code = count_pair(p, c->list[i].site, c->list[j].site, seen, in_b);
		}
	for (i = 0; i < side->run->nr_folios; i++) {
		const struct ft_folio *folio = side->run->folios[i];

		for (j = 0; !code && j < folio->nr_lost; j++)
			if (!folio->lost[j].put && folio->lost[j].site)
				code = count_pair(p, folio->lost[j].site, NULL, 1, in_b);
	}
	return code;
}

/* Of a get that the other run does not have, no put can be missed there. */
static bool is_common(const struct pairs *p, const struct ft_diff_pair *x)
{
	uint64_t a = 0, b = 0;
	size_t i;

	for (i = 0; i < p->nr; i++)
		if (ft_function__is_same(p->list[i].get, x->get)) {
			a += p->list[i].a;
			b += p->list[i].b;
		}
	return a && b;
}

int ft_diff__pairs(struct ft_differ *d)
{
	struct ft_diff *diff = d->diff;
	struct pairs p = { 0 };
	size_t i;
	int code;

	if (!d->operations)
		return 0;
	code = count_pairs(&p, &d->a, false);
	if (!code)
		code = count_pairs(&p, &d->b, true);
	diff->pairs = ft_arena__alloc(d->arena, p.nr + 1, sizeof(*diff->pairs));
	if (!diff->pairs)
		code = -ENOMEM;
	for (i = 0; !code && i < p.nr; i++)
		if ((!p.list[i].a || !p.list[i].b) && is_common(&p, &p.list[i]))
			diff->pairs[diff->nr_pairs++] = p.list[i];
	free(p.list);
	return code;
}

struct calls {
	struct ft_diff_call *list;
	size_t nr, room;
};

static int count(struct calls *c, const char *function, int64_t value, bool returns, bool in_b)
{
	struct ft_diff_call *x;
	int64_t result = returns ? ft_value__error(value) : 0;
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (c->list[i].result == result && !strcmp(c->list[i].function, function))
			break;
	if (i == c->nr) {
		if (c->nr == c->room) {
			c->room = c->room ? 2 * c->room : 64;
			x = realloc(c->list, c->room * sizeof(*x));
			if (!x)
				return -ENOMEM;
			c->list = x;
		}
		c->list[c->nr++] = (struct ft_diff_call){ .function = function, .result = result };
	}
	++*(in_b ? &c->list[i].b : &c->list[i].a);
	return 0;
}

static int count_side(struct calls *c, const struct ft_run *run, bool in_b)
{
	size_t i, j;
	int code = 0;

	for (i = 0; !code && i < run->nr_calls; i++)
		if (run->calls[i].returned && run->calls[i].site->function)
			code = count(c, run->calls[i].site->function, run->calls[i].value,
				     run->calls[i].site->returns, in_b);
	for (i = 0; !code && i < run->nr_folios; i++) {
		const struct ft_folio *folio = run->folios[i];

		for (j = 0; !code && folio->events && j < folio->nr_events; j++)
			if (folio->events[j].op == FT_OP_RETURN && folio->events[j].site->function)
				code = count(c, folio->events[j].site->function,
					     folio->events[j].value, folio->events[j].site->returns,
					     in_b);
	}
	return code;
}

static bool has_hook(const struct ft_run *run, const char *function)
{
	size_t i;

	for (i = 0; i < run->nr_sites; i++)
		if (run->sites[i]->role && run->sites[i]->attached && run->sites[i]->function &&
		    !strcmp(run->sites[i]->function, function))
			return true;
	return false;
}

int ft_diff__calls(struct ft_differ *d)
{
	struct ft_diff *diff = d->diff;
	struct calls c = { 0 };
	size_t i;
	int code = count_side(&c, d->a.run, false);

	if (!code)
		code = count_side(&c, d->b.run, true);
	diff->calls = ft_arena__alloc(d->arena, c.nr + 1, sizeof(*diff->calls));
	if (!diff->calls)
		code = -ENOMEM;
	for (i = 0; !code && i < c.nr; i++) {
		struct ft_diff_call *x = &c.list[i];

		if (x->a && x->b)
			continue;
		x->missing = !has_hook(x->a ? d->b.run : d->a.run, x->function);
		diff->calls[diff->nr_calls++] = *x;
	}
	free(c.list);
	return code;
}
