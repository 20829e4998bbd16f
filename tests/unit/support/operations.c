// SPDX-License-Identifier: GPL-2.0
#include "support/operations.h"

struct capture_builder *operations__start(const char *source)
{
	struct capture_builder *m = capture__new();

	m->source = source;
	capture__meta(m);
	capture__symbols(m, SITES);
	return m;
}

struct ft_run *operations__finish(struct capture_builder *m)
{
	struct ft_run *run;

	capture__flush(m);
	capture__symbols(m, SITES);
	capture__symbols(m, FRAMES);
	capture__end(m);
	run = capture__load(m, true);
	capture__free(m);
	return run;
}

void operations__born(struct capture_builder *m, struct fixture *a)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}
