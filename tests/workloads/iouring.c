// SPDX-License-Identifier: GPL-2.0
/*
 * iouring [DIR]: writes a file in DIR (here if not given) and reads it back by
 * io_uring's own workers (IOSQE_ASYNC), first with plain and then with
 * registered buffers, which the kernel keeps pinned.  Skips (4) if io_uring is
 * not allowed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "workload.h"

#define BLOCKS 8
#define BLOCK (64 * KIB)
#define FILE_NAME "iouring.XXXXXX"

/* The rings as mapped; indices are shared with the kernel. */
struct ring {
	int fd;
	void *rings;
	size_t rings_len;
	struct io_uring_sqe *sqes;
	size_t sqes_len;
	_Atomic uint32_t *sq_tail;
	uint32_t sq_mask;
	uint32_t *sq_array;
	_Atomic uint32_t *cq_head;
	_Atomic uint32_t *cq_tail;
	uint32_t cq_mask;
	struct io_uring_cqe *cqes;
};

static void *ring__map(const struct ring *ring, size_t len, off_t offset)
{
	return TRY(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			offset));
}

static void ring__open(struct ring *ring)
{
	struct io_uring_params params = {};
	size_t sq_len, cq_len;
	char *rings;

	ring->fd = syscall(SYS_io_uring_setup, BLOCKS, &params);
	if (ring->fd < 0 && (errno == ENOSYS || errno == EPERM))
		SKIP("io_uring_setup: %s", strerror(errno));
	if (ring->fd < 0)
		DIE("io_uring_setup");
	CHECK(params.features & IORING_FEAT_SINGLE_MMAP);

	sq_len = params.sq_off.array + params.sq_entries * sizeof(*ring->sq_array);
	cq_len = params.cq_off.cqes + params.cq_entries * sizeof(*ring->cqes);
	ring->rings_len = sq_len > cq_len ? sq_len : cq_len;
	ring->sqes_len = params.sq_entries * sizeof(*ring->sqes);
	ring->rings = rings = ring__map(ring, ring->rings_len, IORING_OFF_SQ_RING);
	ring->sqes = ring__map(ring, ring->sqes_len, IORING_OFF_SQES);

	ring->sq_tail = (void *)(rings + params.sq_off.tail);
	ring->sq_mask = *(uint32_t *)(rings + params.sq_off.ring_mask);
	ring->sq_array = (void *)(rings + params.sq_off.array);
	ring->cq_head = (void *)(rings + params.cq_off.head);
	ring->cq_tail = (void *)(rings + params.cq_off.tail);
	ring->cq_mask = *(uint32_t *)(rings + params.cq_off.ring_mask);
	ring->cqes = (void *)(rings + params.cq_off.cqes);
}

static void ring__close(struct ring *ring)
{
	TRY(munmap(ring->rings, ring->rings_len));
	TRY(munmap(ring->sqes, ring->sqes_len));
	TRY(close(ring->fd));
}

static void ring__queue(struct ring *ring, const struct io_uring_sqe *sqe)
{
	uint32_t tail = atomic_load(ring->sq_tail);
	uint32_t slot = tail & ring->sq_mask;

	ring->sqes[slot] = *sqe;
	ring->sq_array[slot] = slot;
	atomic_store(ring->sq_tail, tail + 1);
}

/* Submits what is queued; all of it must do a whole block. */
static void ring__complete(struct ring *ring, unsigned int n)
{
	uint32_t head = atomic_load(ring->cq_head);

	CHECK(TRY(syscall(SYS_io_uring_enter, ring->fd, n, n, IORING_ENTER_GETEVENTS, NULL, 0)) ==
	      n);
	CHECK(atomic_load(ring->cq_tail) - head == n);
	for (; n; n--, head++)
		CHECK(ring->cqes[head & ring->cq_mask].res == (int)BLOCK);
	atomic_store(ring->cq_head, head);
}

static void transfer(struct ring *ring, int fd, int opcode, char *buffer)
{
	for (int i = 0; i < BLOCKS; i++) {
		struct io_uring_sqe sqe = {
			.opcode = opcode,
			.flags = IOSQE_ASYNC,
			.fd = fd,
			.off = i * BLOCK,
			.addr = (uintptr_t)(buffer + i * BLOCK),
			.len = BLOCK,
		};

		ring__queue(ring, &sqe);
	}
	ring__complete(ring, BLOCKS);
}

/* Workers are threads of this process. */
static bool worker_exists(void)
{
	DIR *tasks = opendir("/proc/self/task");
	bool found = false;
	struct dirent *task;

	if (!tasks)
		DIE("/proc/self/task");
	while (!found && (task = readdir(tasks))) {
		char path[300], comm[8] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		found = fgets(comm, sizeof(comm), file) && !strcmp(comm, "iou-wrk");
		fclose(file);
	}
	closedir(tasks);
	return found;
}

static void write_and_read(struct ring *ring, int fd, char *buffer, int write_op, int read_op)
{
	unsigned int seed = write_op;

	TRY(ftruncate(fd, 0));
	pattern__fill(buffer, BLOCKS * BLOCK, seed);
	transfer(ring, fd, write_op, buffer);
	memset(buffer, 0, BLOCKS * BLOCK);
	transfer(ring, fd, read_op, buffer);
	CHECK(pattern__holds(buffer, BLOCKS * BLOCK, seed));
}

static void with_registered(struct ring *ring, int fd, char *buffer)
{
	struct iovec range = { buffer, BLOCKS * BLOCK };

	TRY(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_BUFFERS, &range, 1));
	write_and_read(ring, fd, buffer, IORING_OP_WRITE_FIXED, IORING_OP_READ_FIXED);
	TRY(syscall(SYS_io_uring_register, ring->fd, IORING_UNREGISTER_BUFFERS, NULL, 0));
}

int main(int argc, char **argv)
{
	char name[] = FILE_NAME;
	struct ring ring;
	char *small, *thp;
	int fd;

	ring__open(&ring);
	if (argc > 1)
		TRY(chdir(argv[1]));
	fd = TRY(mkostemp(name, O_CLOEXEC));
	TRY(unlink(name));

	small = memory__map_small(BLOCKS * BLOCK);
	thp = memory__map_thp();
	write_and_read(&ring, fd, small, IORING_OP_WRITE, IORING_OP_READ);
	CHECK(worker_exists());
	with_registered(&ring, fd, small);
	with_registered(&ring, fd, thp);

	ring__close(&ring);
	TRY(close(fd));
	TRY(munmap(small, BLOCKS * BLOCK));
	TRY(munmap(thp, THP));
	return EXIT_SUCCESS;
}
