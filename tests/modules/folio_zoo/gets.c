// SPDX-License-Identifier: GPL-2.0
/* References of get_user_pages(): one put too few, too many, of the wrong folio. And guards. */
#include "zoo.h"

#define GET_SITE(scene)                                                                            \
	ZOO_SITE int zoo_##scene##_get(unsigned long at, unsigned int n, struct page **pages)      \
	{                                                                                          \
		return get_user_pages_fast(at, n, FOLL_WRITE, pages);                              \
	}

#define PUT_SITE(scene)                                                                            \
	ZOO_SITE void zoo_##scene##_put(struct page **pages, unsigned int n)                       \
	{                                                                                          \
		while (n--)                                                                        \
			put_page(*pages++);                                                        \
	}

GET_SITE(guard)
GET_SITE(merge)
PUT_SITE(merge)
GET_SITE(wrong_head)
PUT_SITE(wrong_head)
GET_SITE(per_page_put)
PUT_SITE(per_page_put)
GET_SITE(consumed_then_put)
PUT_SITE(consumed_then_put)
PUT_SITE(consumed_by_callee)

ZOO_SITE int zoo_guard_pin(unsigned long at, unsigned int n, struct page **pages)
{
	return pin_user_pages_fast(at, n, FOLL_WRITE | FOLL_LONGTERM, pages);
}

static struct page *slots[ZOO_SLOTS];

struct page *zoo_slot(u32 slot)
{
	return slots[slot];
}

void zoo_set_slot(u32 slot, struct page *page)
{
	slots[slot] = page;
}

static int guard_by(const struct zoo_call *c, zoo_get_t get, u64 times, bool pins)
{
	struct page *page;

	while (times--) {
		int err = zoo_all_got(zoo_get_by(c->who, get, c->at, 1, &page), 1, &page, pins);

		err = err ?: zoo_owe(&page, 1, !pins, pins);
		if (err)
			return err;
		slots[c->slot] = page;
	}
	return 0;
}

/* References and pins for a scene to take away, so that nothing breaks. */
int zoo_guard(struct zoo_file *zf, const struct zoo_call *c)
{
	return guard_by(c, zoo_guard_get, c->arg, false) ?:
							   guard_by(c, zoo_guard_pin, c->other, true);
}

/* Two gets of a page; the second put is forgotten, as if the page were got once. */
int zoo_merge(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page, *same;
	int err = zoo_all_got(zoo_merge_get(c->at, 1, &page), 1, &page, false);

	err = err ?: zoo_all_got(zoo_merge_get(c->at, 1, &same), 1, &same, false);
	if (err)
		return err;
	zoo_log(c, "subject", &page, 1);
	zoo_put_by(c->who, zoo_merge_put, &page, 1);
	if (!c->good)
		return zoo_owe(&same, 1, 1, 0);
	zoo_put_by(c->who, zoo_merge_put, &same, 1);
	return 0;
}

/* Twice as many gets as puts of one folio; the rest of the puts is another's. */
int zoo_wrong_head(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page, *other = zoo_slot(c->slot);
	int err = 0;

	if (!other)
		return -EINVAL;
	for (int i = 0; i < 2 * ZOO_WRONG && !err; i++)
		err = zoo_all_got(zoo_wrong_head_get(c->at, 1, &page), 1, &page, false);
	if (err)
		return err;
	zoo_log(c, "subject", &page, 1);
	zoo_log(c, "robbed", &other, 1);
	for (int i = 0; i < ZOO_WRONG; i++)
		zoo_put_by(c->who, zoo_wrong_head_put, &page, 1);
	for (int i = 0; i < ZOO_WRONG; i++)
		zoo_put_by(c->who, zoo_wrong_head_put, c->good ? &page : &other, 1);
	if (c->good)
		return 0;
	return zoo_owe(&page, 1, ZOO_WRONG, 0) ?: zoo_owe(&other, 1, -ZOO_WRONG, 0);
}

/* One get of a large folio, and a put for each of its first pages. */
int zoo_per_page_put(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *pages[ZOO_PER_PAGE], *head;
	int err = zoo_all_got(zoo_per_page_put_get(c->at, 1, pages), 1, pages, false);

	if (err)
		return err;
	zoo_log(c, "subject", pages, 1);
	for (int i = 1; i < ZOO_PER_PAGE; i++)
		pages[i] = pages[0] + i;
	zoo_put_by(c->who, zoo_per_page_put_put, pages, c->good ? 1 : ZOO_PER_PAGE);
	head = compound_head(pages[0]);
	return c->good ? 0 : zoo_owe(&head, 1, 1 - ZOO_PER_PAGE, 0);
}

/* The callee has put it already. */
int zoo_consumed_then_put(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page;
	int err = zoo_all_got(zoo_consumed_then_put_get(c->at, 1, &page), 1, &page, false);

	if (err)
		return err;
	zoo_log(c, "subject", &page, 1);
	zoo_consumed_by_callee_put(&page, 1);
	if (c->good)
		return 0;
	zoo_put_by(c->who, zoo_consumed_then_put_put, &page, 1);
	return zoo_owe(&page, 1, -1, 0);
}

ZOO_SITE void zoo_guard_hugezero_get(struct page *page)
{
	get_page(page);
}

/* The reference is for the scene to take; there is nothing to repair. */
int zoo_guard_hugezero(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page = zoo_huge_zero_page();

	if (!page)
		return -EOPNOTSUPP;
	zoo_guard_hugezero_get(page);
	return zoo_owe(&page, 1, 1, 0);
}

PUT_SITE(hugezero_put)

/* The caller has mapped it, which is no reason to put it. */
int zoo_hugezero_put(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page = zoo_huge_zero_page();

	if (!page)
		return -EOPNOTSUPP;
	zoo_log(c, "subject", &page, 1);
	if (c->good)
		return 0;
	zoo_put_by(c->who, zoo_hugezero_put_put, &page, 1);
	return zoo_owe(&page, 1, -1, 0);
}
