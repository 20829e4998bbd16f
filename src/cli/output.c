// SPDX-License-Identifier: GPL-2.0
/* Output files that are complete or absent, and messages. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

int cli_error(const struct ft_error *err)
{
	fprintf(stderr, "folio-trace: %s\n", err->text[0] ? err->text : strerror(-err->code));
	return err->exit ? err->exit : FT_EXIT_FAILURE;
}

bool cli_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	/* https://no-color.org: set and not empty */
	return isatty(fileno(out)) && !(no_color && *no_color) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

void cli_argp_setup(void)
{
	argp_err_exit_status = FT_EXIT_FAILURE;
}

int cli_parse(const struct argp *argp, int argc, char **argv, void *options)
{
	cli_argp_setup();
	if (argp_parse(argp, argc, argv, 0, NULL, options))
		return FT_EXIT_FAILURE;
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* /dev/stdout, a FIFO, a device: renaming a file over it would replace it. */
static bool is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int open_in_place(struct cli_output *o, struct ft_error *err)
{
	int fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "cannot open %s for writing: %s",
			       o->path, strerror(errno));
	o->file = fdopen(fd, "w");
	if (!o->file) {
		close(fd);
		return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
	}
	return 0;
}

int cli_output__open(struct cli_output *o, const char *path, struct ft_error *err)
{
	int fd, code;

	*o = (struct cli_output){ .path = path };
	if (!path) {
		o->path = "standard output";
		o->file = stdout;
		return 0;
	}
	if (is_stream(path))
		return open_in_place(o, err);
	if (asprintf(&o->temporary, "%s.XXXXXX", path) < 0) {
		o->temporary = NULL;
		return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
	}
	/* mode 0600, O_EXCL: no symbolic link is followed */
	fd = mkostemp(o->temporary, O_CLOEXEC);
	if (fd >= 0)
		o->file = fdopen(fd, "w");
	if (!o->file) {
		code = -errno;
		if (fd >= 0) {
			close(fd);
			unlink(o->temporary);
		}
		free(o->temporary);
		o->temporary = NULL;
		return ft_fail(err, code, FT_EXIT_FAILURE, "cannot create %s: %s", path,
			       strerror(-code));
	}
	return 0;
}

int cli_output__check(const char *path, struct ft_error *err)
{
	struct cli_output o;
	int code;

	/* The reader of a FIFO would see an end of file. */
	if (!path || is_stream(path))
		return 0;
	code = cli_output__open(&o, path, err);
	if (!code)
		cli_output__abort(&o);
	return code;
}

int cli_output__commit(struct cli_output *o, struct ft_error *err)
{
	bool failed = ferror(o->file);
	int code;

	/* ferror() is set by an earlier failed write, too; errno may have changed since. */
	errno = 0;
	failed |= fflush(o->file) != 0;
	if (o->file != stdout) {
		failed |= fclose(o->file) != 0;
		o->file = NULL;
	}
	if (!failed && o->temporary)
		failed = rename(o->temporary, o->path) != 0;
	code = errno ? -errno : -EIO;
	if (failed) {
		cli_output__abort(o);
		return ft_fail(err, code, FT_EXIT_FAILURE, "cannot write %s: %s", o->path,
			       strerror(-code));
	}
	free(o->temporary);
	o->temporary = NULL;
	return 0;
}

void cli_output__abort(struct cli_output *o)
{
	if (o->file && o->file != stdout)
		fclose(o->file);
	o->file = NULL;
	if (o->temporary)
		unlink(o->temporary);
	free(o->temporary);
	o->temporary = NULL;
}

static int finish(struct cli_output *o, int code, struct ft_error *err)
{
	if (!code)
		return cli_output__commit(o, err);
	cli_output__abort(o);
	return ft_fail(err, code, FT_EXIT_FAILURE, "cannot write %s: %s", o->path, strerror(-code));
}

int cli_write(const char *path, int (*render)(const void *arg, FILE *out), const void *arg,
	      struct ft_error *err)
{
	struct cli_output o;
	int code = cli_output__open(&o, path, err);

	return code ? code : finish(&o, render(arg, o.file), err);
}

struct rendering {
	const struct ft_run *run;
	const struct ft_json_options *json;
	const struct ft_text_options *text;
};

static int json(const void *arg, FILE *out)
{
	const struct rendering *r = arg;

	return ft_json__document(r->run, r->json, out);
}

static int report(const void *arg, FILE *out)
{
	const struct rendering *r = arg;

	return ft_text__report(r->run, r->text, out);
}

static int timeline(const void *arg, FILE *out)
{
	const struct rendering *r = arg;

	return ft_text__timeline(r->run, r->text, out);
}

int cli_write_json(const struct ft_run *run, const char *path, const struct ft_json_options *opts,
		   struct ft_error *err)
{
	return cli_write(path, json, &(struct rendering){ .run = run, .json = opts }, err);
}

int cli_write_report(const struct ft_run *run, const struct ft_text_options *opts,
		     struct ft_error *err)
{
	return cli_write(NULL, report, &(struct rendering){ .run = run, .text = opts }, err);
}

int cli_write_timeline(const struct ft_run *run, const struct ft_text_options *opts,
		       struct ft_error *err)
{
	return cli_write(NULL, timeline, &(struct rendering){ .run = run, .text = opts }, err);
}
