// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/program_table.h"

#include <string.h>

#include <bpf/libbpf.h>

#include "folio_trace.skel.h"

#define IN_SKELETON(name) offsetof(struct folio_trace, progs.name)

const struct program program_table[] = {
#define ROW(section, name, lost, fn)                                                               \
	{ .at = IN_SKELETON(name##_##fn), .hook = FT_HOOK_##fn, .loses = FT_LOSES_##lost },
#define HOOK_ROWS(fn, role, folio, vma) FT_PROGRAMS_##role(ROW, fn)
	FT_HOOKS(HOOK_ROWS) FT_HOOKS_SPECIAL(HOOK_ROWS) FT_HOOKS_PAGE_REF(HOOK_ROWS)
#undef ROW
#define ROW(name, returns, served, lost)                                                           \
	{ .at = IN_SKELETON(name),                                                                 \
	  .roles = (served),                                                                       \
	  .at_return = (returns),                                                                  \
	  .loses = FT_LOSES_##lost },
		FT_PROGRAMS_MULTI(ROW)
#undef ROW
#define ROW(name, case, lost)                                                                      \
	{ .at = IN_SKELETON(name), .when = FT_WHEN_##case, .loses = FT_LOSES_##lost },
			FT_PROGRAMS_SESSION(ROW)
#undef ROW
};

const size_t nr_programs = sizeof(program_table) / sizeof(program_table[0]);

struct bpf_program *program__of(const struct folio_trace *skel, const struct program *row)
{
	return *(struct bpf_program *const *)((const char *)skel + row->at);
}

const struct program *program__named(const struct folio_trace *skel, const char *name)
{
	for (size_t i = 0; i < nr_programs; i++)
		if (!strcmp(bpf_program__name(program__of(skel, &program_table[i])), name))
			return &program_table[i];
	return NULL;
}
