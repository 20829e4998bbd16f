/* SPDX-License-Identifier: GPL-2.0 */
/* The traced command: started stopped, joined, executed, waited for; and the
 * signals that end a recording without one. */
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
	int asked; /* the last signal that asked us to end, 0: none */
};

/* Signals come through signal_fd from here on, for a recording without command. */
int command__watch(struct command *c, struct ft_error *err);

/*
 * Whether name is there and executable, as execvp() will look for it: to say so
 * before the seconds that attaching takes. Fails with the errors of
 * command__start().
 */
int command__check(const char *name, struct ft_error *err);
/*
 * Forks, calls prepare(arg) in the child, and executes argv there. A command
 * that cannot be executed is FT_EXIT_CANNOT_EXEC or FT_EXIT_NOT_FOUND. From here
 * on SIGCHLD and the signals to forward come through signal_fd.
 */
int command__start(struct command *c, char *const argv[], int (*prepare)(void *), void *arg,
		   struct ft_error *err);
/* Reads pending signals: forwards what is for the command, notes its end. */
void command__signals(struct command *c);
/* As if the signal had been sent to us; a no-op once the command has ended. */
void command__signal(struct command *c, int sig);
/* The exit status of a shell: the command's, or 128 + its signal. */
int command__exit_status(const struct command *c);
void command__close(struct command *c);

#endif /* FT_CAPTURE_RUN_COMMAND_H */
