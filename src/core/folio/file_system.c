// SPDX-License-Identifier: GPL-2.0
#include "core/folio/file_system.h"

#include <stdio.h>
#include <string.h>

#define KERNEL(major, minor) (1000 * (major) + (minor))

/*
 * Those that were traced (tests/vm/honest.sh), data and metadata alike. An extent buffer of
 * btrfs keeps the reference by which it found or made its folios (alloc_extent_buffer()):
 * seen on 6.1 and 6.12, no more on 7.3.
 */
static const struct {
	const char *a_ops;
	int keeps;
	int before; /* from this kernel on no more */
} file_systems[] = {
	{ "btree_aops", 1, KERNEL(7, 3) },
	{ "btrfs_aops", 0, 0 },
	{ "def_blk_aops", 0, 0 },
	{ "empty_aops", 0, 0 },
	{ "shmem_aops", 0, 0 },
	{ "ext4_da_aops", 0, 0 },
	{ "xfs_address_space_operations", 0, 0 },
	{ "fat_aops", 0, 0 },
	{ "fuse_file_aops", 0, 0 },
	{ "squashfs_aops", 0, 0 },
	{ "erofs_aops", 0, 0 },
};

static const struct ft_operations *find(const struct ft_run *run, uint64_t address)
{
	size_t low = 0, high = run->nr_operations;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (run->operations[mid].address == address)
			return &run->operations[mid];
		if (run->operations[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static bool is_told(const struct ft_event *first)
{
	return (first->op == FT_OP_BORN || first->op == FT_OP_ADOPTED) && first->aux;
}

/* The row of a folio, or -1. */
static int row_of(const struct ft_run *run, const struct ft_event *first)
{
	const struct ft_operations *o = is_told(first) ? find(run, first->aux) : NULL;
	size_t i;

	for (i = 0; o && i < sizeof(file_systems) / sizeof(*file_systems); i++)
		if (!strcmp(o->name, file_systems[i].a_ops))
			return (int)i;
	return -1;
}

static int version(const struct ft_run *run)
{
	int major = 0, minor = 0;

	if (run->release && sscanf(run->release, "%3d.%3d", &major, &minor) != 2)
		return 0;
	return KERNEL(major, minor);
}

int ft_run__file_system_keeps(const struct ft_run *run, const struct ft_event *first)
{
	int row = run->nr_operations ? row_of(run, first) : -1;

	return row >= 0 && version(run) < file_systems[row].before ? file_systems[row].keeps : 0;
}

bool ft_run__is_file_system_unknown(const struct ft_run *run, const struct ft_event *first)
{
	return run->nr_operations && is_told(first) && row_of(run, first) < 0;
}
