// SPDX-License-Identifier: GPL-2.0
/* The SYMBOLS frames: names of sites and stack frames as they were while tracing. */
#include "capture/record/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "capture/kernel/build_id.h"
#include "capture/sites/inline_source.h"

/* Behind a module's last function only the rest of its page is its own: trampolines, which
 * have pages of their own, would have its name. */
static bool lies_in(const struct symbols *s, const struct symbol *sym, uint64_t address)
{
	const struct symbol *next = sym + 1;
	bool last = next == s->by_address + s->nr || next->module != sym->module;

	return !sym->module || !last || address <= (sym->address | 4095);
}

static json_t *place(const struct symbols *s, uint64_t address)
{
	const struct symbol *sym = symbols__find(s, address);
	json_t *row;

	/* the kernel's text ends at etext: beyond lie modules, and our trampolines */
	if (!sym || (!sym->module && address >= s->etext) || !lies_in(s, sym, address))
		return NULL;
	row = json_pack("{s:I, s:s, s:I}", "address", (json_int_t)address, "function",
			symbols__name(s, sym), "offset", (json_int_t)(address - sym->address));
	if (sym->module)
		json_object_set_new(row, "module", json_string(symbols__module(s, sym)));
	return row;
}

/* Why the kernel refused to probe a site, in its own terms. */
static const char *refusal(int error)
{
	switch (-error) {
	case EINVAL:
		return "notrace function";
	case EILSEQ:
		return "not an instruction boundary";
	case EEXIST:
		return "probed already";
	}
	return strerror(-error);
}

static json_t *site_json(const struct site_table *t, const struct site *site)
{
	json_t *row = json_pack("{s:I, s:s, s:I, s:I}", "id", (json_int_t)site->id, "function",
				site_table__string(t, site->function), "offset",
				(json_int_t)(site->insn.address - site->start), "address",
				(json_int_t)site->insn.address);

	if (site->module)
		json_object_set_new(row, "module",
				    json_string(site_table__string(t, site->module)));
	if (site->state == SITE_REFUSED)
		json_object_set_new(row, "refused", json_string(refusal(site->error)));
	return row;
}

int recorder__sites(struct recorder *r, const struct inline_source *src, struct ft_error *err)
{
	json_t *sites = json_array();
	const struct site_table *t = inline__table(src);

	for (size_t i = 0; i < t->nr; i++)
		if (t->sites[i].error != -EILSEQ) /* bytes inside another instruction: no site */
			json_array_append_new(sites, site_json(t, &t->sites[i]));
	return recorder__json(r, FT_FRAME_SYMBOLS, json_pack("{s:o}", "sites", sites), err);
}

/* Debug files are found and checked by build ids. Modules without notes have none. */
static json_t *modules_json(void)
{
	static const char dir[] = "/sys/module";
	json_t *modules = json_array();
	DIR *all = opendir(dir);
	struct dirent *d;

	while (all && (d = readdir(all))) {
		char path[sizeof(dir) + sizeof(d->d_name) + 32], id[BUILD_ID_LEN];

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/notes/.note.gnu.build-id", dir, d->d_name);
		if (build_id__read(path, id))
			json_array_append_new(modules, json_pack("{s:s, s:s}", "module", d->d_name,
								 "build_id", id));
	}
	if (all)
		closedir(all);
	return modules;
}

static json_t *operations_json(const struct recorder *r, const struct symbols *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->operations.index.nr; i++) {
		uint64_t address = r->operations.list[i];
		const struct symbol *sym = symbols__operations(s, address);
		json_t *row;

		if (!sym)
			continue;
		row = json_pack("{s:I, s:s}", "address", (json_int_t)address, "name",
				symbols__name(s, sym));
		if (sym->module)
			json_object_set_new(row, "module", json_string(symbols__module(s, sym)));
		json_array_append_new(list, row);
	}
	return list;
}

static int write_frames(struct recorder *r, const struct symbols *s, struct ft_error *err)
{
	json_t *frames = json_array();

	for (size_t i = 0; i < r->frames.index.nr; i++) {
		json_t *row = place(s, r->frames.list[i]);

		if (row)
			json_array_append_new(frames, row);
	}
	return recorder__json(r, FT_FRAME_SYMBOLS,
			      json_pack("{s:o, s:I, s:o, s:o}", "frames", frames, "stext",
					(json_int_t)s->stext, "modules", modules_json(),
					"operations", operations_json(r, s)),
			      err);
}

int recorder__frames(struct recorder *r, const struct symbols *s, bool need_operations,
		     struct ft_error *err)
{
	struct symbols own;
	int rc;

	need_operations = need_operations && r->operations.index.nr;
	if (s || (!r->frames.index.nr && !need_operations))
		return s ? write_frames(r, s, err) : 0;
	rc = symbols__read(&own, NULL, err);
	if (rc)
		return rc;
	rc = write_frames(r, &own, err);
	symbols__free(&own);
	return rc;
}
