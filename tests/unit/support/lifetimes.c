// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/lifetimes.h"

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "folios: out of memory\n");
		exit(1);
	}
	return p;
}

static void broken(const char *line)
{
	fprintf(stderr, "folios: cannot read: %s\n", line);
	exit(1);
}

/* Equal names are equal pointers: the core compares interned names. */
static const char *intern(struct folios *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nr_names; i++)
		if (!strcmp(l->names[i], name))
			return l->names[i];
	if (!(l->nr_names & (l->nr_names + 1)) || !l->names)
		l->names = must(realloc(l->names, (2 * l->nr_names + 2) * sizeof(*l->names)));
	return l->names[l->nr_names++] = must(strdup(name));
}

/* Cuts "function+0x12" in two. */
static uint64_t cut_offset(char *text)
{
	char *plus = strchr(text, '+');

	if (!plus)
		return 0;
	*plus = '\0';
	return strtoull(plus + 1, NULL, 16);
}

static void **slot(void ***list, size_t *nr, size_t at)
{
	if (at >= *nr) {
		*list = must(realloc(*list, (at + 1) * sizeof(**list)));
		memset(*list + *nr, 0, (at + 1 - *nr) * sizeof(**list));
		*nr = at + 1;
	}
	return &(*list)[at];
}

static void read_site(struct folios *l, char *line)
{
	struct ft_site *s = must(calloc(1, sizeof(*s)));
	char *save, *word = strtok_r(line, " ", &save), *name = strtok_r(NULL, " ", &save);

	if (!name)
		broken(line);
	s->id = (uint32_t)atoi(word);
	s->offset = cut_offset(name);
	s->function = intern(l, name);
	s->role = FT_ROLE_REF;
	*slot((void ***)&l->sites, &l->nr_sites, s->id) = s;
}

static void read_stack(struct folios *l, char *line)
{
	struct ft_stack *s = must(calloc(1, sizeof(*s)));
	char *save, *word = strtok_r(line, " ", &save);
	struct ft_frame_name *f;

	*slot((void ***)&l->stacks, &l->nr_stacks, (size_t)atoi(word)) = s;
	s->frames = must(calloc(FT_STACK_MAX + 1, sizeof(struct ft_frame_name *)));
	for (word = ""; word && s->depth <= FT_STACK_MAX; word = strtok_r(NULL, " ", &save)) {
		f = must(calloc(1, sizeof(*f)));
		f->address = (uintptr_t)intern(l, word); /* the same text, the same place */
		f->offset = cut_offset(word);
		f->function = intern(l, word);
		s->frames[s->depth++] = f;
	}
}

static struct test_folio *read_folio(struct folios *l, const char *line)
{
	struct test_folio *t;
	char born[16], end[16], swapped[16] = "";

	if (l->nr == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->list = must(realloc(l->list, l->room * sizeof(*l->list)));
	}
	t = &l->list[l->nr++];
	memset(t, 0, sizeof(*t));
	if (sscanf(line, "%" SCNu64 " %15s %15s %d %d %d %zu %15s", &t->folios, born, end,
		   &t->refcount, &t->mapped, &t->cached, &t->nr, swapped) < 7)
		broken(line);
	t->born = !strcmp(born, "born");
	t->died = !strcmp(end, "died");
	t->split = !strcmp(end, "split");
	t->alive = !strcmp(end, "alive");
	t->swapped = !strcmp(swapped, "swapped");
	t->refs = must(calloc(t->nr + 1, sizeof(*t->refs)));
	t->nr = 0;
	return t;
}

static void classify(struct ft_ref *r)
{
	struct ft_caller at = { .site = r->site, .stack = r->stack };

	ft_caller__classify(&at);
	r->owner = (uint8_t)at.owner;
	r->no_mapping = r->delta < 0 ? at.no_unmap : at.no_map;
	r->unpin = at.unpin;
}

static void read_event(struct folios *l, const char *line)
{
	struct test_folio *t = l->nr ? &l->list[l->nr - 1] : NULL;
	struct ft_ref *r = t ? &t->refs[t->nr++] : NULL;
	size_t site = 0, stack = 0;
	char op[16];
	int lru = 0, interrupt = 0;

	if (!r || sscanf(line, "%" SCNu64 " %u %u %zu %zu %15s %d %d %d %d %d %d %d %d %d %d",
			 &r->t_ns, &r->task, &r->entry_seq, &site, &stack, op, &r->delta, &r->count,
			 &r->mapped, &r->cached, &lru, &r->pinned, &r->maps, &r->raised,
			 &r->lowered, &interrupt) < 11)
		broken(line);
	if (site >= l->nr_sites || !l->sites[site])
		broken(line);
	r->site = l->sites[site];
	r->stack = stack < l->nr_stacks ? l->stacks[stack] : NULL;
	r->lru = lru;
	r->interrupt = interrupt;
	classify(r);
	r->kind = !strcmp(op, "freeze") ? FT_REF_FREEZE :
		  !strcmp(op, "set")	? FT_REF_SET :
					  FT_REF_CHANGE;
}

void folios__read(struct folios *l, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	memset(l, 0, sizeof(*l));
	while ((len = getline(&line, &size, f)) > 0) {
		line[len - 1] = '\0';
		if (!strncmp(line, "SITE ", 5))
			read_site(l, line + 5);
		else if (!strncmp(line, "STACK ", 6))
			read_stack(l, line + 6);
		else if (!strncmp(line, "FOLIO ", 6))
			read_folio(l, line + 6);
		else if (!strncmp(line, "E ", 2))
			read_event(l, line + 2);
		else if (*line && *line != '#')
			broken(line);
	}
	free(line);
}

void folios__free(struct folios *l)
{
	size_t i;
	uint32_t j;

	for (i = 0; i < l->nr; i++)
		free(l->list[i].refs);
	for (i = 0; i < l->nr_sites; i++)
		free(l->sites[i]);
	for (i = 0; i < l->nr_stacks; i++) {
		for (j = 0; l->stacks[i] && j < l->stacks[i]->depth; j++)
			free((void *)(uintptr_t)l->stacks[i]->frames[j]);
		free(l->stacks[i] ? l->stacks[i]->frames : NULL);
		free(l->stacks[i]);
	}
	for (i = 0; i < l->nr_names; i++)
		free(l->names[i]);
	free(l->list);
	free(l->sites);
	free(l->stacks);
	free(l->names);
}

const char *site_text(const struct ft_site *site, char *buf, size_t size)
{
	snprintf(buf, size, "%s+0x%" PRIx64, site->function, site->offset);
	return buf;
}

static int64_t surplus(const struct test_folio *t)
{
	return (int64_t)t->refcount - t->mapped - t->cached;
}

/* The snapshot must have the count of the last operation, else one was not seen. */
bool test_folio__is_surplus(const struct test_folio *t)
{
	return t->alive && t->refcount == t->refs[t->nr - 1].count && surplus(t) > 0;
}

bool test_folio__is_balanced(const struct test_folio *t)
{
	if (t->died)
		return !t->refs[t->nr - 1].count;
	if (t->split) /* the kernel splits only at the expected count */
		return true;
	return t->alive && t->refcount == t->refs[t->nr - 1].count && !surplus(t);
}

struct ft_ref_end test_folio__end(const struct test_folio *t)
{
	if (t->died)
		return (struct ft_ref_end){ 0 };
	if (t->split)
		return (struct ft_ref_end){ .mapped = t->mapped,
					    .cached = t->cached,
					    .kept = surplus(t) };
	return (struct ft_ref_end){ .mapped = t->mapped,
				    .cached = t->cached,
				    .surplus = surplus(t) };
}
