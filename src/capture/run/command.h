/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The traced command: forked, made a tracked process, executed, waited for. And the signals that end
 * a recording without a command.
 */
#ifndef FT_CAPTURE_RUN_COMMAND_H
#define FT_CAPTURE_RUN_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

struct command {
	pid_t pid; /* 0: there is none */
	bool done;
	int status; /* as waitpid() gives it */
	int signal_fd;
	int asked; /* the last signal that asks us to end, 0: none */
};

/* From here on signals come through signal_fd, for a recording without command. */
int command__watch(struct command *c, struct ft_error *err);

/*
 * Whether execvp() will find an executable called name: checked before attaching, which takes
 * seconds. The errors are those of command__start().
 */
int command__check(const char *name, struct ft_error *err);
/*
 * Forks, calls prepare(arg) in the child, and executes argv there. A command
 * that cannot be executed is FT_EXIT_CANNOT_EXEC or FT_EXIT_NOT_FOUND. From here
 * on SIGCHLD and the signals to forward come through signal_fd.
 */
int command__start(struct command *c, char *const argv[], int (*prepare)(void *), void *arg,
		   struct ft_error *err);
/* Reads pending signals: forwards those for the command, records its end. */
void command__signals(struct command *c);
/* As if the signal had been sent to us; a no-op once the command has ended. */
void command__signal(struct command *c, int sig);
/* The exit status of a shell: the command's, or 128 + its signal. */
int command__exit_status(const struct command *c);
void command__close(struct command *c);

#endif /* FT_CAPTURE_RUN_COMMAND_H */
