// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/arm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A module's place is named by one of its symbols whose name no other of them has. */
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

static int define(const struct symbols *s, const struct probes *p, const char *event,
		  const struct site *site, const struct symbol *base)
{
	char where[256];
	int n;

	if (!site->module)
		n = snprintf(where, sizeof(where), "_stext+0x%llx",
			     (unsigned long long)(site->insn.probe - s->stext));
	else if (base && site->insn.probe >= base->address)
		n = snprintf(where, sizeof(where), "%s:%s+0x%llx", symbols__module(s, base),
			     symbols__name(s, base),
			     (unsigned long long)(site->insn.probe - base->address));
	else
		return -ENOENT;
	if (n >= (int)sizeof(where))
		return -ENAMETOOLONG;
	return probes__define(p, event, where);
}

static void set_state(struct site *site, enum site_state done, int error)
{
	if (error)
		site_table__refuse(site, error);
	else
		site->state = done;
}

int arm__sites(struct site_table *t, const struct probes *p, struct session *s, const char *event,
	       bool show)
{
	const struct symbol *base = NULL;
	int taken = 0;

	for (size_t i = 0; i < t->nr; i++) {
		struct site *site = &t->sites[i];

		if (site->state == SITE_FOUND) {
			if (site->module && (!base || base->module != site->module))
				base = anchor(&t->symbols, site->module);
			set_state(site, SITE_DEFINED, define(&t->symbols, p, event, site, base));
		}
		if (site->state == SITE_DEFINED) {
			set_state(site, SITE_PROBED, session__add_site(s, &site->insn, site->id));
			taken += site->state == SITE_PROBED;
		}
		if (show && i % 64 == 0)
			fprintf(stderr, "\r\033[Kfolio-trace: defining probes, %zu of %zu", i,
				t->nr);
	}
	if (show)
		fputs("\r\033[K", stderr);
	return taken;
}

/* The site of the same module, function and offset among the first ones, or NULL. */
static const struct site *find_earlier(const struct site_table *t, size_t first,
				       const struct site *site)
{
	const char *module = site_table__string(t, site->module);
	const char *function = site_table__string(t, site->function);

	for (size_t i = 0; i < first; i++) {
		const struct site *s = &t->sites[i];

		if (s->module && !strcmp(site_table__string(t, s->module), module) &&
		    s->insn.form == site->insn.form &&
		    s->insn.address - s->start == site->insn.address - site->start &&
		    !strcmp(site_table__string(t, s->function), function))
			return s;
	}
	return NULL;
}

void arm__recall(struct site_table *t, size_t first)
{
	for (size_t i = first; i < t->nr; i++) {
		struct site *site = &t->sites[i];
		const struct site *earlier = find_earlier(t, first, site);

		if (earlier)
			site->insn.probe = earlier->insn.probe - earlier->start + site->start;
		set_state(site, SITE_DEFINED, earlier ? earlier->error : -ENOENT);
	}
}
