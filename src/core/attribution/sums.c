// SPDX-License-Identifier: GPL-2.0
#include "core/attribution/asked.h"
#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/index/tasks.h"

const struct ft_event *ft_asked__event(const struct ft_asked *a, const struct ft_token *t)
{
	return ft_token__is_pseudo(t) ? NULL : a->ev->refs->events[t->number];
}

bool ft_asked__is_ours(const struct ft_asked *a, const struct ft_token *t)
{
	const struct ft_event *e = ft_asked__event(a, t);

	return e && ft_event__is_commands(e);
}

/* Whoever puts it, such a reference goes from one task to another. */
bool ft_asked__is_passed_on(const struct ft_asked *a, const struct ft_token *t)
{
	const struct ft_class *class = &a->ev->classes->list[t->class];

	if (ft_token__is_pseudo(t))
		return false;
	return (t->put && ft_holders__releases_for_others(class->site, t->stack)) ||
	       ft_classes__passes_on(a->ev->classes, t->class, t->stack);
}

/* Pairs are of the shortened tokens. */
static bool is_same(const struct ft_token *a, const struct ft_token *b)
{
	return a->at == b->at && a->hold == b->hold && a->put == b->put;
}

/* The end of what the command itself passed on. */
static bool answers_ours(const struct ft_asked *a, const struct ft_token *put)
{
	size_t i;

	for (i = 0; i < a->nr_pairs; i++)
		if (is_same(a->pairs[i].put, put) && ft_asked__is_ours(a, a->pairs[i].get) &&
		    ft_asked__is_passed_on(a, a->pairs[i].get))
			return true;
	return false;
}

/* A task that has never come from user space: a kernel thread, a work item, a timer. */
bool ft_asked__is_kernels(const struct ft_asked *a, const struct ft_event *e)
{
	const struct ft_task *task = ft_run__task(a->run, e->pid);

	return e->context > FT_CTX_TASK || (task && !task->followed && task->last_entry <= 1);
}

/*
 * A put that others do for the command: one like it answers a get of the command. Then the
 * next one is too many, even if there was another reference for it to put.
 */
bool ft_asked__is_for_the_command(const struct ft_asked *a, const struct ft_token *put)
{
	size_t i;

	for (i = 0; i < a->nr_pairs; i++)
		if (a->pairs[i].put->class == put->class && ft_asked__is_ours(a, a->pairs[i].get) &&
		    ft_asked__is_kernels(a, ft_asked__event(a, a->pairs[i].put)))
			return true;
	return false;
}

/* The command's, and what others put for it, unless that can be for a living outsider. */
bool ft_asked__counts(const struct ft_asked *a, const struct ft_token *t)
{
	const struct ft_event *e = ft_asked__event(a, t);

	if (!e)
		return false;
	return ft_event__is_commands(e) || (t->put && !a->outsiders && ft_asked__is_kernels(a, e) &&
					    ft_asked__is_for_the_command(a, t));
}

/* How many mappings the command made so far, less those that it removed. */
struct mapped {
	size_t next; /* event */
	int32_t mapcount;
	int64_t made;
};

static void go_on_until(struct mapped *m, const struct ft_folio *folio, uint64_t t_ns)
{
	for (; m->next < folio->nr_events && folio->events[m->next].t_ns <= t_ns; m->next++) {
		const struct ft_event *e = &folio->events[m->next];
		enum ft_role role = e->site->role;

		if (!ft_event__is_reading(e))
			continue;
		if (e->op == FT_OP_RETURN && e->followed && m->mapcount != FT_UNKNOWN &&
		    (role == FT_ROLE_MAP || role == FT_ROLE_MAP_NEW || role == FT_ROLE_UNMAP))
			m->made += e->mapcount - m->mapcount;
		m->mapcount = e->mapcount;
	}
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* In which of two sums it is. */
static size_t as_pin(const struct ft_asked *a, const struct ft_token *t)
{
	return ft_token__is_pin(t) && !a->together;
}

/* The command puts what others had passed on. */
static bool is_of_passed(const struct ft_asked *a, const struct ft_token *t)
{
	return t->put && ft_token__is_plain(t) && ft_asked__is_passed_on(a, t) &&
	       !answers_ours(a, t);
}

/* Of the command, and of the threads of the kernel, so far. */
struct sums {
	int64_t plain, with_maps, pins;
	int64_t kernels[2]; /* references and pins */
	/* of the whole lifetime, by everybody, and by all but the command */
	int64_t kinds[2][FT_OWNER_COUNT], others[2];
};

/*
 * The kernel's threads put first what one of them took: a work item gets, a timer puts. Of
 * what they put more, the rest is for the command.
 */
static int64_t for_the_command(int64_t *kernels, const struct ft_token *t)
{
	int64_t rest;

	*kernels += ft_token__units(t);
	if (*kernels >= 0)
		return 0;
	rest = *kernels;
	*kernels = 0;
	return rest;
}

/* All that went into pipes, that I/O took, was put by them again: none of it is anybody's. */
static bool is_passed_and_back(const struct ft_asked *a, const struct sums *s,
			       const struct ft_token *t)
{
	enum ft_owner_class kind = ft_token__passed_by(t);

	return kind != FT_OWNER_OTHER && !s->kinds[as_pin(a, t)][kind];
}

/* What all but the command took and did not put; of what was passed on the command put theirs. */
static bool add_others(const struct ft_asked *a, struct sums *s, const struct ft_token *t)
{
	if (!(ft_token__is_plain(t) || ft_token__is_pin(t)) || is_passed_and_back(a, s, t))
		return false;
	if (ft_token__is_pseudo(t) ? !a->before_known :
				     ft_asked__is_ours(a, t) && !is_of_passed(a, t))
		return false;
	s->others[as_pin(a, t)] += ft_token__units(t);
	return true;
}

static void add(struct ft_asked *a, struct sums *s, const struct ft_token *t)
{
	int64_t n = ft_token__units(t);
	const struct ft_event *e = ft_asked__event(a, t);

	if (is_passed_and_back(a, s, t))
		return;
	if (e && ft_asked__is_kernels(a, e) && (ft_token__is_plain(t) || ft_token__is_pin(t)))
		n = for_the_command(&s->kernels[as_pin(a, t)], t);
	if (!ft_asked__counts(a, t) || is_of_passed(a, t))
		return;
	if (ft_token__is_pin(t))
		s->pins += n;
	if (ft_token__is_plain(t))
		s->plain += n;
	if (ft_token__is_plain(t) || t->hold == FT_HOLD_MAP)
		s->with_maps += n;
}

/*
 * What the command took less what it put, where that is least: what others put for it later
 * does not make up for it. The mapping that an operation goes with shows in the operations
 * around it, if those are not of the same mapping; else only in what rmap did. The milder
 * of both counts. A pin of a large folio is told from a reference by readings, which may be
 * of another moment: there both together count, where no pin is left.
 */
void ft_asked__sum_up(struct ft_asked *a, const struct ft_tokens *tokens)
{
	const struct ft_token *list = tokens->nr_whole ? tokens->whole : tokens->list;
	size_t nr = tokens->nr_whole ? tokens->nr_whole : tokens->nr, i;
	struct mapped mapped = { .mapcount = FT_UNKNOWN };
	struct sums s = { 0 };
	int64_t net;

	for (i = 0; i < nr; i++)
		if (ft_token__is_plain(&list[i]) || ft_token__is_pin(&list[i]))
			s.kinds[as_pin(a, &list[i])][ft_token__passed_by(&list[i])] +=
				ft_token__units(&list[i]);
	for (i = 0; i < nr; i++) {
		const struct ft_token *t = &list[i];

		add(a, &s, t);
		go_on_until(&mapped, a->folio, t->t_ns);
		net = larger(s.plain, s.with_maps - mapped.made);
		if (a->together)
			net += s.pins;
		if (net < a->net[0])
			a->net[0] = net;
		if (s.pins < a->net[1])
			a->net[1] = s.pins;
		a->others[i] = add_others(a, &s, t);
	}
	a->missing = s.others[0] + s.others[1];
	for (i = 0; i < 2; i++)
		if (-s.others[i] < a->net[i])
			a->net[i] = -s.others[i];
}
