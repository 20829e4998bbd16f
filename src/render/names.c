// SPDX-License-Identifier: GPL-2.0
#include "render/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct ft_name name__of(uint32_t id)
{
	struct ft_name n = { "?" };

	if (id)
		snprintf(n.s, sizeof(n.s), "F%" PRIu32, id);
	return n;
}

struct ft_name name__size(const struct ft_run *run, uint32_t order)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	uint64_t bytes = (run->page_size ? run->page_size : 4096);
	struct ft_name n;
	size_t u = 0;

	bytes <<= order < 40 ? order : 40;
	while (bytes >= 1024 && bytes % 1024 == 0 && u + 1 < sizeof(unit) / sizeof(unit[0])) {
		bytes /= 1024;
		u++;
	}
	snprintf(n.s, sizeof(n.s), "%" PRIu64 " %s", bytes, unit[u]);
	return n;
}

static const struct {
	uint32_t mask;
	const char *name;
} flags[] = {
	{ FT_PF_LOCKED, "locked" },
	{ FT_PF_LRU, "lru" },
	{ FT_PF_SWAPBACKED, "swapbacked" },
	{ FT_PF_SWAPCACHE, "swapcache" },
	{ FT_PF_ANON, "anon" },
	{ FT_PF_KSM, "ksm" },
	{ FT_PF_MOVABLE, "movable" },
	{ FT_PF_MAPPING, "mapping" },
	{ FT_PF_PRIVATE, "private" },
	{ FT_PF_PRIVATE_2, "private_2" },
	{ FT_PF_WRITEBACK, "writeback" },
	{ FT_PF_DIRTY, "dirty" },
	{ FT_PF_UPTODATE, "uptodate" },
	{ FT_PF_ACTIVE, "active" },
	{ FT_PF_UNEVICTABLE, "unevictable" },
	{ FT_PF_MLOCKED, "mlocked" },
	{ FT_PF_HWPOISON, "hwpoison" },
	{ FT_PF_RESERVED, "reserved" },
	{ FT_PF_LARGE, "large" },
	{ FT_PF_HUGETLB, "hugetlb" },
	{ FT_PF_TYPED, "typed" },
	{ FT_PF_ZONE_DEVICE, "zone_device" },
	{ FT_PF_ZERO, "zero" },
	{ FT_PF_TAIL, "tail" },
};

const char *name__flag(unsigned int n, uint32_t *mask)
{
	if (n >= sizeof(flags) / sizeof(flags[0]))
		return NULL;
	*mask = flags[n].mask;
	return flags[n].name;
}

/* Those of include/uapi/asm-generic/errno-base.h that functions of mm return. */
const char *name__error(int64_t value)
{
	static const char *const name[] = {
		[EPERM] = "EPERM",   [ENOENT] = "ENOENT", [EINTR] = "EINTR",   [EIO] = "EIO",
		[EAGAIN] = "EAGAIN", [ENOMEM] = "ENOMEM", [EFAULT] = "EFAULT", [EBUSY] = "EBUSY",
		[EEXIST] = "EEXIST", [EINVAL] = "EINVAL", [ENOSPC] = "ENOSPC",
	};

	if (value >= 0 || value <= -(int64_t)(sizeof(name) / sizeof(name[0])))
		return NULL;
	return name[-value];
}

const char *name__context(unsigned int context)
{
	static const char *const name[] = { "unknown", "task", "softirq", "hardirq", "nmi" };

	return name[context < sizeof(name) / sizeof(name[0]) ? context : 0];
}

const char *name__source(unsigned int source)
{
	static const char *const name[] = { "boundary", "page_ref", "inline" };

	return source < sizeof(name) / sizeof(name[0]) ? name[source] : "unknown";
}

const char *name__step(const struct ft_step *step)
{
	static const char *const mark[] = {
		[FT_OP_BORN] = "born",	 [FT_OP_ADOPTED] = "was there before",
		[FT_OP_SPLIT] = "split", [FT_OP_MIGRATE] = "contents moved",
		[FT_OP_DIED] = "freed",
	};

	if (step->what == FT_STEP_CHECKPOINT)
		return ft_checkpoint__name(step->at);
	return step->what == FT_STEP_MARK ? mark[step->op] : NULL;
}

const char *name__owner(enum ft_owner_class class, int64_t n)
{
	static const struct {
		const char *one, *many; /* many NULL: the same */
	} name[FT_OWNER_COUNT] = {
		[FT_OWNER_OTHER] = { "", NULL },
		[FT_OWNER_MAPPING] = { "mapping", "mappings" },
		[FT_OWNER_PAGE_CACHE] = { "page cache", NULL },
		[FT_OWNER_SWAP_CACHE] = { "swap cache", NULL },
		[FT_OWNER_PRIVATE] = { "private data", NULL },
		[FT_OWNER_PRIVATE_2] = { "private_2", NULL },
		[FT_OWNER_FILE_SYSTEM] = { "of its file system", NULL },
		[FT_OWNER_IDLE] = { "idle device page", NULL },
		[FT_OWNER_ALLOCATION] = { "from its allocation", NULL },
		[FT_OWNER_BEFORE] = { "from before", NULL },
		[FT_OWNER_PIN] = { "pin", "pins" },
		[FT_OWNER_ISOLATION] = { "isolation", "isolations" },
		[FT_OWNER_LRU_BATCH] = { "LRU batch", "LRU batches" },
		[FT_OWNER_PIPE] = { "pipe", NULL },
		[FT_OWNER_BIO] = { "bio", NULL },
		[FT_OWNER_SOCKET] = { "socket buffer", NULL },
		[FT_OWNER_IO_URING] = { "io_uring buffer", NULL },
		[FT_OWNER_LOOKUP] = { "lookup", "lookups" },
		[FT_OWNER_MIGRATION] = { "migration", NULL },
		[FT_OWNER_FAULT] = { "fault", NULL },
		[FT_OWNER_GUP] = { "GUP", NULL },
		[FT_OWNER_MEMORY_FAILURE] = { "of memory failure", NULL },
		[FT_OWNER_FILE] = { "of a file", NULL },
	};

	if ((unsigned int)class >= FT_OWNER_COUNT)
		return "?";
	return n == 1 || !name[class].many ? name[class].one : name[class].many;
}
