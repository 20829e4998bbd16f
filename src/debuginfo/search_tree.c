// SPDX-License-Identifier: GPL-2.0
/*
 * The search trees of libdw and libelf, for the static binary. From elfutils 0.192
 * on their archives want six functions of libeu.a, which Debian does not ship. A
 * search_tree begins with the root pointer of tsearch(3); the lock behind it is not
 * needed, as one thread at a time is in libdw.
 *
 * They are weak and linked last, so that archives that bring their own keep them.
 */
#ifdef FT_STATIC
#include <search.h>
#include <stddef.h>

#define weak __attribute__((weak))

struct search_tree {
	void *root;
};

typedef int (*compare_fn)(const void *, const void *);
typedef void (*free_fn)(void *);

void *eu_tsearch(const void *key, struct search_tree *tree, compare_fn compare);
void *eu_tfind(const void *key, struct search_tree *tree, compare_fn compare);
void *eu_tdelete(const void *key, struct search_tree *tree, compare_fn compare);
void eu_tdestroy(struct search_tree *tree, free_fn free_node);
void eu_search_tree_init(struct search_tree *tree);
void eu_search_tree_fini(struct search_tree *tree, free_fn free_node);

weak void *eu_tsearch(const void *key, struct search_tree *tree, compare_fn compare)
{
	return tsearch(key, &tree->root, compare);
}

weak void *eu_tfind(const void *key, struct search_tree *tree, compare_fn compare)
{
	return tfind(key, &tree->root, compare);
}

weak void *eu_tdelete(const void *key, struct search_tree *tree, compare_fn compare)
{
	return tdelete(key, &tree->root, compare);
}

weak void eu_tdestroy(struct search_tree *tree, free_fn free_node)
{
	tdestroy(tree->root, free_node);
	tree->root = NULL;
}

weak void eu_search_tree_init(struct search_tree *tree)
{
	tree->root = NULL;
}

weak void eu_search_tree_fini(struct search_tree *tree, free_fn free_node)
{
	eu_tdestroy(tree, free_node);
}
#endif
