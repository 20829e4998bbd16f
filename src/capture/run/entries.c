// SPDX-License-Identifier: GPL-2.0
#include "capture/run/entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PRESENT (1ULL << 63)
#define PM_SWAP (1ULL << 62)
#define PM_FILE (1ULL << 61)
#define PM_FRAME ((1ULL << 55) - 1)
#define PM_SWAP_TYPE_BITS 5

#define PAGE_BYTES 4096ULL
#define PMD_ORDER 9

static int by_pfn(const void *pa, const void *pb)
{
	const struct mapped_folio *a = pa, *b = pb;

	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

static uint64_t pages_of(const struct mapped_folio *f)
{
	return 1ULL << f->order;
}

/* In both of them, so that a page may be looked for by any of its last bits. */
static void mark(struct entries *e, const struct mapped_folio *f)
{
	for (uint64_t i = 0; i < pages_of(f) && i < ENTRIES_FILTER_BITS; i++) {
		uint64_t bit = (f->pfn + i) % ENTRIES_FILTER_BITS;

		e->filter[bit / 64] |= 1ULL << bit % 64;
	}
}

int entries__open(struct entries *e, struct mapped_folio *folios, size_t nr)
{
	*e = (struct entries){ .folio = folios, .nr = nr };
	e->filter = calloc(ENTRIES_FILTER_BITS / 64, sizeof(*e->filter));
	e->touched = calloc(nr ? nr : 1, sizeof(*e->touched));
	if (!e->filter || !e->touched)
		return -ENOMEM;
	qsort(folios, nr, sizeof(*folios), by_pfn);
	for (size_t i = 0; i < nr; i++) {
		struct mapped_folio *f = &folios[i];

		f->next = f->in_order = f->pages = f->whole = 0;
		f->left = f->mapcount;
		f->entire_left = f->entire > 0 ? f->entire : 0;
		e->left += f->left > 0;
		e->any_anon |= f->anon;
		e->any_other |= !f->anon;
		e->any_device |= f->device;
		mark(e, f);
	}
	return 0;
}

static bool has_page(const struct mapped_folio *f, uint64_t pfn)
{
	return pfn >= f->pfn && pfn - f->pfn < pages_of(f);
}

static struct mapped_folio *find(struct entries *e, uint64_t pfn)
{
	size_t lo = 0, hi = e->nr;

	if (!(e->filter[pfn % ENTRIES_FILTER_BITS / 64] >> pfn % 64 & 1))
		return NULL;
	if (e->last < e->nr && has_page(&e->folio[e->last], pfn))
		return &e->folio[e->last];
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (e->folio[mid].pfn <= pfn)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || !has_page(&e->folio[lo - 1], pfn))
		return NULL;
	e->last = lo - 1;
	return &e->folio[lo - 1];
}

/*
 * The page that an entry maps. A present one of memory that is mapped by number (VM_PFNMAP) counts
 * in no mapcount: it is as if of no file. Of entries that are not present only those of device
 * memory map a page; the offset of a swap slot never is as high as such a page.
 */
static struct mapped_folio *mapped(struct entries *e, uint64_t word, uint64_t *pfn)
{
	bool present = word & PM_PRESENT;
	struct mapped_folio *f;

	*pfn = word & PM_FRAME;
	if (!present && !(word & PM_SWAP))
		return NULL;
	if (!present)
		*pfn >>= PM_SWAP_TYPE_BITS;
	f = find(e, *pfn);
	if (!f || (!present && !f->device) || f->anon == !!(word & PM_FILE))
		return NULL;
	return f;
}

void entries__add(struct entries *e, uint64_t address, uint64_t word)
{
	uint64_t pfn, index, size;
	struct mapped_folio *f = mapped(e, word, &pfn);

	if (!f)
		return;
	if (!f->pages++)
		e->touched[e->nr_touched++] = f - e->folio;
	if (f->order < PMD_ORDER || f->entire <= 0)
		return;
	index = pfn - f->pfn;
	size = pages_of(f) * PAGE_BYTES;
	if (!index && !(address & (size - 1)))
		f->in_order = 0;
	else if (!f->in_order || index != f->in_order || address != f->next) {
		f->in_order = 0;
		return;
	}
	f->in_order++;
	f->next = address + PAGE_BYTES;
	if (f->in_order == pages_of(f)) {
		f->whole++;
		f->in_order = 0;
	}
}

static uint64_t units_of(struct mapped_folio *f)
{
	uint64_t in_one = f->whole;

	/* a page table that is shared (hugetlb) counts once, whoever uses it */
	if (!f->hugetlb && in_one > (uint64_t)f->entire_left)
		in_one = f->entire_left;
	f->entire_left -= f->hugetlb ? 0 : in_one;
	return in_one + f->pages - in_one * pages_of(f);
}

static struct mapped_by *new_found(struct entries *e)
{
	if (e->nr_found == e->room_found) {
		size_t room = e->room_found ? 2 * e->room_found : 256;
		struct mapped_by *p = reallocarray(e->found, room, sizeof(*p));

		if (!p) {
			e->out_of_memory = true;
			return NULL;
		}
		e->found = p;
		e->room_found = room;
	}
	return &e->found[e->nr_found++];
}

uint64_t entries__end(struct entries *e, uint32_t process)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < e->nr_touched; i++) {
		struct mapped_folio *f = &e->folio[e->touched[i]];
		struct mapped_by *by = new_found(e);
		uint64_t units = units_of(f);

		all += units;
		if (f->left > 0 && (f->left -= units) <= 0)
			e->left--;
		if (by)
			*by = (struct mapped_by){ e->touched[i], process, units };
	}
	entries__forget(e);
	return all;
}

void entries__forget(struct entries *e)
{
	for (uint32_t i = 0; i < e->nr_touched; i++) {
		struct mapped_folio *f = &e->folio[e->touched[i]];

		f->pages = f->whole = f->in_order = 0;
	}
	e->nr_touched = 0;
}

void entries__close(struct entries *e)
{
	free(e->filter);
	free(e->touched);
	free(e->found);
	*e = (struct entries){};
}
