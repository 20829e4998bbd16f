/* SPDX-License-Identifier: GPL-2.0 */
/* What KTAP and JUnit use of a command's TAP output, once it has ended. */
#ifndef FT_RENDER_TESTS_TAP_H
#define FT_RENDER_TESTS_TAP_H

#include "render.h"

/* How many results it has; 0: it wrote no TAP. */
size_t tap__results(const struct ft_tap *tap);
/* Its lines; if there are results, indented and behind version, name and plan. */
void tap__write(const struct ft_tap *tap, const char *name, FILE *out);
/* The same lines as they are. */
const char *tap__text(const struct ft_tap *tap);

#endif /* FT_RENDER_TESTS_TAP_H */
