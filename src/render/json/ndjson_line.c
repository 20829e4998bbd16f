// SPDX-License-Identifier: GPL-2.0
#include "render/json/ndjson_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "render/json/value.h"
#include "render/names.h"
#include "render/stream.h"

/* Both clocks at the start: they are not the same for two runs of a fleet. */
static void name_run(struct ndjson_line *l)
{
	snprintf(l->run_id, sizeof(l->run_id), "%" PRIx64 "-%" PRIx64,
		 (uint64_t)l->run->started_realtime_ns, l->run->started_ns);
	l->head_size = (size_t)snprintf(l->head, sizeof(l->head),
					"{\"type\":\"event\",\"run\":\"%s\",\"folio\":", l->run_id);
}

int ndjson_line__init(struct ndjson_line *l, const struct ft_run *run,
		      const struct ft_line_finder *lines, FILE *out)
{
	*l = (struct ndjson_line){ .run = run, .lines = lines, .out = out };
	name_run(l);
	l->buffer = malloc(NDJSON_BUFFER + NDJSON_LINE_MAX);
	l->at = l->buffer;
	l->sites = calloc(NDJSON_WORDS, sizeof(*l->sites));
	l->comms = calloc(NDJSON_WORDS, sizeof(*l->comms));
	l->flags = calloc(NDJSON_WORDS, sizeof(*l->flags));
	return l->buffer && l->sites && l->comms && l->flags ? 0 : -ENOMEM;
}

static void free_words(struct ndjson_word *words)
{
	for (size_t i = 0; words && i < NDJSON_WORDS; i++)
		free(words[i].text);
	free(words);
}

void ndjson_line__free(struct ndjson_line *l)
{
	free_words(l->sites);
	free_words(l->comms);
	free_words(l->flags);
	free(l->buffer);
}

int ndjson_line__flush(struct ndjson_line *l)
{
	size_t size = (size_t)(l->at - l->buffer);

	l->at = l->buffer;
	if (fwrite(l->buffer, 1, size, l->out) == size)
		return 0;
	return stream__error(l->out);
}

static json_t *site_value(const struct ndjson_line *l, uint64_t key)
{
	return json_value__site((const struct ft_site *)(uintptr_t)key, l->lines);
}

static json_t *comm_value(const struct ndjson_line *l, uint64_t key)
{
	(void)l;
	return json_value__text((const char *)(uintptr_t)key);
}

static json_t *flags_value(const struct ndjson_line *l, uint64_t key)
{
	(void)l;
	return json_value__flags((uint32_t)key);
}

/* Appends the value that jansson makes of key, from the table if it is there. */
static int put_word(struct ndjson_line *l, struct ndjson_word *words, uint64_t key,
		    json_t *(*make)(const struct ndjson_line *l, uint64_t key))
{
	struct ndjson_word *w = &words[ft_hash__of(key) % NDJSON_WORDS];
	json_t *v;

	if (!w->text || w->key != key) {
		free(w->text);
		v = make(l, key);
		w->text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		json_decref(v);
		if (!w->text)
			return -ENOMEM;
		w->key = key;
		w->size = strlen(w->text);
	}
	if (w->size > NDJSON_LINE_MAX / 4)
		return -EMSGSIZE;
	l->at = mempcpy(l->at, w->text, w->size);
	return 0;
}

/* A literal. */
#define PUT(l, s) ((l)->at = mempcpy((l)->at, s, sizeof(s) - 1))

static void put_unsigned(struct ndjson_line *l, uint64_t n)
{
	char digits[20], *d = digits + sizeof(digits);

	do
		*--d = (char)('0' + n % 10);
	while (n /= 10);
	l->at = mempcpy(l->at, d, (size_t)(digits + sizeof(digits) - d));
}

static void put_signed(struct ndjson_line *l, int64_t n)
{
	if (n < 0)
		*l->at++ = '-';
	put_unsigned(l, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static void put_count(struct ndjson_line *l, int32_t n)
{
	if (n == FT_UNKNOWN)
		PUT(l, "null");
	else
		put_signed(l, n);
}

static void put_folio(struct ndjson_line *l, uint32_t id)
{
	if (!id) {
		PUT(l, "null");
		return;
	}
	PUT(l, "\"F");
	put_unsigned(l, id);
	*l->at++ = '"';
}

static void put_name(struct ndjson_line *l, const char *name)
{
	*l->at++ = '"';
	l->at = stpcpy(l->at, name);
	*l->at++ = '"';
}

/* As in the document, the meaning of value depends on op. */
static void put_meaning(struct ndjson_line *l, const struct ft_event *e)
{
	switch (e->op) {
	case FT_OP_ENTER:
		if (ft_event__mm_owner(e)) {
			PUT(l, ",\"mm_owner\":");
			put_unsigned(l, ft_event__mm_owner(e));
		}
		break;
	case FT_OP_RETURN:
		if (e->site->returns) {
			PUT(l, ",\"returned\":");
			put_signed(l, ft_value__returned(e->value));
		}
		break;
	case FT_OP_BORN:
		if (e->value) {
			PUT(l, ",\"parent\":");
			put_folio(l, (uint32_t)e->value);
		}
		break;
	case FT_OP_MIGRATE:
		PUT(l, ",\"to\":");
		put_folio(l, (uint32_t)e->value);
		break;
	case FT_OP_SPLIT:
		PUT(l, ",\"children\":");
		put_signed(l, e->value);
		break;
	case FT_OP_SNAPSHOT:
		PUT(l, ",\"round\":");
		put_signed(l, e->value);
		break;
	}
}

static int put_place(struct ndjson_line *l, const struct ft_event *e)
{
	int code;

	PUT(l, ",\"pid\":");
	put_unsigned(l, e->pid);
	PUT(l, ",\"tgid\":");
	put_unsigned(l, e->tgid);
	PUT(l, ",\"comm\":");
	code = put_word(l, l->comms, (uintptr_t)e->comm, comm_value);
	PUT(l, ",\"cpu\":");
	put_unsigned(l, e->cpu);
	PUT(l, ",\"context\":");
	put_name(l, name__context(e->context));
	PUT(l, ",\"source\":");
	put_name(l, name__source(e->source));
	PUT(l, ",\"site\":");
	return code ? code : put_word(l, l->sites, (uintptr_t)e->site, site_value);
}

/* Only an event of a folio has counts. */
static int put_counts(struct ndjson_line *l, const struct ft_event *e)
{
	PUT(l, ",\"delta\":");
	put_signed(l, e->delta);
	PUT(l, ",\"refcount\":");
	put_count(l, e->refcount);
	PUT(l, ",\"mapcount\":");
	put_count(l, e->mapcount);
	PUT(l, ",\"entire_mapcount\":");
	put_count(l, e->entire_mapcount);
	PUT(l, ",\"pincount\":");
	put_count(l, e->pincount);
	PUT(l, ",\"order\":");
	put_unsigned(l, e->order);
	PUT(l, ",\"flags\":");
	return put_word(l, l->flags, e->flags, flags_value);
}

int ndjson_line__event(struct ndjson_line *l, uint32_t id, const struct ft_event *e)
{
	int code = 0;

	l->at = mempcpy(l->at, l->head, l->head_size);
	put_folio(l, id);
	PUT(l, ",\"t_ns\":");
	put_unsigned(l, e->t_ns);
	PUT(l, ",\"seq\":");
	put_unsigned(l, e->seq);
	PUT(l, ",\"op\":");
	put_name(l, ft_op__name(e));
	put_meaning(l, e);
	if (id)
		code = put_counts(l, e);
	if (!code)
		code = put_place(l, e);
	PUT(l, "}\n");
	if (code)
		return code;
	return l->at - l->buffer > NDJSON_BUFFER ? ndjson_line__flush(l) : 0;
}
