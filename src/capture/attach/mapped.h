/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrays of the BPF side that we have mmapped, the counters and the table of sites: a bpf(2) call
 * would make probes that hit meanwhile be skipped (bpf_prog_active).
 */
#ifndef FT_CAPTURE_ATTACH_MAPPED_H
#define FT_CAPTURE_ATTACH_MAPPED_H

#include <stdint.h>

#include "ctl.h"
#include "site.h"
#include "wire.h"

struct mapped {
	int nr_cpus;
	struct ft_counters *counters; /* one row a CPU */
	struct ft_site_slot *sites;   /* FT_SITE_SLOTS */
};

/* 0 or -errno; mapped__close() after either. */
int mapped__open(struct mapped *m, int counters_fd, int nr_cpus, int sites_fd);
/* The sum over all CPUs; 0 before mapped__open(). */
uint64_t mapped__counter(const struct mapped *m, enum ft_counter which);
/* Says what a probe at site->probe means; 0, or -ENOSPC where there is no slot for it. */
int mapped__add_site(struct mapped *m, const struct ft_insn_site *site, uint32_t id);
void mapped__close(struct mapped *m);

#endif /* FT_CAPTURE_ATTACH_MAPPED_H */
