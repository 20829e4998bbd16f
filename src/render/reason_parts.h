/* SPDX-License-Identifier: GPL-2.0 */
/* What the names in braces stand for in a sentence of render/reason.c. */
#ifndef FT_RENDER_REASON_PARTS_H
#define FT_RENDER_REASON_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "diff.h"
#include "model.h"
#include "render/reason_text.h"

/* What a sentence is about; lost and timeline may be NULL. */
struct reason_about {
	const struct ft_reason *reason;
	const struct ft_lost *lost;
	const struct ft_diff_timeline *timeline;
};

struct reason_writer {
	struct reason_text *to;
	size_t len;
};

void reason_part__add(struct reason_writer *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "4,213" */
void reason_part__number(struct reason_writer *w, uint64_t n);
/* The part of this name; nothing if there is none. */
void reason_part__named(struct reason_writer *w, const struct reason_about *x, const char *name,
			size_t len);

#endif /* FT_RENDER_REASON_PARTS_H */
