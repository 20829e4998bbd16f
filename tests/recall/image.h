/* SPDX-License-Identifier: GPL-2.0 */
/* A vmlinux file: its text, its functions, and where the kernel refuses a probe. */
#ifndef RECALL_IMAGE_H
#define RECALL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "site.h"

struct area {
	uint64_t start, end;
};

struct image {
	int fd;
	void *elf; /* Elf * */
	const uint8_t *text;
	uint64_t text_base;
	size_t text_size;

	struct ft_function *functions;
	size_t nr_functions;

	uint64_t *fentries; /* ascending */
	size_t nr_fentries;
	struct area refused[16]; /* sections of the kprobe blacklist */
	size_t nr_refused;
	uint64_t *blacklist; /* functions of NOKPROBE_SYMBOL() */
	size_t nr_blacklist;
};

int image__open(struct image *image, const char *path);
void image__close(struct image *image);

/* NULL: in no function. */
const struct ft_function *image__function(const struct image *image, uint64_t address);

/* Why the kernel does not let this address be probed, or NULL. */
const char *image__refusal(const struct image *image, uint64_t address);

#endif /* RECALL_IMAGE_H */
