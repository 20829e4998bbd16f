// SPDX-License-Identifier: GPL-2.0
/*
 * mixedmap whole|part: maps the 2 MiB of our module mixedmap, touches them, and unmaps them at
 * once, or 4 KiB of them first.
 *
 * The last line is `references=R mappings=M', the folio's when nothing maps it any more: the
 * driver has one reference, so 1 and 0 are right.
 */
#include <fcntl.h>

#include "workload.h"

#define DEVICE "/dev/mixedmap"

int main(int argc, char **argv)
{
	bool part = argc == 2 && !strcmp(argv[1], "part");
	int device, references, mappings;
	char counts[64] = "";
	char *at;

	if (!part && (argc != 2 || strcmp(argv[1], "whole")))
		USAGE("mixedmap whole|part");
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		SKIP("no %s: load mixedmap", DEVICE);
	at = TRY(mmap(NULL, THP, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0));
	TRY(madvise(at, THP, MADV_HUGEPAGE));
	pattern__fill(at, THP, 1);
	CHECK(pattern__holds(at, THP, 1));
	if (part)
		TRY(munmap(at + THP / 2, PAGE));
	TRY(munmap(at, THP));

	TRY(read(device, counts, sizeof(counts) - 1));
	CHECK(sscanf(counts, "%d %d", &references, &mappings) == 2);
	printf("references=%d mappings=%d\n", references, mappings);
	TRY(close(device));
	return EXIT_SUCCESS;
}
