// SPDX-License-Identifier: GPL-2.0
#include "cli/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* False: there is nothing to read now, or never again. */
static bool read_some(struct listener *l)
{
	char buffer[65536];
	ssize_t n = read(l->from, buffer, sizeof(buffer));

	if (n > 0)
		ft_tap__feed(l->tap, buffer, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void *listen_to(void *arg)
{
	struct listener *l = arg;
	struct pollfd fds[] = { { .fd = l->from, .events = POLLIN },
				{ .fd = l->stop, .events = POLLIN } };

	while (!(fds[1].revents & POLLIN)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			read_some(l);
	}
	while (read_some(l))
		;
	return NULL;
}

int listener__start(struct listener *l, struct ft_error *err)
{
	sigset_t all, old;
	int ends[2], rc;

	l->tap = ft_tap__new();
	if (!l->tap)
		return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
	l->stop = eventfd(0, EFD_CLOEXEC);
	if (l->stop < 0 || pipe2(ends, O_CLOEXEC))
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "pipe: %s", strerror(errno));
	l->from = ends[0];
	l->to = ends[1];
	fcntl(l->from, F_SETFL, O_NONBLOCK);
	/* signals are for the main thread, which forwards them */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&l->thread, NULL, listen_to, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!rc)
		return 0;
	close(l->to);
	l->to = -1;
	return ft_fail(err, -rc, FT_EXIT_FAILURE, "pthread_create: %s", strerror(rc));
}

static void join(struct listener *l)
{
	if (l->to < 0)
		return;
	eventfd_write(l->stop, 1);
	pthread_join(l->thread, NULL);
	close(l->to);
	l->to = -1;
}

int listener__end(struct listener *l, struct ft_error *err)
{
	join(l);
	if (l->tap && ft_tap__end(l->tap))
		return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE,
			       "out of memory for the command's output");
	return 0;
}

void listener__free(struct listener *l)
{
	join(l);
	if (l->from > 0)
		close(l->from);
	if (l->stop > 0)
		close(l->stop);
	ft_tap__free(l->tap);
}
