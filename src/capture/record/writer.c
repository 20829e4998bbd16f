// SPDX-License-Identifier: GPL-2.0
#include "capture/record/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <zlib.h>

#include "capture/kernel/util.h"

#define SYNC_NS 1000000000LL

/* Unnamed, so that no other user can open it and it disappears with us. */
static int open_spool(void)
{
	const char *dirs[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		int fd = dirs[i] ? open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

		if (fd >= 0)
			return fd;
	}
	return memfd_create("folio-trace", MFD_CLOEXEC);
}

/* Under sudo the file is given to the user who called it, so that report needs no root. */
static void give_to_caller(int fd)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");

	if (geteuid() == 0 && uid && gid && fchown(fd, atol(uid), atol(gid)))
		return; /* it stays with root */
}

static int open_named(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	if (fchmod(fd, 0600) || ftruncate(fd, 0)) {
		int err = -errno;

		close(fd);
		return err;
	}
	give_to_caller(fd);
	return fd;
}

static int write_all(int fd, struct iovec *iov, int n)
{
	while (n) {
		ssize_t done = writev(fd, iov, n);

		if (done < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		while (n && (size_t)done >= iov->iov_len) {
			done -= iov->iov_len;
			iov++;
			n--;
		}
		if (n) {
			iov->iov_base = (char *)iov->iov_base + done;
			iov->iov_len -= done;
		}
	}
	return 0;
}

int writer__open(struct writer *w, const char *path, uint64_t limit, struct ft_error *err)
{
	struct ft_file_head head = { .version = FT_FORMAT_VERSION, .size = sizeof(head) };
	struct iovec iov = { &head, sizeof(head) };
	int rc;

	memset(w, 0, sizeof(*w));
	w->name = path ? path : "spool";
	w->limit = limit;
	w->fd = path ? open_named(path) : open_spool();
	if (w->fd < 0) {
		rc = path ? w->fd : -errno;
		return ft_fail(err, rc, FT_EXIT_FAILURE, "%s: cannot write the capture: %s%s",
			       w->name, strerror(-rc),
			       rc == -ELOOP  ? " (it is a symlink)" :
			       rc == -EINVAL ? " (not a regular file)" :
					       "");
	}
	memcpy(head.magic, FT_MAGIC, sizeof(head.magic));
	rc = write_all(w->fd, &iov, 1);
	if (rc) {
		close(w->fd);
		w->fd = -1;
		return ft_fail(err, rc, FT_EXIT_FAILURE, "%s: cannot write the capture: %s",
			       w->name, strerror(-rc));
	}
	w->size = sizeof(head);
	if (path && syscall(SYS_io_setup, 1, &w->aio))
		w->aio = 0;
	return 0;
}

/* A failed write goes back to the last whole frame. */
static int write_frame(struct writer *w, struct ft_frame_head *head, const void *stored)
{
	struct iovec iov[2] = { { head, sizeof(*head) }, { (void *)stored, head->stored } };
	int rc;

	head->crc = crc32(0, stored, head->stored);
	head->head_crc = crc32(0, (const Bytef *)head, offsetof(struct ft_frame_head, head_crc));
	rc = write_all(w->fd, iov, 2);
	if (!rc)
		w->size += sizeof(*head) + head->stored;
	else if (ftruncate(w->fd, w->size) || lseek(w->fd, w->size, SEEK_SET) < 0)
		return rc; /* readers expect a torn frame at the end */
	return rc;
}

static int reserve(struct writer *w, size_t want)
{
	void *p;

	if (!w->pack)
		w->pack = ft_pack__new();
	if (!w->pack)
		return -ENOMEM;
	if (want <= w->room)
		return 0;
	p = realloc(w->packed, want);
	if (!p)
		return -ENOMEM;
	w->packed = p;
	w->room = want;
	return 0;
}

/*
 * After an error no more events are written: packed frames depend on those before them, and later
 * ones would hide the gap.
 */
static void write_events(struct writer *w, struct ft_frame_head *head, const void *data)
{
	int rc = w->error ? w->error : reserve(w, ft_pack__bound(head->raw));

	if (!rc) {
		head->codec = FT_CODEC_PACKED;
		head->stored = ft_pack__records(w->pack, data, head->raw, w->packed);
		if (!head->stored)
			rc = -ENOMEM;
		else if (w->limit && w->size + sizeof(*head) + head->stored > w->limit)
			rc = -EFBIG;
	}
	if (!rc)
		rc = write_frame(w, head, w->packed);
	if (!rc)
		return;
	if (!w->error)
		w->error = rc;
	w->dropped += head->raw;
}

void writer__frame(struct writer *w, enum ft_frame_type type, const void *data, size_t size)
{
	struct ft_frame_head head = {
		.magic = FT_FRAME_MAGIC,
		.type = type,
		.codec = FT_CODEC_RAW,
		.raw = size,
		.stored = size,
	};
	int rc;

	if (type == FT_FRAME_EVENTS) {
		write_events(w, &head, data);
		return;
	}
	rc = write_frame(w, &head, data);
	if (rc && !w->error)
		w->error = rc;
}

/*
 * A kernel that panics takes what was written in the last half minute with it. fdatasync(2) can wait
 * for long, in which the rings would overflow, so the kernel does it in the background.
 */
void writer__sync(struct writer *w)
{
	struct iocb sync = { .aio_fildes = w->fd, .aio_lio_opcode = IOCB_CMD_FDSYNC };
	struct iocb *requests = &sync;
	struct io_event done;

	if (!w->aio || w->synced == w->size || now_ns() - w->sync_ns < SYNC_NS)
		return;
	if (w->syncing && syscall(SYS_io_getevents, w->aio, 0L, 1L, &done, NULL) != 1)
		return;
	w->syncing = syscall(SYS_io_submit, w->aio, 1L, &requests) == 1;
	w->sync_ns = now_ns();
	if (w->syncing)
		w->synced = w->size;
}

void writer__close(struct writer *w)
{
	if (w->aio)
		syscall(SYS_io_destroy, w->aio);
	w->aio = 0;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	ft_pack__free(w->pack);
	free(w->packed);
	w->pack = NULL;
	w->packed = NULL;
	w->room = 0;
}
