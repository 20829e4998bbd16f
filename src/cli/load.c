// SPDX-License-Identifier: GPL-2.0
/* From a file name to a judged run. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/shipped.h"

static int cannot_open(const char *path, bool named, int code, struct ft_error *err)
{
	if (code == -ENOENT && !named)
		return ft_fail(err, code, FT_EXIT_FAILURE,
			       "no %s here: record one with 'folio-trace run -o %s -- CMD', "
			       "or name the capture",
			       path, path);
	if (code == -EACCES)
		return ft_fail(err, code, FT_EXIT_FAILURE,
			       "cannot open %s: %s; only its owner may read a capture (mode 0600): "
			       "chown it to yourself to read it without root",
			       path, strerror(-code));
	return ft_fail(err, code, FT_EXIT_FAILURE, "cannot open %s: %s", path, strerror(-code));
}

int cli_open(const char *path, int *fd, struct ft_error *err)
{
	const char *name = path ? path : FT_DEFAULT_CAPTURE;

	*fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return *fd < 0 ? cannot_open(name, path != NULL, -errno, err) : 0;
}

int cli_analyse(int fd, const char *name, const struct ft_analyse_options *opts,
		struct ft_run **run, struct ft_error *err)
{
	struct ft_analyse_options all = *opts;
	struct shipped shipped = { 0 };
	int code;

	all.shipped = shipped__pairs;
	all.arg = &shipped;
	code = ft_run__load(fd, name, &all, run, err);
	shipped__free(&shipped);
	return code;
}

int cli_load(const char *path, const struct ft_analyse_options *opts, struct ft_run **run,
	     struct ft_error *err)
{
	int fd, code = cli_open(path, &fd, err);

	if (code)
		return code;
	code = cli_analyse(fd, path ? path : FT_DEFAULT_CAPTURE, opts, run, err);
	close(fd);
	return code;
}
