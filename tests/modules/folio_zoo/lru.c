// SPDX-License-Identifier: GPL-2.0
/* What reclaim and migration do to folios: isolate, and allocate another one in its stead. */
#include "zoo.h"

#include <linux/highmem.h>
#include <linux/pagemap.h>

ZOO_SITE int zoo_isolate_look_get(unsigned long at, unsigned int n, struct page **pages)
{
	return get_user_pages_fast(at, n, 0, pages);
}

ZOO_SITE void zoo_isolate_look_put(struct page *page)
{
	put_page(page);
}

ZOO_SITE int zoo_isolate_get(struct folio *folio)
{
	return zoo_isolate_lru(folio);
}

ZOO_SITE void zoo_isolate_put(struct page **pages, unsigned int n)
{
	while (n--)
		zoo_folio_putback_lru(page_folio(*pages++));
}

int zoo_isolate(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page;
	int err;

	/* What is in a batch is not on the LRU yet. */
	zoo_lru_add_drain_all();
	err = zoo_all_got(zoo_isolate_look_get(c->at, 1, &page), 1, &page, false);
	if (err)
		return err;
	zoo_log(c, "subject", &page, 1);
	err = zoo_isolate_get(page_folio(page));
	zoo_isolate_look_put(page);
	if (err)
		return err;
	if (!c->good)
		return zoo_owe_putback(page);
	zoo_put_by(c->who, zoo_isolate_put, &page, 1);
	return 0;
}

ZOO_SITE int zoo_reclaim_twin_look_get(unsigned long at, unsigned int n, struct page **pages)
{
	return get_user_pages_fast(at, n, 0, pages);
}

ZOO_SITE void zoo_reclaim_twin_look_put(struct page *page)
{
	put_page(page);
}

ZOO_SITE struct page *zoo_reclaim_twin_get(void)
{
	return alloc_page(GFP_HIGHUSER_MOVABLE);
}

ZOO_SITE void zoo_reclaim_twin_put(struct page *page)
{
	put_page(page);
}

static int copy(void *arg)
{
	struct page **pages = arg;

	pages[1] = zoo_reclaim_twin_get();
	if (!pages[1])
		return -ENOMEM;
	copy_highpage(pages[1], pages[0]);
	return 0;
}

static int put_twin(void *arg)
{
	struct page **pages = arg;

	zoo_reclaim_twin_put(pages[1]);
	return 0;
}

static int put_looked_at(void *arg)
{
	struct page **pages = arg;

	zoo_reclaim_twin_look_put(pages[0]);
	return 0;
}

/*
 * A thread of the kernel copies the caller's page into a new one, as reclaim's
 * swap cache and migration do, and forgets the new one, locked or not.
 *
 * What the counts are: the caller's page gets 1 and puts 1, both by the thread.
 * The new page has the one reference of its allocation and is in no mapping, not
 * on the LRU and nowhere in the rmap: nothing that a task of the command did.
 * Whoever allocated it lives.  So it is no leak of the command; a tool that does
 * see it tells of a page that is still allocated.
 */
int zoo_reclaim_twin(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *pages[2];
	int err = zoo_all_got(zoo_get_by(ZOO_KTHREAD, zoo_reclaim_twin_look_get, c->at, 1, pages),
			      1, pages, false);

	if (err)
		return err;
	err = zoo_do_by(ZOO_KTHREAD, copy, pages);
	zoo_log(c, "subject", pages, 1);
	zoo_do_by(ZOO_KTHREAD, put_looked_at, pages);
	if (err)
		return err;
	zoo_log(c, "twin", pages + 1, 1);
	if (c->good)
		return zoo_do_by(ZOO_KTHREAD, put_twin, pages);
	err = zoo_owe(pages + 1, 1, 1, 0);
	if (!err && c->arg && trylock_page(pages[1]))
		err = zoo_owe_unlock(pages[1]);
	return err;
}
