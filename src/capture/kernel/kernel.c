// SPDX-License-Identifier: GPL-2.0
#include "capture/kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "capture/kernel/build_id.h"
#include "capture/kernel/util.h"

/* If securityfs is not mounted: from a detached mount of our own. */
static int read_lockdown_unmounted(char *buf, int size)
{
	int fs = fsopen("securityfs", FSOPEN_CLOEXEC), dir = -1, fd = -1, n = -ENOENT;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		dir = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	if (dir >= 0)
		fd = openat(dir, "lockdown", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, buf, size);
		close(fd);
	}
	if (dir >= 0)
		close(dir);
	if (fs >= 0)
		close(fs);
	return n;
}

const char *kernel__lockdown(char *buf, int size)
{
	int n = read_file("/sys/kernel/security/lockdown", buf, size);
	char *open_bracket, *close_bracket;

	if (n <= 0)
		n = read_lockdown_unmounted(buf, size - 1);
	if (n <= 0)
		return "none";
	buf[n] = '\0';
	open_bracket = strchr(buf, '[');
	close_bracket = open_bracket ? strchr(open_bracket, ']') : NULL;
	if (!close_bracket)
		return "none";
	*close_bracket = '\0';
	return open_bracket + 1;
}

static bool has_capability(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &head, data))
		return false;
	return data[cap / 32].effective >> (cap % 32) & 1;
}

int kernel__check_rights(struct ft_error *err)
{
	char buf[256];

	/*
	 * CAP_BPF and CAP_PERFMON are enough for the kernel, but libbpf looks up
	 * what vmlinux's BTF does not have in the BTF of modules (CAP_SYS_ADMIN),
	 * and addresses of symbols are hidden without CAP_SYSLOG.
	 */
	if (!has_capability(CAP_SYS_ADMIN) || !has_capability(CAP_SYSLOG))
		return ft_fail(err, -EPERM, FT_EXIT_CANNOT_TRACE,
			       "tracing needs root, or CAP_SYS_ADMIN and CAP_SYSLOG; "
			       "run it with sudo");
	if (!strcmp(kernel__lockdown(buf, sizeof(buf)), "confidentiality"))
		return ft_fail(err, -EPERM, FT_EXIT_CANNOT_TRACE,
			       "the kernel is locked down (lockdown=confidentiality), BPF "
			       "may not read its memory; boot with lockdown=integrity or none");
	return 0;
}

static bool has_func(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/* A member by name, through anonymous unions; offset in bytes or -ENOENT. */
static int member_offset(const struct btf *btf, __u32 id, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m;

	while (t && btf_is_mod(t))
		t = btf__type_by_id(btf, t->type);
	if (!t || !btf_is_composite(t))
		return -ENOENT;
	m = btf_members(t);
	for (int i = 0; i < btf_vlen(t); i++, m++) {
		int at = btf_member_bit_offset(t, i) / 8, inner;

		if (!strcmp(btf__name_by_offset(btf, m->name_off), name))
			return at;
		if (m->name_off && *btf__name_by_offset(btf, m->name_off))
			continue;
		inner = member_offset(btf, m->type, name);
		if (inner >= 0)
			return at + inner;
	}
	return -ENOENT;
}

/*
 * What the reference model has to know of this kernel, by what exists in its BTF:
 * - a08c7193e4f1 ("mm/filemap: remove hugetlb special casing in filemap.c")
 *   made the page cache hold nr_pages references of a hugetlb folio instead of
 *   1, and took linear_hugepage_index() away.
 * - The series that moved pgmap from struct page to struct folio also made an
 *   idle FS_DAX page's count 0 instead of 1.
 */
static int kernel__layout(struct kernel *k, struct ft_error *err)
{
	int page = btf__find_by_name_kind(k->btf, "page", BTF_KIND_STRUCT);
	int folio = btf__find_by_name_kind(k->btf, "folio", BTF_KIND_STRUCT);
	int refcount = page > 0 ? member_offset(k->btf, page, "_refcount") : -1;

	if (folio <= 0 || refcount < 0)
		return ft_fail(err, -EOPNOTSUPP, FT_EXIT_CANNOT_TRACE,
			       "the BTF of kernel %s has no struct folio; folio-trace "
			       "needs Linux 6.1 or newer",
			       k->release);
	k->page_size = sysconf(_SC_PAGESIZE);
	k->sizeof_page = btf__type_by_id(k->btf, page)->size;
	k->refcount_offset = refcount;
	k->lru_offset = member_offset(k->btf, page, "lru");
	k->deferred_offset = member_offset(k->btf, folio, "_deferred_list");
	k->hugetlb_cache_is_one = has_func(k->btf, "linear_hugepage_index");
	k->fsdax_idle_is_one = member_offset(k->btf, folio, "pgmap") < 0;
	return 0;
}

int kernel__open(struct kernel *k, const char *btf_path, struct ft_error *err)
{
	const char *path = btf_path ? btf_path : "/sys/kernel/btf/vmlinux";
	struct utsname u;
	char why[128];
	int rc;

	memset(k, 0, sizeof(*k));
	if (uname(&u))
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "uname: %s", strerror(errno));
	snprintf(k->release, sizeof(k->release), "%s", u.release);
	snprintf(k->version, sizeof(k->version), "%s", u.version);
	snprintf(k->machine, sizeof(k->machine), "%s", u.machine);
	build_id__read("/sys/kernel/notes", k->build_id);
	libbpf_set_print(NULL); /* the error below has the reason */
	k->btf = btf__parse(path, NULL);
	if (!k->btf) {
		rc = -errno;
		libbpf_strerror(rc, why, sizeof(why));
		return ft_fail(err, rc, FT_EXIT_CANNOT_TRACE,
			       "%s: %s; this needs a kernel built with "
			       "CONFIG_DEBUG_INFO_BTF=y",
			       path, why);
	}
	return kernel__layout(k, err);
}

void kernel__close(struct kernel *k)
{
	btf__free(k->btf);
	k->btf = NULL;
}
