// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int on_record(void *arg, void *data, size_t size)
{
	const struct ring *r = arg;

	r->sink(r->arg, r->cpu, data, size);
	return 0;
}

static int read_too(struct rings *r, int fd, struct ring *ring)
{
	if (r->reader)
		return ring_buffer__add(r->reader, fd, on_record, ring);
	r->reader = ring_buffer__new(fd, on_record, ring, NULL);
	return r->reader ? 0 : -errno;
}

int rings__open(struct rings *r, int map_of_maps, int nr_cpus, uint32_t bytes, ring_sink sink,
		void *arg)
{
	int rc = 0;

	*r = (struct rings){ .nr_cpus = nr_cpus };
	r->by_cpu = calloc(nr_cpus, sizeof(*r->by_cpu));
	r->fds = calloc(nr_cpus, sizeof(*r->fds));
	if (!r->by_cpu || !r->fds)
		return -ENOMEM;
	for (int cpu = 0; cpu < nr_cpus && !rc; cpu++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ft_ring", 0, 0, bytes, NULL);

		if (fd < 0)
			return fd;
		r->fds[cpu] = fd;
		r->by_cpu[cpu] = (struct ring){ .sink = sink, .arg = arg, .cpu = cpu };
		rc = bpf_map_update_elem(map_of_maps, &cpu, &fd, BPF_ANY);
		if (!rc)
			rc = read_too(r, fd, &r->by_cpu[cpu]);
	}
	return rc;
}

int rings__poll_fd(const struct rings *r)
{
	return ring_buffer__epoll_fd(r->reader);
}

int rings__drain(const struct rings *r)
{
	return ring_buffer__consume(r->reader);
}

void rings__close(struct rings *r)
{
	ring_buffer__free(r->reader);
	for (int i = 0; r->fds && i < r->nr_cpus; i++)
		if (r->fds[i] > 0)
			close(r->fds[i]);
	free(r->fds);
	free(r->by_cpu);
	*r = (struct rings){ 0 };
}
