// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/scene.h"

static const char *const functions[SCENE_SITES] = {
	[AT_GET] = "get_it",
	[AT_PUT] = "put_it",
	[AT_LOOKUP] = "filemap_get_entry",
	[AT_PIPE] = "vmsplice_to_pipe",
	[AT_ISOLATE] = "folio_isolate_lru",
	[AT_BATCH] = "__folio_batch_add_and_move",
	[AT_DRAIN] = "folio_batch_move_lru",
	[AT_GUP] = "try_grab_folio_fast",
	[AT_UNPIN] = "gup_put_folio",
	[AT_BIO] = "bio_iov_add_page",
	[AT_RING] = "io_pin_pages",
	[AT_SOCKET] = "skb_splice_from_iter",
	[AT_COLLECT] = "migrate_vma_collect_pmd",
	[AT_FAULT] = "filemap_fault",
	[AT_MAP] = "map_it",
	[AT_UNMAP] = "unmap_it",
	[AT_CACHE] = "cache_it",
	[AT_RELEASE] = "generic_pipe_buf_release",
	[AT_BIO_END] = "__bio_release_pages",
};

const struct ft_search searched_whole = {
	.processes = 7,
	.page_tables = true,
	.page_tables_whole = true,
	.pipes = 3,
	.pipes_whole = true,
	.files_whole = true,
};
const struct ft_search searched_nothing = { 0 };
const struct ft_search searched_busy = {
	.processes = 7,
	.page_tables = true,
	.pipes = 3,
	.sockets = 2,
	.rings = 1,
	.files_whole = true,
};

static void add_sites(struct capture_builder *m)
{
	char text[2048];
	size_t at = 0;
	int i;

	for (i = 1; i < SCENE_SITES; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%s{\"id\": %d, \"function\": \"%s\", \"offset\": 4}",
				       i > 1 ? ", " : "{\"sites\": [", i, functions[i]);
	snprintf(text + at, sizeof(text) - at, "]}");
	capture__symbols(m, text);
}

#define WAYS 64 /* by which an operation is called */

static void add_frames(struct capture_builder *m)
{
	char text[16384];
	size_t at = 0;
	int i;

	for (i = 1; i < SCENE_SITES; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%s{\"address\": %d, \"function\": \"%s\", \"offset\": 5}",
				       i > 1 ? ", " : "{\"frames\": [", 4096 + 16 * i,
				       functions[i]);
	for (i = 0; i < WAYS; i++)
		at += (size_t)snprintf(
			text + at, sizeof(text) - at,
			", {\"address\": %d, \"function\": \"way_%d\", \"offset\": 5}",
			65536 + 16 * i, i);
	snprintf(text + at, sizeof(text) - at,
		 ", {\"address\": 131072, \"function\": \"entry\", \"offset\": 5}]}");
	capture__symbols(m, text);
}

void scene__init(struct scene *s, const char *source)
{
	*s = (struct scene){ .capture = capture__new(),
			     .folio = capture__small(1, 1),
			     .pause_ns = 1000000000 };
	s->capture->source = source;
	capture__task(s->capture, FT_TASK_NEW, COMMAND, "command");
	capture__task(s->capture, FT_TASK_NEW, SECOND, "second");
	capture__task(s->capture, FT_TASK_SEEN, OUTSIDER, "outsider");
	capture__task(s->capture, FT_TASK_SEEN, OUTSIDER_2, "outsider_2");
	capture__task(s->capture, FT_TASK_SEEN, KWORKER, "kworker/0:1");
	capture__task(s->capture, FT_TASK_SEEN, KWORKER_2, "kworker/1:1");
	scene__as(s, COMMAND);
}

void scene__as(struct scene *s, uint32_t pid)
{
	s->capture->pid = s->capture->tgid = pid;
	s->capture->entry_seq = pid >= KWORKER ? 1 : ++s->calls; /* it never leaves the kernel */
}

void scene__born(struct scene *s)
{
	struct fixture *a = &s->folio;

	capture__at(s->capture, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(s->capture, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

void scene__born_huge(struct scene *s)
{
	s->folio = capture__large(1, 512);
	scene__born(s);
}

void scene__born_cached(struct scene *s)
{
	s->folio.flags = PAGE_OF_FILE;
	capture__at(s->capture, &s->folio, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0);
	scene__op(s, AT_CACHE, 1);
	scene__op(s, AT_PUT, -1);
}

void scene__adopt(struct scene *s, int site, int refcount, int mapcount)
{
	s->folio.flags = PAGE_OF_FILE;
	capture__adopt(s->capture, &s->folio, (uint32_t)site, refcount, mapcount);
}

/* The site, the function of the way that called it, the entry into the kernel. */
static uint32_t stack_of(const struct scene *s, int site)
{
	uint32_t id = 1 + (uint32_t)site + SCENE_SITES * (s->way % WAYS);
	const uint64_t frames[] = { 4096 + 16 * (uint64_t)site, 65536 + 16 * (s->way % WAYS),
				    131072 };

	capture__stack(s->capture, id, frames, 3);
	return id;
}

void scene__op(struct scene *s, int site, int delta)
{
	unsigned int op = delta == 1  ? FT_OP_GET :
			  delta == -1 ? FT_OP_PUT :
			  delta > 0   ? FT_OP_ADD :
					FT_OP_SUB;

	capture__op_of(s->capture, &s->folio, op, FT_SRC_INLINE, (uint32_t)site, delta,
		       stack_of(s, site));
}

void scene__map(struct scene *s)
{
	struct fixture *a = &s->folio;

	scene__op(s, AT_MAP, 1);
	capture__at(s->capture, a, FT_OP_RETURN, FT_HOOK_folio_add_anon_rmap_ptes, a->refcount,
		    a->mapcount + 1);
}

void scene__unmap(struct scene *s)
{
	struct fixture *a = &s->folio;

	capture__at(s->capture, a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, a->refcount,
		    a->mapcount - 1);
	scene__op(s, AT_UNMAP, -1);
}

void scene__pin(struct scene *s, int n)
{
	bool large = s->folio.flags & FT_PF_LARGE;

	for (; n; n--) {
		scene__op(s, AT_GUP, large ? 1 : FT_PIN_BIAS);
		s->folio.pincount += large;
	}
}

void scene__unpin(struct scene *s, int n)
{
	bool large = s->folio.flags & FT_PF_LARGE;

	for (; n; n--) {
		s->folio.pincount -= large;
		scene__op(s, AT_UNPIN, large ? -1 : -FT_PIN_BIAS);
	}
}

void scene__rest(struct scene *s)
{
	s->capture->now += s->pause_ns;
	capture__rest(s->capture, &s->folio, 2, s->folio.refcount, s->folio.mapcount);
}

/* META comes last in time, as a scene says in its course what the run was like. */
struct ft_run *scene__end(struct scene *s)
{
	struct capture_builder *m = s->capture;
	struct ft_run *run;

	capture__meta(m);
	capture__flush(m);
	add_sites(m);
	add_frames(m);
	capture__end(m);
	run = capture__load(m, !s->forgets);
	capture__free(m);
	return run;
}

static unsigned int wrong;

#define WRONG(row, ...)                                                                            \
	do {                                                                                       \
		print_error("%s: ", (row)->what);                                                  \
		print_error(__VA_ARGS__);                                                          \
		print_error("\n");                                                                 \
		wrong++;                                                                           \
	} while (0)

/* However it is judged, its owners have the counts that it has. */
static void check_units(const struct scene_row *row, const struct ft_run *run,
			const struct ft_folio *folio)
{
	struct ft_units sum = { 0 };
	struct ft_owner *list;
	size_t nr, i;

	assert_int_equal(ft_folio__owners(run, folio, &list, &nr), 0);
	for (i = 0; i < nr; i++) {
		sum.references += list[i].units.references;
		sum.mappings += list[i].units.mappings;
	}
	if (nr && folio->reason.code != FT_REASON_ROBBED &&
	    (sum.references != folio->final.refcount || sum.mappings != folio->final.mapcount))
		WRONG(row, "its owners have %d references and %d mappings", (int)sum.references,
		      (int)sum.mappings);
}

static void check_lost(const struct scene_row *row, const struct ft_folio *folio)
{
	const struct ft_lost *lost = folio->lost;

	if (row->lost >= 0 && folio->nr_lost != (size_t)row->lost)
		WRONG(row, "%zu named, not %d", folio->nr_lost, row->lost);
	if (!row->site)
		return;
	if (!folio->nr_lost || !lost->site || strcmp(lost->site->function, functions[row->site]))
		WRONG(row, "%s is named, not %s",
		      folio->nr_lost && lost->site ? lost->site->function : "nothing",
		      functions[row->site]);
	else if (lost->class != row->class)
		WRONG(row, "of class %s, not %s", ft_owner_class__name(lost->class),
		      ft_owner_class__name(row->class));
}

static void check_verdict(const struct scene_row *row, const struct ft_folio *folio)
{
	const struct ft_reason *is = &folio->reason, *right = &row->because;

	if (folio->verdict != row->verdict || is->code != right->code)
		WRONG(row, "%s (%s), not %s (%s)", ft_verdict__name(folio->verdict),
		      reason_word(is), ft_verdict__name(row->verdict), reason_word(right));
	else if (memcmp(is->n, right->n, sizeof(right->n)))
		WRONG(row, "%d, %d, %d, not %d, %d, %d", (int)is->n[0], (int)is->n[1],
		      (int)is->n[2], (int)right->n[0], (int)right->n[1], (int)right->n[2]);
}

static void check(const struct scene_row *row)
{
	const struct ft_folio *folio;
	struct ft_run *run;
	struct scene s;

	scene__init(&s, row->source ? row->source : "inline");
	s.capture->search = row->search;
	row->play(&s);
	scene__rest(&s);
	run = scene__end(&s);
	folio = folio_of(run, 1);
	assert_non_null(folio);
	check_verdict(row, folio);
	check_lost(row, folio);
	check_units(row, run, folio);
	ft_run__free(run);
}

void scene__check(const struct scene_row *rows, size_t nr)
{
	size_t i;

	wrong = 0;
	for (i = 0; i < nr; i++)
		check(&rows[i]);
	assert_int_equal(wrong, 0);
}
