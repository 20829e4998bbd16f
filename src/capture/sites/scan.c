// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/kernel/util.h"

/*
 * Inline functions of which the compiler may have kept copies out of line, and what they do. Where
 * such a copy is notrace the kernel refuses to probe it, and its callers are probed instead.
 * include/linux/mm.h, mm/gup.c, mm/filemap.c.
 */
static const struct {
	const char *name;
	enum ft_form form;
} out_of_line[] = {
	{ "folio_put", FT_FORM_CALL_PUT },     { "put_page", FT_FORM_CALL_PUT },
	{ "folio_get", FT_FORM_CALL_GET },     { "get_page", FT_FORM_CALL_GET },
	{ "try_get_folio", FT_FORM_CALL_TRY }, { "folio_wait_bit_common", FT_FORM_CALL_DROP },
};

#define NR_OUT_OF_LINE (sizeof(out_of_line) / sizeof(out_of_line[0]))
#define MAX_REFUSED 64
#define MAX_MODULES 1024

/* Reads the text, unless it was read before. */
static int read_text(const struct site_table *t, struct text *text, struct ft_error *err)
{
	return text->bytes ? 0 : text__read(text, &t->symbols, err);
}

static struct ft_finder finder_of(const struct site_table *t, const struct text *text)
{
	return (struct ft_finder){ .refcount = t->kernel->refcount_offset,
				   .lru = t->kernel->lru_offset,
				   .deferred_list = t->kernel->deferred_offset,
				   .sizeof_page = t->kernel->sizeof_page,
				   .up = sysconf(_SC_NPROCESSORS_CONF) == 1,
				   .functions = text->functions,
				   .nr_functions = text->nr_functions };
}

int scan__text(struct site_table *t, struct text *text, struct ft_error *err)
{
	struct ft_insn_site *found = NULL;
	struct ft_finder f;
	size_t nr = 0;
	int rc = read_text(t, text, err);

	if (rc)
		return rc;
	f = finder_of(t, text);
	rc = ft_finder__scan(&f, text->bytes, text->size, text->start, &found, &nr);
	if (!rc)
		rc = site_table__add(t, text->module, found, nr);
	free(found);
	return rc ? out_of_memory(err) : 0;
}

/* Only what is probed behind its operation can be probed a little later. */
static bool may_be_key(const struct site *site, const struct text *text)
{
	return site->error == -EINVAL && site->module == text->module &&
	       site->insn.form == FT_FORM_CMPXCHG;
}

int scan__behind_keys(struct site_table *t, struct text *text, struct ft_error *err)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct site *site = &t->sites[i];
		struct ft_finder f;
		uint64_t behind;
		int rc;

		if (!may_be_key(site, text))
			continue;
		rc = read_text(t, text, err);
		if (rc)
			return rc;
		f = finder_of(t, text);
		behind = ft_finder__behind_key(&f, text->bytes, text->size, text->start,
					       site->insn.probe);
		if (!behind)
			continue;
		site->insn.probe = behind;
		site->state = SITE_FOUND;
		site->error = 0;
	}
	return 0;
}

/* The out-of-line copies in a text that the kernel refused to probe. */
static size_t refused_copies(const struct site_table *t, const struct text *text,
			     struct ft_out_of_line *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nr; i++) {
		const struct site *site = &t->sites[i];
		const char *name = site_table__string(t, site->function);

		if (site->error != -EINVAL || site->module != text->module ||
		    (n && out[n - 1].address == site->start))
			continue;
		for (size_t k = 0; k < NR_OUT_OF_LINE && n < MAX_REFUSED; k++)
			if (!strcmp(name, out_of_line[k].name))
				out[n++] =
					(struct ft_out_of_line){ site->start, out_of_line[k].form };
	}
	return n;
}

int scan__calls(struct site_table *t, struct text *text, struct ft_error *err)
{
	struct ft_out_of_line refused[MAX_REFUSED];
	size_t nr_refused = refused_copies(t, text, refused), nr = 0, unreachable = 0;
	struct ft_insn_site *found = NULL;
	struct ft_finder f;
	int rc;

	if (!nr_refused)
		return 0;
	rc = read_text(t, text, err);
	if (rc)
		return rc;
	f = finder_of(t, text);
	rc = ft_finder__scan_calls(&f, text->bytes, text->size, text->start, refused, nr_refused,
				   &found, &nr, &unreachable);
	if (!rc)
		rc = site_table__add(t, text->module, found, nr);
	free(found);
	return rc ? out_of_memory(err) : 0;
}

static int around_refused(struct site_table *t, struct text *text, struct ft_error *err)
{
	int rc = scan__behind_keys(t, text, err);

	return rc ? rc : scan__calls(t, text, err);
}

typedef int (*scan_fn)(struct site_table *t, struct text *text, struct ft_error *err);

static bool seen_module(const uint32_t *seen, size_t nr, uint32_t module)
{
	for (size_t i = 0; i < nr; i++)
		if (seen[i] == module)
			return true;
	return false;
}

static int each_module(struct site_table *t, scan_fn scan, struct ft_error *err)
{
	uint32_t seen[MAX_MODULES];
	size_t nr = 0;
	int rc = 0;

	for (size_t i = 0; i < t->symbols.nr && !rc; i++) {
		uint32_t m = t->symbols.by_address[i].module;
		struct text text;

		if (!m || nr == MAX_MODULES || seen_module(seen, nr, m))
			continue;
		seen[nr++] = m;
		if (!text__of_module(&text, &t->symbols, m))
			continue;
		rc = scan(t, &text, err);
		text__free(&text);
	}
	return rc;
}

static int each_text(struct site_table *t, scan_fn scan, struct ft_error *err)
{
	struct text text;
	int rc;

	if (!text__of_kernel(&text, &t->symbols))
		return ft_fail(err, -EPERM, FT_EXIT_CANNOT_TRACE,
			       "/proc/kallsyms hides addresses; set the sysctl "
			       "kernel.kptr_restrict to 0 or 1 while tracing");
	rc = scan(t, &text, err);
	text__free(&text);
	return rc ? rc : each_module(t, scan, err);
}

int scan__all(struct site_table *t, struct ft_error *err)
{
	return each_text(t, scan__text, err);
}

int scan__around_refused(struct site_table *t, struct ft_error *err)
{
	return each_text(t, around_refused, err);
}

bool scan__find_module(const struct site_table *t, const char *name, struct text *text)
{
	for (size_t i = 0; i < t->symbols.nr; i++) {
		uint32_t m = t->symbols.by_address[i].module;

		if (m && !strcmp(t->symbols.strings + m, name))
			return text__of_module(text, &t->symbols, m);
	}
	return false;
}
