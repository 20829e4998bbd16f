// SPDX-License-Identifier: GPL-2.0
#include "capture/run/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREPARE_FAILED 10000 /* added to an error of prepare(), not of exec */

static const int watched[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };

static void watched_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		sigaddset(set, watched[i]);
}

/* In the child: the command must not run untracked, nor outlive us. */
static void become(char *const argv[], int (*prepare)(void *), void *arg, pid_t parent,
		   int report_fd, const sigset_t *mask)
{
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(FT_EXIT_FAILURE);
	rc = prepare(arg);
	if (!rc) {
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvp(argv[0], argv);
		rc = -errno;
	} else {
		rc = rc < 0 ? rc - PREPARE_FAILED : -PREPARE_FAILED;
	}
	if (write(report_fd, &rc, sizeof(rc)) != sizeof(rc))
		_exit(FT_EXIT_FAILURE);
	_exit(FT_EXIT_CANNOT_EXEC);
}

static int start_failed(const char *name, int rc, struct ft_error *err)
{
	if (rc <= -PREPARE_FAILED)
		return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
			       "%s: the command could not be made a tracked one: %s", name,
			       strerror(-(rc + PREPARE_FAILED)));
	return ft_fail(err, rc, rc == -ENOENT ? FT_EXIT_NOT_FOUND : FT_EXIT_CANNOT_EXEC, "%s: %s",
		       name, rc == -ENOENT ? "command not found" : strerror(-rc));
}

static int try_path(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	return S_ISREG(st.st_mode) && !access(path, X_OK) ? 0 : -EACCES;
}

static int search(const char *name)
{
	const char *path = getenv("PATH");
	/* execvp()'s own, without a PATH */
	char *copy = strdup(path ? path : "/bin:/usr/bin"), *rest = copy, *dir;
	int rc = -ENOENT;

	while (rc && (dir = strsep(&rest, ":"))) {
		char file[PATH_MAX];
		int tried;

		snprintf(file, sizeof(file), "%s/%s", *dir ? dir : ".", name);
		tried = try_path(file);
		if (!tried || tried == -EACCES)
			rc = tried;
	}
	free(copy);
	return rc;
}

int command__check(const char *name, struct ft_error *err)
{
	int rc = strchr(name, '/') ? try_path(name) : search(name);

	return rc ? start_failed(name, rc, err) : 0;
}

static int watch(struct command *c, sigset_t *old, struct ft_error *err)
{
	sigset_t set;

	memset(c, 0, sizeof(*c));
	watched_set(&set);
	sigprocmask(SIG_BLOCK, &set, old);
	c->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->signal_fd < 0)
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "signalfd: %s", strerror(errno));
	return 0;
}

int command__watch(struct command *c, struct ft_error *err)
{
	sigset_t old;

	return watch(c, &old, err);
}

int command__start(struct command *c, char *const argv[], int (*prepare)(void *), void *arg,
		   struct ft_error *err)
{
	pid_t parent = getpid();
	int report[2], rc;
	sigset_t old;

	rc = watch(c, &old, err);
	if (rc)
		return rc;
	if (pipe2(report, O_CLOEXEC))
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "pipe: %s", strerror(errno));
	c->pid = fork();
	if (c->pid == 0)
		become(argv, prepare, arg, parent, report[1], &old);
	close(report[1]);
	if (c->pid < 0) {
		rc = ft_fail(err, -errno, FT_EXIT_FAILURE, "fork: %s", strerror(errno));
	} else if (read(report[0], &rc, sizeof(rc)) == sizeof(rc)) {
		waitpid(c->pid, &c->status, 0);
		c->done = true;
		rc = start_failed(argv[0], rc, err);
	} else {
		rc = 0; /* the pipe closed at exec */
	}
	close(report[0]);
	return rc;
}

static void record_signal(struct command *c, int sig)
{
	if (sig != SIGUSR1 && sig != SIGUSR2)
		c->asked = sig;
}

void command__signal(struct command *c, int sig)
{
	record_signal(c, sig);
	if (c->pid > 0 && !c->done)
		kill(c->pid, sig);
}

/* Ctrl-C reaches the whole foreground process group; only signals to us alone are forwarded. */
static void forward(struct command *c, const struct signalfd_siginfo *si)
{
	if (si->ssi_code == SI_KERNEL)
		record_signal(c, si->ssi_signo);
	else
		command__signal(c, si->ssi_signo);
}

void command__signals(struct command *c)
{
	struct signalfd_siginfo si;

	while (read(c->signal_fd, &si, sizeof(si)) == sizeof(si))
		if (si.ssi_signo != SIGCHLD)
			forward(c, &si);
	if (c->pid > 0 && !c->done && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->done = true;
}

int command__exit_status(const struct command *c)
{
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

void command__close(struct command *c)
{
	if (c->signal_fd >= 0)
		close(c->signal_fd);
	c->signal_fd = -1;
}
