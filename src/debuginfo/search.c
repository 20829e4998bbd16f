// SPDX-License-Identifier: GPL-2.0
#include "debuginfo/search.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debuginfo/object.h"

#define FILES_MAX 200000 /* of the directory of modules */

/* An open file if path is of the wanted build, else -ENOENT. Frees path or keeps it in s. */
static int try_path(struct search *s, char *path)
{
	char id[OBJECT_ID_LEN];
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;

	if (fd >= 0 && !object__build_id(fd, id) && !strcmp(id, s->build_id)) {
		s->path = path;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return -ENOENT;
}

static int try_format(struct search *s, const char *format, const char *a, const char *b)
	__attribute__((format(printf, 2, 0)));

static int try_format(struct search *s, const char *format, const char *a, const char *b)
{
	char *path;

	if (asprintf(&path, format, a, b) < 0)
		return -ENOENT;
	return try_path(s, path);
}

static int by_build_id(struct search *s)
{
	char file[OBJECT_ID_LEN + 16];
	int fd;

	snprintf(file, sizeof(file), "%.2s/%s.debug", s->build_id, s->build_id + 2);
	fd = try_format(s, "%s/.build-id/%s", s->dir, file);
	if (fd < 0) {
		file[strlen(file) - 6] = '\0';
		fd = try_format(s, "%s/.build-id/%s", s->dir, file);
	}
	return fd;
}

/* Below s->dir as packages of debug info have it, then where a built kernel may be. */
static int kernel_by_name(struct search *s)
{
	static const char *const below[] = {
		"%s/boot/vmlinux-%s",
		"%s/lib/modules/%s/vmlinux",
		"%s/usr/lib/modules/%s/vmlinux",
		"%s/usr/lib/modules/%s/vmlinux.debug",
		"%s/boot/vmlinux-%s.debug",
		"%s/vmlinux-%s",
	};
	static const char *const built[] = { "%s/lib/modules/%s/build/vmlinux",
					     "%s/boot/vmlinux-%s" };
	int fd = -ENOENT;

	for (size_t i = 0; fd < 0 && i < sizeof(below) / sizeof(*below); i++)
		fd = try_format(s, below[i], s->dir, s->release);
	for (size_t i = 0; fd < 0 && i < sizeof(built) / sizeof(*built); i++)
		fd = try_format(s, built[i], "", s->release);
	return fd;
}

/* "snd-pcm.ko.debug" is the module snd_pcm. */
static bool is_module(const char *file, const char *module)
{
	for (; *module; file++, module++)
		if (*file != *module && !(*file == '-' && *module == '_'))
			return false;
	return !strncmp(file, ".ko", 3);
}

static int module_below(struct search *s, char *root)
{
	char *const roots[] = { root, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int fd = -ENOENT, left = FILES_MAX;
	FTSENT *e;

	while (tree && fd < 0 && left-- && (e = fts_read(tree)))
		if (e->fts_info == FTS_F && is_module(e->fts_name, s->module))
			fd = try_path(s, strdup(e->fts_path));
	if (tree)
		fts_close(tree);
	return fd;
}

static int module_by_name(struct search *s)
{
	const char *const dirs[] = { s->dir, s->dir, "" };
	static const char *const tail[] = { "lib/modules", "usr/lib/modules", "lib/modules" };
	int fd = -ENOENT;

	for (size_t i = 0; fd < 0 && i < 3; i++) {
		char *root;

		if (asprintf(&root, "%s/%s/%s", dirs[i], tail[i], s->release) < 0)
			return -ENOMEM;
		fd = module_below(s, root);
		free(root);
	}
	return fd;
}

/* libdwfl asks debuginfod for a module of which it knows only the build id. */
static int by_debuginfod(struct search *s)
{
	static char nowhere[] = "";
	char *path = nowhere, *name = NULL;
	const Dwfl_Callbacks callbacks = { .debuginfo_path = &path };
	const char *urls = getenv("DEBUGINFOD_URLS");
	unsigned char bits[OBJECT_ID_LEN / 2];
	size_t len = strlen(s->build_id) / 2;
	int fd = -ENOENT;
	Dwfl_Module *m;
	Dwfl *dwfl;

	if (!urls || !*urls)
		return fd;
	dwfl = dwfl_begin(&callbacks);
	if (!dwfl)
		return -ENOMEM;
	s->unreachable = !dwfl_get_debuginfod_client(dwfl);
	for (size_t i = 0; i < len && i < sizeof(bits); i++)
		sscanf(s->build_id + 2 * i, "%2hhx", &bits[i]);
	dwfl_report_begin(dwfl);
	m = dwfl_report_module(dwfl, "by build id", 0x1000, 0x2000);
	if (!s->unreachable && m && !dwfl_module_report_build_id(m, bits, len, 0))
		fd = dwfl_standard_find_debuginfo(m, NULL, NULL, 0, NULL, NULL, 0, &name);
	free(name);
	dwfl_end(dwfl);
	if (fd < 0)
		return -ENOENT;
	s->path = strdup("the file from debuginfod");
	return fd;
}

int search__find(struct search *s)
{
	int fd;

	if (!s->build_id || strlen(s->build_id) < 4 || strlen(s->build_id) >= OBJECT_ID_LEN)
		return -ENOENT;
	fd = by_build_id(s);
	if (fd < 0 && s->release)
		fd = s->module ? module_by_name(s) : kernel_by_name(s);
	if (fd < 0)
		fd = by_debuginfod(s);
	return fd;
}
