// SPDX-License-Identifier: GPL-2.0
#include "cli/shipped.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From the program's own directory, so that what is installed below DESTDIR or moved finds its
 * data; then where a build tree has them; then where make was told to install to. */
static const char *const beside[] = {
	"../share/folio-trace/pairs",
	"../tools/pairs",
	"../../tools/pairs",
};

/* "7.3", of a release or a file, as a number that grows with time: a major number goes on for
 * about twenty minor ones. False: it does not begin so; *end is behind it. */
static bool series_of(const char *name, long *series, char **end)
{
	long major = strtol(name, end, 10);

	if (*end == name || **end != '.')
		return false;
	name = *end + 1;
	*series = 20 * major + strtol(name, end, 10);
	return *end != name;
}

/* The file for a release in a directory; false: there is none. */
static bool find_in(const char *dir, const char *release, char *path, size_t size)
{
	DIR *d = opendir(dir);
	long want, series, best = LONG_MAX;
	struct dirent *e;
	char *end;

	if (!d)
		return false;
	while (series_of(release, &want, &end) && (e = readdir(d))) {
		if (!series_of(e->d_name, &series, &end) || strcmp(end, ".json"))
			continue;
		/* of two that are as near, the older one, whatever the directory's order */
		series = 2 * labs(series - want) + (series > want);
		if (series >= best)
			continue;
		best = series;
		if (snprintf(path, size, "%s/%s", dir, e->d_name) >= (int)size)
			best = LONG_MAX;
	}
	closedir(d);
	return best < LONG_MAX;
}

static bool find(const char *release, char *path, size_t size)
{
	char self[PATH_MAX], dir[PATH_MAX + 64], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n < 0 ? 0 : n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; slash && i < sizeof(beside) / sizeof(*beside); i++) {
		snprintf(dir, sizeof(dir), "%s/%s", self, beside[i]);
		if (find_in(dir, release, path, size))
			return true;
	}
	return find_in(FT_DATA "/pairs", release, path, size);
}

const struct ft_pairs *shipped__pairs(void *arg, const char *release)
{
	static bool said; /* a capture may be analysed twice */
	struct shipped *s = arg;
	struct ft_error err = { 0 };
	char path[2 * PATH_MAX];

	if (s->file || !release || !find(release, path, sizeof(path)))
		return s->file ? &s->file->pairs : NULL;
	if (!ft_expectation__read(path, &s->file, &err))
		return &s->file->pairs;
	if (!said)
		fprintf(stderr,
			"folio-trace: %s; lost references are named without it: install it again\n",
			err.text);
	said = true;
	return NULL;
}

void shipped__free(struct shipped *s)
{
	ft_expectation__free(s->file);
	s->file = NULL;
}
