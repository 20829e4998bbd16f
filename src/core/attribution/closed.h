/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is closed by number: a holder that gave back as many references as it had taken, and
 * a call that put as many as it took. Where one is lost, it is in what is left open.
 */
#ifndef FT_CORE_ATTRIBUTION_CLOSED_H
#define FT_CORE_ATTRIBUTION_CLOSED_H

#include "core/attribution/tokens.h"

/* Sets closed of each token, once all have their holders. 0 or -ENOMEM. */
int ft_tokens__close(struct ft_tokens *tokens);

#endif /* FT_CORE_ATTRIBUTION_CLOSED_H */
