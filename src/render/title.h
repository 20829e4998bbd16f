/* SPDX-License-Identifier: GPL-2.0 */
/* A finding in one line that is the same in every run, on every machine. */
#ifndef FT_RENDER_TITLE_H
#define FT_RENDER_TITLE_H

#include "model.h"

#define TITLE_LEN 256

struct title {
	char s[TITLE_LEN];
};

/* "folio leak: pin in io_sqe_buffer_register never unpinned (anon, order 0)" */
struct title title__of(const struct ft_group *group);
/* The key in 16 digits. */
struct title title__key(const struct ft_group *group);

#endif /* FT_RENDER_TITLE_H */
