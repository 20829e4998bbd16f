// SPDX-License-Identifier: GPL-2.0
/* The SYMBOLS frames: inline sites and the places that stood in stacks. */
#include <stdlib.h>

#include "core/format/meta.h"
#include "core/format/meta_reader.h"

/* Written once after arming and again at the end: the later row replaces. */
static void read_site(struct reader *r, json_t *o)
{
	struct ft_site *s = reader__alloc(r, 1, sizeof(*s));

	if (!s)
		return;
	s->id = (uint32_t)reader__count(r, o, "id", UINT32_MAX);
	s->function = reader__name(r, o, "function");
	s->offset = reader__count(r, o, "offset", INT64_MAX);
	s->module = reader__name_or_null(r, o, "module");
	s->address = (uint64_t)reader__number(r, reader__find(o, "address"), "address");
	s->why = reader__name_or_null(r, o, "refused");
	s->attached = !s->why;
	s->inlined = true;
	reader__add_site(r, s, "sites");
}

static void read_frame(struct reader *r, json_t *o)
{
	struct ft_frame_name *f = reader__alloc(r, 1, sizeof(*f));

	if (!f)
		return;
	f->address = (uint64_t)reader__integer(r, o, "address");
	f->function = reader__name(r, o, "function");
	f->offset = reader__count(r, o, "offset", INT64_MAX);
	f->module = reader__name_or_null(r, o, "module");
	if (!r->code && ft_stacks__name(r->meta->stacks, f))
		reader__out_of_memory(r);
}

static int by_address(const void *a, const void *b)
{
	const struct ft_operations *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void read_operations(struct reader *r, json_t *o)
{
	struct ft_run *run = r->meta->run;
	struct ft_operations *to = &run->operations[run->nr_operations];

	to->address = (uint64_t)reader__integer(r, o, "address");
	to->name = reader__name(r, o, "name");
	to->module = reader__name_or_null(r, o, "module");
	run->nr_operations += to->name != NULL;
}

/* Once, at the end of a capture. */
static void read_all_operations(struct reader *r, json_t *rows)
{
	struct ft_run *run = r->meta->run;

	if (!rows || !json_array_size(rows))
		return;
	run->operations = reader__alloc(r, json_array_size(rows), sizeof(*run->operations));
	run->nr_operations = 0;
	if (!run->operations)
		return;
	reader__rows(r, rows, "operations", read_operations);
	qsort(run->operations, run->nr_operations, sizeof(*run->operations), by_address);
}

static void read_build(struct reader *r, json_t *o)
{
	struct ft_run *run = r->meta->run;
	struct ft_build *b = reader__alloc(r, 1, sizeof(*b));

	if (!b)
		return;
	b->module = reader__name(r, o, "module");
	b->build_id = reader__string(r, o, "build_id");
	b->next = run->builds;
	run->builds = b;
}

int ft_meta__read_symbols(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err)
{
	struct reader r = { .meta = meta, .frame = "SYMBOLS", .err = err };
	json_t *root = reader__parse(&r, frame), *stext;

	if (!r.code)
		reader__rows(&r, reader__find(root, "sites"), "sites", read_site);
	if (!r.code)
		reader__rows(&r, reader__find(root, "frames"), "frames", read_frame);
	if (!r.code)
		reader__rows(&r, reader__find(root, "modules"), "modules", read_build);
	if (!r.code)
		read_all_operations(&r, reader__find(root, "operations"));
	stext = r.code ? NULL : reader__find(root, "stext");
	if (stext)
		meta->run->stext = (uint64_t)reader__number(&r, stext, "stext");
	json_decref(root);
	return r.code;
}
