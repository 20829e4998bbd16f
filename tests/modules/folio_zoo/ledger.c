// SPDX-License-Identifier: GPL-2.0
/* Which folio is which scene's, for the checker; and what is to be given back in the end. */
#include "zoo.h"

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/xarray.h>

struct line {
	struct list_head list;
	char name[ZOO_NAME_LEN];
	const char *role;
	unsigned long pfn;
	unsigned int order;
	unsigned int pages;
	u64 at_ns;
};

/* A unit of a folio that nobody will put but the repair, if positive. */
struct debt {
	struct page *page;
	long refs;
	long pins;
	bool putback;
	bool unlock;
};

static LIST_HEAD(lines);
static DEFINE_MUTEX(lines_lock);
static DEFINE_XARRAY(debts);
static DEFINE_MUTEX(debts_lock); /* trials owe at the same time */
static struct dentry *log_file;

static struct line *add_line(const struct zoo_call *c, const char *role, struct folio *folio)
{
	struct line *line = kzalloc(sizeof(*line), GFP_KERNEL | __GFP_NOFAIL);

	strscpy(line->name, c->name, sizeof(line->name));
	line->role = role;
	line->pfn = folio_pfn(folio);
	line->order = folio_order(folio);
	line->at_ns = ktime_get_ns();
	list_add_tail(&line->list, &lines);
	return line;
}

/* One line a folio: its pages follow each other.  The folio must be alive. */
void zoo_log(const struct zoo_call *c, const char *role, struct page **pages, unsigned int n)
{
	struct line *line = NULL;

	mutex_lock(&lines_lock);
	for (unsigned int i = 0; i < n; i++) {
		struct folio *folio = page_folio(pages[i]);

		if (!line || line->pfn != folio_pfn(folio))
			line = add_line(c, role, folio);
		line->pages++;
	}
	mutex_unlock(&lines_lock);
}

/* The scene could not be played with the folio of the last line. */
void zoo_log_missed(void)
{
	mutex_lock(&lines_lock);
	list_last_entry(&lines, struct line, list)->role = "missed";
	mutex_unlock(&lines_lock);
}

/* Name, role, PFN, order, pages that it was done to, when. */
static int zoo_lines_show(struct seq_file *m, void *unused)
{
	struct line *line;

	mutex_lock(&lines_lock);
	list_for_each_entry(line, &lines, list)
		seq_printf(m, "%s %s %lu %u %u %llu\n", line->name, line->role, line->pfn,
			   line->order, line->pages, line->at_ns);
	mutex_unlock(&lines_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(zoo_lines);

static struct debt *debt_of(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	struct debt *debt = xa_load(&debts, pfn);

	if (debt)
		return debt;
	debt = kzalloc(sizeof(*debt), GFP_KERNEL | __GFP_NOFAIL);
	debt->page = page;
	if (!xa_err(xa_store(&debts, pfn, debt, GFP_KERNEL)))
		return debt;
	kfree(debt);
	return NULL;
}

int zoo_owe(struct page **pages, unsigned int n, long refs, long pins)
{
	struct debt *debt = NULL;

	mutex_lock(&debts_lock);
	for (unsigned int i = 0; i < n; i++) {
		debt = debt_of(pages[i]);
		if (!debt)
			break;
		debt->refs += refs;
		debt->pins += pins;
	}
	mutex_unlock(&debts_lock);
	return debt || !n ? 0 : -ENOMEM;
}

int zoo_owe_putback(struct page *page)
{
	struct debt *debt;

	mutex_lock(&debts_lock);
	debt = debt_of(page);
	if (debt)
		debt->putback = true;
	mutex_unlock(&debts_lock);
	return debt ? 0 : -ENOMEM;
}

int zoo_owe_unlock(struct page *page)
{
	struct debt *debt = debt_of(page);

	if (debt)
		debt->unlock = true;
	return debt ? 0 : -ENOMEM;
}

/*
 * Gets before puts: a pin that was put like a reference has left 1023 of 1024.
 * Where nothing is owed the folio may be somebody else's by now.
 */
ZOO_SITE void zoo_repair_debt(struct debt *debt)
{
	if (debt->unlock)
		unlock_page(debt->page);
	for (; debt->refs < 0; debt->refs++)
		get_page(debt->page);
	for (; debt->pins > 0; debt->pins--)
		unpin_user_page(debt->page);
	if (debt->putback)
		zoo_folio_putback_lru(page_folio(debt->page));
	for (; debt->refs > 0; debt->refs--)
		put_page(debt->page);
}

void zoo_repair(void)
{
	struct debt *debt;
	unsigned long pfn;

	xa_for_each(&debts, pfn, debt)
	{
		zoo_repair_debt(debt);
		xa_erase(&debts, pfn);
		kfree(debt);
	}
}

int zoo_ledger_init(void)
{
	log_file = debugfs_create_file("folio_zoo", 0400, NULL, NULL, &zoo_lines_fops);
	return PTR_ERR_OR_ZERO(log_file);
}

void zoo_ledger_exit(void)
{
	struct line *line, *next;

	debugfs_remove(log_file);
	list_for_each_entry_safe(line, next, &lines, list) kfree(line);
}
