// SPDX-License-Identifier: GPL-2.0
/* A driver's own pages in a process, and a page of one process in another. */
#include "zoo.h"

#include <linux/huge_mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>

#define ALLOC_SITE(scene)                                                                          \
	ZOO_SITE struct page *zoo_##scene##_get(void)                                              \
	{                                                                                          \
		return alloc_page(GFP_KERNEL | __GFP_ZERO);                                        \
	}

#define PUT_SITE(scene)                                                                            \
	ZOO_SITE void zoo_##scene##_put(struct page *page)                                         \
	{                                                                                          \
		put_page(page);                                                                    \
	}

ALLOC_SITE(insert_page)
PUT_SITE(insert_page)
ALLOC_SITE(insert_page_kept)
ALLOC_SITE(pfnmap_page)
PUT_SITE(pfnmap_page)
PUT_SITE(pmd_mixed)
PUT_SITE(insert_foreign)

ZOO_SITE struct page *zoo_pmd_mixed_get(void)
{
	return alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP, PMD_SHIFT - PAGE_SHIFT);
}

ZOO_SITE int zoo_insert_foreign_get(unsigned long at, unsigned int n, struct page **pages)
{
	return get_user_pages_fast(at, n, FOLL_WRITE, pages);
}

static void add_flags(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	vma->vm_flags |= flags;
#else
	vm_flags_set(vma, flags);
#endif
}

int zoo_map_next(struct zoo_file *zf, const struct zoo_call *c)
{
	if (c->scene == ZOO_PMD_MIXED && LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0))
		return -EOPNOTSUPP; /* no vmf_insert_folio_pmd() */
	return 0;
}

static int map_page(struct zoo_file *zf, struct vm_area_struct *vma, struct page *page)
{
	int err;

	if (!page)
		return -ENOMEM;
	zf->page = page;
	zoo_log(&zf->call, "subject", &page, 1);
	add_flags(vma, VM_MIXEDMAP | VM_DONTEXPAND);
	err = vm_insert_page(vma, vma->vm_start, page);
	if (zf->call.scene == ZOO_INSERT_PAGE_KEPT)
		zoo_owe(&page, 1, 1, 0);
	return err;
}

/*
 * vmf->page in a VM_PFNMAP mapping: finish_fault() makes it an ordinary entry, the
 * reference that the fault handler took becomes the entry's, and the rmap counts
 * one.  vm_normal_page() looks at VM_PFNMAP only where the architecture has no
 * special entries, else for special ones only, and this is none; so zap removes
 * the rmap and puts the reference.  Balanced, in 6.1, 6.12 and 7.3.
 */
ZOO_SITE void zoo_pfnmap_page_fault_get(struct page *page)
{
	get_page(page);
}

static vm_fault_t pfnmap_fault(struct vm_fault *vmf)
{
	struct zoo_file *zf = vmf->vma->vm_file->private_data;

	zoo_pfnmap_page_fault_get(zf->page);
	vmf->page = zf->page;
	return 0;
}

static const struct vm_operations_struct pfnmap_ops = { .fault = pfnmap_fault };

static int map_pfnmap(struct zoo_file *zf, struct vm_area_struct *vma)
{
	zf->page = zoo_pfnmap_page_get();
	if (!zf->page)
		return -ENOMEM;
	zoo_log(&zf->call, "subject", &zf->page, 1);
	add_flags(vma, VM_PFNMAP | VM_DONTEXPAND);
	vma->vm_ops = &pfnmap_ops;
	return 0;
}

static vm_fault_t no_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
static vm_fault_t pmd_fault(struct vm_fault *vmf, unsigned int order)
{
	struct zoo_file *zf = vmf->vma->vm_file->private_data;

	if (order != PMD_SHIFT - PAGE_SHIFT)
		return VM_FAULT_FALLBACK;
	return vmf_insert_folio_pmd(vmf, page_folio(zf->page), vmf->flags & FAULT_FLAG_WRITE);
}

static const struct vm_operations_struct pmd_ops = { .fault = no_fault, .huge_fault = pmd_fault };

/*
 * A correct driver.  If user space unmaps a part, __split_huge_pmd_locked() of 7.3
 * clears the entry of a VM_MIXEDMAP mapping and does no more: a mapping and its
 * reference stay for good.  Nothing here can repair that.
 */
static int map_pmd_mixed(struct zoo_file *zf, struct vm_area_struct *vma)
{
	zf->page = zoo_pmd_mixed_get();
	if (!zf->page)
		return -ENOMEM;
	zoo_log(&zf->call, "subject", &zf->page, 1);
	add_flags(vma, VM_MIXEDMAP | VM_DONTEXPAND);
	vma->vm_ops = &pmd_ops;
	return 0;
}
#else
static int map_pmd_mixed(struct zoo_file *zf, struct vm_area_struct *vma)
{
	return -EOPNOTSUPP;
}
#endif

static const struct vm_operations_struct foreign_ops = { .fault = no_fault };

int zoo_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct zoo_file *zf = file->private_data;

	if (zf->page)
		return -EBUSY;
	switch (zf->call.scene) {
	case ZOO_INSERT_PAGE:
		return map_page(zf, vma, zoo_insert_page_get());
	case ZOO_INSERT_PAGE_KEPT:
		return map_page(zf, vma, zoo_insert_page_kept_get());
	case ZOO_PFNMAP_PAGE:
		return map_pfnmap(zf, vma);
	case ZOO_PMD_MIXED:
		return map_pmd_mixed(zf, vma);
	case ZOO_FOREIGN_TARGET:
		add_flags(vma, VM_MIXEDMAP | VM_DONTEXPAND);
		vma->vm_ops = &foreign_ops;
		return 0;
	}
	return -EINVAL;
}

/* When the last mapping has gone, too. */
void zoo_maps_release(struct zoo_file *zf)
{
	if (!zf->page)
		return;
	switch (zf->call.scene) {
	case ZOO_INSERT_PAGE:
		zoo_insert_page_put(zf->page);
		break;
	case ZOO_PFNMAP_PAGE:
		zoo_pfnmap_page_put(zf->page);
		break;
	case ZOO_PMD_MIXED:
		zoo_pmd_mixed_put(zf->page);
		break;
	}
}

static int insert_into(struct mm_struct *mm, unsigned long at, struct page *page)
{
	struct vm_area_struct *vma;
	int err = -EFAULT;

	mmap_read_lock(mm);
	vma = find_vma(mm, at);
	if (vma && vma->vm_start <= at && vma->vm_ops == &foreign_ops)
		err = vm_insert_page(vma, at, page);
	mmap_read_unlock(mm);
	return err;
}

static struct mm_struct *mm_of(pid_t nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;

	if (task)
		put_task_struct(task);
	put_pid(pid);
	return mm;
}

/* A page of the caller's into a mapping of another process, which then has a reference and a
 * mapping of its own. */
int zoo_insert_foreign(struct zoo_file *zf, const struct zoo_call *c)
{
	struct mm_struct *mm = mm_of(c->pid);
	struct page *page;
	int err;

	if (!mm)
		return -ESRCH;
	err = zoo_all_got(zoo_insert_foreign_get(c->at, 1, &page), 1, &page, false);
	if (!err) {
		zoo_log(c, "subject", &page, 1);
		err = insert_into(mm, c->other, page);
		zoo_insert_foreign_put(page);
	}
	mmput(mm);
	return err;
}
