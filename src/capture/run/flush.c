// SPDX-License-Identifier: GPL-2.0
#include "capture/run/flush.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_child(void)
{
	/* it may outlive us until the disk answers: keep nothing open */
	syscall(SYS_close_range, 0, ~0U, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sync();
	_exit(0);
}

void flush__start(struct flush *f)
{
	if (f->started)
		return;
	f->started = true;
	f->pid = fork();
	if (!f->pid)
		be_child();
	if (f->pid < 0)
		f->pid = 0;
}

bool flush__is_over(struct flush *f)
{
	int status;

	if (f->pid && waitpid(f->pid, &status, WNOHANG) == f->pid) {
		f->pid = 0;
		f->done = WIFEXITED(status) && !WEXITSTATUS(status);
	}
	return !f->pid;
}

void flush__stop(struct flush *f)
{
	if (flush__is_over(f))
		return;
	kill(f->pid, SIGKILL);
	f->pid = 0; /* it becomes init's: it dies when the disk has answered */
}
