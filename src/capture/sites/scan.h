/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From text to the site table: reads the running kernel's and its modules' text and has the
 * finder (src/sitefinder) look through it.
 */
#ifndef FT_CAPTURE_SITES_SCAN_H
#define FT_CAPTURE_SITES_SCAN_H

#include <stdbool.h>

#include "capture/sites/site_table.h"
#include "capture/sites/text.h"
#include "error.h"

/* Adds the sites of the kernel and of all modules. */
int scan__all(struct site_table *t, struct ft_error *err);
/*
 * Once the kernel has refused some: looks for other places that show the same operations, in the
 * kernel and in all modules (scan__behind_keys() and scan__calls()).
 */
int scan__around_refused(struct site_table *t, struct ft_error *err);

/* The text of a loaded module. False: there is no such module. */
bool scan__find_module(const struct site_table *t, const char *name, struct text *text);
/* The steps of the above for one text, which is read if it was not yet. */
int scan__text(struct site_table *t, struct text *text, struct ft_error *err);
/* Refused sites in front of a static key are to be probed behind it: SITE_FOUND again. */
int scan__behind_keys(struct site_table *t, struct text *text, struct ft_error *err);
/* Adds the calls of out-of-line copies that the kernel refused to probe. */
int scan__calls(struct site_table *t, struct text *text, struct ft_error *err);

#endif /* FT_CAPTURE_SITES_SCAN_H */
