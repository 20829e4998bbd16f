/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes captures by hand: records one by one, in any order, into frames. A
 * failing call ends the program: this is test code.
 */
#ifndef FT_TEST_CAPTURE_BUILDER_H
#define FT_TEST_CAPTURE_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture.h"
#include "hooks.h"
#include "model.h"
#include "pack.h"

struct maker {
	unsigned char *file; /* what the capture holds so far */
	size_t size, room;
	unsigned char *frame; /* records of the frame being filled */
	size_t frame_size, frame_room;
	uint16_t codec; /* of all frames; FT_CODEC_PACKED: of those with records */
	struct ft_pack *pack;
	/* of the next record */
	uint64_t now;
	uint32_t pid, tgid;
	uint16_t cpu;
	/* of META and END */
	const char *argv0, *release;
	const char *hugetlb; /* "nr" or "one" */
	int fsdax_idle;
	unsigned int tasks_left;
	bool drained, flushed;
	const char *loss; /* JSON */
	const char *source;
	const char *books;   /* JSON, or NULL */
	const char *modules; /* JSON, or NULL */
};

/* A folio as the story goes on; counts are set by the story. */
struct actor {
	uint32_t id, seq;
	uint64_t address, mapping;
	uint8_t order;
	uint32_t flags;
	int32_t refcount, mapcount, entire, pincount;
};

#define ANON (FT_PF_ANON | FT_PF_MAPPING | FT_PF_SWAPBACKED | FT_PF_UPTODATE)

struct maker *maker__new(void);
void maker__free(struct maker *m);

/* The address of page n of the made-up memory map. */
uint64_t maker__address(unsigned int page);
struct actor maker__small(uint32_t id, unsigned int page);
struct actor maker__large(uint32_t id, unsigned int page);

/* A record with the actor's counts; the number and the time go on by one. */
struct ft_wire_event maker__record(struct maker *m, struct actor *a, unsigned int op,
				   unsigned int hook);
void maker__put(struct maker *m, const struct ft_wire_event *e);
/* Both, with refcount and mapcount set before. */
void maker__at(struct maker *m, struct actor *a, unsigned int op, unsigned int hook, int refcount,
	       int mapcount);
void maker__value(struct maker *m, struct actor *a, unsigned int op, unsigned int hook,
		  int refcount, int mapcount, int64_t value, uint64_t aux);
/* Snapshots: rounds 1 to n. */
void maker__rest(struct maker *m, struct actor *a, int rounds, int refcount, int mapcount);
void maker__scope(struct maker *m, unsigned int hook, bool returned, int64_t value);
void maker__task(struct maker *m, unsigned int op, uint32_t pid, const char *comm);
void maker__raw(struct maker *m, const void *record, size_t size);

/* An operation by the inline source at a site; the count goes on by delta. */
void maker__op(struct maker *m, struct actor *a, unsigned int op, uint32_t site, int delta);
/* The same, with a stack and by any source. */
void maker__op_of(struct maker *m, struct actor *a, unsigned int op, enum ft_source source,
		  uint32_t site, int delta, uint32_t stack);
void maker__stack(struct maker *m, uint32_t id, const uint64_t *frames, uint32_t depth);
void maker__module(struct maker *m, const char *name);
/* A SYMBOLS frame. */
void maker__symbols(struct maker *m, const char *json);

/* Ends the frame of records; an empty one is not written. */
void maker__flush(struct maker *m);
void maker__frame(struct maker *m, uint16_t type, const void *data, size_t size);
void maker__head(struct maker *m);
void maker__meta(struct maker *m);
char *maker__meta_text(const struct maker *m);
void maker__end(struct maker *m);
/* A file descriptor with what was made. */
int maker__fd(const struct maker *m);

/* Loads what was made, which must work. */
struct ft_run *maker__load(struct maker *m, bool keep_all);
const struct ft_life *life_of(const struct ft_run *run, uint32_t id);

#endif /* FT_TEST_CAPTURE_BUILDER_H */
