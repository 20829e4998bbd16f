// SPDX-License-Identifier: GPL-2.0
#include "sitefinder/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The index of the function that p is in. */
uint32_t scan__function_at(struct scan *s, const uint8_t *p)
{
	uint64_t address = s->base + (uint64_t)(p - s->text);

	while (s->function < s->f->nr_functions && s->f->functions[s->function].end <= address)
		s->function++;
	if (s->function == s->f->nr_functions || s->f->functions[s->function].start > address)
		return FT_NO_FUNCTION;
	return (uint32_t)s->function;
}

uint32_t scan__whole_function(const struct ft_finder *f, uint32_t function)
{
	uint32_t parent = f->functions[function].parent;

	return parent < f->nr_functions ? parent : function;
}

static int add(struct scan *s, const struct ft_insn_site *site)
{
	struct ft_insn_site *p;

	if (*s->nr == s->room) {
		s->room = s->room ? s->room * 2 : 1024;
		p = realloc(*s->sites, s->room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		*s->sites = p;
	}
	(*s->sites)[(*s->nr)++] = *site;
	return 0;
}

/* Completes a site whose operation is at p and has size bytes. */
int scan__add(struct scan *s, const uint8_t *p, size_t size, struct ft_insn_site *site)
{
	site->address = s->base + (uint64_t)(p - s->text);
	site->probe = site->address;
	if (site->form == FT_FORM_CMPXCHG || site->form == FT_FORM_CALL_TRY ||
	    site->form == FT_FORM_TAIL_TRY)
		site->probe += size;
	site->function = scan__function_at(s, p);
	return add(s, site);
}

static int compare_sites(const void *a, const void *b)
{
	const struct ft_insn_site *x = a, *y = b;

	if (x->probe != y->probe)
		return x->probe < y->probe ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct ft_insn_site *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* One site a probe address: of bytes that can be read in two ways, the rule first in enum. */
void scan__merge(struct scan *s)
{
	struct ft_insn_site *sites = *s->sites;
	size_t i, to = s->first;

	if (*s->nr == s->first)
		return;
	qsort(sites + s->first, *s->nr - s->first, sizeof(*sites), compare_sites);
	for (i = s->first + 1; i < *s->nr; i++) {
		if (sites[i].probe != sites[to].probe)
			sites[++to] = sites[i];
	}
	*s->nr = to + 1;
	qsort(sites + s->first, *s->nr - s->first, sizeof(*sites), compare_addresses);
}

/* Calls one function at each byte of one value: memchr() passes over all others fast. */
int scan__each(struct scan *s, uint8_t byte, int (*try)(struct scan *, const uint8_t *))
{
	const uint8_t *p = s->text;
	int err = 0;

	s->function = 0;
	while (!err && p < s->end && (p = memchr(p, byte, (size_t)(s->end - p))))
		err = try(s, p++);
	return err;
}

struct scan scan__of(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
		     struct ft_insn_site **sites, size_t *nr_sites)
{
	return (struct scan){
		.f = f,
		.text = text,
		.end = (const uint8_t *)text + size,
		.base = base,
		.sites = sites,
		.nr = nr_sites,
		.first = *nr_sites,
		.room = *nr_sites,
	};
}
