// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/inline_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/kernel/util.h"
#include "capture/sites/arm.h"
#include "capture/sites/probe_accounting.h"
#include "capture/sites/probes.h"
#include "capture/sites/scan.h"
#include "capture/sites/watchdog.h"

struct inline_source {
	struct inline_options opts;
	struct site_table table;
	struct probes probes;
	struct watchdog watchdog;
	char **events; /* of the group */
	size_t nr_events;
	struct inline_window *windows;
	size_t nr_windows;
	struct probe_counts start; /* right after arming */
	struct inline_startup startup;
};

int inline__open(struct inline_source **out, const struct kernel *k,
		 const struct inline_options *opts, struct ft_error *err)
{
	struct inline_source *src = calloc(1, sizeof(*src));
	uint64_t since = now_ns();
	int rc;

	*out = NULL;
	if (!src)
		return out_of_memory(err);
	src->opts = *opts;
	src->table.kernel = k;
	src->table.glob = opts->glob;
	src->probes.fd = src->probes.profile_fd = -1;
	src->watchdog.pid = src->watchdog.pipe = -1;
	rc = probes__open(&src->probes, err);
	if (!rc) {
		probes__clean(&src->probes);
		watchdog__clean();
		rc = symbols__read(&src->table.symbols, NULL, err);
	}
	if (!rc) {
		src->startup.kallsyms_ns = now_ns() - since;
		since = now_ns();
		rc = scan__all(&src->table, err);
	}
	if (rc) {
		inline__close(src);
		return rc;
	}
	src->startup.scan_ns = now_ns() - since;
	*out = src;
	return 0;
}

static int attach_event(struct inline_source *src, struct session *s, const char *event,
			struct ft_error *err)
{
	char **p = reallocarray(src->events, src->nr_events + 1, sizeof(*p));
	int id, rc;

	if (!p || !(p[src->nr_events] = strdup(event)))
		return out_of_memory(err);
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
	struct site_table *t = &src->table;
	uint64_t since = now_ns();
	char event[64];
	int rc = watchdog__start(&src->watchdog, &src->probes, src->opts.exact, err);

	if (rc)
		return rc;
	event_name(event, sizeof(event), "sites", 0);
	if (!arm__sites(t, &src->probes, s, event, show))
		return ft_fail(err, -ENOENT, FT_EXIT_CANNOT_TRACE,
			       "the kernel took none of %zu probes; the first was refused: %s",
			       t->nr, t->nr ? strerror(-t->sites[0].error) : "none found");
	rc = scan__around_refused(t, err);
	if (rc)
		return rc;
	arm__sites(t, &src->probes, s, event, show);
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

static bool was_probed(const struct site_table *t, const char *module)
{
	for (size_t i = 0; i < t->nr; i++)
		if (t->sites[i].module &&
		    !strcmp(site_table__string(t, t->sites[i].module), module))
			return true;
	return false;
}

/* The sites of a module that came while tracing. */
static int probe_new(struct inline_source *src, struct session *s, struct text *text,
		     struct ft_error *err)
{
	struct site_table *t = &src->table;
	char event[64];
	int taken, rc = scan__text(t, text, err);

	if (rc)
		return rc;
	event_name(event, sizeof(event), "module", src->nr_windows);
	taken = arm__sites(t, &src->probes, s, event, false);
	rc = scan__behind_keys(t, text, err);
	if (!rc)
		rc = scan__calls(t, text, err);
	if (rc)
		return rc;
	taken += arm__sites(t, &src->probes, s, event, false);
	return taken ? attach_event(src, s, event, err) : 0;
}

/* ... and was there before: its probes belong to the event of the first time. */
static int probe_again(struct inline_source *src, struct session *s, struct text *text,
		       struct ft_error *err)
{
	struct site_table *t = &src->table;
	size_t first = t->nr;
	int rc = scan__text(t, text, err);

	if (rc)
		return rc;
	arm__recall(t, first);
	first = t->nr;
	rc = scan__calls(t, text, err);
	if (rc)
		return rc;
	arm__recall(t, first);
	arm__sites(t, &src->probes, s, NULL, false);
	return 0;
}

int inline__module(struct inline_source *src, struct session *s, const char *name,
		   uint64_t loaded_ns, struct ft_error *err)
{
	struct site_table *t = &src->table;
	struct symbols more;
	struct text text;
	bool again = was_probed(t, name);
	size_t first = t->nr;
	int rc = symbols__read(&more, name, err);

	if (rc)
		return rc;
	symbols__forget(&t->symbols, name);
	rc = more.nr ? symbols__merge(&t->symbols, &more) : 0;
	symbols__free(&more);
	if (rc)
		return out_of_memory(err);
	if (scan__find_module(t, name, &text)) { /* else it has gone already */
		rc = again ? probe_again(src, s, &text, err) : probe_new(src, s, &text, err);
		text__free(&text);
	}
	return rc ? rc : add_window(src, name, t->nr - first, loaded_ns);
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
	/* each reading of hits may be up to slack too high: assume the worst */
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
	site_table__free(&src->table);
	free(src->events);
	free(src->windows);
	free(src);
}

const struct site_table *inline__table(const struct inline_source *src)
{
	return &src->table;
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
