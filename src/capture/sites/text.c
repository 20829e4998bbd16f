// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/kernel/kcore.h"
#include "capture/kernel/util.h"

#define MODULE_TAIL 8192 /* a module's last function is not longer than this */

static int compare_names(const void *a, const void *b, void *arg)
{
	const struct text *t = arg;

	return strcmp(t->functions[*(const uint32_t *)a].name,
		      t->functions[*(const uint32_t *)b].name);
}

/* "x.cold" and "x.cold.3" are parts of x. */
static size_t cold_stem(const char *name)
{
	const char *cold = strstr(name, ".cold");

	return cold && (!cold[5] || cold[5] == '.') ? (size_t)(cold - name) : 0;
}

static uint32_t find_name(const struct text *t, const uint32_t *order, const char *name, size_t len)
{
	size_t low = 0, high = t->nr_functions;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *at = t->functions[order[mid]].name;
		int c = strncmp(at, name, len);

		if (!c && !at[len])
			return order[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return FT_NO_FUNCTION;
}

static int link_cold_parts(struct text *t)
{
	uint32_t *order = calloc(t->nr_functions, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < t->nr_functions; i++)
		order[i] = i;
	qsort_r(order, t->nr_functions, sizeof(*order), compare_names, t);
	for (size_t i = 0; i < t->nr_functions; i++) {
		size_t len = cold_stem(t->functions[i].name);

		if (len)
			t->functions[i].parent = find_name(t, order, t->functions[i].name, len);
	}
	free(order);
	return 0;
}

static uint64_t min_end(const struct symbols *s, uint64_t address, uint64_t end)
{
	uint64_t next = symbols__end(s, address);

	return next < end ? next : end;
}

/* The functions of [t->start, t->start + t->size) out of the symbols. */
static int list_functions(struct text *t, const struct symbols *s)
{
	uint64_t end = t->start + t->size;
	size_t n = 0;

	t->functions = calloc(s->nr + 1, sizeof(*t->functions));
	if (!t->functions)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr; i++) {
		const struct symbol *sym = &s->by_address[i];

		if (sym->address < t->start || sym->address >= end || sym->module != t->module)
			continue;
		if (n && t->functions[n - 1].start == sym->address)
			continue; /* an alias */
		/* between a module's parts others may lie */
		t->functions[n++] = (struct ft_function){ .start = sym->address,
							  .end = min_end(s, sym->address, end),
							  .name = symbols__name(s, sym),
							  .parent = FT_NO_FUNCTION };
	}
	t->nr_functions = n;
	return n ? link_cold_parts(t) : 0;
}

void text__free(struct text *t)
{
	free(t->bytes);
	free(t->functions);
	t->bytes = NULL;
	t->functions = NULL;
}

/* From the first to behind the last function of a module. */
bool text__of_module(struct text *t, const struct symbols *s, uint32_t module)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < s->nr; i++) {
		if (s->by_address[i].module != module)
			continue;
		if (s->by_address[i].address < low)
			low = s->by_address[i].address;
		if (s->by_address[i].address > high)
			high = s->by_address[i].address;
	}
	/* .init.text lies elsewhere and is gone after loading */
	if (low == UINT64_MAX || high - low > (64U << 20))
		return false;
	*t = (struct text){ .start = low,
			    .size = min_end(s, high, high + MODULE_TAIL) - low,
			    .module = module };
	return true;
}

bool text__of_kernel(struct text *t, const struct symbols *s)
{
	if (!s->stext || s->etext <= s->stext)
		return false;
	*t = (struct text){ .start = s->stext, .size = s->etext - s->stext };
	return true;
}

int text__read(struct text *t, const struct symbols *s, struct ft_error *err)
{
	int rc = kcore__read(t->start, t->size, &t->bytes, err);

	if (rc)
		return rc;
	rc = list_functions(t, s);
	return rc ? out_of_memory(err) : 0;
}
