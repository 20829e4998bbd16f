/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds a folio, in one line. */
#ifndef FT_RENDER_HOLDERS_H
#define FT_RENDER_HOLDERS_H

#include "query.h"

/* "1 mapping + 1 taken at X, never put": into buf, cut off at size. Returns buf. */
const char *holders__text(const struct ft_holder *list, size_t nr, char *buf, size_t size);

#endif /* FT_RENDER_HOLDERS_H */
