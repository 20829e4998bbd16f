// SPDX-License-Identifier: GPL-2.0
/* Finds the sites of a text, and keeps them with names that outlive it. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/sites/inline_source.h"
#include "ctl.h"

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
#define MAX_REFUSED 64

static int no_memory(struct ft_error *err)
{
	return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
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

int inline_source__scan(struct inline_source *src, struct text *t, struct ft_error *err)
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

int inline_source__each_module(struct inline_source *src, scan_fn scan, struct ft_error *err)
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
		rc = scan(src, &t, err);
		text__free(&t);
	}
	return rc;
}

int inline_source__scan_kernel(struct inline_source *src, struct ft_error *err)
{
	struct text t;
	int rc;

	if (!text__of_kernel(&t, &src->symbols))
		return ft_fail(err, -EPERM, FT_EXIT_CANNOT_TRACE,
			       "/proc/kallsyms hides addresses; set the sysctl "
			       "kernel.kptr_restrict to 0 or 1 while tracing");
	rc = inline_source__scan(src, &t, err);
	text__free(&t);
	return rc;
}

/* The out-of-line helpers in a text that the kernel refused to probe. */
static size_t refused_helpers(const struct inline_source *src, const struct text *t,
			      struct ft_helper *out)
{
	size_t n = 0;

	for (size_t i = 0; i < src->nr_sites; i++) {
		const struct inline_site *site = &src->sites[i];
		const char *name = inline__string(src, site->function);

		if (site->error != -EINVAL || site->module != t->module ||
		    (n && out[n - 1].address == site->start))
			continue;
		for (size_t k = 0; k < NR_HELPERS && n < MAX_REFUSED; k++)
			if (!strcmp(name, helpers[k].name))
				out[n++] = (struct ft_helper){ site->start, helpers[k].form };
	}
	return n;
}

/* Only what is probed behind its operation can be probed a little later. */
static bool may_be_key(const struct inline_site *site, const struct text *t)
{
	return site->error == -EINVAL && site->module == t->module &&
	       site->insn.form == FT_FORM_CMPXCHG;
}

/* Moves refused sites in front of a static key behind it. */
static int scan_keys(struct inline_source *src, struct text *t, struct ft_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < src->nr_sites; i++) {
		struct inline_site *site = &src->sites[i];
		struct ft_finder f;
		uint64_t behind;

		if (!may_be_key(site, t))
			continue;
		if (!t->bytes)
			rc = text__read(t, &src->symbols, err);
		if (rc)
			return rc;
		f = finder_of(src, t);
		behind = ft_finder__behind_key(&f, t->bytes, t->size, t->start, site->insn.probe);
		if (behind) {
			site->insn.probe = behind;
			site->error = -EAGAIN;
		}
	}
	return 0;
}

/* Adds the call sites of refused helpers in a text: each has its own copies of them. */
static int scan_calls(struct inline_source *src, struct text *t, struct ft_error *err)
{
	struct ft_helper refused[MAX_REFUSED];
	size_t nr_refused = refused_helpers(src, t, refused), nr = 0, unreachable = 0;
	struct ft_insn_site *found = NULL;
	struct ft_finder f;
	int rc;

	if (!nr_refused)
		return 0;
	rc = t->bytes ? 0 : text__read(t, &src->symbols, err);
	if (rc)
		return rc;
	f = finder_of(src, t);
	rc = ft_finder__scan_calls(&f, t->bytes, t->size, t->start, refused, nr_refused, &found,
				   &nr, &unreachable);
	if (!rc)
		rc = keep_sites(src, t, found, nr);
	free(found);
	return rc ? no_memory(err) : 0;
}

int inline_source__scan_refused(struct inline_source *src, struct text *t, struct ft_error *err)
{
	int rc = scan_keys(src, t, err);

	return rc ? rc : scan_calls(src, t, err);
}

bool inline_source__module(const struct inline_source *src, const char *name, struct text *t)
{
	for (size_t i = 0; i < src->symbols.nr; i++) {
		uint32_t m = src->symbols.by_address[i].module;

		if (m && !strcmp(src->symbols.strings + m, name))
			return text__of_module(t, &src->symbols, m);
	}
	return false;
}
