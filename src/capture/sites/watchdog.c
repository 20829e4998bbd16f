// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/kernel/util.h"

#define LOCK_FILE "/run/folio-trace.lock"

enum { KPROBES_OPTIMIZATION, RCU_EXPEDITED, NR_KNOBS };

static const struct {
	const char *path;
	char value; /* while tracing */
} knobs[NR_KNOBS] = {
	[KPROBES_OPTIMIZATION] = { "/proc/sys/debug/kprobes-optimization", '0' },
	[RCU_EXPEDITED] = { "/sys/kernel/rcu_expedited", '1' },
};

/* '?' where the kernel does not have it. */
static char read_knob(int i)
{
	char text[2];

	return read_file(knobs[i].path, text, sizeof(text)) > 0 ? text[0] : '?';
}

static void write_knob(int i, char c)
{
	int fd = open(knobs[i].path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, &c, 1) != 1)
		fprintf(stderr, "folio-trace: %s: %s\n", knobs[i].path, strerror(errno));
	close(fd);
}

/* The values found by the first tracer, one character each; false: none. */
static bool read_saved(int fd, char saved[NR_KNOBS])
{
	return pread(fd, saved, NR_KNOBS, 0) == NR_KNOBS;
}

/* Restores the settings if no other tracer holds the lock. True: there was something to restore. */
static bool restore(int fd)
{
	char saved[NR_KNOBS];

	if (flock(fd, LOCK_EX | LOCK_NB) || !read_saved(fd, saved))
		return false;
	for (int i = 0; i < NR_KNOBS; i++)
		if (saved[i] == '0' || saved[i] == '1')
			write_knob(i, saved[i]);
	return !ftruncate(fd, 0);
}

static int open_lock(void)
{
	int fd;

	mkdir("/run", 0755); /* an initramfs may have none */
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

static int change(int fd, bool exact)
{
	char saved[NR_KNOBS];

	if (!flock(fd, LOCK_EX | LOCK_NB) && !read_saved(fd, saved)) {
		for (int i = 0; i < NR_KNOBS; i++)
			saved[i] = read_knob(i);
		if (pwrite(fd, saved, NR_KNOBS, 0) != NR_KNOBS)
			return -errno;
	}
	if (flock(fd, LOCK_SH))
		return -errno;
	for (int i = 0; i < NR_KNOBS; i++)
		if (exact || i != KPROBES_OPTIMIZATION)
			write_knob(i, knobs[i].value);
	return 0;
}

/* Keeps the pipe, the lock and tracefs open and nothing else, or it would outlive the tracer. */
static void close_others(int a, int b, int c)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != a && fd != b && fd != c)
			close(fd);
}

static void watch(int pipe, int lock, const struct probes *p)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	char c;

	prctl(PR_SET_NAME, "folio-trace-wd");
	setsid(); /* a signal to the group of the tracer must not reach us */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	close_others(pipe, lock, p->fd);
	while (read(pipe, &c, 1) < 0 && errno == EINTR)
		;
	probes__remove_group(p, p->group);
	restore(lock);
	_exit(0);
}

int watchdog__start(struct watchdog *g, const struct probes *p, bool exact, struct ft_error *err)
{
	int lock = open_lock(), ends[2], rc;

	g->pid = -1;
	g->pipe = -1;
	rc = lock < 0 ? lock : pipe2(ends, O_CLOEXEC) ? -errno : 0;
	if (rc) {
		if (lock >= 0)
			close(lock);
		return ft_fail(err, rc, FT_EXIT_FAILURE, LOCK_FILE ": %s", strerror(-rc));
	}
	g->pid = fork();
	if (!g->pid) {
		close(ends[1]);
		watch(ends[0], lock, p);
	}
	/* not earlier: now the watchdog will restore it */
	rc = g->pid < 0 ? -errno : change(lock, exact);
	close(ends[0]);
	close(lock); /* the watchdog's copy holds the lock */
	g->pipe = ends[1];
	if (!rc)
		return 0;
	watchdog__stop(g);
	return ft_fail(err, rc, FT_EXIT_FAILURE, LOCK_FILE ": %s", strerror(-rc));
}

void watchdog__stop(struct watchdog *g)
{
	if (g->pipe >= 0)
		close(g->pipe);
	g->pipe = -1;
	if (g->pid > 0)
		waitpid(g->pid, NULL, 0);
	g->pid = -1;
}

bool watchdog__clean(void)
{
	int fd = open_lock();
	bool found;

	if (fd < 0)
		return false;
	found = restore(fd);
	close(fd);
	return found;
}
