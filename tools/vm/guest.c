// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's end of tools/vm/run.sh. Runs a command given as NUL-separated words, so that no
 * shell comes between, and copies its output to virtio ports in large pieces (a port costs a VM
 * exit a write). Bytes are counted: the host may stop the VM only once it has them all, as a
 * write to a port returns before the host has seen it.
 *
 *   guest exec ARGV-FILE STDOUT-PORT STDERR-PORT   prints "STATUS STDOUT-BYTES STDERR-BYTES"
 *   guest send PORT                                stdin to PORT; prints "BYTES"
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long a silent process that outlived the command may keep its output open. */
#define GRACE_MS 500

struct stream {
	int from;
	int to;
	unsigned long long bytes;
};

static char buf[64 * 1024];

static void die(const char *what)
{
	fprintf(stderr, "guest: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* Returns 0 at the end of the stream. */
static int stream__copy_some(struct stream *s)
{
	ssize_t n = read(s->from, buf, sizeof(buf)), done = 0, w;

	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0)
		return 0;
	while (done < n) {
		w = write(s->to, buf + done, n - done);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			die("port");
		done += w;
	}
	s->bytes += n;
	return 1;
}

static char **read_argv(const char *path)
{
	int fd = open_or_die(path, O_RDONLY);
	char *text, *p, **argv;
	struct stat st;
	size_t n = 0;

	if (fstat(fd, &st) < 0)
		die(path);
	text = calloc(1, st.st_size + 1);
	if (!text || read(fd, text, st.st_size) != st.st_size)
		die(path);
	close(fd);
	for (p = text; p < text + st.st_size; p += strlen(p) + 1)
		n++;
	argv = calloc(n + 1, sizeof(*argv));
	if (!argv || !n)
		die("no command");
	for (p = text, n = 0; p < text + st.st_size; p += strlen(p) + 1)
		argv[n++] = p;
	return argv;
}

static pid_t spawn(char **argv, int out, int err)
{
	pid_t pid = fork();
	int null;

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	setsid();
	null = open_or_die("/dev/null", O_RDONLY);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(125);
	execvp(argv[0], argv);
	/* The shell's words and statuses. */
	dprintf(2, "%s: %s\n", argv[0], errno == ENOENT ? "not found" : strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void on_sigchld(int sig)
{
	(void)sig;
}

/* Copies both streams until they end, or are silent for GRACE_MS after the command's death. */
static int pump(pid_t pid, struct stream *s, const sigset_t *unblocked)
{
	struct pollfd fds[2] = { { s[0].from, POLLIN, 0 }, { s[1].from, POLLIN, 0 } };
	long long quiet_since = 0;
	int status = -1, i;

	while (status < 0 || fds[0].fd >= 0 || fds[1].fd >= 0) {
		struct timespec grace = { 0, GRACE_MS * 1000000L };

		if (status < 0 && waitpid(pid, &status, WNOHANG) == pid)
			quiet_since = now_ms();
		if (status >= 0 && now_ms() - quiet_since >= GRACE_MS)
			break;
		if (status >= 0 && fds[0].fd < 0 && fds[1].fd < 0)
			break;
		if (ppoll(fds, 2, status >= 0 ? &grace : NULL, unblocked) <= 0)
			continue;
		for (i = 0; i < 2; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			if (!stream__copy_some(&s[i]))
				fds[i].fd = -1;
			quiet_since = now_ms();
		}
	}
	return status;
}

static int cmd_exec(const char *argv_file, const char *out_port, const char *err_port)
{
	struct stream s[2] = { { -1, open_or_die(out_port, O_WRONLY), 0 },
			       { -1, open_or_die(err_port, O_WRONLY), 0 } };
	struct sigaction sa = { .sa_handler = on_sigchld };
	char **argv = read_argv(argv_file);
	sigset_t chld, old;
	int out[2], err[2], status;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("pipe");
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	pid = spawn(argv, out[1], err[1]);
	sigaction(SIGCHLD, &sa, NULL);
	/* Blocked outside of ppoll, or a death between waitpid and ppoll would go unseen. */
	sigprocmask(SIG_BLOCK, &chld, &old);
	close(out[1]);
	close(err[1]);
	s[0].from = out[0];
	s[1].from = err[0];
	status = pump(pid, s, &old);
	printf("%d %llu %llu\n", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
	       s[0].bytes, s[1].bytes);
	return 0;
}

static int cmd_send(const char *port)
{
	struct stream s = { 0, open_or_die(port, O_WRONLY), 0 };

	while (stream__copy_some(&s))
		;
	printf("%llu\n", s.bytes);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "exec"))
		return cmd_exec(argv[2], argv[3], argv[4]);
	if (argc == 3 && !strcmp(argv[1], "send"))
		return cmd_send(argv[2]);
	fprintf(stderr, "usage: guest exec ARGV-FILE OUT ERR | guest send PORT\n");
	return 125;
}
