// SPDX-License-Identifier: GPL-2.0
/* Processes that run already: found by an iterator over all tasks. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "capture/attach/session.h"
#include "folio_trace.skel.h"

/* Runs an iterator to its end. */
static int run_iter(const struct bpf_program *prog)
{
	struct bpf_link *link = bpf_program__attach_iter(prog, NULL);
	char buf[64];
	int fd, rc;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	rc = fd < 0 ? -errno : 0;
	if (fd >= 0) {
		while ((rc = read(fd, buf, sizeof(buf))) > 0)
			;
		rc = rc < 0 ? -errno : 0;
		close(fd);
	}
	bpf_link__destroy(link);
	return rc;
}

/*
 * Told of before the process is followed, so that no event of theirs comes first; then once more:
 * a thread that was created in between is told of by nobody else.
 */
static int follow_threads(const struct folio_trace *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int rc = run_iter(skel->progs.follow);

	if (!rc)
		rc = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.follow_found), &opts);
	return rc ?: run_iter(skel->progs.follow);
}

int session__follow(struct session *s, int pid, struct ft_error *err)
{
	struct folio_trace *skel = session__skeleton(s);
	int rc;

	skel->bss->ft_follow_pid = pid;
	skel->bss->ft_follow_tgid = 0;
	rc = run_iter(skel->progs.follow);
	if (!rc && !skel->bss->ft_follow_tgid)
		return ft_fail(err, -ESRCH, FT_EXIT_FAILURE, "no process %d here", pid);
	if (!rc)
		rc = follow_threads(skel);
	if (rc)
		return ft_fail(err, rc, FT_EXIT_FAILURE, "cannot look for process %d: %s", pid,
			       strerror(-rc));
	return 0;
}
