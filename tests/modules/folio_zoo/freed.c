// SPDX-License-Identifier: GPL-2.0
/* Pages that are free already, and pages that are freed although somebody holds them. */
#include "zoo.h"

#include <linux/page_ref.h>

#define GET_SITE(name)                                                                             \
	ZOO_SITE int zoo_##name##_get(unsigned long at, unsigned int n, struct page **pages)       \
	{                                                                                          \
		return get_user_pages_fast(at, n, FOLL_WRITE, pages);                              \
	}

#define PUT_SITE(name)                                                                             \
	ZOO_SITE void zoo_##name##_put(struct page *page)                                          \
	{                                                                                          \
		put_page(page);                                                                    \
	}

GET_SITE(get_after_free_look)
PUT_SITE(get_after_free_look)
GET_SITE(free_held)
PUT_SITE(free_held_good)

ZOO_SITE void zoo_get_after_free_get(struct page *page)
{
	page_ref_inc(page);
}

/* No put: that would free it a second time. */
ZOO_SITE void zoo_get_after_free_undo(struct page *page)
{
	page_ref_dec(page);
}

/* Without the interrupts that could allocate it; another CPU would have to be very quick. */
static int get_if_free(struct page *page)
{
	unsigned long flags;
	int err = -EAGAIN;

	local_irq_save(flags);
	if (!page_ref_count(page)) {
		zoo_get_after_free_get(page);
		zoo_get_after_free_undo(page);
		err = 0;
	}
	local_irq_restore(flags);
	if (err)
		zoo_log_missed();
	return err;
}

/* A pointer to a page is kept without a reference, and used when the page is free. */
int zoo_get_after_free(struct zoo_file *zf, const struct zoo_call *c)
{
	int err;

	if (c->arg)
		return zf->page ? get_if_free(zf->page) : -EINVAL;
	err = zoo_all_got(zoo_get_after_free_look_get(c->at, 1, &zf->page), 1, &zf->page, false);
	if (err)
		return err;
	zoo_log(c, "subject", &zf->page, 1);
	zoo_get_after_free_look_put(zf->page);
	/* A batch's reference would keep it. */
	zoo_lru_add_drain_all();
	return 0;
}

ZOO_SITE void zoo_free_held_put(struct page *page)
{
	zoo_free_folio(page_folio(page));
}

/*
 * As folio_put() does at 0, but at 1.  A kernel that checks the pages it frees
 * (init_on_alloc, DEBUG_VM) says "Bad page state", and keeps this one; for others
 * the free page's count is set right before anybody can find it.
 */
static int free_if_held(struct page *page)
{
	unsigned long flags;
	int err = -EAGAIN;

	local_irq_save(flags);
	if (page_ref_count(page) == 1) {
		zoo_free_held_put(page);
		set_page_count(page, 0);
		err = 0;
	}
	local_irq_restore(flags);
	if (err) {
		zoo_log_missed();
		zoo_free_held_good_put(page);
	}
	return err;
}

int zoo_free_held(struct zoo_file *zf, const struct zoo_call *c)
{
	int err;

	if (!c->arg) {
		err = zoo_all_got(zoo_free_held_get(c->at, 1, &zf->page), 1, &zf->page, false);
		if (err)
			return err;
		zoo_log(c, "subject", &zf->page, 1);
		zoo_lru_add_drain_all();
		return 0;
	}
	if (!zf->page)
		return -EINVAL;
	if (!c->good)
		return free_if_held(zf->page);
	zoo_free_held_good_put(zf->page);
	return 0;
}
