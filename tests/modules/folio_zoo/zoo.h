/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZOO_H
#define ZOO_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/version.h>

#include "abi.h"

/*
 * A get or a put of a scene: a function of its own, that is not merged with
 * another one of the same body, whatever the compiler thinks.
 */
#define ZOO_SITE static noinline __noipa

/* An open file, which some scenes need from one call to the next. */
struct zoo_file {
	struct zoo_call call;
	struct page *page;
};

typedef int (*zoo_scene_t)(struct zoo_file *zf, const struct zoo_call *c);
typedef int (*zoo_get_t)(unsigned long at, unsigned int n, struct page **pages);
typedef void (*zoo_put_t)(struct page **pages, unsigned int n);

/* who.c: a get of a caller's pages, or a put, by whom the call says. */
int zoo_get_by(u32 who, zoo_get_t get, unsigned long at, unsigned int n, struct page **pages);
void zoo_put_by(u32 who, zoo_put_t put, struct page **pages, unsigned int n);
int zoo_do_by(u32 who, int (*work)(void *arg), void *arg);
int zoo_who_init(void);
void zoo_who_exit(void);

/* ledger.c: which folio is which scene's, and what the repair owes. */
void zoo_log(const struct zoo_call *c, const char *role, struct page **pages, unsigned int n);
void zoo_log_missed(void);
int zoo_owe(struct page **pages, unsigned int n, long refs, long pins);
int zoo_owe_putback(struct page *page);
int zoo_owe_unlock(struct page *page);
void zoo_repair(void);
int zoo_ledger_init(void);
void zoo_ledger_exit(void);

/* symbols.c: what is not exported; NULL where a kernel has none. */
extern void (*zoo_lru_add_drain_all)(void);
extern void (*zoo_folio_putback_lru)(struct folio *folio);
extern void (*zoo_free_folio)(struct folio *folio);
int zoo_isolate_lru(struct folio *folio);
struct page *zoo_huge_zero_page(void);
int zoo_symbols_init(void);

/* Arrays of a scene's pages. */
struct page **zoo_pages(const struct zoo_call *c);
/* 0 if all pages were got; what else was is owed. */
int zoo_all_got(int got, unsigned int n, struct page **pages, bool pins);

/* The page that was guarded in this slot, or NULL. */
struct page *zoo_slot(u32 slot);
void zoo_set_slot(u32 slot, struct page *page);

/* The scenes. */
int zoo_guard(struct zoo_file *zf, const struct zoo_call *c);
int zoo_guard_hugezero(struct zoo_file *zf, const struct zoo_call *c);
int zoo_pin(struct zoo_file *zf, const struct zoo_call *c);
int zoo_unpin_part(struct zoo_file *zf, const struct zoo_call *c);
int zoo_unpin_over(struct zoo_file *zf, const struct zoo_call *c);
int zoo_pin_put(struct zoo_file *zf, const struct zoo_call *c);
int zoo_pin_enomem(struct zoo_file *zf, const struct zoo_call *c);
int zoo_batch_fail(struct zoo_file *zf, const struct zoo_call *c);
int zoo_merge(struct zoo_file *zf, const struct zoo_call *c);
int zoo_wrong_head(struct zoo_file *zf, const struct zoo_call *c);
int zoo_per_page_put(struct zoo_file *zf, const struct zoo_call *c);
int zoo_consumed_then_put(struct zoo_file *zf, const struct zoo_call *c);
int zoo_replace_put(struct zoo_file *zf, const struct zoo_call *c);
int zoo_lookup_cold(struct zoo_file *zf, const struct zoo_call *c);
int zoo_lookup_cached(struct zoo_file *zf, const struct zoo_call *c);
int zoo_sb_read(struct zoo_file *zf, const struct zoo_call *c);
int zoo_isolate(struct zoo_file *zf, const struct zoo_call *c);
int zoo_reclaim_twin(struct zoo_file *zf, const struct zoo_call *c);
int zoo_hugezero_put(struct zoo_file *zf, const struct zoo_call *c);
int zoo_get_after_free(struct zoo_file *zf, const struct zoo_call *c);
int zoo_free_held(struct zoo_file *zf, const struct zoo_call *c);
int zoo_map_next(struct zoo_file *zf, const struct zoo_call *c);
int zoo_insert_foreign(struct zoo_file *zf, const struct zoo_call *c);
int zoo_hold(struct zoo_file *zf, const struct zoo_call *c);

/* trials.c, and its gets and puts: how many were got, or -errno. */
long zoo_trial(struct trial_call __user *arg);
void zoo_trials_flush(void);
int trial_get_units(const struct trial_call *c, const struct trial_step *s, struct page **pages);
void trial_put_units(u32 put, u32 who, struct page **pages, unsigned int n);
const char *trial_get_name(u32 get);
const char *trial_put_name(u32 put);
static inline bool trial_is_pin(u32 get)
{
	return get == TRIAL_PIN || get == TRIAL_PIN_LONG || get == TRIAL_PIN_REMOTE ||
	       get == TRIAL_GUARD_PIN;
}

/* trial_log.c */
void trial_log(const struct trial_call *c, const char *role, const char *function,
	       struct page *page, u64 at_ns);
int zoo_trial_log_init(void);
void zoo_trial_log_exit(void);

/* maps.c and hold.c: the files' side. */
int zoo_mmap(struct file *file, struct vm_area_struct *vma);
void zoo_maps_release(struct zoo_file *zf);
void zoo_hold_release(struct zoo_file *zf);
void zoo_hold_flush(void);

#endif
