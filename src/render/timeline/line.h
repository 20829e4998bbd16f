/* SPDX-License-Identifier: GPL-2.0 */
/* A timeline as data; timeline.h makes one. */
#ifndef FT_RENDER_TIMELINE_LINE_H
#define FT_RENDER_TIMELINE_LINE_H

#include "model.h"

enum timeline_what {
	TIMELINE_CALL,	     /* a hook on this folio; in or out may be NULL */
	TIMELINE_OTHER_CALL, /* a call in the same task, not on this folio */
	TIMELINE_OP,	     /* a get or put as such (page_ref, inline) */
	TIMELINE_MARK,	     /* born, split, moved, died */
	TIMELINE_READING,    /* after the end of the command, repeat times the same */
	TIMELINE_CHECKPOINT, /* of __migrate_device_finalize */
	TIMELINE_UNSEEN,     /* inferred: the counts of two lines differ */
};

/* Before and after; FT_UNKNOWN where not read. */
struct timeline_count {
	int32_t before, after;
};

static inline bool timeline__changed(int32_t before, int32_t after)
{
	return before != FT_UNKNOWN && after != FT_UNKNOWN && before != after;
}

struct timeline_line {
	enum timeline_what what;
	unsigned int depth;  /* open calls of this task around it */
	unsigned int repeat; /* times in a row, at least 1 */
	bool important;	     /* never left out of the middle */
	uint64_t t_ns;
	uint32_t pid;
	uint16_t cpu;
	const char *comm;
	struct timeline_count ref, map;
	const struct ft_event *in, *out;
	const struct ft_call *other_in, *other_out;
	const struct ft_checkpoint *checkpoint;
};

struct timeline {
	struct timeline_line *line;
	size_t nr, size;
	bool has_checkpoints, has_unseen;
};

#endif /* FT_RENDER_TIMELINE_LINE_H */
