// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/mapped.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

static void *map_array(int fd, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

int mapped__open(struct mapped *m, int counters_fd, int nr_cpus, int sites_fd)
{
	m->nr_cpus = nr_cpus;
	m->counters = map_array(counters_fd, nr_cpus * sizeof(*m->counters));
	m->sites = m->counters ? map_array(sites_fd, FT_SITE_SLOTS * sizeof(*m->sites)) : NULL;
	return m->sites ? 0 : -errno;
}

uint64_t mapped__counter(const struct mapped *m, enum ft_counter which)
{
	uint64_t sum = 0;

	for (int cpu = 0; m->counters && cpu < m->nr_cpus; cpu++)
		sum += __atomic_load_n(&m->counters[cpu].n[which], __ATOMIC_RELAXED);
	return sum;
}

int mapped__add_site(struct mapped *m, const struct ft_insn_site *site, uint32_t id)
{
	uint32_t at = ft_site_hash(site->probe);

	for (int i = 0; i < FT_SITE_TRIES; i++, at++) {
		struct ft_site_slot *slot = &m->sites[at & (FT_SITE_SLOTS - 1)];

		if (slot->probe)
			continue;
		slot->disp = site->disp;
		slot->imm = site->imm;
		slot->id = id;
		slot->form = site->form;
		slot->base = site->base;
		slot->src = site->src;
		/* last: a probe may hit the moment it is found here */
		__atomic_store_n(&slot->probe, site->probe, __ATOMIC_RELEASE);
		return 0;
	}
	return -ENOSPC;
}

void mapped__close(struct mapped *m)
{
	if (m->counters)
		munmap(m->counters, m->nr_cpus * sizeof(*m->counters));
	if (m->sites)
		munmap(m->sites, FT_SITE_SLOTS * sizeof(*m->sites));
	*m = (struct mapped){ 0 };
}
