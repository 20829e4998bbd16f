// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include "capture/attach/bpf_log.h"
#include "capture/attach/mapped.h"
#include "capture/attach/multi.h"
#include "capture/attach/program_table.h"
#include "capture/kernel/util.h"
#include "ctl.h"
#include "folio_trace.skel.h"

#define QUIESCE_PORTION 4096 /* folios between two drains */
#define STACK_SLOTS 32768    /* as in bpf/refs.h */
#define MAX_SITE_LINKS 64    /* the kernel, and modules loaded while tracing */

struct session {
	struct session_options opts;
	ring_sink sink;
	void *sink_arg;
	struct folio_trace *skel;
	struct hook_set hooks;
	struct multi multi;
	struct bpf_link *links[4 * FT_HOOK_COUNT + MAX_SITE_LINKS];
	int nr_links;
	int nr_cpus;
	struct mapped mapped;
	struct rings rings;
	struct misses before, missed; /* until the start; while tracing */
};

static bool is_exact(const struct session *s)
{
	return s->opts.inline_sites || s->opts.page_ref;
}

static bool is_wanted(const struct session *s, enum ft_when when)
{
	switch (when) {
	case FT_WHEN_ALWAYS:
		return true;
	case FT_WHEN_EXACT:
		return is_exact(s);
	case FT_WHEN_INLINE:
	case FT_WHEN_PROBES:
		return s->opts.inline_sites;
	}
	return false;
}

static int open_skeleton(struct session *s, struct ft_error *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = s->opts.kernel_btf);

	s->skel = folio_trace__open_opts(&open_opts);
	if (!s->skel)
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "cannot open the BPF object: %s",
			       strerror(errno));
	bpf_map__set_max_entries(s->skel->maps.folios, s->opts.max_folios);
	bpf_map__set_max_entries(s->skel->maps.rings, s->nr_cpus);
	bpf_map__set_max_entries(s->skel->maps.counters, s->nr_cpus);
	if (is_exact(s)) {
		bpf_map__set_max_entries(s->skel->maps.stacks, STACK_SLOTS);
		/* the kernel unwinds no further */
		bpf_map__set_value_size(s->skel->maps.stacks, 8 * (s->opts.stack_depth ?: 1));
	}
	s->skel->rodata->ft_stack_depth = is_exact(s) ? s->opts.stack_depth : 0;
	for (size_t i = 0; i < nr_programs; i++)
		if (program_table[i].when)
			bpf_program__set_autoload(program__of(s->skel, &program_table[i]),
						  is_wanted(s, program_table[i].when));
	s->skel->rodata->ft_preemptible = s->multi.enter > 0; /* both came with 7.3 */
	s->skel->rodata->ft_adopt_any = s->opts.adopt_any;
	if (s->opts.orders)
		s->skel->rodata->ft_orders = s->opts.orders;
	if (s->opts.pfn_last) {
		s->skel->rodata->ft_pfn_first = s->opts.pfn_first;
		s->skel->rodata->ft_pfn_last = s->opts.pfn_last;
	}
	s->skel->rodata->ft_wake_bytes = s->opts.ring_bytes / 2;
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		s->skel->rodata->ft_return_size[i] = s->hooks.hook[i].return_size;
	bpf_program__set_autoload(s->skel->progs.follow, s->opts.follow_pids);
	bpf_program__set_autoload(s->skel->progs.follow_found, s->opts.follow_pids);
	multi__prepare(&s->multi, &s->hooks, s->skel);
	hook_set__autoload(&s->hooks, s->skel);
	return 0;
}

int session__open(struct session **out, const struct kernel *k, const struct session_options *opts,
		  ring_sink sink, void *sink_arg, struct ft_error *err)
{
	struct session *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return out_of_memory(err);
	s->opts = *opts;
	s->sink = sink;
	s->sink_arg = sink_arg;
	s->nr_cpus = libbpf_num_possible_cpus();
	bpf_log__start();
	if (s->nr_cpus <= 0) {
		rc = ft_fail(err, s->nr_cpus, FT_EXIT_FAILURE, "cannot count the CPUs");
		goto fail;
	}
	hook_set__choose(&s->hooks, k->btf, opts->page_ref);
	if (is_exact(s))
		hook_set__leave_out(&s->hooks, FT_ROLE_FOUND);
	if (!opts->kernel_btf) { /* another file may have other ids */
		multi__find(&s->multi, k->btf);
		hook_set__use_ids(&s->hooks, k->btf);
	}
	rc = open_skeleton(s, err);
	if (rc)
		goto fail;
	*out = s;
	return 0;
fail:
	session__close(s);
	return rc;
}

/*
 * A kernel may refuse the program of one hook: then the others are loaded without it. If it refuses
 * another program, those that serve many hooks are left out. False: nothing is left to leave out.
 */
static bool leave_out_refused(struct session *s, int error)
{
	const struct program *row = program__named(s->skel, bpf_log__program());
	struct hook_info *h = row ? &s->hooks.hook[row->hook] : NULL;

	if (h && h->state == HOOK_FOUND) {
		h->state = HOOK_FAILED;
		h->error = error;
		return true;
	}
	if ((row && row->hook) || !s->multi.usable)
		return false;
	s->multi.usable = false;
	return true;
}

static int load_without_refused(struct session *s, struct ft_error *err)
{
	int rc = folio_trace__load(s->skel);

	while (rc && rc != -EPERM && leave_out_refused(s, rc)) {
		folio_trace__destroy(s->skel);
		s->skel = NULL;
		bpf_log__clear();
		if (open_skeleton(s, err))
			return err->code;
		rc = folio_trace__load(s->skel);
	}
	return rc;
}

int session__add_site(struct session *s, const struct ft_insn_site *site, uint32_t id)
{
	return mapped__add_site(&s->mapped, site, id);
}

int session__attach_sites(struct session *s, int event_id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = event_id,
		.sample_period = 1,
	};
	struct bpf_link *link;
	int fd;

	if (s->nr_links == sizeof(s->links) / sizeof(s->links[0]))
		return -ENOSPC;
	/* one perf event arms the probes on all CPUs for BPF */
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	link = bpf_program__attach_perf_event(s->skel->progs.on_site, fd);
	if (!link) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	s->links[s->nr_links++] = link;
	return 0;
}

static int run_program(int fd, void *ctx, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = ctx, .ctx_size_in = size);

	return bpf_prog_test_run_opts(fd, &opts);
}

int session__load(struct session *s, struct ft_error *err)
{
	int rc = load_without_refused(s, err);

	if (rc)
		return ft_fail(err, rc, rc == -EPERM ? FT_EXIT_CANNOT_TRACE : FT_EXIT_FAILURE,
			       "the kernel does not load the BPF programs: %s%s%s", strerror(-rc),
			       bpf_log__text()[0] ? ": " : "", bpf_log__text());
	rc = mapped__open(&s->mapped, bpf_map__fd(s->skel->maps.counters), s->nr_cpus,
			  bpf_map__fd(s->skel->maps.sites));
	if (rc)
		return ft_fail(err, rc, FT_EXIT_FAILURE, "cannot map the counters: %s",
			       strerror(-rc));
	rc = rings__open(&s->rings, bpf_map__fd(s->skel->maps.rings), s->nr_cpus,
			 s->opts.ring_bytes, s->sink, s->sink_arg);
	if (rc)
		return ft_fail(err, rc, FT_EXIT_FAILURE,
			       "cannot make %d ring buffers of %u bytes: %s; try a smaller "
			       "--buffer-size",
			       s->nr_cpus, s->opts.ring_bytes, strerror(-rc));
	rc = run_program(bpf_program__fd(s->skel->progs.resolve), NULL, 0);
	if (rc || !session__vmemmap_base(s))
		return ft_fail(err, -EPERM, FT_EXIT_CANNOT_TRACE,
			       "the kernel hides the address of vmemmap_base; set the sysctl "
			       "kernel.kptr_restrict to 0 or 1 while tracing");
	return 0;
}

static int attach(struct session *s, const struct program *row)
{
	struct bpf_program *prog = program__of(s->skel, row);
	struct bpf_link *link;

	if (!bpf_program__autoload(prog))
		return 0;
	link = bpf_program__attach(prog);
	if (!link)
		return -errno;
	s->links[s->nr_links++] = link;
	return 0;
}

static void arm_hook(struct session *s, enum ft_hook hook)
{
	struct hook_info *h = &s->hooks.hook[hook];

	if (h->state != HOOK_FOUND || h->shared)
		return;
	for (size_t i = 0; i < nr_programs && !h->error; i++)
		if (program_table[i].hook == hook)
			h->error = attach(s, &program_table[i]);
	h->state = h->error ? HOOK_FAILED : HOOK_ATTACHED;
}

int session__arm(struct session *s, struct ft_error *err)
{
	for (size_t i = 0; i < nr_programs; i++) {
		const struct program *row = &program_table[i];
		int rc = 0;

		if (row->when && row->when != FT_WHEN_PROBES)
			rc = attach(s, row);
		if (rc && row->when != FT_WHEN_EXACT)
			return ft_fail(err, rc, FT_EXIT_CANNOT_TRACE,
				       "%s: cannot attach: %s; the kernel needs "
				       "CONFIG_BPF_EVENTS=y",
				       bpf_program__name(program__of(s->skel, row)), strerror(-rc));
	}
	multi__arm(&s->multi, &s->hooks, s->skel);
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		arm_hook(s, i);
	return 0;
}

int session__join(const struct session *s)
{
	return run_program(bpf_program__fd(s->skel->progs.join), NULL, 0);
}

int session__poll_fd(const struct session *s)
{
	return rings__poll_fd(&s->rings);
}

int session__drain(struct session *s)
{
	return rings__drain(&s->rings);
}

int session__quiesce(struct session *s, uint32_t round)
{
	struct ft_quiesce args = { .round = round, .limit = QUIESCE_PORTION };
	int fd = bpf_program__fd(s->skel->progs.quiesce);

	s->skel->bss->ft_closed = true;
	do {
		int rc = run_program(fd, &args, sizeof(args));

		if (rc)
			return rc;
		session__drain(s);
		args.skip += args.read;
	} while (args.read == args.limit);
	return args.skip;
}

void session__start(struct session *s)
{
	s->before = misses__read(s->skel, &s->mapped);
	s->skel->bss->ft_all_tasks = s->opts.all_tasks;
}

void session__stop(struct session *s)
{
	s->skel->bss->ft_over = true;
}

void session__disarm(struct session *s)
{
	if (!s->nr_links)
		return;
	/* now, as programs are detached one after the other: what is missed meanwhile is no loss */
	s->missed = misses__between(s->before, misses__read(s->skel, &s->mapped));
	multi__disarm(&s->multi);
	while (s->nr_links)
		bpf_link__destroy(s->links[--s->nr_links]);
	session__drain(s);
}

void session__close(struct session *s)
{
	if (!s)
		return;
	session__disarm(s);
	rings__close(&s->rings);
	mapped__close(&s->mapped);
	folio_trace__destroy(s->skel);
	free(s);
}

struct folio_trace *session__skeleton(struct session *s)
{
	return s->skel;
}

const struct hook_info *session__hook(const struct session *s, int hook)
{
	return &s->hooks.hook[hook];
}

uint64_t session__counter(const struct session *s, enum ft_counter which)
{
	return mapped__counter(&s->mapped, which);
}

const struct misses *session__misses(const struct session *s)
{
	return &s->missed;
}

uint32_t session__tasks_left(const struct session *s)
{
	return s->skel->bss->ft_tasks_left;
}

uint64_t session__live_folios(const struct session *s)
{
	return session__counter(s, FT_CNT_FOLIOS) - session__counter(s, FT_CNT_DIED);
}

uint64_t session__vmemmap_base(const struct session *s)
{
	return s->skel->bss->ft_vmemmap_base;
}
