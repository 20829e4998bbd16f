// SPDX-License-Identifier: GPL-2.0
/*
 * extract CAPTURE > NAME.folios: the folio lifetimes of a capture as measure.c reads them
 * (format: tests/unit/support/lifetimes.h), with the operations and holders that the core
 * reads for the attribution.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/attributor.h"

/* Lifetimes that differ only in times and tasks. */
struct kind {
	char *key; /* its text without times */
	const struct ft_folio *folio;
	uint64_t folios;
};

/* Numbers tasks and calls in the order in which they come. */
#define NUMBERS 512
struct numbers {
	uint64_t seen[NUMBERS];
	uint32_t nr;
};

static struct ft_attributor attributor;
static struct kind **kinds;
static size_t nr_kinds;

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "extract: out of memory\n");
		exit(2);
	}
	return p;
}

static uint32_t number_of(struct numbers *n, uint64_t what)
{
	uint32_t i;

	for (i = 0; i < n->nr && n->seen[i] != what; i++)
		;
	if (i == n->nr && n->nr < NUMBERS)
		n->seen[n->nr++] = what;
	return i;
}

static bool is_at_rest(const struct ft_folio *folio, int32_t last)
{
	return folio->verdict == FT_VERDICT_BALANCED && folio->final.valid &&
	       !folio->final.surplus && !folio->final.expected.term[FT_TERM_PINS] &&
	       last == folio->final.refcount;
}

/* "unread": operations are missing, or the state at its end is not known. */
static const char *end_of(const struct ft_folio *folio, int32_t last)
{
	if (folio->lost_events || folio->conservation.state == FT_CONSERVATION_BROKEN)
		return "unread";
	if (!folio->died)
		return is_at_rest(folio, last) ? "alive" : "unread";
	if (folio->how == FT_DIED_SPLIT)
		return "split";
	return folio->how == FT_DIED_UNSEEN || last ? "unread" : "died";
}

static bool was_swapped(const struct ft_folio *folio)
{
	size_t i;

	for (i = 0; i < folio->nr_events; i++)
		if (folio->events[i].flags & FT_PF_SWAPCACHE)
			return true;
	return false;
}

static void write_refs(FILE *out, bool timed)
{
	static const char *const op[] = { "ref", "freeze", "set" };
	struct numbers tasks = { .nr = 0 }, calls = { .nr = 0 };
	size_t i;

	for (i = 0; i < attributor.refs.nr; i++) {
		const struct ft_ref *r = &attributor.refs.list[i];

		fprintf(out, "E %" PRIu64 " %u %u %u %u %s %d %d %d %d %d %d %d %d %d %d\n",
			timed ? r->t_ns - attributor.refs.list[0].t_ns : 0,
			number_of(&tasks, r->task),
			number_of(&calls, (uint64_t)r->task << 32 | r->entry_seq), r->site->id,
			attributor.refs.events[i]->stack, op[r->kind], r->delta, r->count,
			r->mapped, r->cached, r->lru, r->pinned, r->maps, r->raised, r->lowered,
			r->interrupt);
	}
}

/* Reads the operations of a lifetime; head: the fields of its FOLIO line. False if it has
 * no operations. */
static bool read_folio(const struct ft_folio *folio, char *head, size_t size)
{
	const struct ft_expected *x = &folio->final.expected;
	const struct ft_ref *last;
	const char *end;
	bool alive;

	if (ft_attributor__read(&attributor, folio->kind, folio->events, folio->nr_events))
		must(NULL);
	if (!attributor.refs.nr)
		return false;
	last = &attributor.refs.list[attributor.refs.nr - 1];
	end = end_of(folio, last->count);
	alive = !strcmp(end, "alive");
	snprintf(head, size, "%s %s %d %" PRId64 " %" PRId64 " %zu%s\n",
		 folio->born ? "born" : "adopted", end, strcmp(end, "unread") ? last->count : 0,
		 alive		      ? x->term[FT_TERM_MAPPINGS] :
		 strcmp(end, "split") ? 0 :
					last->mapped,
		 alive		      ? x->total - x->term[FT_TERM_MAPPINGS] :
		 strcmp(end, "split") ? 0 :
					last->cached,
		 attributor.refs.nr, was_swapped(folio) ? " swapped" : "");
	return true;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct kind *)a)->key, ((const struct kind *)b)->key);
}

static void add_folio(void **tree, const struct ft_folio *folio)
{
	struct kind *k = must(calloc(1, sizeof(*k))), *found;
	char head[128];
	size_t size;
	FILE *out;

	if (!read_folio(folio, head, sizeof(head))) {
		free(k);
		return;
	}
	out = must(open_memstream(&k->key, &size));
	fputs(head, out);
	write_refs(out, false);
	if (fclose(out))
		must(NULL);
	k->folio = folio;
	found = *(struct kind **)must(tsearch(k, tree, by_key));
	found->folios++;
	if (found != k) {
		free(k->key);
		free(k);
		return;
	}
	if (!(nr_kinds & (nr_kinds + 1)) || !kinds)
		kinds = must(realloc(kinds, (2 * nr_kinds + 2) * sizeof(struct kind *)));
	kinds[nr_kinds++] = k;
}

static void write_names(const struct ft_run *run)
{
	size_t i;
	uint32_t j;

	for (i = 0; i < run->nr_sites; i++)
		if (run->sites[i]->inlined)
			printf("SITE %u %s+0x%" PRIx64 " 0\n", run->sites[i]->id,
			       run->sites[i]->function, run->sites[i]->offset);
	for (i = 1; i < run->nr_stacks; i++) {
		printf("STACK %zu", i);
		for (j = 1; j < run->stacks[i].depth; j++)
			printf(" %s+0x%" PRIx64, run->stacks[i].frames[j]->function,
			       run->stacks[i].frames[j]->offset);
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	const struct ft_analyse_options all = { .keep_all_events = true };
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	struct ft_error err = { 0 };
	struct ft_run *run;
	void *tree = NULL;
	char head[128];
	size_t i;

	if (fd < 0 || ft_run__load(fd, argv[1], &all, &run, &err)) {
		fprintf(stderr, "extract: %s\n", fd < 0 ? "usage: extract CAPTURE" : err.text);
		return 2;
	}
	ft_attributor__init(&attributor, run, run->arena);
	for (i = 0; i < run->nr_folios; i++)
		add_folio(&tree, run->folios[i]);
	write_names(run);
	for (i = 0; i < nr_kinds; i++) {
		read_folio(kinds[i]->folio, head, sizeof(head));
		printf("FOLIO %" PRIu64 " %s", kinds[i]->folios, head);
		write_refs(stdout, true);
	}
	return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
