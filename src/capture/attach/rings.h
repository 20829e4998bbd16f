/* SPDX-License-Identifier: GPL-2.0 */
/* The ring buffers, one for each CPU (bpf/emit.h), and their reader. */
#ifndef FT_CAPTURE_ATTACH_RINGS_H
#define FT_CAPTURE_ATTACH_RINGS_H

#include <stddef.h>
#include <stdint.h>

/* Called with whole wire records, back to back, of one CPU, in order. */
typedef void (*ring_sink)(void *arg, unsigned int cpu, const void *rec, size_t size);

struct ring {
	ring_sink sink;
	void *arg;
	unsigned int cpu;
};

struct rings {
	int nr_cpus;
	int *fds;
	struct ring *by_cpu;
	struct ring_buffer *reader;
};

/*
 * Makes nr_cpus rings of so many bytes, a power of two of pages, and puts them into the map of
 * maps. 0 or -errno; rings__close() after either.
 */
int rings__open(struct rings *r, int map_of_maps, int nr_cpus, uint32_t bytes, ring_sink sink,
		void *arg);
/* Readable when a ring is half full. */
int rings__poll_fd(const struct rings *r);
/* Gives all records that are there to the sink; how many, or -errno. */
int rings__drain(const struct rings *r);
void rings__close(struct rings *r);

#endif /* FT_CAPTURE_ATTACH_RINGS_H */
