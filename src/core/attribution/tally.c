// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/tally.h"
#include "core/util/grow.h"
#include "function.h"

#define DEPTH 16 /* functions around an operation that are looked at */
#define ENOUGH 3 /* other calls of a function, to say what its calls do */
#define NAMES_MAX (2 * FT_TALLY_FUNCTIONS)

void ft_tallies__free(struct ft_tallies *t)
{
	free(t->list);
	free(t->order);
	free(t->functions);
	ft_hash__free(&t->by_function);
	free(t->names);
	ft_hash__free(&t->by_name);
	*t = (struct ft_tallies){ 0 };
}

/* Names are interned: the pointer will do. */
static bool is_name(const void *list, uint32_t number, const void *key)
{
	return ((const struct ft_tally_name *)list)[number].name == key;
}

static bool is_function(const void *list, uint32_t number, const void *key)
{
	return ft_function__is_same(((const struct ft_tally_function *)list)[number].name, key);
}

static uint32_t hash_of_function(const char *name)
{
	const char *end = name + ft_function__length(name);
	uint64_t h = 0;

	for (; name < end; name++)
		h = ft_hash__mix(h, (unsigned char)*name);
	return ft_hash__of(h);
}

/* FT_HASH_NONE: it was never seen, or there is no room for it. */
static uint32_t find(const struct ft_tallies *t, const char *name)
{
	uint32_t n =
		ft_hash__find(&t->by_name, ft_hash__of((uintptr_t)name), is_name, t->names, name);

	return n == FT_HASH_NONE ? n : t->names[n].function;
}

static int add_function(struct ft_tallies *t, const char *name, uint32_t *number)
{
	uint32_t h = hash_of_function(name);

	*number = ft_hash__find(&t->by_function, h, is_function, t->functions, name);
	if (*number != FT_HASH_NONE || t->nr_functions >= FT_TALLY_FUNCTIONS)
		return 0;
	if (FT_GROW(t->functions, t->room_functions, t->nr_functions + 1) ||
	    ft_hash__add(&t->by_function, h, (uint32_t)t->nr_functions))
		return -ENOMEM;
	*number = (uint32_t)t->nr_functions++;
	t->functions[*number] = (struct ft_tally_function){
		.name = name,
		.helper = ft_holders__is_helper(name),
	};
	return 0;
}

static int intern(struct ft_tallies *t, const char *name, uint32_t *number)
{
	int code;

	*number = find(t, name);
	if (*number != FT_HASH_NONE || t->nr_names >= NAMES_MAX)
		return 0;
	code = add_function(t, name, number);
	if (code || *number == FT_HASH_NONE)
		return code;
	if (FT_GROW(t->names, t->room_names, t->nr_names + 1) ||
	    ft_hash__add(&t->by_name, ft_hash__of((uintptr_t)name), (uint32_t)t->nr_names))
		return -ENOMEM;
	t->names[t->nr_names++] = (struct ft_tally_name){ name, *number };
	return 0;
}

/* The tally of a function in the call whose tallies begin at from. */
static int tally_of(struct ft_tallies *t, size_t from, const struct ft_token *token,
		    uint32_t function, struct ft_tally **tally)
{
	uint32_t *at = &t->functions[function].at;

	if (*at < from || *at >= t->nr || t->list[*at].function != function) {
		if (FT_GROW(t->list, t->room, t->nr + 1))
			return -ENOMEM;
		*at = (uint32_t)t->nr++;
		t->list[*at] = (struct ft_tally){
			.task = token->task,
			.entry_seq = token->entry_seq,
			.interrupt = token->interrupt,
			.function = function,
		};
	}
	*tally = &t->list[*at];
	return 0;
}

static int add(struct ft_tallies *t, size_t from, const struct ft_token *token, uint32_t last,
	       const char *name)
{
	struct ft_tally *tally;
	uint32_t function;
	int code = name ? intern(t, name, &function) : 0;

	if (code || !name || function == FT_HASH_NONE || t->functions[function].helper)
		return code;
	code = tally_of(t, from, token, function, &tally);
	if (code || tally->last == last) /* it calls itself */
		return code;
	tally->last = last;
	*(token->put ? &tally->put : &tally->took) += token->n;
	return 0;
}

static int add_token(struct ft_tallies *t, size_t from, const struct ft_token *token, uint32_t last,
		     const struct ft_classes *classes)
{
	const struct ft_site *site = classes->list[token->class].site;
	uint32_t i;
	int code = add(t, from, token, last, site->function);

	/* frame 0 is the site's own */
	for (i = 1; !code && token->stack && i < token->stack->depth && i < DEPTH; i++)
		code = add(t, from, token, last, token->stack->frames[i]->function);
	return code;
}

static bool is_counted(const struct ft_token *t)
{
	if (ft_token__is_pseudo(t) || ft_token__passed_by(t) != FT_OWNER_OTHER)
		return false;
	return t->hold == FT_HOLD_NONE || t->hold == FT_HOLD_PIN || t->hold == FT_HOLD_ISOLATION;
}

static int by_call(const void *a, const void *b)
{
	const struct ft_token *x = *(struct ft_token *const *)a, *y = *(struct ft_token *const *)b;
	int order = ft_token__compare_calls(x, y);

	return order ? order : x < y ? -1 : x > y;
}

int ft_tallies__of(struct ft_tallies *t, const struct ft_tokens *tokens,
		   const struct ft_classes *classes)
{
	size_t i, nr = 0, from = 0;
	int code = 0;

	t->nr = 0;
	if (FT_GROW(t->order, t->room_order, tokens->nr + 1))
		return -ENOMEM;
	for (i = 0; i < tokens->nr; i++)
		if (is_counted(&tokens->list[i]))
			t->order[nr++] = &tokens->list[i];
	qsort(t->order, nr, sizeof(*t->order), by_call);
	for (i = 0; !code && i < nr; i++) {
		if (i && !ft_token__is_same_call(t->order[i - 1], t->order[i]))
			from = t->nr;
		code = add_token(t, from, t->order[i], (uint32_t)i + 1, classes);
	}
	return code;
}

void ft_tallies__count(struct ft_tallies *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct ft_tally *x = &t->list[i];
		struct ft_tally_function *f = &t->functions[x->function];

		f->calls++;
		if (x->took != x->put)
			continue;
		f->balanced++;
		f->each[x->took < FT_TALLY_EACH ? x->took : 0]++;
	}
}

/* What every balanced call took and put; 0: they differ. */
static uint32_t each_of(const struct ft_tally_function *f)
{
	uint32_t i;

	for (i = 1; i < FT_TALLY_EACH; i++)
		if (f->each[i])
			return f->each[i] == f->balanced ? i : 0;
	return 0;
}

/*
 * Whether the calls of a function show what this one should have done. A function around many
 * others, of which few do what the innermost does, shows nothing.
 */
static bool shows(const struct ft_tally_function *f, const struct ft_tally_function *innermost)
{
	return f->calls > ENOUGH && 3 * f->balanced > 2 * f->calls &&
	       f->calls <= 2 * innermost->calls;
}

static const struct ft_tally *in_call(const struct ft_tallies *t, const struct ft_event *e,
				      uint32_t function)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct ft_tally *x = &t->list[i];

		if (x->function == function && x->task == e->pid && x->entry_seq == e->entry_seq &&
		    x->interrupt == (e->context > FT_CTX_TASK))
			return x;
	}
	return NULL;
}

static const char *function_around(const struct ft_lost *lost, uint32_t i)
{
	if (!i)
		return lost->site->function;
	return lost->stack && i < lost->stack->depth ? lost->stack->frames[i]->function : NULL;
}

void ft_tallies__tell(const struct ft_tallies *t, struct ft_lost *lost)
{
	const struct ft_tally_function *f, *innermost = NULL;
	const struct ft_tally *this;
	const char *name;
	uint32_t i, n;

	if (!lost->site || !lost->event || !ft_event__is_operation(lost->event))
		return;
	for (i = 0; i < DEPTH && (name = function_around(lost, i)); i++) {
		n = find(t, name);
		if (n == FT_HASH_NONE || t->functions[n].helper)
			continue;
		f = &t->functions[n];
		innermost = innermost ? innermost : f;
		this = shows(f, innermost) ? in_call(t, lost->event, n) : NULL;
		if (!this || (lost->put ? this->put <= this->took : this->took <= this->put))
			continue;
		lost->calls = (struct ft_lost_calls){
			.function = f->name,
			.calls = f->calls,
			.balanced = f->balanced,
			.each = each_of(f),
			.took = this->took,
			.put = this->put,
		};
		return;
	}
}
