/* SPDX-License-Identifier: GPL-2.0 */
/* The JSON frames of a capture: META, SYMBOLS, END. */
#ifndef FT_CORE_FORMAT_META_H
#define FT_CORE_FORMAT_META_H

#include "core/format/frame.h"
#include "core/format/meta_tables.h"

/* Each returns 0, or -EINVAL or -ENOMEM and fills *err. */
int ft_meta__read_meta(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err);
int ft_meta__read_symbols(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err);
int ft_meta__read_end(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err);

#endif /* FT_CORE_FORMAT_META_H */
