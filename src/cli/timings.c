// SPDX-License-Identifier: GPL-2.0
#include "cli/timings.h"

#include <stdio.h>

#include "capture/kernel/util.h"

void timings__mark(struct timings *t, enum timing what)
{
	int64_t ns = now_ns();

	if (t->since)
		t->ns[what] += ns - t->since;
	t->since = ns;
}

static double ms(int64_t ns)
{
	return ns / 1e6;
}

/* Of the probes: how many sites the kernel took, and the time for each step. */
static void print_inline(const struct inline_source *src)
{
	const struct inline_startup *t = inline__startup(src);
	const struct site_table *table = inline__table(src);
	size_t taken = 0;

	for (size_t i = 0; i < table->nr; i++)
		taken += table->sites[i].state == SITE_PROBED;
	fprintf(stderr, ", kallsyms %.0f, scan %.0f, definition of %zu sites %.0f, arming %.0f",
		ms(t->kallsyms_ns), ms(t->scan_ns), taken, ms(t->define_ns), ms(t->arm_ns));
}

void timings__print(const struct timings *t, const struct sources *src)
{
	int64_t start = 0;

	for (int i = TIMING_BTF; i <= TIMING_ARM; i++)
		start += t->ns[i];
	fprintf(stderr, "folio-trace: start-up %.0f ms: BTF %.0f, BPF load %.0f, attach %.0f",
		ms(start), ms(t->ns[TIMING_BTF]), ms(t->ns[TIMING_LOAD]), ms(t->ns[TIMING_ATTACH]));
	if (src->inlined)
		print_inline(src->inlined);
	fprintf(stderr, "\nfolio-trace: removal %.0f ms: detach %.0f, probes %.0f\n",
		ms(t->ns[TIMING_DETACH] + t->ns[TIMING_REMOVE]), ms(t->ns[TIMING_DETACH]),
		ms(t->ns[TIMING_REMOVE]));
}
