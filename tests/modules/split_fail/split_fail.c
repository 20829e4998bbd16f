// SPDX-License-Identifier: GPL-2.0
/*
 * split_fail: make the split inside a device migration fail, on a kernel where
 * that split cannot fail at will and that offers no error injection.
 *
 * migrate_vma_split_unmapped_folio(), inlined into __migrate_device_pages(),
 * takes a reference on the source folio for split_huge_pmd_address(freeze) to
 * drop, and then calls folio_split_unmapped().  In a task that is migrating,
 * this module puts functions that only fail in the place of these two.
 *
 * Use it in a throw-away virtual machine only.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include <asm/ftrace.h>

enum { FIXED_NOT, FIXED_FAILED, FIXED_ZAPPED };

static int fixed = FIXED_NOT;
module_param(fixed, int, 0644);
MODULE_PARM_DESC(
	fixed,
	"drop the reference taken for the PMD split: 0 never, 1 if that split failed, 2 also if it had nothing to split");

enum { WHERE_PMD, WHERE_FOLIO, WHERE_NOWHERE };

static int where = WHERE_PMD;
module_param(where, int, 0644);
MODULE_PARM_DESC(where, "what fails: 0 the PMD split, 1 the folio split after it, 2 nothing");

static int times = -1;
module_param(times, int, 0644);
MODULE_PARM_DESC(times, "how many splits may still fail, -1 for any number");

static uint prob = 100;
module_param(prob, uint, 0644);
MODULE_PARM_DESC(prob, "percent of the splits that fail");

static int seen;
module_param(seen, int, 0444);
MODULE_PARM_DESC(seen, "PMD splits that device migrations asked for");

static int failed;
module_param(failed, int, 0444);
MODULE_PARM_DESC(failed, "splits made to fail");

static int zapped;
module_param(zapped, int, 0444);
MODULE_PARM_DESC(zapped, "PMD splits that had nothing to split, so left their reference");

static int untracked;
module_param(untracked, int, 0444);
MODULE_PARM_DESC(untracked, "migrations left alone: too many at once");

/*
 * The migrations under way, by task: the return address cannot tell the caller,
 * as it may be a tracer's trampoline.
 */
struct migration {
	struct task_struct *task;
	int failing; /* WHERE_*, from the PMD split to the folio split */
};

static struct migration migrations[64];

/* A generator without locks of its own, for int3 handlers. */
static struct rnd_state dice;

/* Guards all of the above that changes.  Taken in int3 handlers. */
static DEFINE_RAW_SPINLOCK(migrations_lock);

static struct migration *migration_of(struct task_struct *task)
{
	for (int i = 0; i < ARRAY_SIZE(migrations); i++)
		if (migrations[i].task == task)
			return &migrations[i];
	return NULL;
}

static void migration_begin(void)
{
	struct migration *m;

	guard(raw_spinlock_irqsave)(&migrations_lock);
	m = migration_of(current) ?: migration_of(NULL);
	if (m)
		*m = (struct migration){ current, WHERE_NOWHERE };
	else
		untracked++;
}

static void migration_end(void)
{
	struct migration *m;

	guard(raw_spinlock_irqsave)(&migrations_lock);
	m = migration_of(current);
	if (m)
		m->task = NULL;
}

/* What of this split is to fail. */
static int decide(void)
{
	if (!times || prandom_u32_state(&dice) % 100 >= prob)
		return WHERE_NOWHERE;
	return where;
}

/*
 * The replacements.  They run in the task and not in the probe's handler, and
 * are traceable functions: probes do not nest, and probe events are refused
 * without an fentry, so else their put would be hidden from a tracer.
 */

/* The value is for kernels whose split_huge_pmd_address() may fail. */
static noinline int pmd_split_fails(struct vm_area_struct *vma, unsigned long address, bool freeze)
{
	return -ENOMEM;
}

static noinline int folio_split_fails(struct folio *folio, unsigned int new_order)
{
	return -ENOMEM;
}

static noinline int folio_split_fails_put(struct folio *folio, unsigned int new_order)
{
	folio_put(folio);
	return -ENOMEM;
}

static noinline int folio_split_zapped_put(struct folio *folio, unsigned int new_order)
{
	folio_put(folio);
	return -EAGAIN;
}

/* What to run in the place of split_huge_pmd_address(), if anything. */
static void *migration_splits_pmd(void)
{
	struct migration *m;

	guard(raw_spinlock_irqsave)(&migrations_lock);
	m = migration_of(current);
	if (!m)
		return NULL;
	seen++;
	m->failing = decide();
	if (m->failing == WHERE_NOWHERE)
		return NULL;
	failed++;
	if (times > 0)
		times--;
	return m->failing == WHERE_PMD ? pmd_split_fails : NULL;
}

/*
 * The only reference on an unmapped source folio is the isolation's, unless the
 * PMD split did not drop its own.
 */
static bool reference_is_left(struct folio *folio)
{
	return !folio_test_swapcache(folio) && folio_ref_count(folio) == 2;
}

/* What to run in the place of folio_split_unmapped(), if anything. */
static void *migration_splits_folio(struct folio *folio)
{
	struct migration *m;
	int failing;

	guard(raw_spinlock_irqsave)(&migrations_lock);
	m = migration_of(current);
	if (!m)
		return NULL;
	failing = m->failing;
	m->failing = WHERE_NOWHERE;

	/* Once the PMD split has worked no put is owed. */
	if (failing == WHERE_FOLIO)
		return folio_split_fails;
	if (failing == WHERE_PMD)
		return fixed ? folio_split_fails_put : folio_split_fails;
	if (!reference_is_left(folio))
		return NULL;
	zapped++;
	return fixed == FIXED_ZAPPED ? folio_split_zapped_put : NULL;
}

/*
 * Arguments and return address are still where the caller put them, so going
 * to a function of the same type replaces the probed one.
 */
static int replace(struct pt_regs *regs, void *with)
{
	if (!with)
		return 0;
	regs->ip = (unsigned long)with;
	return 1;
}

static int pages_entered(struct kprobe *kp, struct pt_regs *regs)
{
	migration_begin();
	return 0;
}

/* split_huge_pmd_address(vma, address, bool freeze) */
static int pmd_split_entered(struct kprobe *kp, struct pt_regs *regs)
{
	bool freeze = regs_get_kernel_argument(regs, 2) & 0xff;

	return replace(regs, freeze ? migration_splits_pmd() : NULL);
}

/* folio_split_unmapped(folio, new_order) */
static int folio_split_entered(struct kprobe *kp, struct pt_regs *regs)
{
	struct folio *folio = (void *)regs_get_kernel_argument(regs, 0);

	return replace(regs, migration_splits_folio(folio));
}

static int finalize_entered(struct kprobe *kp, struct pt_regs *regs)
{
	migration_end();
	return 0;
}

/*
 * Having a post handler, a probe is not optimised into a jump, which could not
 * change regs->ip.
 */
static void stay_int3(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

static const struct {
	const char *function;
	kprobe_pre_handler_t entered;
	kprobe_post_handler_t after;
} hooks[] = {
	/* Migrations come into view last, so none is seen in part. */
	{ "__migrate_device_finalize", finalize_entered },
	{ "folio_split_unmapped", folio_split_entered, stay_int3 },
	{ "split_huge_pmd_address", pmd_split_entered, stay_int3 },
	{ "__migrate_device_pages", pages_entered },
};

static struct kprobe probes[ARRAY_SIZE(hooks)];

/*
 * A function's first instruction that is not ftrace's.  On ftrace's own, a
 * changed regs->ip and the BPF trampoline of a tracer's fentry or fexit break
 * each other: the replaced body runs all the same, or fexit reports a stale
 * value.  Where that is only the kernel can tell (an endbr64 may stand before
 * it, and may have been overwritten): it does so by a probe that is never armed.
 */
static void *behind_fentry(const char *function)
{
	struct kprobe entry = {
		.symbol_name = function,
		.flags = KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&entry);
	u8 *site;

	if (err)
		return ERR_PTR(err);
	site = (u8 *)entry.addr;
	if (kprobe_ftrace(&entry))
		site += MCOUNT_INSN_SIZE;
	unregister_kprobe(&entry);
	return site;
}

static int hook(int i)
{
	void *site = behind_fentry(hooks[i].function);
	int err = PTR_ERR_OR_ZERO(site);

	if (!err) {
		probes[i].addr = site;
		probes[i].pre_handler = hooks[i].entered;
		probes[i].post_handler = hooks[i].after;
		err = register_kprobe(&probes[i]);
	}
	if (err)
		pr_err("cannot probe %s: %d\n", hooks[i].function, err);
	return err;
}

static void unhook(int n)
{
	while (n--)
		unregister_kprobe(&probes[n]);
	/* A task may still be in a replacement. */
	synchronize_rcu_tasks();
}

static int __init split_fail_init(void)
{
	prandom_seed_state(&dice, get_random_u64());
	for (int i = 0; i < ARRAY_SIZE(hooks); i++) {
		int err = hook(i);

		if (err) {
			unhook(i);
			return err;
		}
	}
	return 0;
}

static void __exit split_fail_exit(void)
{
	unhook(ARRAY_SIZE(hooks));
}

module_init(split_fail_init);
module_exit(split_fail_exit);
MODULE_DESCRIPTION("Make the split inside a device migration fail");
MODULE_LICENSE("GPL");
