/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Builds captures for tests: records one by one, in any order, into frames. Any failure
 * ends the program.
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

struct capture_builder {
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
	uint32_t entry_seq; /* 0: operations say 1 */
	uint8_t context;    /* enum ft_context */
	/* of META and END */
	const char *argv0, *release;
	const char *hugetlb; /* "nr" or "one" */
	int fsdax_idle;
	unsigned int tasks_left;
	bool drained, flushed, follows_all;
	const struct ft_search *search; /* NULL: of a version that does not search */
	uint32_t ended[8];		/* tasks that are gone at the end */
	unsigned int nr_ended;
	const char *loss; /* JSON */
	const char *source;
	const char *probe_accounting; /* JSON, or NULL */
	const char *modules;	      /* JSON, or NULL */
};

/* A folio of a capture. The test sets its counts, which go into the next record. */
struct fixture {
	uint32_t id, seq;
	uint64_t address, mapping;
	uint8_t order;
	uint32_t flags;
	int32_t refcount, mapcount, entire, pincount;
};

#define ANON (FT_PF_ANON | FT_PF_MAPPING | FT_PF_SWAPBACKED | FT_PF_UPTODATE)

struct capture_builder *capture__new(void);
void capture__free(struct capture_builder *m);

/* The address of page n of the vmemmap that these captures have. */
uint64_t capture__address(unsigned int page);
struct fixture capture__small(uint32_t id, unsigned int page);
struct fixture capture__large(uint32_t id, unsigned int page);

/* A record with the fixture's counts, the next number and the next time. */
struct ft_wire_event capture__record(struct capture_builder *m, struct fixture *a, unsigned int op,
				     unsigned int hook);
void capture__put(struct capture_builder *m, const struct ft_wire_event *e);
/* Sets refcount and mapcount, then makes and puts a record. */
void capture__at(struct capture_builder *m, struct fixture *a, unsigned int op, unsigned int hook,
		 int refcount, int mapcount);
void capture__value(struct capture_builder *m, struct fixture *a, unsigned int op,
		    unsigned int hook, int refcount, int mapcount, int64_t value, uint64_t aux);
/* Snapshots of rounds 1 to n. */
void capture__rest(struct capture_builder *m, struct fixture *a, int rounds, int refcount,
		   int mapcount);
/* Adopted at a get that the inline source sees at a site: the record has the counts before
 * it, and the get is the next record. */
void capture__adopt(struct capture_builder *m, struct fixture *a, uint32_t site, int refcount,
		    int mapcount);
/* A living owner of the folio that the search found. */
void capture__owner(struct capture_builder *m, const struct fixture *a, enum ft_owner_class what,
		    uint32_t units, uint32_t pid, const char *comm);
void capture__call(struct capture_builder *m, unsigned int hook, bool returned, int64_t value);
void capture__task(struct capture_builder *m, unsigned int op, uint32_t pid, const char *comm);
void capture__raw(struct capture_builder *m, const void *record, size_t size);

/* An operation that the inline source saw at a site; changes the count by delta. */
void capture__op(struct capture_builder *m, struct fixture *a, unsigned int op, uint32_t site,
		 int delta);
/* The same, with a stack and by any source. */
void capture__op_of(struct capture_builder *m, struct fixture *a, unsigned int op,
		    enum ft_source source, uint32_t site, int delta, uint32_t stack);
void capture__stack(struct capture_builder *m, uint32_t id, const uint64_t *frames, uint32_t depth);
void capture__module(struct capture_builder *m, const char *name);
/* A SYMBOLS frame. */
void capture__symbols(struct capture_builder *m, const char *json);

/* Ends the frame of records; an empty one is not written. */
void capture__flush(struct capture_builder *m);
void capture__frame(struct capture_builder *m, uint16_t type, const void *data, size_t size);
void capture__head(struct capture_builder *m);
void capture__meta(struct capture_builder *m);
char *capture__meta_text(const struct capture_builder *m);
void capture__end(struct capture_builder *m);
/* A file descriptor of the capture. */
int capture__fd(const struct capture_builder *m);

/* Loads the capture, which must work. */
struct ft_run *capture__load(struct capture_builder *m, bool keep_all);
const struct ft_folio *folio_of(const struct ft_run *run, uint32_t id);

#endif /* FT_TEST_CAPTURE_BUILDER_H */
