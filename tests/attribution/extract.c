// SPDX-License-Identifier: GPL-2.0
/*
 * extract CAPTURE > NAME.lives: every life of a capture as measure.c reads it (see
 * tests/unit/support/lives.h), with the operations and holders that the core reads for the
 * naming. Lives that differ only in time and task are written once, with their number.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/attributor.h"

/* Lives that look alike. */
struct kind {
	char *key; /* the first of them, without its times */
	const struct ft_life *life;
	uint64_t lives;
};

/* Tasks and calls are numbered in the order in which they come. */
#define NUMBERS 512
struct numbers {
	uint64_t seen[NUMBERS];
	uint32_t nr;
};

static struct ft_namer namer;
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

static bool is_at_rest(const struct ft_life *life, int32_t last)
{
	return life->verdict == FT_VERDICT_BALANCED && life->final.valid && !life->final.surplus &&
	       !life->final.expected.term[FT_TERM_PINS] && last == life->final.refcount;
}

/* "unread": it is not known whether it was in order, or what it ended with. */
static const char *end_of(const struct ft_life *life, int32_t last)
{
	if (life->lost_events || life->conservation.law == FT_LAW_BROKEN)
		return "unread";
	if (!life->died)
		return is_at_rest(life, last) ? "alive" : "unread";
	if (life->how == FT_DIED_SPLIT)
		return "split";
	return life->how == FT_DIED_UNSEEN || last ? "unread" : "died";
}

static bool was_swapped(const struct ft_life *life)
{
	size_t i;

	for (i = 0; i < life->nr_events; i++)
		if (life->events[i].flags & FT_PF_SWAPCACHE)
			return true;
	return false;
}

static void write_refs(FILE *out, bool timed)
{
	static const char *const op[] = { "ref", "freeze", "set" };
	struct numbers tasks = { .nr = 0 }, calls = { .nr = 0 };
	size_t i;

	for (i = 0; i < namer.nr; i++) {
		const struct ft_ref *r = &namer.refs[i];

		fprintf(out, "E %" PRIu64 " %u %u %u %u %s %d %d %d %d %d %d\n",
			timed ? r->t_ns - namer.refs[0].t_ns : 0, number_of(&tasks, r->task),
			number_of(&calls, (uint64_t)r->task << 32 | r->invocation), r->site->id,
			namer.events[i]->stack, op[r->kind], r->delta, r->count, r->mapped,
			r->cached, r->lru, r->pinned);
	}
}

/* What a life is, and its operations; false: it has none. */
static bool read_life(const struct ft_life *life, char *head, size_t size)
{
	const struct ft_expected *x = &life->final.expected;
	const struct ft_ref *last;
	const char *end;
	bool alive;

	if (ft_namer__read(&namer, life->kind, life->events, life->nr_events))
		must(NULL);
	if (!namer.nr)
		return false;
	last = &namer.refs[namer.nr - 1];
	end = end_of(life, last->count);
	alive = !strcmp(end, "alive");
	snprintf(head, size, "%s %s %d %" PRId64 " %" PRId64 " %zu%s\n",
		 life->born ? "born" : "adopted", end, strcmp(end, "unread") ? last->count : 0,
		 alive		      ? x->term[FT_TERM_MAPPINGS] :
		 strcmp(end, "split") ? 0 :
					last->mapped,
		 alive		      ? x->total - x->term[FT_TERM_MAPPINGS] :
		 strcmp(end, "split") ? 0 :
					last->cached,
		 namer.nr, was_swapped(life) ? " swapped" : "");
	return true;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct kind *)a)->key, ((const struct kind *)b)->key);
}

static void add_life(void **tree, const struct ft_life *life)
{
	struct kind *k = must(calloc(1, sizeof(*k))), *found;
	char head[128];
	size_t size;
	FILE *out;

	if (!read_life(life, head, sizeof(head))) {
		free(k);
		return;
	}
	out = must(open_memstream(&k->key, &size));
	fputs(head, out);
	write_refs(out, false);
	if (fclose(out))
		must(NULL);
	k->life = life;
	found = *(struct kind **)must(tsearch(k, tree, by_key));
	found->lives++;
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
	ft_namer__init(&namer, run, run->arena);
	for (i = 0; i < run->nr_lives; i++)
		add_life(&tree, run->lives[i]);
	write_names(run);
	for (i = 0; i < nr_kinds; i++) {
		read_life(kinds[i]->life, head, sizeof(head));
		printf("LIFE %" PRIu64 " %s", kinds[i]->lives, head);
		write_refs(stdout, true);
	}
	return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
