/* SPDX-License-Identifier: GPL-2.0 */
/* What the JSON frames of a capture are read into. */
#ifndef FT_CORE_FORMAT_META_TABLES_H
#define FT_CORE_FORMAT_META_TABLES_H

#include "core/format/modules.h"
#include "core/index/sites.h"
#include "core/index/stacks.h"
#include "core/index/tasks.h"
#include "core/util/arena.h"
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
	struct ft_tasks *tasks;
};

#endif /* FT_CORE_FORMAT_META_TABLES_H */
