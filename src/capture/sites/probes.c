// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/kernel/util.h"

/* The start time of a process, or 0 if there is none: field 22 of its stat. */
static unsigned long long start_time(pid_t pid)
{
	char path[64], buf[1024], *at;
	unsigned long long t = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, buf, sizeof(buf)) <= 0)
		return 0;
	at = strrchr(buf, ')'); /* the name may hold anything */
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at + 1, ' ');
		if (at && field == 21)
			t = strtoull(at + 1, NULL, 10);
	}
	return t;
}

static int open_in(const struct probes *p, const char *name, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", p->root, name);
	return open(path, flags | O_CLOEXEC);
}

int probes__open(struct probes *p, struct ft_error *err)
{
	memset(p, 0, sizeof(*p));
	p->fd = p->profile_fd = -1;
	for (int i = 0; i < NR_TRACEFS_ROOTS && p->fd < 0; i++) {
		snprintf(p->root, sizeof(p->root), "%s", tracefs_roots[i]);
		p->fd = open_in(p, "kprobe_events", O_WRONLY | O_APPEND);
	}
	if (p->fd < 0)
		return ft_fail(err, -errno, FT_EXIT_CANNOT_TRACE,
			       "/sys/kernel/tracing/kprobe_events: %s; mount tracefs there, the "
			       "kernel needs CONFIG_KPROBE_EVENTS=y",
			       strerror(errno));
	snprintf(p->group, sizeof(p->group), "ft_%d_%llu", getpid(), start_time(getpid()));
	return 0;
}

static int append(const struct probes *p, const char *line, size_t len)
{
	ssize_t n = write(p->fd, line, len);

	return n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
}

int probes__define(const struct probes *p, const char *event, const char *where)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "p:%s/%s %s\n", p->group, event, where);

	return n < (int)sizeof(line) ? append(p, line, n) : -ENAMETOOLONG;
}

static int remove_event(const struct probes *p, const char *group, const char *event)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "-:%s/%s\n", group, event);

	return n < (int)sizeof(line) ? append(p, line, n) : -ENAMETOOLONG;
}

int probes__remove(const struct probes *p, const char *event)
{
	return remove_event(p, p->group, event);
}

int probes__event_id(const struct probes *p, const char *event)
{
	char path[256], buf[32];
	int n;

	snprintf(path, sizeof(path), "%s/events/%s/%s/id", p->root, p->group, event);
	n = read_file(path, buf, sizeof(buf));
	return n < 0 ? n : n ? atoi(buf) : -EIO;
}

static FILE *stream_in(const struct probes *p, const char *name)
{
	int fd = open_in(p, name, O_RDONLY);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

/* Fills the buffer from the start of the file; bytes, or -ENOBUFS if it is full. */
static ssize_t read_whole(struct probes *p)
{
	size_t used = 0;
	ssize_t n;

	if (lseek(p->profile_fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = read(p->profile_fd, p->profile + used, p->profile_room - used)) > 0)
		used += n;
	if (n < 0)
		return -errno;
	if (used >= p->profile_room)
		return -ENOBUFS;
	p->profile[used] = '\0';
	return used;
}

int probes__read_profile(struct probes *p)
{
	ssize_t n;

	if (p->profile_fd < 0)
		p->profile_fd = open_in(p, "kprobe_profile", O_RDONLY);
	if (p->profile_fd < 0)
		return -errno;
	while ((n = p->profile ? read_whole(p) : -ENOBUFS) == -ENOBUFS) {
		size_t room = p->profile_room * 2 + (256 << 10);
		char *buf = realloc(p->profile, room);

		if (!buf)
			return -ENOMEM;
		memset(buf, 0, room); /* no fault later */
		p->profile = buf;
		p->profile_room = room;
	}
	return n < 0 ? n : 0;
}

void probes__hits(const struct probes *p, const char *event, uint64_t *hits, uint64_t *missed)
{
	const char *line = p->profile;
	unsigned long long h, m;
	char name[128];

	*hits = *missed = 0;
	while (line && *line) {
		const char *end = strchr(line, '\n');

		if (sscanf(line, " %127s %llu %llu", name, &h, &m) == 3 && !strcmp(name, event)) {
			*hits += h;
			*missed += m;
		}
		line = end ? end + 1 : NULL;
	}
}

/* "p:GROUP/EVENT place" of a group of ours. */
static bool parse_line(const char *line, char group[64], char event[64])
{
	return sscanf(line, "p:%63[^/]/%63s", group, event) == 2 && !strncmp(group, "ft_", 3);
}

/* The next event of the group (NULL: of any dead process), or false. */
static bool find_event(const struct probes *p, const char *want, char group[64], char event[64])
{
	FILE *f = stream_in(p, "kprobe_events");
	char line[512];
	bool found = false;
	unsigned long long start;
	int pid;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (!parse_line(line, group, event))
			continue;
		if (want)
			found = !strcmp(group, want);
		else if (sscanf(group, "ft_%d_%llu", &pid, &start) == 2)
			found = start_time(pid) != start;
	}
	if (f)
		fclose(f);
	return found;
}

/* The link of a dead tracer is released a little later than the process. */
static int remove_patiently(const struct probes *p, const char *group, const char *event)
{
	struct timespec t = { 0, 20 * 1000000 };
	int rc = -EBUSY;

	for (int i = 0; i < 500 && rc == -EBUSY; i++) {
		rc = remove_event(p, group, event);
		if (rc == -EBUSY)
			nanosleep(&t, NULL);
	}
	return rc;
}

static int remove_all(const struct probes *p, const char *want)
{
	char group[64], event[64];
	int n = 0;

	while (find_event(p, want, group, event)) {
		int rc = remove_patiently(p, group, event);

		if (rc)
			return rc;
		n++;
	}
	return n;
}

int probes__remove_group(const struct probes *p, const char *group)
{
	return remove_all(p, group);
}

int probes__clean(const struct probes *p)
{
	return remove_all(p, NULL);
}

void probes__close(struct probes *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->profile_fd >= 0)
		close(p->profile_fd);
	free(p->profile);
	p->profile = NULL;
	p->fd = p->profile_fd = -1;
}
