// SPDX-License-Identifier: GPL-2.0
/*
 * folio_zoo: drivers' mistakes with folios, and the same done right, each at its
 * own known place.  /dev/folio_zoo does what it is told (abi.h), debugfs's
 * folio_zoo says which folios it did it to.
 *
 * Use it in a throw-away virtual machine only.
 */
#include "zoo.h"

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* One scene at a time. */
static DEFINE_MUTEX(zoo_lock);

static const zoo_scene_t scenes[ZOO_SCENES] = {
	[ZOO_GUARD] = zoo_guard,
	[ZOO_GUARD_HUGEZERO] = zoo_guard_hugezero,
	[ZOO_PIN] = zoo_pin,
	[ZOO_UNPIN_PART] = zoo_unpin_part,
	[ZOO_UNPIN_OVER] = zoo_unpin_over,
	[ZOO_PIN_PUT] = zoo_pin_put,
	[ZOO_PIN_ENOMEM] = zoo_pin_enomem,
	[ZOO_BATCH_FAIL] = zoo_batch_fail,
	[ZOO_MERGE] = zoo_merge,
	[ZOO_WRONG_HEAD] = zoo_wrong_head,
	[ZOO_PER_PAGE_PUT] = zoo_per_page_put,
	[ZOO_CONSUMED_THEN_PUT] = zoo_consumed_then_put,
	[ZOO_REPLACE_PUT] = zoo_replace_put,
	[ZOO_LOOKUP_COLD] = zoo_lookup_cold,
	[ZOO_LOOKUP_CACHED] = zoo_lookup_cached,
	[ZOO_SB_READ] = zoo_sb_read,
	[ZOO_ISOLATE] = zoo_isolate,
	[ZOO_RECLAIM_TWIN] = zoo_reclaim_twin,
	[ZOO_HUGEZERO_PUT] = zoo_hugezero_put,
	[ZOO_GET_AFTER_FREE] = zoo_get_after_free,
	[ZOO_FREE_HELD] = zoo_free_held,
	[ZOO_INSERT_PAGE] = zoo_map_next,
	[ZOO_INSERT_PAGE_KEPT] = zoo_map_next,
	[ZOO_PMD_MIXED] = zoo_map_next,
	[ZOO_PFNMAP_PAGE] = zoo_map_next,
	[ZOO_FOREIGN_TARGET] = zoo_map_next,
	[ZOO_INSERT_FOREIGN] = zoo_insert_foreign,
	[ZOO_HOLD] = zoo_hold,
};

static int run(struct zoo_file *zf, unsigned long arg)
{
	struct zoo_call *c = &zf->call;

	if (copy_from_user(c, (void __user *)arg, sizeof(*c)))
		return -EFAULT;
	if (c->scene >= ZOO_SCENES || c->who >= ZOO_WHOS || c->slot >= ZOO_SLOTS ||
	    strnlen(c->name, ZOO_NAME_LEN) == ZOO_NAME_LEN)
		return -EINVAL;
	return scenes[c->scene](zf, c);
}

static long zoo_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err = -ENOTTY;

	/* Several at a time: their tasks are to meet. */
	if (cmd == ZOO_TRIAL)
		return zoo_trial((void __user *)arg);
	mutex_lock(&zoo_lock);
	if (cmd == ZOO_RUN) {
		err = run(file->private_data, arg);
	} else if (cmd == ZOO_REPAIR) {
		zoo_hold_flush();
		zoo_trials_flush();
		zoo_repair();
		err = 0;
	}
	mutex_unlock(&zoo_lock);
	return err;
}

static int zoo_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(sizeof(struct zoo_file), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int zoo_release(struct inode *inode, struct file *file)
{
	struct zoo_file *zf = file->private_data;

	if (zf->call.scene == ZOO_HOLD)
		zoo_hold_release(zf);
	else
		zoo_maps_release(zf);
	kfree(zf);
	return 0;
}

static const struct file_operations zoo_fops = {
	.owner = THIS_MODULE,
	.open = zoo_open,
	.release = zoo_release,
	.unlocked_ioctl = zoo_ioctl,
	.mmap = zoo_mmap,
};

static struct miscdevice zoo_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "folio_zoo",
	.fops = &zoo_fops,
};

struct page **zoo_pages(const struct zoo_call *c)
{
	return kvcalloc(c->pages, sizeof(struct page *), GFP_KERNEL);
}

int zoo_all_got(int got, unsigned int n, struct page **pages, bool pins)
{
	if (got < 0)
		return got;
	if (got == n)
		return 0;
	zoo_owe(pages, got, !pins, pins);
	return -EFAULT;
}

static int __init zoo_init(void)
{
	int err = zoo_symbols_init();

	err = err ?: zoo_ledger_init();
	if (err)
		return err;
	err = zoo_trial_log_init();
	if (err)
		goto no_log;
	err = zoo_who_init();
	if (err)
		goto no_who;
	err = misc_register(&zoo_device);
	if (!err)
		return 0;
	zoo_who_exit();
no_who:
	zoo_trial_log_exit();
no_log:
	zoo_ledger_exit();
	return err;
}

static void __exit zoo_exit(void)
{
	misc_deregister(&zoo_device);
	zoo_hold_flush();
	zoo_trials_flush();
	zoo_who_exit();
	zoo_repair();
	zoo_trial_log_exit();
	zoo_ledger_exit();
}

module_init(zoo_init);
module_exit(zoo_exit);
MODULE_DESCRIPTION("Mistakes with folios, each at its own known place");
MODULE_LICENSE("GPL");
