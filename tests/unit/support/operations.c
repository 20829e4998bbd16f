// SPDX-License-Identifier: GPL-2.0
#include "support/operations.h"

struct maker *operations__start(const char *source)
{
	struct maker *m = maker__new();

	m->source = source;
	maker__meta(m);
	maker__symbols(m, SITES);
	return m;
}

struct ft_run *operations__finish(struct maker *m)
{
	struct ft_run *run;

	maker__flush(m);
	maker__symbols(m, SITES);
	maker__symbols(m, FRAMES);
	maker__end(m);
	run = maker__load(m, true);
	maker__free(m);
	return run;
}

void operations__born(struct maker *m, struct actor *a)
{
	maker__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	maker__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}
