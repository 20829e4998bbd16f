// SPDX-License-Identifier: GPL-2.0
/* The truth of the trials: debugfs's folio_trials. */
#include "zoo.h"

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

struct line {
	struct list_head list;
	char name[ZOO_NAME_LEN];
	u32 trial;
	const char *role;
	const char *function;
	unsigned long pfn;
	unsigned int order;
	unsigned long page; /* which of the folio's */
	pid_t pid;
	u64 at_ns;
};

static LIST_HEAD(lines);
static DEFINE_MUTEX(lines_lock);
static struct dentry *log_file;

/* A folio is said to be a trial's once. */
static bool is_known(const struct trial_call *c, const char *role, unsigned long pfn)
{
	struct line *line;

	if (strcmp(role, "touched"))
		return false;
	list_for_each_entry_reverse(line, &lines, list)
	{
		if (line->trial != c->trial)
			return false;
		if (line->pfn == pfn)
			return true;
	}
	return false;
}

/* The folio must be held. */
void trial_log(const struct trial_call *c, const char *role, const char *function,
	       struct page *page, u64 at_ns)
{
	struct folio *folio = page_folio(page);
	struct line *line;

	mutex_lock(&lines_lock);
	if (is_known(c, role, folio_pfn(folio)))
		goto out;
	line = kzalloc(sizeof(*line), GFP_KERNEL | __GFP_NOFAIL);
	strscpy(line->name, c->name, sizeof(line->name));
	line->trial = c->trial;
	line->role = role;
	line->function = function;
	line->pfn = folio_pfn(folio);
	line->order = folio_order(folio);
	line->page = page_to_pfn(page) - line->pfn;
	line->pid = task_tgid_nr(current);
	line->at_ns = at_ns;
	list_add_tail(&line->list, &lines);
out:
	mutex_unlock(&lines_lock);
}

/* Trial, its name, role, function, the folio's PFN and order, page of it, process, when. */
static int trial_lines_show(struct seq_file *m, void *unused)
{
	struct line *line;

	mutex_lock(&lines_lock);
	list_for_each_entry(line, &lines, list)
		seq_printf(m, "%u %s %s %s %lu %u %lu %d %llu\n", line->trial, line->name,
			   line->role, line->function, line->pfn, line->order, line->page,
			   line->pid, line->at_ns);
	mutex_unlock(&lines_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(trial_lines);

int zoo_trial_log_init(void)
{
	log_file = debugfs_create_file("folio_trials", 0400, NULL, NULL, &trial_lines_fops);
	return PTR_ERR_OR_ZERO(log_file);
}

void zoo_trial_log_exit(void)
{
	struct line *line, *next;

	debugfs_remove(log_file);
	list_for_each_entry_safe(line, next, &lines, list) kfree(line);
}
