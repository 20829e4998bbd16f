// SPDX-License-Identifier: GPL-2.0
/*
 * mixedmap: a correct driver that maps a 2 MiB folio of its own by vmf_insert_folio_pmd() in a
 * VM_MIXEDMAP mapping.  Each open file has a folio of its own, allocated by mmap() and put on
 * release; read() says "REFERENCES MAPPINGS".
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static vm_fault_t mixedmap_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct folio *folio = vmf->vma->vm_private_data;

	if (order != PMD_ORDER)
		return VM_FAULT_FALLBACK;
	return vmf_insert_folio_pmd(vmf, folio, vmf->flags & FAULT_FLAG_WRITE);
}

/* Nothing smaller than the whole is mapped. */
static vm_fault_t mixedmap_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct mixedmap_vm_ops = {
	.fault = mixedmap_fault,
	.huge_fault = mixedmap_huge_fault,
};

static int mixedmap_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;
	return 0;
}

static int mixedmap_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct folio *folio;

	if (file->private_data)
		return -EBUSY;
	if (vma->vm_end - vma->vm_start != PMD_SIZE || vma->vm_start & ~PMD_MASK)
		return -EINVAL;
	folio = folio_alloc(GFP_KERNEL | __GFP_COMP | __GFP_ZERO, PMD_ORDER);
	if (!folio)
		return -ENOMEM;
	file->private_data = folio;
	vma->vm_private_data = folio;
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND);
	vma->vm_ops = &mixedmap_vm_ops;
	return 0;
}

static ssize_t mixedmap_read(struct file *file, char __user *to, size_t len, loff_t *at)
{
	struct folio *folio = file->private_data;
	char counts[32];
	int n;

	if (!folio)
		return -ENODATA;
	n = scnprintf(counts, sizeof(counts), "%d %d\n", folio_ref_count(folio),
		      folio_mapcount(folio));
	return simple_read_from_buffer(to, len, at, counts, n);
}

static int mixedmap_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		folio_put(file->private_data);
	return 0;
}

static const struct file_operations mixedmap_fops = {
	.owner = THIS_MODULE,
	.open = mixedmap_open,
	.mmap = mixedmap_mmap,
	.read = mixedmap_read,
	.release = mixedmap_release,
	.get_unmapped_area = thp_get_unmapped_area,
};

static struct miscdevice mixedmap_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mixedmap",
	.fops = &mixedmap_fops,
};

module_misc_device(mixedmap_device);
MODULE_DESCRIPTION("A correct driver with huge pages");
MODULE_LICENSE("GPL");
