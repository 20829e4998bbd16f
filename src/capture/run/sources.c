// SPDX-License-Identifier: GPL-2.0
#include "capture/run/sources.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int unknown(const char *word, struct ft_error *err)
{
	return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
		       "--source %s: it is auto, boundary, page_ref, inline or page_ref,inline",
		       word);
}

static int open_inline(struct sources *src, const struct sources_options *o, const struct kernel *k,
		       struct ft_error *err)
{
	const struct inline_options io = { .glob = o->sites, .exact = !o->fast };

	return inline__open(&src->inlined, k, &io, err);
}

static int open_auto(struct sources *src, const struct sources_options *o, const struct kernel *k,
		     struct session_options *so)
{
	struct ft_error why = {};

	if (hook_set__has_page_ref(k->btf)) {
		so->page_ref = true;
		src->word = "page_ref";
	} else if (!open_inline(src, o, k, &why)) {
		so->inline_sites = true;
		src->word = "inline";
	} else {
		snprintf(src->lost, sizeof(src->lost), "%s", why.text);
	}
	return 0;
}

int sources__open(struct sources *src, const struct sources_options *o, const struct kernel *k,
		  struct session_options *so, struct ft_error *err)
{
	const char *word = o->word ? o->word : "auto";
	bool both = !strcmp(word, "page_ref,inline"), ref = both || !strcmp(word, "page_ref");
	bool inl = both || !strcmp(word, "inline");
	int rc = 0;

	memset(src, 0, sizeof(*src));
	src->word = "boundary";
	if (!strcmp(word, "auto")) {
		rc = open_auto(src, o, k, so);
	} else if (ref || inl) {
		src->word = both ? "page_ref,inline" : ref ? "page_ref" : "inline";
		so->page_ref = ref;
		so->inline_sites = inl;
		if (ref && !hook_set__has_page_ref(k->btf))
			rc = ft_fail(err, -EOPNOTSUPP, FT_EXIT_CANNOT_TRACE,
				     "--source %s: this kernel has no page_ref tracepoints "
				     "(CONFIG_DEBUG_PAGE_REF is off); use --source inline",
				     word);
		if (!rc && inl)
			rc = open_inline(src, o, k, err);
	} else if (strcmp(word, "boundary")) {
		rc = unknown(word, err);
	}
	return rc;
}

int sources__arm(struct sources *src, struct session *s, bool show, struct ft_error *err)
{
	return src->inlined ? inline__arm(src->inlined, s, show, err) : 0;
}

int sources__modules(struct sources *src, struct session *s, struct recorder *r,
		     struct ft_error *err)
{
	struct ft_wire_module m;
	int rc = 0;

	while (recorder__next_module(r, &m))
		if (src->inlined && !rc)
			rc = inline__module(src->inlined, s, m.name, m.t_ns, err);
	return rc;
}

void sources__account(struct sources *src, const struct session *s)
{
	if (src->inlined)
		inline__account(src->inlined, s, &src->probe_accounting);
}

void sources__disarm(struct sources *src)
{
	if (src->inlined)
		inline__disarm(src->inlined);
}

void sources__close(struct sources *src)
{
	inline__close(src->inlined);
	src->inlined = NULL;
}
