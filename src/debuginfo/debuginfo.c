// SPDX-License-Identifier: GPL-2.0
#include "debuginfo/debuginfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debuginfo/object.h"
#include "debuginfo/search.h"
#include "hash.h"

/* The debug file of the kernel or of a module; searched for once. */
struct part {
	struct part *next;
	const char *module; /* NULL: vmlinux */
	bool there;
	struct object object;
};

struct found {
	struct part *part;
	uint64_t address;
	bool there;
	struct ft_lines lines;
};

struct debuginfo {
	const struct ft_run *run;
	const char *dir;
	struct part *parts;
	struct found *found;
	size_t room;
	struct ft_hash index; /* of found, index.nr of them */
	bool unreachable, missed;
	char hint[512];
};

static const char *build_id_of(const struct debuginfo *d, const char *module)
{
	const struct ft_build *b;

	if (!module)
		return d->run->build_id;
	for (b = d->run->builds; b; b = b->next)
		if (!strcmp(b->module, module))
			return b->build_id;
	return NULL;
}

static void search_for(struct debuginfo *d, struct part *part)
{
	struct search s = {
		.dir = d->dir,
		.release = d->run->release,
		.module = part->module,
		.build_id = build_id_of(d, part->module),
	};
	int fd = search__find(&s);

	if (fd >= 0)
		part->there = !object__open(&part->object, s.path ? s.path : "", fd);
	d->unreachable |= s.unreachable;
	free(s.path);
}

static struct part *part_of(struct debuginfo *d, const char *module)
{
	struct part *p;

	for (p = d->parts; p; p = p->next)
		if (p->module ? module && !strcmp(p->module, module) : !module)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->module = module;
	p->next = d->parts;
	d->parts = p;
	search_for(d, p);
	return p;
}

static bool is_same(const void *found, uint32_t number, const void *key)
{
	const struct found *a = (const struct found *)found + number, *b = key;

	return a->part == b->part && a->address == b->address;
}

/* What was found for key, or is looked for now. NULL: no memory. */
static struct found *found_of(struct debuginfo *d, const struct found *key)
{
	uint32_t hash = ft_hash__of(key->address), nr = d->index.nr;
	uint32_t number = ft_hash__find(&d->index, hash, is_same, d->found, key);
	struct found *f;

	if (number != FT_HASH_NONE)
		return &d->found[number];
	if (nr == d->room) {
		d->room = d->room ? 2 * d->room : 128;
		f = realloc(d->found, d->room * sizeof(*f));
		if (!f) {
			d->room = nr;
			return NULL;
		}
		d->found = f;
	}
	if (ft_hash__add(&d->index, hash, nr))
		return NULL;
	f = &d->found[nr];
	*f = *key;
	f->there = !object__lines(&f->part->object, f->address, &f->lines);
	return f;
}

static const struct ft_lines *find(void *arg, const struct ft_code *code)
{
	struct debuginfo *d = arg;
	struct part *part = part_of(d, code->module);
	struct found key = { .part = part }, *f;

	d->missed |= !part || (!part->there && !code->module);
	if (!part || !part->there || !code->function)
		return NULL;
	/* the address of a module in the kernel is not in its file: only the function counts */
	if (!object__address(&part->object, code, code->module ? 0 : d->run->stext, &key.address))
		return NULL;
	f = found_of(d, &key);
	return f && f->there ? &f->lines : NULL;
}

static const char *hint(void *arg)
{
	struct debuginfo *d = arg;
	char buf[256];
	const char *package;

	if (!d->missed)
		return NULL;
	package = debuginfo__package(d->run->release, d->run->kernel_version, buf, sizeof(buf));
	snprintf(d->hint, sizeof(d->hint),
		 "file, line and inlined function: install %s, or give --vmlinux FILE%s",
		 package ? package : "the debug info of this kernel",
		 d->unreachable ? "; DEBUGINFOD_URLS is set, but the libdw of this binary cannot "
				  "load libdebuginfod" :
				  "");
	return d->hint;
}

static int another_build(const char *path, const char *id, const struct ft_run *run,
			 struct ft_error *err)
{
	return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
		       "%s is of another build: its build id is %s, that of the capture's kernel "
		       "%s is %s",
		       path, id, run->release ? run->release : "", run->build_id);
}

static int open_given(struct debuginfo *d, const char *path, struct ft_error *err)
{
	char id[OBJECT_ID_LEN];
	struct part *p;
	int code, fd;

	if (!d->run->build_id || !*d->run->build_id)
		return ft_fail(err, -ENODATA, FT_EXIT_FAILURE,
			       "the capture has no build id of its kernel: cannot check that %s "
			       "belongs to it",
			       path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "cannot open %s: %s", path,
			       strerror(errno));
	code = object__build_id(fd, id);
	if (!code && strcmp(id, d->run->build_id)) {
		close(fd);
		return another_build(path, id, d->run, err);
	}
	if (code) {
		close(fd);
		return ft_fail(err, code, FT_EXIT_FAILURE, "%s: %s", path,
			       code == -ENODATA ? "an ELF file without a build id" :
						  "not an ELF file; give the vmlinux with debug "
						  "info, not the vmlinuz that is booted");
	}
	p = calloc(1, sizeof(*p));
	code = p ? object__open(&p->object, path, fd) : -ENOMEM;
	if (code) {
		free(p);
		return ft_fail(err, code, FT_EXIT_FAILURE, "%s: %s", path,
			       code == -ENODATA ? "it has no debug info (DWARF)" : strerror(-code));
	}
	p->there = true;
	d->parts = p;
	return 0;
}

int debuginfo__open(struct debuginfo **out, const struct ft_run *run,
		    const struct debuginfo_options *opts, struct ft_error *err)
{
	struct debuginfo *d = calloc(1, sizeof(*d));
	int code = 0;

	*out = NULL;
	if (!d)
		return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
	d->run = run;
	d->dir = opts->dir ? opts->dir : SEARCH_DIR;
	if (opts->vmlinux)
		code = open_given(d, opts->vmlinux, err);
	if (code)
		debuginfo__close(d);
	else
		*out = d;
	return code;
}

struct ft_line_finder debuginfo__finder(struct debuginfo *d)
{
	return (struct ft_line_finder){ .find = find, .hint = hint, .arg = d };
}

void debuginfo__close(struct debuginfo *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->index.nr; i++)
		object__free_lines(&d->found[i].lines);
	free(d->found);
	ft_hash__free(&d->index);
	for (struct part *p = d->parts, *next; p; p = next) {
		next = p->next;
		object__close(&p->object);
		free(p);
	}
	free(d);
}
