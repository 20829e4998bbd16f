// SPDX-License-Identifier: GPL-2.0
#include "cli/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "capture/kernel/util.h"
#include "capture/run/quiesce.h"
#include "model.h"

#define TICK_MS 20
#define KILL_AFTER_NS (5 * 1000000000LL) /* a command that ignores SIGTERM */

/* As ft_run__rules() has them. */
static unsigned int rules_of(const struct kernel *k)
{
	return (k->hugetlb_cache_is_one ? FT_RULE_HUGETLB_CACHE_ONE : 0) |
	       (k->fsdax_idle_is_one ? FT_RULE_ZONE_IDLE_ONE : 0);
}

/* The core's own notion: pins are never expected, and a page that is not known may have any holder. */
static struct surplus surplus_of(void *arg, const struct ft_wire_event *e, bool known)
{
	const struct trace *t = arg;
	enum ft_kind kind = ft_kind__of(e->flags);
	struct ft_expected x = ft_expected__of(kind, e->flags, e->order, e->mapcount, e->pincount,
					       rules_of(&t->kernel));
	bool judged = ft_kind__is_judged(kind), counts = kind == FT_KIND_UNKNOWN ? known : judged;

	if (!counts || e->mapcount == FT_UNKNOWN)
		return (struct surplus){ .judged = judged };
	return (struct surplus){
		.units = e->refcount - (x.total - x.term[FT_TERM_PINS]),
		.judged = judged,
		.journal = kind == FT_KIND_FILE,
	};
}

static void status_line(const struct trace *t, bool last)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (last) {
		fputs("\r\033[K", stderr);
		return;
	}
	fprintf(stderr, "\r\033[Kfolio-trace: %llu events, %llu folios live, %llu lost",
		(unsigned long long)session__counter(t->session, FT_CNT_EVENTS),
		(unsigned long long)session__live_folios(t->session),
		(unsigned long long)session__counter(t->session, FT_CNT_RING_FULL));
}

/* Not through a symbolic link, and not into a FIFO or a device. */
static int write_pid(const char *path, struct ft_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		      0644);
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", getpid()), rc = 0;

	if (fd < 0)
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "cannot write %s: %s", path,
			       strerror(errno));
	if (write(fd, text, n) != n)
		rc = ft_fail(err, -EIO, FT_EXIT_FAILURE, "cannot write %s", path);
	close(fd);
	return rc;
}

/* In the child. */
static int prepare_command(void *arg)
{
	struct trace *t = arg;

	if (t->opts->command_stdout >= 0 && dup2(t->opts->command_stdout, STDOUT_FILENO) < 0)
		return -errno;
	return session__join(t->session);
}

/* Whether the command, the processes or the time are over; ends a command that is too late. */
static bool is_over(struct trace *t, int64_t since)
{
	const struct trace_options *o = t->opts;
	struct command *c = &t->command;
	int64_t left = o->duration_ns ? since + o->duration_ns - now_ns() : INT64_MAX;

	if (!o->argv)
		return c->asked || left <= 0 || (o->nr_pids && !session__tasks_left(t->session));
	if (left <= -KILL_AFTER_NS)
		command__signal(c, SIGKILL);
	else if (left <= 0 && c->asked != SIGTERM)
		command__signal(c, SIGTERM);
	return c->done;
}

static void follow(struct trace *t)
{
	struct pollfd fds[] = {
		{ .fd = session__poll_fd(t->session), .events = POLLIN },
		{ .fd = t->command.signal_fd, .events = POLLIN },
	};
	struct ft_error ignored = { 0 };
	int64_t since = now_ns();
	int ticks = 0;

	while (!is_over(t, since)) {
		poll(fds, 2, TICK_MS);
		command__signals(&t->command);
		session__drain(t->session);
		if (sources__modules(&t->sources, t->session, &t->recorder, &ignored))
			fprintf(stderr, "folio-trace: %s\n", ignored.text);
		if (++ticks % 10)
			continue;
		recorder__flush(&t->recorder);
		status_line(t, false);
	}
}

static int end(struct trace *t, const struct quiesce_result *rest, struct ft_error *err)
{
	struct recorder_end e = {
		.exit_status = -1,
		.rounds = rest->rounds,
		.bound_reached = rest->bound_reached,
		.drained = rest->drain,
		.drain = rest->drain,
		.flushed = rest->flushed,
		.search = &rest->search,
		.tasks_left = rest->tasks_left,
	};
	int status = t->command.status, rc = 0;

	if (t->opts->argv && WIFSIGNALED(status))
		e.exit_signal = WTERMSIG(status);
	else if (t->opts->argv)
		e.exit_status = WEXITSTATUS(status);
	if (t->sources.inlined) {
		e.inlined = t->sources.inlined;
		e.probe_accounting = &t->sources.probe_accounting;
		rc = recorder__sites(&t->recorder, e.inlined, err);
	}
	if (!rc)
		rc = recorder__frames(&t->recorder,
				      e.inlined ? &inline__table(e.inlined)->symbols : NULL,
				      rest->suspects, err);
	return rc ? rc : recorder__end(&t->recorder, t->session, &e, err);
}

static int follow_pids(struct trace *t, struct ft_error *err)
{
	for (int i = 0; i < t->opts->nr_pids; i++) {
		int rc = session__follow(t->session, t->opts->pids[i], err);

		if (rc)
			return rc;
	}
	return 0;
}

/* "processes 17,18 and what they start; only order 9" */
static void target_words(const struct trace_options *o, char *words, size_t size)
{
	FILE *out = fmemopen(words, size, "w");

	words[0] = '\0';
	if (!out)
		return;
	if (o->all)
		fputs("everything that runs", out);
	else if (!o->nr_pids && !ft_filter__is_empty(&o->only))
		fputs("the command's folios", out);
	for (int i = 0; i < o->nr_pids; i++)
		fprintf(out, "%s%d",
			i	       ? "," :
			o->nr_pids > 1 ? "processes " :
					 "process ",
			o->pids[i]);
	if (o->only.orders)
		fputs("; only order", out);
	for (int i = 0; i < 64; i++)
		if (o->only.orders >> i & 1)
			fprintf(out, " %d", i);
	if (o->only.nr_pfns)
		fprintf(out, "; only pfn 0x%llx to 0x%llx",
			(unsigned long long)o->only.pfn[0].first,
			(unsigned long long)o->only.pfn[0].last);
	fclose(out);
}

static int begin(struct trace *t, struct ft_error *err)
{
	const struct trace_options *o = t->opts;
	int rc = session__arm(t->session, err);
	char target[1024];

	timings__mark(&t->timings, TIMING_ATTACH);
	target_words(o, target, sizeof(target));
	if (!rc)
		rc = sources__arm(&t->sources, t->session, isatty(STDERR_FILENO), err);
	timings__mark(&t->timings, TIMING_ARM);
	if (rc)
		return rc;
	rc = recorder__meta(&t->recorder,
			    &(struct recorder_meta){
				    .kernel = &t->kernel,
				    .session = t->session,
				    .tool_version = FT_VERSION,
				    .mode = o->mode,
				    .source = t->sources.word,
				    .argv = o->argv,
				    .target = target,
				    .follows_all = o->all,
				    .cpus = t->recorder.nr_cpus,
			    },
			    err);
	if (!rc && t->sources.inlined)
		rc = recorder__sites(&t->recorder, t->sources.inlined, err);
	if (!rc)
		session__start(t->session);
	if (!rc)
		rc = follow_pids(t, err);
	if (!rc && o->ready_file)
		rc = write_pid(o->ready_file, err);
	if (rc)
		return rc;
	return o->argv ? command__start(&t->command, o->argv, prepare_command, t, err) :
			 command__watch(&t->command, err);
}

static int open_all(struct trace *t, struct ft_error *err)
{
	const struct trace_options *o = t->opts;
	struct session_options so = {
		.stack_depth = o->stack_depth,
		.ring_bytes = o->buffer_bytes,
		.max_folios = o->max_folios,
		.all_tasks = o->all,
		.adopt_any = o->nr_pids > 0 || o->all,
		.orders = o->only.orders,
		.pfn_first = o->only.pfn[0].first,
		.pfn_last = o->only.pfn[0].last,
		.follow_pids = o->nr_pids > 0,
		.kernel_btf = o->kernel_btf,
	};
	int rc, cpus = libbpf_num_possible_cpus();

	timings__mark(&t->timings, TIMING_NONE);
	if (o->ready_file)
		unlink(o->ready_file); /* of an earlier run */
	rc = o->pid_file ? write_pid(o->pid_file, err) : 0;
	if (!rc)
		rc = kernel__check_rights(err);
	if (!rc && o->argv)
		rc = command__check(o->argv[0], err);
	if (!rc)
		rc = kernel__open(&t->kernel, o->kernel_btf, err);
	timings__mark(&t->timings, TIMING_BTF);
	if (!rc)
		rc = writer__open(&t->writer, o->output, o->output ? 0 : o->spool_bytes, err);
	if (!rc)
		rc = sources__open(&t->sources, &o->sources, &t->kernel, &so, err);
	timings__mark(&t->timings, TIMING_SOURCES);
	if (!rc && t->sources.lost[0])
		fprintf(stderr, "folio-trace: only function entries and exits are traced: %s\n",
			t->sources.lost);
	if (!rc)
		rc = recorder__open(&t->recorder, &t->writer, cpus, err);
	t->recorder.watch = readings__take;
	t->recorder.watch_arg = &t->readings;
	if (!rc)
		rc = session__open(&t->session, &t->kernel, &so, recorder__sink, &t->recorder, err);
	if (!rc)
		rc = session__load(t->session, err);
	timings__mark(&t->timings, TIMING_LOAD);
	return rc;
}

void trace__init(struct trace *t, const struct trace_options *opts)
{
	*t = (struct trace){ .opts = opts, .writer.fd = -1, .command.signal_fd = -1 };
	t->readings = (struct readings){ .of = surplus_of, .arg = t };
}

int trace__record(struct trace *t, struct ft_error *err)
{
	const struct quiesce_options options = {
		.settle_ns = t->opts->settle_ns,
		.search = { .kernel = &t->kernel,
			    .kernel_btf = t->opts->kernel_btf,
			    .bound_ns = t->opts->settle_ns },
	};
	struct quiesce_result rest;
	int rc = open_all(t, err);

	if (!rc)
		rc = begin(t, err);
	if (rc)
		return rc;
	follow(t);
	rc = quiesce__run(t->session, &t->recorder, &t->readings, &options, &rest, err);
	status_line(t, true);
	session__stop(t->session);
	sources__account(&t->sources, t->session);
	timings__mark(&t->timings, TIMING_NONE);
	session__disarm(t->session);
	timings__mark(&t->timings, TIMING_DETACH);
	sources__disarm(&t->sources);
	timings__mark(&t->timings, TIMING_REMOVE);
	if (t->opts->timings)
		timings__print(&t->timings, &t->sources);
	return rc ? rc : end(t, &rest, err);
}

void trace__warn(const struct trace *t)
{
	const struct writer *w = &t->writer;

	if (w->error)
		fprintf(stderr, "folio-trace: %s: the capture is cut off: %s\n", w->name,
			w->error == -EFBIG ? "the bound is reached, see --spool-size" :
					     strerror(-w->error));
}

void trace__close(struct trace *t)
{
	session__close(t->session);
	sources__close(&t->sources);
	recorder__close(&t->recorder);
	readings__free(&t->readings);
	writer__close(&t->writer);
	kernel__close(&t->kernel);
	command__close(&t->command);
	if (t->opts->pid_file)
		unlink(t->opts->pid_file);
}
