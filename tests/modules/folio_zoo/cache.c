// SPDX-License-Identifier: GPL-2.0
/* Lookups in the page cache, whose reference an error path forgets or puts twice. */
#include "zoo.h"

#include <linux/file.h>
#include <linux/pagemap.h>

#define LOOKUP_SITE(scene)                                                                         \
	ZOO_SITE struct folio *zoo_##scene##_get(struct address_space *mapping, pgoff_t index)     \
	{                                                                                          \
		return filemap_get_folio(mapping, index);                                          \
	}

#define PUT_SITE(scene)                                                                            \
	ZOO_SITE void zoo_##scene##_put(struct page **pages, unsigned int n)                       \
	{                                                                                          \
		while (n--)                                                                        \
			put_page(*pages++);                                                        \
	}

LOOKUP_SITE(lookup_cold)
PUT_SITE(lookup_cold)
LOOKUP_SITE(lookup_cached)
PUT_SITE(lookup_cached)
LOOKUP_SITE(replace_put)
PUT_SITE(replace_put)
PUT_SITE(sb_read)

ZOO_SITE struct folio *zoo_sb_read_get(struct address_space *mapping, pgoff_t index)
{
	return read_cache_folio(mapping, index, NULL, NULL);
}

typedef struct folio *(*lookup_t)(struct address_space *mapping, pgoff_t index);

/* The page at c->arg of the file c->fd. */
static struct page *look_up(const struct zoo_call *c, lookup_t lookup)
{
	struct file *file = fget(c->fd);
	struct folio *folio;

	if (!file)
		return ERR_PTR(-EBADF);
	folio = lookup(file->f_mapping, c->arg);
	fput(file);
	/* 6.1 says NULL. */
	if (IS_ERR_OR_NULL(folio))
		return ERR_PTR(folio ? PTR_ERR(folio) : -ENOENT);
	return &folio->page;
}

static int forget(const struct zoo_call *c, lookup_t lookup, zoo_put_t put)
{
	struct page *page = look_up(c, lookup);

	if (IS_ERR(page))
		return PTR_ERR(page);
	zoo_log(c, "subject", &page, 1);
	if (!c->good)
		return zoo_owe(&page, 1, 1, 0);
	zoo_put_by(c->who, put, &page, 1);
	return 0;
}

int zoo_lookup_cold(struct zoo_file *zf, const struct zoo_call *c)
{
	return forget(c, zoo_lookup_cold_get, zoo_lookup_cold_put);
}

int zoo_lookup_cached(struct zoo_file *zf, const struct zoo_call *c)
{
	return forget(c, zoo_lookup_cached_get, zoo_lookup_cached_put);
}

/* As a file system reads its super block. */
int zoo_sb_read(struct zoo_file *zf, const struct zoo_call *c)
{
	return forget(c, zoo_sb_read_get, zoo_sb_read_put);
}

/* Whoever replaces the page puts it twice. */
int zoo_replace_put(struct zoo_file *zf, const struct zoo_call *c)
{
	struct page *page = look_up(c, zoo_replace_put_get);

	if (IS_ERR(page))
		return PTR_ERR(page);
	zoo_log(c, "subject", &page, 1);
	zoo_put_by(c->who, zoo_replace_put_put, &page, 1);
	if (c->good)
		return 0;
	zoo_put_by(c->who, zoo_replace_put_put, &page, 1);
	return zoo_owe(&page, 1, -1, 0);
}
