/* SPDX-License-Identifier: GPL-2.0 */
/* The JSON frames of a capture: META, SYMBOLS, END. */
#ifndef FT_CORE_FORMAT_META_H
#define FT_CORE_FORMAT_META_H

#include "core/util/arena.h"
#include "core/format/frame.h"
#include "core/format/modules.h"
#include "core/index/sites.h"
#include "core/index/stacks.h"
#include "core/util/strings.h"
#include "model.h"

struct ft_meta {
	const char *name; /* of the capture, for errors */
	struct ft_arena *arena;
	struct ft_run *run;
	struct ft_sites *sites;
	struct ft_stacks *stacks;
	struct ft_strings *strings;
	struct ft_modules *modules;
};

int ft_meta__read_meta(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err);
int ft_meta__read_symbols(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err);
int ft_meta__read_end(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err);

#endif /* FT_CORE_FORMAT_META_H */
