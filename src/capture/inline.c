// SPDX-License-Identifier: GPL-2.0
#include "capture/inline.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/balance.h"
#include "capture/guardian.h"
#include "capture/probes.h"
#include "capture/text.h"
#include "ctl.h"

struct inline_source {
	const struct kernel *kernel;
	struct inline_options opts;
	struct symbols symbols;
	struct probes probes;
	struct guardian guardian;
	struct inline_site *sites;
	size_t nr_sites;
	char **events; /* of the group */
	size_t nr_events;
	struct inline_window *windows;
	size_t nr_windows;
	struct balance start; /* right after arming */
	struct inline_startup startup;
};

/*
 * Helpers that the compiler may have kept out of line, and what they do. Where
 * such a copy is notrace the kernel refuses to probe it, and its callers are
 * probed instead. include/linux/mm.h, mm/gup.c, mm/filemap.c.
 */
static const struct {
	const char *name;
	enum ft_form form;
} helpers[] = {
	{ "folio_put", FT_FORM_CALL_PUT },     { "put_page", FT_FORM_CALL_PUT },
	{ "folio_get", FT_FORM_CALL_GET },     { "get_page", FT_FORM_CALL_GET },
	{ "try_get_folio", FT_FORM_CALL_TRY }, { "folio_wait_bit_common", FT_FORM_CALL_DROP },
};

#define NR_HELPERS (sizeof(helpers) / sizeof(helpers[0]))

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

static struct ft_finder finder_of(const struct inline_source *src, const struct text *t)
{
	return (struct ft_finder){ .refcount = src->kernel->refcount_offset,
				   .lru = src->kernel->lru_offset,
				   .deferred_list = src->kernel->deferred_offset,
				   .sizeof_page = src->kernel->sizeof_page,
				   .up = sysconf(_SC_NPROCESSORS_CONF) == 1,
				   .functions = t->functions,
				   .nr_functions = t->nr_functions };
}

/* Keeps what was found in t, with names that outlive it. */
static int keep_sites(struct inline_source *src, const struct text *t,
		      const struct ft_insn_site *found, size_t nr)
{
	struct inline_site *p = reallocarray(src->sites, src->nr_sites + nr + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	src->sites = p;
	for (size_t i = 0; i < nr; i++) {
		const struct symbol *sym = symbols__find(&src->symbols, found[i].address);

		if (!sym || sym->module != t->module)
			continue;
		if (src->opts.glob && fnmatch(src->opts.glob, symbols__name(&src->symbols, sym), 0))
			continue;
		p[src->nr_sites] = (struct inline_site){ .insn = found[i],
							 .id = FT_SITE_FIRST + src->nr_sites,
							 .start = sym->address,
							 .function = sym->name,
							 .module = sym->module };
		src->nr_sites++;
	}
	return 0;
}

static int scan_text(struct inline_source *src, struct text *t, struct ft_error *err)
{
	struct ft_insn_site *found = NULL;
	struct ft_finder f;
	size_t nr = 0;
	int rc = text__read(t, &src->symbols, err);

	if (rc)
		return rc;
	f = finder_of(src, t);
	rc = ft_finder__scan(&f, t->bytes, t->size, t->start, &found, &nr);
	if (!rc)
		rc = keep_sites(src, t, found, nr);
	free(found);
	return rc ? no_memory(err) : 0;
}

static bool seen_module(const uint32_t *seen, size_t nr, uint32_t module)
{
	for (size_t i = 0; i < nr; i++)
		if (seen[i] == module)
			return true;
	return false;
}

static int scan_modules(struct inline_source *src, struct ft_error *err)
{
	uint32_t seen[1024];
	size_t nr = 0;
	int rc = 0;

	for (size_t i = 0; i < src->symbols.nr && !rc; i++) {
		uint32_t m = src->symbols.by_address[i].module;
		struct text t;

		if (!m || nr == 1024 || seen_module(seen, nr, m))
			continue;
		seen[nr++] = m;
		if (!text__of_module(&t, &src->symbols, m))
			continue;
		rc = scan_text(src, &t, err);
		text__free(&t);
	}
	return rc;
}

static int scan_kernel(struct inline_source *src, struct ft_error *err)
{
	struct text t;
	int rc;

	if (!text__of_kernel(&t, &src->symbols))
		return ft_fail(err, -EPERM, FT_EXIT_CANNOT_TRACE,
			       "/proc/kallsyms hides addresses; set the sysctl "
			       "kernel.kptr_restrict to 0 or 1 while tracing");
	rc = scan_text(src, &t, err);
	text__free(&t);
	return rc;
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
	src->guardian.pid = src->guardian.pipe = -1;
	rc = probes__open(&src->probes, err);
	if (!rc) {
		probes__clean(&src->probes);
		guardian__clean();
		rc = symbols__read(&src->symbols, NULL, err);
	}
	if (!rc) {
		src->startup.kallsyms_ns = now_ns() - since;
		since = now_ns();
		rc = scan_kernel(src, err);
	}
	if (!rc)
		rc = scan_modules(src, err);
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

/* Probes sites[first..] as one event; the number that the kernel took. */
static int define_all(struct inline_source *src, struct session *s, const char *event, size_t first,
		      bool show)
{
	const struct symbol *base = NULL;
	int taken = 0;

	for (size_t i = first; i < src->nr_sites; i++) {
		struct inline_site *site = &src->sites[i];

		if (site->module && (!base || base->module != site->module))
			base = anchor(&src->symbols, site->module);
		site->error = define(src, event, site, base);
		if (!site->error)
			site->error = session__add_site(s, &site->insn, site->id);
		taken += !site->error;
		if (show && i % 64 == 0)
			fprintf(stderr, "\r\033[Kfolio-trace: defining probes, %zu of %zu", i,
				src->nr_sites);
	}
	if (show)
		fputs("\r\033[K", stderr);
	return taken;
}

/* The out-of-line helpers that the kernel refused to probe. */
static size_t refused_helpers(const struct inline_source *src, struct ft_helper *out)
{
	size_t n = 0;

	for (size_t i = 0; i < src->nr_sites; i++) {
		const struct inline_site *site = &src->sites[i];
		const char *name = inline__string(src, site->function);

		if (site->error != -EINVAL || (n && out[n - 1].address == site->start))
			continue;
		for (size_t k = 0; k < NR_HELPERS && n < 64; k++)
			if (!strcmp(name, helpers[k].name))
				out[n++] = (struct ft_helper){ site->start, helpers[k].form };
	}
	return n;
}

/* Adds the call sites of refused helpers in the kernel's text. */
static int scan_helper_calls(struct inline_source *src, struct ft_error *err)
{
	struct text t;
	struct ft_helper refused[64];
	size_t nr_refused = refused_helpers(src, refused), nr = 0, unreachable = 0;
	struct ft_insn_site *found = NULL;
	struct ft_finder f;
	int rc;

	if (!nr_refused || !text__of_kernel(&t, &src->symbols))
		return 0;
	rc = text__read(&t, &src->symbols, err);
	if (rc)
		return rc;
	f = finder_of(src, &t);
	rc = ft_finder__scan_calls(&f, t.bytes, t.size, t.start, refused, nr_refused, &found, &nr,
				   &unreachable);
	if (!rc)
		rc = keep_sites(src, &t, found, nr);
	free(found);
	text__free(&t);
	return rc ? no_memory(err) : 0;
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

static struct balance quiet_balance(struct inline_source *src, const struct session *s)
{
	return balance__quiet(&src->probes, src->events, src->nr_events, s);
}

int inline__arm(struct inline_source *src, struct session *s, bool show, struct ft_error *err)
{
	uint64_t since = now_ns();
	char event[64];
	size_t nr;
	int rc = guardian__start(&src->guardian, &src->probes, src->opts.exact, err);

	if (rc)
		return rc;
	event_name(event, sizeof(event), "sites", 0);
	if (!define_all(src, s, event, 0, show))
		return ft_fail(err, -ENOENT, FT_EXIT_CANNOT_TRACE,
			       "the kernel took none of %zu probes; the first was refused: %s",
			       src->nr_sites,
			       src->nr_sites ? strerror(-src->sites[0].error) : "none found");
	nr = src->nr_sites;
	rc = scan_helper_calls(src, err);
	if (rc)
		return rc;
	define_all(src, s, event, nr, show);
	src->startup.define_ns = now_ns() - since;
	since = now_ns();
	rc = attach_event(src, s, event, err);
	src->startup.arm_ns = now_ns() - since;
	if (!rc)
		src->start = quiet_balance(src, s);
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

int inline__module(struct inline_source *src, struct session *s, const char *name,
		   uint64_t loaded_ns, struct ft_error *err)
{
	struct symbols more;
	struct text t = {};
	size_t first = src->nr_sites;
	char event[64];
	int rc = symbols__read(&more, name, err);

	if (rc)
		return rc;
	rc = more.nr ? symbols__merge(&src->symbols, &more) : 0;
	symbols__free(&more);
	if (rc)
		return no_memory(err);
	for (size_t i = 0; i < src->symbols.nr; i++) {
		uint32_t m = src->symbols.by_address[i].module;

		if (!m || strcmp(src->symbols.strings + m, name) ||
		    !text__of_module(&t, &src->symbols, m))
			continue;
		rc = scan_text(src, &t, err);
		break;
	}
	text__free(&t);
	if (rc)
		return rc;
	event_name(event, sizeof(event), "module", src->nr_windows);
	if (define_all(src, s, event, first, false))
		rc = attach_event(src, s, event, err);
	return rc ? rc : add_window(src, name, src->nr_sites - first, loaded_ns);
}

void inline__books(struct inline_source *src, const struct session *s, struct inline_books *books)
{
	struct balance end = quiet_balance(src, s);
	uint64_t entered = end.entered - src->start.entered;

	books->hits = end.hits - src->start.hits;
	books->entered = entered;
	books->recorded = end.recorded - src->start.recorded;
	books->lost = end.lost - src->start.lost;
	books->filtered = end.filtered - src->start.filtered;
	books->false_sites = end.false_sites - src->start.false_sites;
	books->stack_missed = end.stack_missed - src->start.stack_missed;
	books->missed = end.missed - src->start.missed;
	/* hits read between entered and entered + slack of either balance */
	if (books->hits + src->start.slack > entered)
		books->missed += books->hits + src->start.slack - entered;
	books->exact = !end.slack && !src->start.slack;
}

void inline__disarm(struct inline_source *src)
{
	for (size_t i = 0; i < src->nr_events; i++) {
		probes__remove(&src->probes, src->events[i]);
		free(src->events[i]);
	}
	src->nr_events = 0;
	guardian__stop(&src->guardian);
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
