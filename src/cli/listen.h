/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the standard output of the traced command while it runs, for its TAP lines. */
#ifndef FT_CLI_LISTEN_H
#define FT_CLI_LISTEN_H

#include <pthread.h>

#include "render.h"

struct listener {
	int to;		/* the command's standard output; -1: not listening */
	int from, stop; /* the other end; an eventfd */
	pthread_t thread;
	struct ft_tap *tap;
};

int listener__start(struct listener *l, struct ft_error *err);
/* The command has ended: reads what is there, even if other processes keep the pipe open. */
int listener__end(struct listener *l, struct ft_error *err);
void listener__free(struct listener *l);

#endif /* FT_CLI_LISTEN_H */
