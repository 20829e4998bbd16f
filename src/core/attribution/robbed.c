// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "core/attribution/closed.h"
#include "core/attribution/robbed.h"
#include "core/attribution/shrink.h"
#include "core/attribution/tokenize.h"
#include "core/util/grow.h"

void ft_robbed__free(struct ft_robbed *r)
{
	ft_tokens__free(&r->own);
	*r = (struct ft_robbed){ 0 };
}

/* The count was in order with the others' references: it clears nothing of the command's. */
static int copy_own(struct ft_tokens *own, const struct ft_tokens *t, const bool *others)
{
	const struct ft_token *list = t->nr_whole ? t->whole : t->list;
	size_t nr = t->nr_whole ? t->nr_whole : t->nr, i;

	if (FT_GROW(own->list, own->room, nr + 1))
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		if (others[i])
			continue;
		own->list[own->nr] = list[i];
		own->list[own->nr++].cleared = false;
	}
	return 0;
}

/* A task that put in later calls what it had taken in earlier ones has robbed nobody. */
static void close_tasks(struct ft_tokens *own)
{
	size_t i, j;

	for (i = 0; i < own->nr; i++) {
		const struct ft_token *t = &own->list[i];
		int64_t left = 0;

		if (t->closed || t->hold != FT_HOLD_NONE || ft_token__is_pseudo(t))
			continue;
		for (j = 0; j < own->nr; j++) {
			const struct ft_token *o = &own->list[j];

			if (!o->closed && o->hold == t->hold && ft_token__is_same_task(o, t))
				left += ft_token__units(o);
		}
		for (j = i; !left && j < own->nr; j++) {
			struct ft_token *o = &own->list[j];

			if (o->hold == t->hold && ft_token__is_same_task(o, t))
				o->closed = true;
		}
	}
}

static bool is_put(const struct ft_ranking *r)
{
	return r->nr && r->nr_unmatched && r->unmatched[0]->put;
}

/* Proven only where no other function puts anything that is not answered in its own call. */
static bool is_proven(const struct ft_tokens *own, const struct ft_token *guilty)
{
	size_t i;

	for (i = 0; i < own->nr; i++) {
		const struct ft_token *t = &own->list[i];

		if (!t->closed && t->put && !ft_token__is_pseudo(t) && t->hold == guilty->hold &&
		    t->class != guilty->class)
			return false;
	}
	return true;
}

int ft_robbed__of(struct ft_robbed *r, const struct ft_tokens *tokens, const bool *others,
		  int64_t units, const struct ft_model *model)
{
	struct ft_attribution *a = &r->attribution;
	int code;

	*r = (struct ft_robbed){ .own = { .surplus = -units, .breaks = tokens->breaks } };
	code = copy_own(&r->own, tokens, others);
	if (!code)
		code = ft_tokens__close(&r->own);
	if (!code)
		close_tasks(&r->own);
	if (!code)
		code = ft_tokens__shrink(&r->own);
	if (!code)
		code = ft_attribution__of(&r->own, model, a);
	if (code || !is_put(a->lead))
		return code;
	r->units = units;
	/* what was shortened has lost what would contradict */
	if (a->confidence == FT_CERTAIN &&
	    (tokens->nr_whole || !is_proven(&r->own, a->lead->unmatched[0])))
		a->confidence = FT_LIKELY;
	return 0;
}
