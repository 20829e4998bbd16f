// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/arm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/sites/inline_source.h"

static int no_memory(struct ft_error *err)
{
	return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int inline__open(struct inline_source **out, const struct kernel *k,
		 const struct inline_options *opts, struct ft_error *err)
{
	struct inline_source *src = calloc(1, sizeof(*src));
	uint64_t since = now_ns();
	int rc;

	*out = NULL;
	if (!src)
		return no_memory(err);
	src->kernel = k;
	src->opts = *opts;
	src->probes.fd = src->probes.profile_fd = -1;
	src->watchdog.pid = src->watchdog.pipe = -1;
	rc = probes__open(&src->probes, err);
	if (!rc) {
		probes__clean(&src->probes);
		watchdog__clean();
		rc = symbols__read(&src->symbols, NULL, err);
	}
	if (!rc) {
		src->startup.kallsyms_ns = now_ns() - since;
		since = now_ns();
		rc = inline_source__scan_kernel(src, err);
	}
	if (!rc)
		rc = inline_source__each_module(src, inline_source__scan, err);
	if (rc) {
		inline__close(src);
		return rc;
	}
	src->startup.scan_ns = now_ns() - since;
	*out = src;
	return 0;
}

/* A module's place is named by one of its symbols whose name is its own. */
static const struct symbol *anchor(const struct symbols *s, uint32_t module)
{
	for (size_t i = 0; i < s->nr; i++) {
		const struct symbol *a = &s->by_address[i];
		bool unique = true;

		if (a->module != module)
			continue;
		for (size_t j = 0; j < s->nr && unique; j++)
			unique = j == i || s->by_address[j].module != module ||
				 strcmp(symbols__name(s, a), symbols__name(s, &s->by_address[j]));
		if (unique)
			return a;
	}
	return NULL;
}

static int define(struct inline_source *src, const char *event, struct inline_site *site,
		  const struct symbol *base)
{
	char where[256];
	int n;

	if (!site->module)
		n = snprintf(where, sizeof(where), "_stext+0x%llx",
			     (unsigned long long)(site->insn.probe - src->symbols.stext));
	else if (base && site->insn.probe >= base->address)
		n = snprintf(where, sizeof(where), "%s:%s+0x%llx",
			     symbols__module(&src->symbols, base),
			     symbols__name(&src->symbols, base),
			     (unsigned long long)(site->insn.probe - base->address));
	else
		return -ENOENT;
	if (n >= (int)sizeof(where))
		return -ENAMETOOLONG;
	return probes__define(&src->probes, event, where);
}

static bool is_of_module(const struct inline_source *src, uint32_t module, const char *name)
{
	return module && !strcmp(src->symbols.strings + module, name);
}

/* What the kernel said to this site of a module when it was loaded the first time. */
static int earlier_error(const struct inline_source *src, size_t first, struct inline_site *site)
{
	const char *module = src->symbols.strings + site->module;
	const char *function = src->symbols.strings + site->function;

	for (size_t i = 0; i < first; i++) {
		const struct inline_site *s = &src->sites[i];

		if (is_of_module(src, s->module, module) && s->insn.form == site->insn.form &&
		    s->insn.address - s->start == site->insn.address - site->start &&
		    !strcmp(src->symbols.strings + s->function, function)) {
			site->insn.probe = s->insn.probe - s->start + site->start;
			return s->error;
		}
	}
	return -ENOENT;
}

/* Says what the probe means, if the kernel took it; whether all is well. */
static bool describe(struct session *s, struct inline_site *site)
{
	if (!site->error)
		site->error = session__add_site(s, &site->insn, site->id);
	return !site->error;
}

/*
 * Probes sites[first..] as one event; the number that the kernel took. event NULL: of a module that
 * was unloaded and loaded again, whose probes the kernel has defined anew by itself
 * (trace_kprobe_module_callback()); twice defined they would hit twice.
 */
static int define_all(struct inline_source *src, struct session *s, const char *event, size_t first,
		      bool show)
{
	const struct symbol *base = NULL;
	int taken = 0;

	for (size_t i = first; i < src->nr_sites; i++) {
		struct inline_site *site = &src->sites[i];

		if (event && site->module && (!base || base->module != site->module))
			base = anchor(&src->symbols, site->module);
		site->error = event ? define(src, event, site, base) :
				      earlier_error(src, first, site);
		taken += describe(s, site);
		if (show && i % 64 == 0)
			fprintf(stderr, "\r\033[Kfolio-trace: defining probes, %zu of %zu", i,
				src->nr_sites);
	}
	if (show)
		fputs("\r\033[K", stderr);
	return taken;
}

/* The same for those that were moved from in front of a static key. */
static int define_moved(struct inline_source *src, struct session *s, const char *event)
{
	const struct symbol *base = NULL;
	int taken = 0;

	for (size_t i = 0; i < src->nr_sites; i++) {
		struct inline_site *site = &src->sites[i];

		if (site->error != -EAGAIN)
			continue;
		if (site->module)
			base = anchor(&src->symbols, site->module);
		site->error = event ? define(src, event, site, base) : -EINVAL;
		taken += describe(s, site);
	}
	return taken;
}

static int attach_event(struct inline_source *src, struct session *s, const char *event,
			struct ft_error *err)
{
	char **p = reallocarray(src->events, src->nr_events + 1, sizeof(*p));
	int id, rc;

	if (!p || !(p[src->nr_events] = strdup(event)))
		return no_memory(err);
	src->events = p;
	src->nr_events++;
	id = probes__event_id(&src->probes, event);
	rc = id < 0 ? id : session__attach_sites(s, id);
	if (rc)
		return ft_fail(err, rc, FT_EXIT_CANNOT_TRACE, "arming %s/%s: %s", src->probes.group,
			       event, strerror(-rc));
	return 0;
}

/* kprobe_profile names the event without its group: the pid makes it ours. */
static void event_name(char *buf, size_t size, const char *what, size_t n)
{
	snprintf(buf, size, "ft%d_%s%zu", getpid(), what, n);
}

static struct probe_counts quiet_counts(struct inline_source *src, const struct session *s)
{
	return probe_counts__quiet(&src->probes, src->events, src->nr_events, s);
}

int inline__arm(struct inline_source *src, struct session *s, bool show, struct ft_error *err)
{
	uint64_t since = now_ns();
	struct text t = {};
	char event[64];
	size_t nr;
	int rc = watchdog__start(&src->watchdog, &src->probes, src->opts.exact, err);

	if (rc)
		return rc;
	event_name(event, sizeof(event), "sites", 0);
	if (!define_all(src, s, event, 0, show))
		return ft_fail(err, -ENOENT, FT_EXIT_CANNOT_TRACE,
			       "the kernel took none of %zu probes; the first was refused: %s",
			       src->nr_sites,
			       src->nr_sites ? strerror(-src->sites[0].error) : "none found");
	nr = src->nr_sites;
	rc = text__of_kernel(&t, &src->symbols) ? inline_source__scan_refused(src, &t, err) : 0;
	text__free(&t);
	if (!rc)
		rc = inline_source__each_module(src, inline_source__scan_refused, err);
	if (rc)
		return rc;
	define_all(src, s, event, nr, show);
	define_moved(src, s, event);
	src->startup.define_ns = now_ns() - since;
	since = now_ns();
	rc = attach_event(src, s, event, err);
	src->startup.arm_ns = now_ns() - since;
	if (!rc)
		src->start = quiet_counts(src, s);
	return rc;
}

static int add_window(struct inline_source *src, const char *name, size_t sites, uint64_t loaded_ns)
{
	struct inline_window *w = reallocarray(src->windows, src->nr_windows + 1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	src->windows = w;
	w += src->nr_windows++;
	snprintf(w->module, sizeof(w->module), "%s", name);
	w->sites = sites;
	w->loaded_ns = loaded_ns;
	w->armed_ns = now_ns();
	return 0;
}

static bool was_probed(const struct inline_source *src, const char *name)
{
	for (size_t i = 0; i < src->nr_sites; i++)
		if (is_of_module(src, src->sites[i].module, name))
			return true;
	return false;
}

/* Defines, and arms if they are new, the sites of a text from first on and its calls of helpers. */
static int probe_module(struct inline_source *src, struct session *s, struct text *t, bool again,
			struct ft_error *err)
{
	size_t first = src->nr_sites, calls;
	char event[64];
	int taken, rc = inline_source__scan(src, t, err);

	text__free(t);
	if (rc)
		return rc;
	event_name(event, sizeof(event), "module", src->nr_windows);
	taken = define_all(src, s, again ? NULL : event, first, false);
	calls = src->nr_sites;
	rc = inline_source__scan_refused(src, t, err);
	text__free(t);
	if (rc)
		return rc;
	taken += define_all(src, s, again ? NULL : event, calls, false);
	taken += define_moved(src, s, again ? NULL : event);
	return taken && !again ? attach_event(src, s, event, err) : 0;
}

int inline__module(struct inline_source *src, struct session *s, const char *name,
		   uint64_t loaded_ns, struct ft_error *err)
{
	struct symbols more;
	struct text t;
	bool again = was_probed(src, name);
	size_t first = src->nr_sites;
	int rc = symbols__read(&more, name, err);

	if (rc)
		return rc;
	symbols__forget(&src->symbols, name);
	rc = more.nr ? symbols__merge(&src->symbols, &more) : 0;
	symbols__free(&more);
	if (rc)
		return no_memory(err);
	if (inline_source__module(src, name, &t)) /* else it has gone already */
		rc = probe_module(src, s, &t, again, err);
	return rc ? rc : add_window(src, name, src->nr_sites - first, loaded_ns);
}

void inline__account(struct inline_source *src, const struct session *s,
		     struct probe_accounting *probe_accounting)
{
	struct probe_counts end = quiet_counts(src, s);
	uint64_t entered = end.entered - src->start.entered;

	probe_accounting->hits = end.hits - src->start.hits;
	probe_accounting->entered = entered;
	probe_accounting->recorded = end.recorded - src->start.recorded;
	probe_accounting->lost = end.lost - src->start.lost;
	probe_accounting->filtered = end.filtered - src->start.filtered;
	probe_accounting->false_sites = end.false_sites - src->start.false_sites;
	probe_accounting->stack_missed = end.stack_missed - src->start.stack_missed;
	probe_accounting->missed = end.missed - src->start.missed;
	/* hits read between entered and entered + slack of either balance */
	if (probe_accounting->hits + src->start.slack > entered)
		probe_accounting->missed += probe_accounting->hits + src->start.slack - entered;
	probe_accounting->exact = !end.slack && !src->start.slack;
}

void inline__disarm(struct inline_source *src)
{
	for (size_t i = 0; i < src->nr_events; i++) {
		probes__remove(&src->probes, src->events[i]);
		free(src->events[i]);
	}
	src->nr_events = 0;
	watchdog__stop(&src->watchdog);
}

void inline__close(struct inline_source *src)
{
	if (!src)
		return;
	inline__disarm(src);
	probes__close(&src->probes);
	symbols__free(&src->symbols);
	free(src->sites);
	free(src->events);
	free(src->windows);
	free(src);
}

const struct inline_site *inline__sites(const struct inline_source *src, size_t *nr)
{
	*nr = src->nr_sites;
	return src->sites;
}

const struct inline_window *inline__windows(const struct inline_source *src, size_t *nr)
{
	*nr = src->nr_windows;
	return src->windows;
}

const struct inline_startup *inline__startup(const struct inline_source *src)
{
	return &src->startup;
}

const char *inline__string(const struct inline_source *src, uint32_t at)
{
	return src->symbols.strings + at;
}

const struct symbols *inline__symbols(const struct inline_source *src)
{
	return &src->symbols;
}
