/* SPDX-License-Identifier: GPL-2.0 */
/* Source lines of what the model names, where debug info is at hand. */
#ifndef FT_RENDER_CODE_LINES_H
#define FT_RENDER_CODE_LINES_H

#include "lines.h"
#include "model.h"

/* NULL: none, or finder is NULL. Of a frame of a stack: the call in it. */
const struct ft_lines *lines__of_site(const struct ft_line_finder *finder,
				      const struct ft_site *site);
const struct ft_lines *lines__of_frame(const struct ft_line_finder *finder,
				       const struct ft_frame_name *frame);
/* What a person looks for: the innermost function that is not a header's. */
const struct ft_line *lines__own(const struct ft_lines *lines);

#endif /* FT_RENDER_CODE_LINES_H */
