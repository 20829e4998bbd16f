// SPDX-License-Identifier: GPL-2.0
/* A reference that outlives its process for a while, or for good. */
#include "zoo.h"

#include <linux/slab.h>
#include <linux/workqueue.h>

ZOO_SITE int zoo_hold_get(unsigned long at, unsigned int n, struct page **pages)
{
	return get_user_pages_fast(at, n, FOLL_WRITE, pages);
}

ZOO_SITE void zoo_hold_put(struct page *page)
{
	put_page(page);
}

struct held {
	struct list_head list;
	struct page *page;
	struct delayed_work put;
};

static LIST_HEAD(held);
static DEFINE_MUTEX(held_lock);

static void put_held(struct work_struct *work)
{
	struct held *h = container_of(to_delayed_work(work), struct held, put);

	zoo_hold_put(h->page);
}

int zoo_hold(struct zoo_file *zf, const struct zoo_call *c)
{
	int err;

	if (zf->page)
		return -EBUSY;
	err = zoo_all_got(zoo_get_by(c->who, zoo_hold_get, c->at, 1, &zf->page), 1, &zf->page,
			  false);
	if (err)
		return err;
	zoo_log(c, "subject", &zf->page, 1);
	return c->arg ? 0 : zoo_owe(&zf->page, 1, 1, 0);
}

/* The time runs from the end of the process. */
void zoo_hold_release(struct zoo_file *zf)
{
	struct held *h;

	if (!zf->page || !zf->call.arg)
		return;
	h = kzalloc(sizeof(*h), GFP_KERNEL | __GFP_NOFAIL);
	h->page = zf->page;
	INIT_DELAYED_WORK(&h->put, put_held);
	mutex_lock(&held_lock);
	list_add(&h->list, &held);
	mutex_unlock(&held_lock);
	schedule_delayed_work(&h->put, msecs_to_jiffies(zf->call.arg));
}

void zoo_hold_flush(void)
{
	struct held *h, *next;

	mutex_lock(&held_lock);
	list_for_each_entry_safe(h, next, &held, list)
	{
		flush_delayed_work(&h->put);
		list_del(&h->list);
		kfree(h);
	}
	mutex_unlock(&held_lock);
}
