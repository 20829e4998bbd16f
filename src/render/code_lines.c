// SPDX-License-Identifier: GPL-2.0
#include "render/code_lines.h"

#include <string.h>

const struct ft_lines *lines__of_site(const struct ft_line_finder *finder,
				      const struct ft_site *site)
{
	struct ft_code code = {
		.function = site->function,
		.module = site->module,
		.offset = site->offset,
		.address = site->address,
		.after = site->after,
	};

	/* a hook stands for the whole function: it has no line */
	if (!finder || !site->function || (!site->offset && !site->address))
		return NULL;
	return finder->find(finder->arg, &code);
}

const struct ft_lines *lines__of_frame(const struct ft_line_finder *finder,
				       const struct ft_frame_name *frame)
{
	struct ft_code code = {
		.function = frame->function,
		.module = frame->module,
		.offset = frame->offset,
		.address = frame->address,
		.after = true,
	};

	return finder ? finder->find(finder->arg, &code) : NULL;
}

static bool is_header(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot && !strcmp(dot, ".h");
}

const struct ft_line *lines__own(const struct ft_lines *lines)
{
	uint32_t i;

	for (i = 0; i < lines->nr; i++)
		if (lines->line[i].file && !is_header(lines->line[i].file))
			return &lines->line[i];
	return &lines->line[lines->nr - 1];
}
