/* SPDX-License-Identifier: GPL-2.0 */
/* Source lines of the model's sites and stack frames, if there is debug info. */
#ifndef FT_RENDER_CODE_LINES_H
#define FT_RENDER_CODE_LINES_H

#include "lines.h"
#include "model.h"

/* NULL: no lines, or finder is NULL. Those of a frame are of the call that it is in. The
 * finder keeps them. */
const struct ft_lines *lines__of_site(const struct ft_line_finder *finder,
				      const struct ft_site *site);
const struct ft_lines *lines__of_frame(const struct ft_line_finder *finder,
				       const struct ft_frame_name *frame);
/* The innermost function that is not of a header: helpers like folio_get() say little. */
const struct ft_line *lines__own(const struct ft_lines *lines);

#endif /* FT_RENDER_CODE_LINES_H */
