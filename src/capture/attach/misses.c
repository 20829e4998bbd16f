// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/misses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "capture/attach/mapped.h"
#include "capture/attach/program_table.h"

#define MAX_TRIES 100

static uint64_t skipped_runs(const struct bpf_program *p)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int fd = bpf_program__fd(p);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		return 0; /* not loaded */
	return info.recursion_misses;
}

static struct misses sum_up(const struct folio_trace *skel)
{
	struct misses m = {};

	for (size_t i = 0; i < nr_programs; i++) {
		const struct program *row = &program_table[i];

		if (row->loses == FT_LOSES_READING)
			m.readings += skipped_runs(program__of(skel, row));
		else if (row->loses == FT_LOSES_OPERATION)
			m.refs += skipped_runs(program__of(skel, row));
		else if (row->loses == FT_LOSES_LIFETIME)
			m.lifetimes += skipped_runs(program__of(skel, row));
	}
	return m;
}

/* The runs of fallback programs that made up for a skipped one. */
static struct misses made_up_for(const struct mapped *m)
{
	return (struct misses){ .lifetimes = mapped__counter(m, FT_CNT_FALLBACK_LIFETIME),
				.refs = mapped__counter(m, FT_CNT_FALLBACK_REF) };
}

static uint64_t difference(uint64_t from, uint64_t what)
{
	return what < from ? from - what : 0;
}

struct misses misses__between(struct misses before, struct misses now)
{
	return (struct misses){ .lifetimes = difference(now.lifetimes, before.lifetimes),
				.refs = difference(now.refs, before.refs),
				.readings = difference(now.readings, before.readings) };
}

/*
 * A fallback program runs right after the miss that it makes up for. So the two counts fit together
 * if no fallback program ran while the misses were read.
 */
struct misses misses__read(const struct folio_trace *skel, const struct mapped *m)
{
	struct misses sum, before, after = made_up_for(m);
	int tries = 0;

	do {
		before = after;
		sum = sum_up(skel);
		after = made_up_for(m);
	} while ((before.lifetimes != after.lifetimes || before.refs != after.refs) &&
		 ++tries < MAX_TRIES);
	return misses__between(before, sum);
}
