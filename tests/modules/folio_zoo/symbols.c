// SPDX-License-Identifier: GPL-2.0
/* What the kernel does not export, and in what the kernels differ. */
#include "zoo.h"

#include <linux/kprobes.h>

void (*zoo_lru_add_drain_all)(void);
void (*zoo_folio_putback_lru)(struct folio *folio);
void (*zoo_free_folio)(struct folio *folio);

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static int (*isolate)(struct folio *folio);

int zoo_isolate_lru(struct folio *folio)
{
	return isolate(folio);
}
#else
static bool (*isolate)(struct folio *folio);

int zoo_isolate_lru(struct folio *folio)
{
	return isolate(folio) ? 0 : -EBUSY;
}
#endif

/* A struct page * or a struct folio *, which are the same. */
static struct page **huge_zero;

struct page *zoo_huge_zero_page(void)
{
	return huge_zero ? READ_ONCE(*huge_zero) : NULL;
}

static unsigned long (*find_symbol)(const char *name);

static void *find(const char *name, const char *or_name)
{
	unsigned long at = find_symbol(name);

	return (void *)(at ?: find_symbol(or_name));
}

/* Where it is the kernel tells by a probe that is never armed. */
static int find_finder(void)
{
	struct kprobe probe = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&probe);

	if (err) {
		pr_err("cannot find kallsyms_lookup_name: %d\n", err);
		return err;
	}
	find_symbol = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

int zoo_symbols_init(void)
{
	int err = find_finder();

	if (err)
		return err;
	zoo_lru_add_drain_all = find("lru_add_drain_all", "");
	zoo_folio_putback_lru = find("folio_putback_lru", "");
	zoo_free_folio = find("__folio_put", "");
	isolate = find("folio_isolate_lru", "");
	huge_zero = find("huge_zero_folio", "huge_zero_page");
	if (zoo_lru_add_drain_all && zoo_folio_putback_lru && zoo_free_folio && isolate)
		return 0;
	pr_err("this kernel lacks a function that the scenes need\n");
	return -ENOENT;
}
