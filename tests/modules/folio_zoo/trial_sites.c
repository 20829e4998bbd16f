// SPDX-License-Identifier: GPL-2.0
/* How trials get and put units: each way a function of its own, as a driver has them. */
#include "zoo.h"

#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/mmu_context.h>
#include <linux/pagemap.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define get_remote(mm, at, n, flags, pages)                                                        \
	get_user_pages_remote(mm, at, n, flags, pages, NULL, NULL)
#define pin_remote(mm, at, n, flags, pages)                                                        \
	pin_user_pages_remote(mm, at, n, flags, pages, NULL, NULL)
#else
#define get_remote(mm, at, n, flags, pages) get_user_pages_remote(mm, at, n, flags, pages, NULL)
#define pin_remote(mm, at, n, flags, pages) pin_user_pages_remote(mm, at, n, flags, pages, NULL)
#endif

ZOO_SITE int trial_gup_get(unsigned long at, unsigned int n, unsigned int flags,
			   struct page **pages)
{
	return get_user_pages_fast(at, n, flags, pages);
}

ZOO_SITE int trial_gup_remote_get(unsigned long at, unsigned int n, unsigned int flags,
				  struct page **pages)
{
	int got;

	mmap_read_lock(current->mm);
	got = get_remote(current->mm, at, n, flags, pages);
	mmap_read_unlock(current->mm);
	return got;
}

ZOO_SITE int trial_gup_unlocked_get(unsigned long at, unsigned int n, unsigned int flags,
				    struct page **pages)
{
	return get_user_pages_unlocked(at, n, pages, flags);
}

ZOO_SITE int trial_pin_get(unsigned long at, unsigned int n, unsigned int flags,
			   struct page **pages)
{
	return pin_user_pages_fast(at, n, flags, pages);
}

ZOO_SITE int trial_pin_long_get(unsigned long at, unsigned int n, unsigned int flags,
				struct page **pages)
{
	return pin_user_pages_fast(at, n, flags | FOLL_LONGTERM, pages);
}

ZOO_SITE int trial_pin_remote_get(unsigned long at, unsigned int n, unsigned int flags,
				  struct page **pages)
{
	int got;

	mmap_read_lock(current->mm);
	got = pin_remote(current->mm, at, n, flags, pages);
	mmap_read_unlock(current->mm);
	return got;
}

ZOO_SITE int trial_guard_ref_get(unsigned long at, unsigned int n, unsigned int flags,
				 struct page **pages)
{
	return get_user_pages_fast(at, n, flags, pages);
}

ZOO_SITE int trial_guard_pin_get(unsigned long at, unsigned int n, unsigned int flags,
				 struct page **pages)
{
	return pin_user_pages_fast(at, n, flags, pages);
}

ZOO_SITE int trial_look_get(unsigned long at, struct page **page)
{
	return get_user_pages_fast(at, 1, 0, page);
}

ZOO_SITE void trial_look_put(struct page *page)
{
	put_page(page);
}

ZOO_SITE int trial_get_get(struct folio *folio)
{
	folio_get(folio);
	return 0;
}

ZOO_SITE int trial_try_get_get(struct folio *folio)
{
	return folio_try_get(folio) ? 0 : -EAGAIN;
}

ZOO_SITE int trial_isolate_get(struct folio *folio)
{
	return zoo_isolate_lru(folio);
}

/* Two gets of two kinds in a call: what is looked at is held until it is got. */
static int get_looked_at(unsigned long at, int (*get)(struct folio *folio), struct page **page)
{
	int got = trial_look_get(at, page);

	if (got != 1)
		return got < 0 ? got : -EFAULT;
	got = get(page_folio(*page)) ?: 1;
	trial_look_put(*page);
	return got;
}

ZOO_SITE struct folio *trial_lookup_get(struct address_space *mapping, pgoff_t index)
{
	return filemap_get_folio(mapping, index);
}

static int look_up(const struct trial_call *c, const struct trial_step *s, struct page **page)
{
	struct file *file = fget(c->fd);
	struct folio *folio;

	if (!file)
		return -EBADF;
	folio = trial_lookup_get(file->f_mapping, s->index);
	fput(file);
	/* 6.1 says NULL. */
	if (IS_ERR_OR_NULL(folio))
		return folio ? PTR_ERR(folio) : -ENOENT;
	*page = folio_file_page(folio, s->index);
	return 1;
}

typedef int (*user_get_t)(unsigned long at, unsigned int n, unsigned int flags,
			  struct page **pages);

static const struct {
	const char *name;
	user_get_t of_user;
	int (*of_folio)(struct folio *folio);
} gets[TRIAL_GETS] = {
	[TRIAL_GUP] = { "trial_gup_get", trial_gup_get },
	[TRIAL_GUP_REMOTE] = { "trial_gup_remote_get", trial_gup_remote_get },
	[TRIAL_GUP_UNLOCKED] = { "trial_gup_unlocked_get", trial_gup_unlocked_get },
	[TRIAL_GET] = { "trial_get_get", .of_folio = trial_get_get },
	[TRIAL_TRY_GET] = { "trial_try_get_get", .of_folio = trial_try_get_get },
	[TRIAL_LOOKUP] = { "trial_lookup_get" },
	[TRIAL_ISOLATE] = { "trial_isolate_get", .of_folio = trial_isolate_get },
	[TRIAL_PIN] = { "trial_pin_get", trial_pin_get },
	[TRIAL_PIN_LONG] = { "trial_pin_long_get", trial_pin_long_get },
	[TRIAL_PIN_REMOTE] = { "trial_pin_remote_get", trial_pin_remote_get },
	[TRIAL_GUARD_REF] = { "trial_guard_ref_get", trial_guard_ref_get },
	[TRIAL_GUARD_PIN] = { "trial_guard_pin_get", trial_guard_pin_get },
};

const char *trial_get_name(u32 get)
{
	return gets[get].name;
}

struct get_job {
	const struct trial_call *call;
	const struct trial_step *step;
	struct mm_struct *mm;
	struct page **pages;
};

static int get_of_user(const struct get_job *job)
{
	const struct trial_step *s = job->step;

	if (gets[s->get].of_folio)
		return get_looked_at(s->at, gets[s->get].of_folio, job->pages);
	return gets[s->get].of_user(s->at, s->pages, s->write ? FOLL_WRITE : 0, job->pages);
}

static int do_get(void *arg)
{
	struct get_job *job = arg;
	bool borrow = current->mm != job->mm;
	int got;

	if (borrow)
		kthread_use_mm(job->mm);
	got = get_of_user(job);
	if (borrow)
		kthread_unuse_mm(job->mm);
	return got;
}

int trial_get_units(const struct trial_call *c, const struct trial_step *s, struct page **pages)
{
	struct get_job job = { c, s, current->mm, pages };

	if (s->get == TRIAL_LOOKUP)
		return look_up(c, s, pages);
	/* What is in a batch is not on the LRU yet. */
	if (s->get == TRIAL_ISOLATE)
		zoo_lru_add_drain_all();
	return zoo_do_by(s->get_by, do_get, &job);
}

ZOO_SITE void trial_gup_put(struct page **pages, unsigned int n)
{
	while (n--)
		put_page(*pages++);
}

ZOO_SITE void trial_put_put(struct page **pages, unsigned int n)
{
	while (n--)
		folio_put(page_folio(*pages++));
}

ZOO_SITE void trial_release_put(struct page **pages, unsigned int n)
{
	release_pages(pages, n);
}

ZOO_SITE void trial_putback_put(struct page **pages, unsigned int n)
{
	while (n--)
		zoo_folio_putback_lru(page_folio(*pages++));
}

ZOO_SITE void trial_unpin_put(struct page **pages, unsigned int n)
{
	while (n--)
		unpin_user_page(*pages++);
}

ZOO_SITE void trial_unpin_all_put(struct page **pages, unsigned int n)
{
	unpin_user_pages(pages, n);
}

static const struct {
	const char *name;
	zoo_put_t put;
} puts[TRIAL_PUTS] = {
	[TRIAL_GUP_PUT] = { "trial_gup_put", trial_gup_put },
	[TRIAL_PUT] = { "trial_put_put", trial_put_put },
	[TRIAL_RELEASE] = { "trial_release_put", trial_release_put },
	[TRIAL_PUTBACK] = { "trial_putback_put", trial_putback_put },
	[TRIAL_UNPIN] = { "trial_unpin_put", trial_unpin_put },
	[TRIAL_UNPIN_ALL] = { "trial_unpin_all_put", trial_unpin_all_put },
};

const char *trial_put_name(u32 put)
{
	return puts[put].name;
}

void trial_put_units(u32 put, u32 who, struct page **pages, unsigned int n)
{
	if (n)
		zoo_put_by(who, puts[put].put, pages, n);
}
