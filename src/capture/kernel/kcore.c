// SPDX-License-Identifier: GPL-2.0
#include "capture/kernel/kcore.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SEGMENTS 4096
#define MAX_TEXT (256U << 20)

static int pread_all(int fd, void *buf, size_t size, off_t at)
{
	while (size) {
		ssize_t n = pread(fd, buf, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		buf = (char *)buf + n;
		size -= n;
		at += n;
	}
	return 0;
}

/* Where in the file the address is. */
static int find_segment(int fd, uint64_t start, size_t size, off_t *at)
{
	Elf64_Ehdr e;
	Elf64_Phdr p;
	int rc = pread_all(fd, &e, sizeof(e), 0);

	if (rc)
		return rc;
	if (memcmp(e.e_ident, ELFMAG, SELFMAG) || e.e_phentsize != sizeof(p) ||
	    e.e_phnum > MAX_SEGMENTS)
		return -EINVAL;
	for (int i = 0; i < e.e_phnum; i++) {
		rc = pread_all(fd, &p, sizeof(p), e.e_phoff + i * sizeof(p));
		if (rc)
			return rc;
		if (p.p_type == PT_LOAD && start >= p.p_vaddr && start - p.p_vaddr < p.p_memsz &&
		    size <= p.p_memsz - (start - p.p_vaddr)) {
			*at = p.p_offset + (start - p.p_vaddr);
			return 0;
		}
	}
	return -ENOENT;
}

int kcore__read(uint64_t start, size_t size, void **text, struct ft_error *err)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC), rc;
	off_t at = 0;

	*text = NULL;
	rc = fd < 0 ? -errno : !size || size > MAX_TEXT ? -EINVAL : 0;
	if (!rc)
		rc = find_segment(fd, start, size, &at);
	if (!rc) {
		*text = malloc(size);
		rc = *text ? pread_all(fd, *text, size, at) : -ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	if (!rc)
		return 0;
	free(*text);
	*text = NULL;
	return ft_fail(err, rc, FT_EXIT_CANNOT_TRACE, "/proc/kcore: %s%s", strerror(-rc),
		       rc == -EPERM || rc == -EACCES ?
			       "; the kernel's text can be read with CAP_SYS_RAWIO and without "
			       "lockdown=confidentiality" :
			       "");
}
