// SPDX-License-Identifier: GPL-2.0
/*
 * A trial's call: what earlier calls left is put, units are got, used and put, or
 * left for later calls; in one call of the trial one put is left out or one is done
 * too many, and the log says so as it happens.
 */
#include "zoo.h"

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* For a later call to put. */
struct left {
	struct list_head list;
	struct page *page;
	u32 put;
	u32 who;
};

static LIST_HEAD(left);
static DEFINE_MUTEX(left_lock);

static void leave(const struct trial_step *s, struct page *page)
{
	struct left *l = kzalloc(sizeof(*l), GFP_KERNEL | __GFP_NOFAIL);

	l->page = page;
	l->put = s->put;
	l->who = s->put_by;
	mutex_lock(&left_lock);
	list_add_tail(&l->list, &left);
	mutex_unlock(&left_lock);
}

static struct left *take_left(void)
{
	struct left *l;

	mutex_lock(&left_lock);
	l = list_first_entry_or_null(&left, struct left, list);
	if (l)
		list_del(&l->list);
	mutex_unlock(&left_lock);
	return l;
}

static void put_left(unsigned int n)
{
	struct left *l;

	while (n-- && (l = take_left())) {
		trial_put_units(l->put, l->who, &l->page, 1);
		kfree(l);
	}
}

/* Units of a trial that has died. */
void zoo_trials_flush(void)
{
	put_left(UINT_MAX);
}

/* A step's units, from the get to the put. */
struct units {
	struct page *pages[TRIAL_PAGES];
	int n;
	u64 at_ns;
};

static void get(const struct trial_call *c, const struct trial_step *s, struct units *u)
{
	u->n = max(trial_get_units(c, s, u->pages), 0);
	u->at_ns = ktime_get_ns();
	for (int i = 0; i < u->n; i++)
		trial_log(c, "touched", "-", u->pages[i], u->at_ns);
}

/* Of the folio, as the guard's and the over-put's page may differ. */
static void owe(const struct trial_step *s, struct page *page, int n)
{
	struct page *head = &page_folio(page)->page;

	if (s->get == TRIAL_ISOLATE)
		zoo_owe_putback(head);
	else if (trial_is_pin(s->get))
		zoo_owe(&head, 1, 0, n);
	else
		zoo_owe(&head, 1, n, 0);
}

/* The last unit is not put, and forgotten. */
static void forget_last(struct trial_call *c, const struct trial_step *s, struct units *u)
{
	struct page *page = u->pages[--u->n];

	if (s->fault == TRIAL_GUARD) {
		trial_log(c, "guard", trial_get_name(s->get), page, u->at_ns);
		zoo_set_slot(c->slot, page);
	} else {
		trial_log(c, trial_is_pin(s->get) ? "leak-pin" : "leak-ref", trial_get_name(s->get),
			  page, u->at_ns);
	}
	owe(s, page, 1);
	c->done = 1;
}

/* Another folio has come in the guarded one's stead: it would be freed while it is used. */
static bool is_guarded(const struct trial_call *c, struct page *page)
{
	struct page *guarded = zoo_slot(c->slot);

	return guarded && page_folio(guarded) == page_folio(page);
}

/* Once more than it was got; before the rest is put, so that the log can look at the folio. */
static void put_too_many(struct trial_call *c, const struct trial_step *s, struct page *page)
{
	owe(s, page, -1);
	trial_log(c, trial_is_pin(s->get) ? "overput-pin" : "overput-ref", trial_put_name(s->over),
		  page, ktime_get_ns());
	c->done = 1;
}

static void put(struct trial_call *c, const struct trial_step *s, struct units *u)
{
	struct page *over = NULL;

	if (!u->n)
		return;
	swap(u->pages[s->victim % u->n], u->pages[u->n - 1]);
	if (s->fault == TRIAL_LEAK || s->fault == TRIAL_GUARD)
		forget_last(c, s, u);
	else if (s->fault == TRIAL_OVERPUT && is_guarded(c, u->pages[u->n - 1]))
		over = u->pages[u->n - 1];
	if (over)
		put_too_many(c, s, over);
	if (s->later) {
		for (int i = 0; i < u->n; i++)
			leave(s, u->pages[i]);
	} else {
		trial_put_units(s->put, s->put_by, u->pages, u->n);
	}
	if (over)
		trial_put_units(s->over, s->over_by, &over, 1);
}

/* What a driver does with its units; the error path then puts them in reverse. */
ZOO_SITE int trial_use(bool fails)
{
	return fails ? -ENOMEM : 0;
}

static int run_steps(struct trial_call *c)
{
	struct units *units = kcalloc(c->steps, sizeof(*units), GFP_KERNEL);
	int err;

	if (!units && c->steps)
		return -ENOMEM;
	for (u32 i = 0; i < c->steps; i++)
		get(c, &c->step[i], &units[i]);
	err = trial_use(c->fails);
	for (u32 i = 0; i < c->steps; i++) {
		u32 nth = err ? c->steps - 1 - i : i;

		put(c, &c->step[nth], &units[nth]);
	}
	kfree(units);
	return 0;
}

static bool is_step(const struct trial_step *s)
{
	return s->get < TRIAL_GETS && s->put < TRIAL_PUTS && s->over < TRIAL_PUTS &&
	       s->fault < TRIAL_FAULTS && s->get_by < ZOO_TIMER && s->put_by < ZOO_WHOS &&
	       s->over_by < ZOO_WHOS && s->pages <= TRIAL_PAGES;
}

static bool is_call(const struct trial_call *c)
{
	for (u32 i = 0; i < c->steps && i < TRIAL_STEPS; i++)
		if (!is_step(&c->step[i]))
			return false;
	return c->steps <= TRIAL_STEPS && c->slot < ZOO_SLOTS &&
	       strnlen(c->name, ZOO_NAME_LEN) < ZOO_NAME_LEN;
}

long zoo_trial(struct trial_call __user *arg)
{
	struct trial_call *c = memdup_user(arg, sizeof(*c));
	int err = -EINVAL;

	if (IS_ERR(c))
		return PTR_ERR(c);
	c->done = 0;
	if (is_call(c)) {
		put_left(c->put_first);
		err = run_steps(c);
	}
	if (!err && put_user(c->done, &arg->done))
		err = -EFAULT;
	kfree(c);
	return err;
}
