// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/misses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "capture/attach/program_table.h"

static uint64_t skipped_runs(const struct bpf_program *p)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int fd = bpf_program__fd(p);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		return 0; /* not loaded */
	return info.recursion_misses;
}

struct misses misses__sum(const struct folio_trace *skel)
{
	struct misses m = {};

	for (size_t i = 0; i < nr_programs; i++) {
		const struct program *row = &program_table[i];

		if (row->loses == FT_LOSES_READING)
			m.others += skipped_runs(program__of(skel, row));
		else if (row->loses == FT_LOSES_OPERATION)
			m.refs += skipped_runs(program__of(skel, row));
		else if (row->loses == FT_LOSES_LIFETIME)
			m.lifetimes += skipped_runs(program__of(skel, row));
	}
	return m;
}
