// SPDX-License-Identifier: GPL-2.0
/* What a search for living owners proves, and a page that a driver did not free. */
#include "support/scenarios.h"

void scenario__owners(struct capture_builder *m)
{
	static const struct ft_search search = {
		.known = true,
		.processes = 33,
		.page_tables = true,
		.page_tables_whole = true,
		.pipes = 4,
		.pipes_whole = true,
		.files_whole = true,
	};
	struct fixture a = capture__small(1, 80), b = capture__small(2, 81);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "splicer");
	a.flags = FT_PF_UPTODATE;
	capture__at(m, &a, FT_OP_BORN, FT_HOOK_folio_add_file_rmap_ptes, 2, 0);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_add_file_rmap_ptes, 2, 1);
	capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_remove_rmap_ptes, 2, 1);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, 2, 0);
	scenario__fault(m, &b);
	capture__rest(m, &a, 2, 1, 0);
	capture__rest(m, &b, 2, 2, 1);
	capture__owner(m, &b, FT_OWNER_MAPPING, 1, 101, "child");
	capture__owner(m, &b, FT_OWNER_PIPE, 1, 99, "outer");
	m->tasks_left = 1;
	m->search = &search;
	capture__end(m);
}
