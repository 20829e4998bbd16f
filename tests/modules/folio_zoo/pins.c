// SPDX-License-Identifier: GPL-2.0
/* FOLL_PIN: forgotten, given back too often, given back as what it is not. */
#include "zoo.h"

#include <linux/slab.h>

#define PIN_SITE(scene)                                                                            \
	ZOO_SITE int zoo_##scene##_get(unsigned long at, unsigned int n, struct page **pages)      \
	{                                                                                          \
		return pin_user_pages_fast(at, n, FOLL_WRITE | FOLL_LONGTERM, pages);              \
	}

#define UNPIN_SITE(scene)                                                                          \
	ZOO_SITE void zoo_##scene##_put(struct page **pages, unsigned int n)                       \
	{                                                                                          \
		unpin_user_pages(pages, n);                                                        \
	}

PIN_SITE(pin)
PIN_SITE(unpin_part)
UNPIN_SITE(unpin_part)
PIN_SITE(unpin_over)
UNPIN_SITE(unpin_over)
PIN_SITE(pin_put)
PIN_SITE(pin_enomem)
UNPIN_SITE(pin_enomem)
PIN_SITE(batch_fail)
UNPIN_SITE(batch_fail)

/* A file's page may not be pinned for long, nor for writing without its file system's leave. */
ZOO_SITE int zoo_pin_file_get(unsigned long at, unsigned int n, struct page **pages)
{
	return pin_user_pages_fast(at, n, 0, pages);
}

/* (zoo_pin_put is the scene below.) */
ZOO_SITE void zoo_pin_unpin(struct page **pages, unsigned int n)
{
	unpin_user_pages(pages, n);
}

ZOO_SITE void zoo_pin_put_put(struct page **pages, unsigned int n)
{
	while (n--)
		put_page(*pages++);
}

/* Pinned, and unpinned if good. */
int zoo_pin(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page **pages = zoo_pages(c);
	int err;

	if (!pages)
		return -ENOMEM;
	err = zoo_all_got((c->arg ? zoo_pin_file_get : zoo_pin_get)(c->at, c->pages, pages),
			  c->pages, pages, true);
	if (!err) {
		zoo_log(c, "subject", pages, c->pages);
		if (c->good)
			zoo_put_by(c->who, zoo_pin_unpin, pages, c->pages);
		else
			err = zoo_owe(pages, c->pages, 0, 1);
	}
	kvfree(pages);
	return err;
}

/* All unpinned but the last. */
int zoo_unpin_part(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page **pages = zoo_pages(c);
	int err;

	if (!pages)
		return -ENOMEM;
	err = zoo_all_got(zoo_unpin_part_get(c->at, c->pages, pages), c->pages, pages, true);
	if (!err) {
		zoo_log(c, "subject", pages, c->pages);
		zoo_put_by(c->who, zoo_unpin_part_put, pages, c->pages - !c->good);
		if (!c->good)
			err = zoo_owe(pages + c->pages - 1, 1, 0, 1);
	}
	kvfree(pages);
	return err;
}

/* One page, unpinned twice. */
int zoo_unpin_over(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page;
	int err = zoo_all_got(zoo_unpin_over_get(c->at, 1, &page), 1, &page, true);

	if (err)
		return err;
	zoo_log(c, "subject", &page, 1);
	zoo_put_by(c->who, zoo_unpin_over_put, &page, 1);
	if (c->good)
		return 0;
	zoo_put_by(c->who, zoo_unpin_over_put, &page, 1);
	return zoo_owe(&page, 1, 0, -1);
}

/* Pinned, and put as if it were a reference. */
int zoo_pin_put(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page;
	int err = zoo_all_got(zoo_pin_put_get(c->at, 1, &page), 1, &page, true);

	if (err)
		return err;
	zoo_log(c, "subject", &page, 1);
	zoo_put_by(c->who, zoo_pin_put_put, &page, 1);
	return zoo_owe(&page, 1, -1, 1);
}

/* What a driver does with its pages once they are pinned. */
ZOO_SITE int zoo_pin_enomem_map(bool fails)
{
	return fails ? -ENOMEM : 0;
}

/* The error path forgets the pins. */
int zoo_pin_enomem(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page **pages = zoo_pages(c);
	int err;

	if (!pages)
		return -ENOMEM;
	err = zoo_all_got(zoo_pin_enomem_get(c->at, c->pages, pages), c->pages, pages, true);
	if (!err) {
		zoo_log(c, "subject", pages, c->pages);
		err = zoo_pin_enomem_map(true);
		if (c->good)
			zoo_pin_enomem_put(pages, c->pages);
		else
			zoo_owe(pages, c->pages, 0, 1);
	}
	kvfree(pages);
	return err;
}

ZOO_SITE int zoo_batch_fail_map(bool fails)
{
	return fails ? -ENOMEM : 0;
}

/* Batch after batch; the error path unpins those that were done, and forgets the one under way. */
int zoo_batch_fail(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page **pages = zoo_pages(c);
	unsigned int done;
	int err = 0;

	if (!pages)
		return -ENOMEM;
	for (done = 0; done + ZOO_BATCH <= c->pages; done += ZOO_BATCH) {
		struct page **batch = pages + done;
		bool fails = done / ZOO_BATCH == c->arg;

		err = zoo_all_got(zoo_batch_fail_get(c->at + done * PAGE_SIZE, ZOO_BATCH, batch),
				  ZOO_BATCH, batch, true);
		if (err)
			break;
		zoo_log(c, fails ? "subject" : "other", batch, ZOO_BATCH);
		err = zoo_batch_fail_map(fails);
		if (!err)
			continue;
		if (c->good)
			done += ZOO_BATCH;
		else
			zoo_owe(batch, ZOO_BATCH, 0, 1);
		break;
	}
	zoo_batch_fail_put(pages, done);
	kvfree(pages);
	return err;
}
