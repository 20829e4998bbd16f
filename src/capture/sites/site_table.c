// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/site_table.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ctl.h"

static bool is_wanted(const struct site_table *t, const struct symbol *function)
{
	return !t->glob || !fnmatch(t->glob, symbols__name(&t->symbols, function), 0);
}

int site_table__add(struct site_table *t, uint32_t module, const struct ft_insn_site *found,
		    size_t nr)
{
	struct site *p = reallocarray(t->sites, t->nr + nr + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	t->sites = p;
	for (size_t i = 0; i < nr; i++) {
		const struct symbol *sym = symbols__find(&t->symbols, found[i].address);

		if (!sym || sym->module != module || !is_wanted(t, sym))
			continue;
		p[t->nr] = (struct site){ .insn = found[i],
					  .id = FT_SITE_FIRST + t->nr,
					  .start = sym->address,
					  .function = sym->name,
					  .module = sym->module };
		t->nr++;
	}
	return 0;
}

void site_table__refuse(struct site *site, int error)
{
	site->state = SITE_REFUSED;
	site->error = error;
}

const char *site_table__string(const struct site_table *t, uint32_t at)
{
	return t->symbols.strings + at;
}

void site_table__free(struct site_table *t)
{
	symbols__free(&t->symbols);
	free(t->sites);
	t->sites = NULL;
	t->nr = 0;
}
