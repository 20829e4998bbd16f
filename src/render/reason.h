/* SPDX-License-Identifier: GPL-2.0 */
/* Reasons in English: one table of sentences for the text, JSON, NDJSON, KTAP and JUnit. */
#ifndef FT_RENDER_REASON_H
#define FT_RENDER_REASON_H

#include "diff.h"
#include "model.h"
#include "reason.h"
#include "render/reason_text.h"

struct reason_text reason__text(const struct ft_reason *reason);
/* What the place of a lost reference is known by; how others like it are put. */
struct reason_text reason__of_lost(const struct ft_lost *lost);
struct reason_text reason__answer(const struct ft_lost *lost);
/* "4,212 of 4,213 calls of f took 1 and put 1; this one took 1 and put 0"; "" if none is known. */
struct reason_text reason__calls(const struct ft_lost *lost);
/* "a returned without it; then b returned -11 (-EAGAIN)"; "" if nothing did. */
struct reason_text reason__after(const struct ft_lost *lost);
struct reason_text reason__of_diff(const struct ft_diff_timeline *timeline);

#endif /* FT_RENDER_REASON_H */
