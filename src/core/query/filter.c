// SPDX-License-Identifier: GPL-2.0
/* Which folios to show. The verdict is that of all. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/verdict/groups.h"
#include "model.h"

static bool has_comm(const struct ft_folio *folio, const char *glob)
{
	for (size_t i = 0; i < folio->nr_events; i++)
		if (folio->events[i].comm && !fnmatch(glob, folio->events[i].comm, 0))
			return true;
	return false;
}

static bool has_pfn(const struct ft_folio *folio, const struct ft_filter *f)
{
	uint64_t last = folio->pfn + (1ULL << (folio->order & 31)) - 1;

	if (folio->pfn == FT_NO_PFN)
		return false;
	for (unsigned int i = 0; i < f->nr_pfns; i++)
		if (folio->pfn <= f->pfn[i].last && last >= f->pfn[i].first)
			return true;
	return false;
}

bool ft_filter__matches(const struct ft_filter *f, const struct ft_folio *folio)
{
	return (!f->orders || f->orders >> (folio->order & 63) & 1) &&
	       (!f->kinds || f->kinds >> folio->kind & 1) && (!f->nr_pfns || has_pfn(folio, f)) &&
	       (!f->comm || has_comm(folio, f->comm));
}

bool ft_filter__is_empty(const struct ft_filter *f)
{
	return !f->orders && !f->kinds && !f->nr_pfns && !f->comm;
}

size_t ft_run__select(struct ft_run *run, const struct ft_filter *f)
{
	size_t shown = 0;

	for (size_t i = 0; i < run->nr_folios; i++) {
		run->folios[i]->hidden = !ft_filter__matches(f, run->folios[i]);
		shown += !run->folios[i]->hidden;
	}
	ft_run__sum_groups(run);
	run->selected = !ft_filter__is_empty(f);
	return shown;
}

/* Each word of a list "a,b,c" to add(); the first that it refuses ends it. */
static int each_word(const char *list, int (*add)(struct ft_filter *, const char *),
		     struct ft_filter *f)
{
	size_t len;

	do {
		char word[64];
		int rc;

		len = strcspn(list, ",");
		if (!len || len >= sizeof(word))
			return -EINVAL;
		memcpy(word, list, len);
		word[len] = '\0';
		rc = add(f, word);
		if (rc)
			return rc;
		list += len + 1;
	} while (list[-1]);
	return 0;
}

static int add_order(struct ft_filter *f, const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (end == word || *end || *word == '-' || n > 63)
		return -EINVAL;
	f->orders |= 1ULL << n;
	return 0;
}

static int add_kind(struct ft_filter *f, const char *word)
{
	for (int kind = 0; kind <= FT_KIND_TYPED; kind++)
		if (!strcmp(word, ft_kind__name(kind))) {
			f->kinds |= 1U << kind;
			return 0;
		}
	return -EINVAL;
}

/* "0x1200", "4608", "0x1200-0x13ff" */
static int add_pfn(struct ft_filter *f, const char *word)
{
	char *end, *second;
	uint64_t first = strtoull(word, &end, 0), last = first;

	if (end == word || *word == '-' || f->nr_pfns == FT_FILTER_PFNS)
		return -EINVAL;
	if (*end == '-') {
		second = end + 1;
		last = strtoull(second, &end, 0);
		if (end == second || *second == '-')
			return -EINVAL;
	}
	if (*end || last < first)
		return -EINVAL;
	f->pfn[f->nr_pfns].first = first;
	f->pfn[f->nr_pfns++].last = last;
	return 0;
}

int ft_filter__orders(struct ft_filter *f, const char *list)
{
	return each_word(list, add_order, f);
}

int ft_filter__kinds(struct ft_filter *f, const char *list)
{
	return each_word(list, add_kind, f);
}

int ft_filter__pfns(struct ft_filter *f, const char *list)
{
	return each_word(list, add_pfn, f);
}
