// SPDX-License-Identifier: GPL-2.0
/*
 * forkmig whole|split [GO]: a THP that a child shares by fork is migrated to test_hmm's device, as a
 * whole, or while the device has small pages only; then the child reads it.
 *
 * GO: before the migration the program waits until this file is there.
 *
 * The last line is `moved=M', pages.
 */
#include "dmirror.h"

/* With something for a tracer to write down all the time */
static void await(const char *path)
{
	while (access(path, F_OK)) {
		char *page = memory__map_small(PAGE);

		page[0] = 1;
		TRY(munmap(page, PAGE));
		usleep(10000);
	}
}

static void child(int go, char *thp)
{
	char byte;

	/* Ends when the parent has closed the other side. */
	CHECK(!read(go, &byte, 1));
	CHECK(pattern__holds(thp, THP, 0));
	exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
	bool split = argc >= 2 && !strcmp(argv[1], "split");
	char *thp, *copy;
	int device, go[2];
	long moved;
	pid_t pid;

	if (argc < 2 || argc > 3 || (!split && strcmp(argv[1], "whole")))
		USAGE("forkmig whole|split [GO]");
	device = dmirror__open();
	thp = memory__map_thp();
	copy = memory__map_small(THP);
	pattern__fill(thp, THP, 0);
	TRY(pipe(go));
	pid = TRY(fork());
	if (!pid) {
		TRY(close(go[1]));
		child(go[0], thp);
	}
	if (argc == 3)
		await(argv[2]);
	if (split)
		dmirror__refuse_large(device);
	moved = dmirror__migrate(device, DMIRROR_MIGRATE_TO_DEV, thp, copy);
	TRY(close(go[1]));
	CHECK(children__end(&pid, 1) == EXIT_SUCCESS);
	CHECK(pattern__holds(thp, THP, 0));
	printf("moved=%ld\n", moved);
	return EXIT_SUCCESS;
}
