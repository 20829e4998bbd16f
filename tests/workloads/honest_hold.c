// SPDX-License-Identifier: GPL-2.0
/*
 * honest_hold READY: holds what honest_give gives to it, and reads nothing of it until
 * SIGTERM comes. Makes the file READY once it can be asked. At the end it says of each
 * thing what it held: "held SCENE BYTES", of a ring the number of its registered buffers;
 * and 1 is its status if the contents are not those that were put there.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "honest.h"

#define MOST 64

struct held {
	enum honest_action action;
	char scene[HONEST_NAME];
	int fd;	      /* -1: given back */
	int pipe[2];  /* HONEST_MAP */
	char *mapped; /* HONEST_MAP */
	int timer;    /* HONEST_LATE, from the giver's end on */
	int giver;    /* HONEST_LATE */
};

static struct held held[MOST];
static int n_held, listener, tcp, signals, own_ring;

static struct held *hold(enum honest_action action, const char *scene, int fd)
{
	struct held *one = &held[n_held++];

	CHECK(n_held <= MOST);
	*one = (struct held){ .action = action, .fd = fd, .timer = -1, .giver = -1 };
	snprintf(one->scene, sizeof(one->scene), "%s", scene);
	return one;
}

/* All that is in there now; what is put in repeats itself after HONEST_LEN. */
static size_t drain(int fd)
{
	static char buffer[HONEST_LEN] __attribute__((aligned(8)));
	size_t total = 0, fill = 0;
	ssize_t got;

	TRY(fcntl(fd, F_SETFL, O_NONBLOCK));
	while ((got = read(fd, buffer + fill, HONEST_LEN - fill)) > 0) {
		total += got;
		fill += got;
		CHECK(pattern__holds(buffer, fill, HONEST_SEED));
		fill %= HONEST_LEN;
	}
	CHECK(!got || errno == EAGAIN || errno == ECONNRESET);
	return total;
}

static void tell(const struct held *one, size_t n)
{
	printf("held %s %zu\n", one->scene, n);
	fflush(stdout);
}

static void map_and_splice(struct held *one)
{
	off_t offset = 0;

	TRY(pipe2(one->pipe, O_CLOEXEC));
	one->mapped = TRY(mmap(NULL, HONEST_LEN, PROT_READ, MAP_SHARED, one->fd, 0));
	CHECK(pattern__holds(one->mapped, HONEST_LEN, HONEST_SEED));
	CHECK(TRY(splice(one->fd, &offset, one->pipe[1], NULL, HONEST_LEN, 0)) == HONEST_LEN);
}

static size_t mapped_and_spliced(struct held *one)
{
	CHECK(pattern__holds(one->mapped, HONEST_LEN, HONEST_SEED));
	return drain(one->pipe[0]);
}

static size_t memory(int fd)
{
	char *at = TRY(mmap(NULL, HONEST_LEN, PROT_READ, MAP_SHARED, fd, 0));

	CHECK(pattern__holds(at, HONEST_LEN, HONEST_SEED));
	TRY(munmap(at, HONEST_LEN));
	return HONEST_LEN;
}

static size_t buffers_of_ring(int ring)
{
	char path[64], line[256];
	unsigned int n = 0;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ring);
	info = fopen(path, "re");
	CHECK(info);
	while (fgets(line, sizeof(line), info))
		if (sscanf(line, "UserBufs: %u", &n) == 1)
			break;
	fclose(info);
	return n;
}

/* A stream of TCP begins with the name of its scene. */
static size_t stream(struct held *one)
{
	if (one->scene[0])
		return drain(one->fd);
	CHECK(TRY(recv(one->fd, one->scene, HONEST_NAME, MSG_WAITALL)) == HONEST_NAME);
	return drain(one->fd);
}

static void end(struct held *one)
{
	if (one->fd < 0)
		return;
	switch (one->action) {
	case HONEST_LATE: /* before its time */
	case HONEST_KEEP:
		tell(one, stream(one));
		break;
	case HONEST_MAP:
		tell(one, mapped_and_spliced(one));
		break;
	case HONEST_MEMORY:
		tell(one, memory(one->fd));
		break;
	case HONEST_RING:
		tell(one, buffers_of_ring(one->fd));
		break;
	default: /* HONEST_STAY */
		break;
	}
}

static struct honest_message receive(int conn, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct honest_message message = {};
	struct iovec data = { &message, sizeof(message) };
	struct msghdr header = { .msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control) };
	struct cmsghdr *rights;

	CHECK(TRY(recvmsg(conn, &header, MSG_CMSG_CLOEXEC)) == sizeof(message));
	rights = CMSG_FIRSTHDR(&header);
	*fd = -1;
	if (rights)
		memcpy(fd, CMSG_DATA(rights), sizeof(*fd));
	return message;
}

static void serve(int conn)
{
	struct honest_answer answer = { getpid(), own_ring };
	struct honest_message message;
	struct held *one;
	int fd;

	message = receive(conn, &fd);
	if (message.action == HONEST_RING)
		fd = honest__take(message.pid, message.fd);
	if (message.action == HONEST_STAY)
		fd = TRY(fcntl(conn, F_DUPFD_CLOEXEC, 0));
	if (message.action != HONEST_ASK) {
		CHECK(fd >= 0);
		one = hold(message.action, message.scene, fd);
		if (one->action == HONEST_MAP)
			map_and_splice(one);
		if (one->action == HONEST_LATE)
			one->giver = fcntl(conn, F_DUPFD_CLOEXEC, 0);
	}
	TRY(write(conn, &answer, sizeof(answer)));
	TRY(close(conn));
}

static void set_up(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_port = htons(HONEST_PORT),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un address;
	sigset_t set;

	unlink(HONEST_FIFO);
	TRY(mkfifo(HONEST_FIFO, 0600));
	hold(HONEST_KEEP, "fifo", TRY(open(HONEST_FIFO, O_RDWR | O_CLOEXEC)));
	own_ring = honest__ring();
	hold(HONEST_RING, "ring_take", own_ring);
	listener = TRY(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	TRY(bind(listener, (struct sockaddr *)&address, honest__address(&address)));
	TRY(listen(listener, 8));
	tcp = TRY(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	TRY(setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)));
	TRY(bind(tcp, (struct sockaddr *)&here, sizeof(here)));
	TRY(listen(tcp, 8));
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	TRY(sigprocmask(SIG_BLOCK, &set, NULL));
	signals = TRY(signalfd(-1, &set, SFD_CLOEXEC));
}

/* The giver has gone: its time runs; it is over: read. */
static void go_on(struct held *one)
{
	struct itimerspec late = { .it_value.tv_sec = HONEST_LATE_S };

	if (one->giver >= 0) {
		TRY(close(one->giver));
		one->giver = -1;
		one->timer = TRY(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
		TRY(timerfd_settime(one->timer, 0, &late, NULL));
		return;
	}
	TRY(close(one->timer));
	one->timer = -1;
	tell(one, drain(one->fd));
	TRY(close(one->fd));
	one->fd = -1;
}

/* False: enough. */
static bool round_of_events(void)
{
	struct pollfd fds[3 + MOST] = { { .fd = listener, .events = POLLIN },
					{ .fd = tcp, .events = POLLIN },
					{ .fd = signals, .events = POLLIN } };
	int n = n_held;

	for (int i = 0; i < n; i++)
		fds[3 + i] = (struct pollfd){
			.fd = held[i].giver >= 0 ? held[i].giver : held[i].timer,
			.events = POLLIN,
		};
	TRY(poll(fds, 3 + n, -1));
	for (int i = 0; i < n; i++)
		if (fds[3 + i].revents)
			go_on(&held[i]);
	if (fds[0].revents)
		serve(TRY(accept4(listener, NULL, NULL, SOCK_CLOEXEC)));
	if (fds[1].revents)
		hold(HONEST_KEEP, "", TRY(accept4(tcp, NULL, NULL, SOCK_CLOEXEC)));
	return !fds[2].revents;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		USAGE("honest_hold READY");
	set_up();
	TRY(close(TRY(creat(argv[1], 0600))));
	while (round_of_events())
		;
	for (int i = 0; i < n_held; i++)
		end(&held[i]);
	return EXIT_SUCCESS;
}
