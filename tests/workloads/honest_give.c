// SPDX-License-Identifier: GPL-2.0
/*
 * honest_give DIR all|SCENE...: memory of processes that end, in the hands of honest_hold,
 * which lives on: nothing is lost. Each scene is this program under the name "give.SCENE", a
 * link in DIR, where files are, too; "scene SCENE STATUS" is said of it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

#include "honest.h"

#define FULL_MOST 4096 /* times HONEST_LEN: more than any buffers of a socket */

#define PREFIX "give."

static const char *scene;
static int conn;

static void connect_to_holder(void)
{
	struct sockaddr_un address;
	socklen_t len = honest__address(&address);

	conn = TRY(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	TRY(connect(conn, (struct sockaddr *)&address, len));
}

/* The connection stays open as long as this process. */
static struct honest_answer give(enum honest_action action, int fd)
{
	struct honest_message message = { .action = action, .pid = getpid(), .fd = fd };
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec data = { &message, sizeof(message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	struct honest_answer answer;

	connect_to_holder();
	snprintf(message.scene, sizeof(message.scene), "%s", scene);
	if (fd >= 0 && action != HONEST_RING) {
		struct cmsghdr *rights;

		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	}
	CHECK(TRY(sendmsg(conn, &header, 0)) == sizeof(message));
	CHECK(TRY(read(conn, &answer, sizeof(answer))) == sizeof(answer));
	return answer;
}

static char *filled(char *at)
{
	pattern__fill(at, HONEST_LEN, HONEST_SEED);
	return at;
}

static char *small(void)
{
	return filled(memory__map_small(HONEST_LEN));
}

static void put_in(int pipe, char *at, unsigned int flags)
{
	struct iovec range = { at, HONEST_LEN };

	CHECK(TRY(vmsplice(pipe, &range, 1, flags)) == HONEST_LEN);
}

static int pipe_of(char *at, unsigned int flags)
{
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	put_in(ends[1], at, flags);
	return ends[0];
}

static int write_pattern(int fd)
{
	CHECK(TRY(write(fd, small(), HONEST_LEN)) == HONEST_LEN);
	TRY(lseek(fd, 0, SEEK_SET));
	return fd;
}

static int file(void)
{
	char name[] = "honest.XXXXXX";
	int fd = TRY(mkostemp(name, O_CLOEXEC));

	TRY(unlink(name));
	return write_pattern(fd);
}

static int shmem(void)
{
	return write_pattern(TRY(memfd_create("honest", MFD_CLOEXEC)));
}

static void pipe_small(void)
{
	give(HONEST_KEEP, pipe_of(small(), 0));
}

static void pipe_gift(void)
{
	give(HONEST_KEEP, pipe_of(small(), SPLICE_F_GIFT));
}

static void pipe_huge(void)
{
	give(HONEST_KEEP, pipe_of(filled(memory__map_thp()), 0));
}

static void late(void)
{
	give(HONEST_LATE, pipe_of(small(), 0));
}

static void fifo(void)
{
	put_in(TRY(open(HONEST_FIFO, O_WRONLY | O_CLOEXEC)), small(), 0);
}

static void pipe_tee(void)
{
	int from = pipe_of(small(), 0), ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	CHECK(TRY(tee(from, ends[1], HONEST_LEN, 0)) == HONEST_LEN);
	give(HONEST_KEEP, ends[0]);
}

static void splice_file(int fd)
{
	off_t offset = 0;
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	CHECK(TRY(splice(fd, &offset, ends[1], NULL, HONEST_LEN, 0)) == HONEST_LEN);
	give(HONEST_KEEP, ends[0]);
}

static void pipe_file(void)
{
	splice_file(file());
}

static void pipe_shmem(void)
{
	splice_file(shmem());
}

static void send_file(int to, int fd)
{
	off_t offset = 0;

	while (offset < (off_t)HONEST_LEN)
		CHECK(TRY(sendfile(to, fd, &offset, HONEST_LEN - offset)) > 0);
}

static void unix_write(void)
{
	int ends[2];

	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	CHECK(TRY(write(ends[1], small(), HONEST_LEN)) == HONEST_LEN);
	give(HONEST_KEEP, ends[0]);
}

static void unix_file(void)
{
	int ends[2];

	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	send_file(ends[1], file());
	give(HONEST_KEEP, ends[0]);
}

/* To the holder, which accepts and does not read. */
static int tcp(void)
{
	struct sockaddr_in there = { .sin_family = AF_INET,
				     .sin_port = htons(HONEST_PORT),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = TRY(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	char name[HONEST_NAME] = {};

	TRY(connect(fd, (struct sockaddr *)&there, sizeof(there)));
	strncpy(name, scene, sizeof(name) - 1);
	CHECK(TRY(write(fd, name, sizeof(name))) == sizeof(name));
	return fd;
}

static void tcp_write(void)
{
	CHECK(TRY(write(tcp(), small(), HONEST_LEN)) == HONEST_LEN);
}

static void tcp_file(void)
{
	send_file(tcp(), file());
}

static void tcp_vmsplice(void)
{
	int from = pipe_of(small(), 0), to = tcp();
	ssize_t left = HONEST_LEN;

	while (left)
		left -= TRY(splice(from, NULL, to, NULL, left, 0));
}

static int tcp_for_zerocopy(void)
{
	int fd = tcp();

	TRY(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &(int){ 1 }, sizeof(int)));
	return fd;
}

static void tcp_zerocopy(void)
{
	CHECK(TRY(send(tcp_for_zerocopy(), small(), HONEST_LEN, MSG_ZEROCOPY)) == HONEST_LEN);
}

/* What the holder's socket has no room for stays in the sender's, which nobody has any more. */
static void tcp_full(void)
{
	int fd = tcp_for_zerocopy(), at = 0;
	char *data = small();
	ssize_t sent = 0;

	for (int i = 0; i < FULL_MOST && sent >= 0; i++) {
		at = (at + sent) % HONEST_LEN;
		sent = send(fd, data + at, HONEST_LEN - at, MSG_ZEROCOPY | MSG_DONTWAIT);
	}
	/* ENOBUFS: of notices, of which as many are on their way as may be */
	CHECK(sent < 0 && (errno == EAGAIN || errno == ENOBUFS));
}

static void register_buffers(int ring)
{
	struct iovec range[] = { { small(), HONEST_LEN }, { memory__map_thp(), THP } };

	pattern__fill(range[1].iov_base, THP, HONEST_SEED);
	TRY(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, range, 2));
}

static void ring_give(void)
{
	int ring = honest__ring();

	register_buffers(ring);
	give(HONEST_RING, ring);
}

static void ring_take(void)
{
	struct honest_answer answer = give(HONEST_ASK, -1);

	register_buffers(honest__take(answer.pid, answer.ring));
}

static void ring_done(void)
{
	int ring = honest__ring();

	register_buffers(ring);
	TRY(syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0));
	give(HONEST_RING, ring);
}

static void map_file(void)
{
	give(HONEST_MAP, file());
}

static void map_shmem(void)
{
	give(HONEST_MAP, shmem());
}

static void memfd(void)
{
	give(HONEST_MEMORY, shmem());
}

static void udmabuf(void)
{
	int memory = TRY(memfd_create("honest", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	struct udmabuf_create create = { .memfd = memory, .size = HONEST_LEN };
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);

	if (device < 0)
		SKIP("/dev/udmabuf: %s", strerror(errno));
	write_pattern(memory);
	TRY(fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK));
	give(HONEST_MEMORY, TRY(ioctl(device, UDMABUF_CREATE, &create)));
}

/* A process of the command that lives on as long as the holder. */
static void daemon_ring(void)
{
	int ring = honest__ring(), pipe;
	char byte;

	if (TRY(fork()))
		return;
	TRY(setsid());
	register_buffers(ring);
	pipe = pipe_of(small(), 0);
	TRY(close(STDOUT_FILENO));
	TRY(close(STDERR_FILENO));
	give(HONEST_STAY, -1);
	CHECK(read(conn, &byte, 1) <= 0);
	close(pipe);
	close(ring);
}

static const struct scene {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{ "pipe_small", pipe_small },
	{ "pipe_gift", pipe_gift },
	{ "pipe_huge", pipe_huge },
	{ "pipe_tee", pipe_tee },
	{ "pipe_file", pipe_file },
	{ "pipe_shmem", pipe_shmem },
	{ "fifo", fifo },
	{ "unix_write", unix_write },
	{ "unix_file", unix_file },
	{ "tcp_write", tcp_write },
	{ "tcp_file", tcp_file },
	{ "tcp_vmsp", tcp_vmsplice },
	{ "tcp_zc", tcp_zerocopy },
	{ "tcp_full", tcp_full },
	{ "ring_give", ring_give },
	{ "ring_take", ring_take },
	{ "ring_done", ring_done },
	{ "map_file", map_file },
	{ "map_shmem", map_shmem },
	{ "memfd", memfd },
	{ "udmabuf", udmabuf },
	{ "late", late },	   /* the last, as its reader comes some time after its end */
	{ "daemon", daemon_ring }, /* not one of "all" */
};

static const struct scene *scene_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		if (!strcmp(name, scenes[i].name))
			return &scenes[i];
	USAGE("no scene '%s'", name);
}

/* A tracer knows a process by the name that it was executed with. */
static void be(const struct scene *one)
{
	char self[256] = {}, name[32];

	snprintf(name, sizeof(name), PREFIX "%s", one->name);
	TRY(readlink("/proc/self/exe", self, sizeof(self) - 1));
	unlink(name);
	TRY(symlink(self, name));
	TRY(execl(name, name, NULL));
}

static void run(const struct scene *one)
{
	pid_t pid = TRY(fork());

	if (!pid)
		be(one);
	printf("scene %s %d\n", one->name, children__end(&pid, 1));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (!strncmp(argv[0], PREFIX, strlen(PREFIX))) {
		scene = argv[0] + strlen(PREFIX);
		scene_of(scene)->run();
		return EXIT_SUCCESS;
	}
	if (argc < 3)
		USAGE("honest_give DIR all|SCENE...");
	TRY(chdir(argv[1]));
	if (strcmp(argv[2], "all")) {
		for (int i = 2; i < argc; i++)
			run(scene_of(argv[i]));
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < ARRAY_SIZE(scenes) - 1; i++)
		run(&scenes[i]);
	return EXIT_SUCCESS;
}
