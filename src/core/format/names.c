// SPDX-License-Identifier: GPL-2.0
/* Part of the JSON format: these names never change. */
#include "model.h"

#define NAME(table, i)                                                                             \
	((size_t)(i) < sizeof(table) / sizeof(*(table)) && (table)[i] ? (table)[i] : "unknown")

const char *ft_verdict__name(enum ft_verdict v)
{
	static const char *const name[] = {
		[FT_VERDICT_NONE] = "none",   [FT_VERDICT_BALANCED] = "balanced",
		[FT_VERDICT_FREED] = "freed", [FT_VERDICT_INCONCLUSIVE] = "inconclusive",
		[FT_VERDICT_LEAK] = "leak",   [FT_VERDICT_OVERPUT] = "overput",
	};

	return NAME(name, v);
}

const char *ft_run_verdict__name(enum ft_run_verdict v)
{
	static const char *const name[] = {
		[FT_RUN_PASS] = "pass",
		[FT_RUN_INCONCLUSIVE] = "inconclusive",
		[FT_RUN_FAIL] = "fail",
	};

	return NAME(name, v);
}

const char *ft_kind__name(enum ft_kind k)
{
	static const char *const name[] = {
		[FT_KIND_UNKNOWN] = "unknown",
		[FT_KIND_ANON] = "anon",
		[FT_KIND_KSM] = "ksm",
		[FT_KIND_FILE] = "file",
		[FT_KIND_SHMEM] = "shmem",
		[FT_KIND_HUGETLB] = "hugetlb",
		[FT_KIND_DEVICE_PRIVATE] = "device_private",
		[FT_KIND_DEVICE_COHERENT] = "device_coherent",
		[FT_KIND_FS_DAX] = "fs_dax",
		[FT_KIND_DEVICE_GENERIC] = "device_generic",
		[FT_KIND_P2PDMA] = "p2pdma",
		[FT_KIND_ZERO] = "zero",
		[FT_KIND_MOVABLE] = "movable",
		[FT_KIND_TYPED] = "typed",
	};

	return NAME(name, k);
}

const char *ft_term__name(enum ft_term t)
{
	static const char *const name[] = {
		[FT_TERM_MAPPINGS] = "mappings",
		[FT_TERM_SWAP_CACHE] = "swap_cache",
		[FT_TERM_PAGE_CACHE] = "page_cache",
		[FT_TERM_PRIVATE] = "private",
		[FT_TERM_PRIVATE_2] = "private_2",
		[FT_TERM_PINS] = "pins",
		[FT_TERM_IDLE] = "idle",
		[FT_TERM_FUNCTION] = "function",
		[FT_TERM_LRU_BATCH] = "lru_batch",
		[FT_TERM_FAULT] = "fault",
		[FT_TERM_FILE_SYSTEM] = "file_system",
	};

	return NAME(name, t);
}

/* The rmap functions: a mapping exists, or is gone, when they return. */
static const char *boundary_name(const struct ft_event *e)
{
	if (e->op == FT_OP_ENTER)
		return "enter";
	switch (e->site->role) {
	case FT_ROLE_MAP:
	case FT_ROLE_MAP_NEW:
		return "map";
	case FT_ROLE_UNMAP:
		return "unmap";
	default:
		return "return";
	}
}

const char *ft_op__name(const struct ft_event *e)
{
	static const char *const name[] = {
		[FT_OP_CHECKPOINT] = "checkpoint",
		[FT_OP_BORN] = "born",
		[FT_OP_ADOPTED] = "adopted",
		[FT_OP_DIED] = "died",
		[FT_OP_SPLIT] = "split",
		[FT_OP_MIGRATE] = "migrate",
		[FT_OP_SNAPSHOT] = "snapshot",
		[FT_OP_GET] = "get",
		[FT_OP_PUT] = "put",
		[FT_OP_ADD] = "add",
		[FT_OP_SUB] = "sub",
		[FT_OP_TRY_GET] = "try_get",
		[FT_OP_FREEZE] = "freeze",
		[FT_OP_UNFREEZE] = "unfreeze",
		[FT_OP_SET] = "set",
	};

	if (e->op == FT_OP_ENTER || e->op == FT_OP_RETURN)
		return boundary_name(e);
	return NAME(name, e->op);
}

const char *ft_alone__name(enum ft_alone why)
{
	static const char *const name[] = {
		[FT_ALONE_UNEXPLAINED] = "unexplained",
		[FT_ALONE_REFUSED] = "refused",
		[FT_ALONE_EDGE] = "edge",
		[FT_ALONE_MISSED] = "missed",
	};

	return NAME(name, why);
}

const char *ft_checkpoint__name(enum ft_checkpoint_at at)
{
	static const char *const name[] = {
		[FT_AT_FINALIZE_ENTRY] = "__migrate_device_finalize:entry",
		[FT_AT_RMP_ENTRY] = "remove_migration_ptes:entry",
		[FT_AT_RMP_RETURN] = "remove_migration_ptes:return",
		[FT_AT_FINALIZE_RETURN] = "__migrate_device_finalize:return",
	};

	return NAME(name, at);
}

const char *ft_severity__name(enum ft_severity s)
{
	static const char *const name[] = {
		[FT_SEVERITY_NONE] = "none",
		[FT_SEVERITY_SURPLUS] = "surplus",
		[FT_SEVERITY_UNREACHABLE] = "unreachable",
		[FT_SEVERITY_FREED_MAPPED] = "freed_mapped",
		[FT_SEVERITY_OVERPUT] = "overput",
	};

	return NAME(name, s);
}

const char *ft_confidence__name(enum ft_confidence c)
{
	static const char *const name[] = {
		[FT_CERTAIN] = "certain",
		[FT_LIKELY] = "likely",
		[FT_AMBIGUOUS] = "ambiguous",
	};

	return NAME(name, c);
}

const char *ft_conservation_state__name(enum ft_conservation_state state)
{
	static const char *const name[] = {
		[FT_CONSERVATION_UNCHECKED] = "unchecked", [FT_CONSERVATION_HOLDS] = "holds",
		[FT_CONSERVATION_PROVEN] = "proven",	   [FT_CONSERVATION_LOST] = "lost",
		[FT_CONSERVATION_BROKEN] = "broken",
	};

	return NAME(name, state);
}

const char *ft_owner_class__name(enum ft_owner_class class)
{
	static const char *const name[] = {
		[FT_OWNER_OTHER] = "other",
		[FT_OWNER_MAPPING] = "mapping",
		[FT_OWNER_PAGE_CACHE] = "page_cache",
		[FT_OWNER_SWAP_CACHE] = "swap_cache",
		[FT_OWNER_PRIVATE] = "private",
		[FT_OWNER_PRIVATE_2] = "private_2",
		[FT_OWNER_FILE_SYSTEM] = "file_system",
		[FT_OWNER_IDLE] = "idle",
		[FT_OWNER_ALLOCATION] = "allocation",
		[FT_OWNER_BEFORE] = "before",
		[FT_OWNER_PIN] = "pin",
		[FT_OWNER_ISOLATION] = "isolation",
		[FT_OWNER_LRU_BATCH] = "lru_batch",
		[FT_OWNER_PIPE] = "pipe",
		[FT_OWNER_BIO] = "bio",
		[FT_OWNER_SOCKET] = "socket",
		[FT_OWNER_IO_URING] = "io_uring",
		[FT_OWNER_LOOKUP] = "lookup",
		[FT_OWNER_MIGRATION] = "migration",
		[FT_OWNER_FAULT] = "fault",
		[FT_OWNER_GUP] = "gup",
		[FT_OWNER_MEMORY_FAILURE] = "memory_failure",
		[FT_OWNER_FILE] = "file",
	};

	return NAME(name, class);
}

const char *ft_owner_state__name(enum ft_owner_state state)
{
	static const char *const name[] = {
		[FT_OWNER_SHOWN] = "shown",
		[FT_OWNER_PROVED] = "proved",
		[FT_OWNER_POSSIBLE] = "possible",
		[FT_OWNER_GONE] = "gone",
	};

	return NAME(name, state);
}
