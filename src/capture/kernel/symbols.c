// SPDX-License-Identifier: GPL-2.0
#include "capture/kernel/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (256 << 10)
#define MAX_LINE 1024

struct reader {
	struct symbols *s;
	const char *module;
	size_t symbols_room, strings_room, others_room;
	uint32_t last_module; /* offset of the name seen last */
};

static int add_string(struct reader *r, const char *text, size_t len, uint32_t *at)
{
	struct symbols *s = r->s;

	if (s->strings_size + len + 1 > r->strings_room) {
		size_t room = (r->strings_room + len) * 2 + 4096;
		char *p = realloc(s->strings, room);

		if (!p)
			return -ENOMEM;
		s->strings = p;
		r->strings_room = room;
	}
	*at = s->strings_size;
	memcpy(s->strings + s->strings_size, text, len);
	s->strings[s->strings_size + len] = '\0';
	s->strings_size += len + 1;
	return 0;
}

static int module_name(struct reader *r, const char *text, size_t len, uint32_t *at)
{
	const char *last = r->s->strings + r->last_module;

	if (r->last_module && !strncmp(last, text, len) && !last[len])
		*at = r->last_module;
	else if (add_string(r, text, len, at))
		return -ENOMEM;
	r->last_module = *at;
	return 0;
}

static int add_symbol(struct reader *r, uint64_t address, const char *name, size_t len,
		      const char *module, size_t module_len)
{
	struct symbols *s = r->s;
	struct symbol sym = { .address = address };

	if (s->nr == r->symbols_room) {
		size_t room = r->symbols_room * 2 + 4096;
		struct symbol *p = reallocarray(s->by_address, room, sizeof(*p));

		if (!p)
			return -ENOMEM;
		s->by_address = p;
		r->symbols_room = room;
	}
	if (add_string(r, name, len, &sym.name) ||
	    (module && module_name(r, module, module_len, &sym.module)))
		return -ENOMEM;
	s->by_address[s->nr++] = sym;
	return 0;
}

static int add_other(struct reader *r, uint64_t address)
{
	struct symbols *s = r->s;

	if (s->nr_others == r->others_room) {
		size_t room = r->others_room * 2 + 256;
		uint64_t *p = reallocarray(s->others, room, sizeof(*p));

		if (!p)
			return -ENOMEM;
		s->others = p;
		r->others_room = room;
	}
	s->others[s->nr_others++] = address;
	return 0;
}

static bool is(const char *name, size_t len, const char *what)
{
	return strlen(what) == len && !memcmp(name, what, len);
}

/* "ffffffff81000000 T _stext[\t[module]]" */
static int take_line(struct reader *r, char *line, char *end)
{
	char *rest, *name, *name_end, *module = NULL;
	uint64_t address = strtoull(line, &rest, 16);
	size_t len, module_len = 0;
	char type;

	if (rest == line || end - rest < 4)
		return 0;
	type = rest[1] | 0x20;
	name = rest + 3;
	name_end = memchr(name, '\t', end - name);
	if (name_end && name_end + 2 < end && name_end[1] == '[') {
		module = name_end + 2;
		module_len = end - module - 1;
	}
	len = (name_end ? name_end : end) - name;
	if (is(name, len, "_stext"))
		r->s->stext = address;
	if (is(name, len, "_etext"))
		r->s->etext = address;
	if ((type != 't' && type != 'w') || !address)
		return 0;
	if (len > 6 && !memcmp(name, "__pfx_", 6))
		return 0; /* the padding before a function */
	if (r->module && !module)
		return 0;
	/* [bpf] are programs, ours among them; [__builtin__kprobes] and
	 * [__builtin__ftrace] hold copied instructions and trampolines */
	if (module && (is(module, module_len, "bpf") ||
		       (module_len > 11 && !memcmp(module, "__builtin__", 11)) ||
		       (r->module && !is(module, module_len, r->module))))
		return add_other(r, address);
	return add_symbol(r, address, name, len, module, module_len);
}

static int take_chunk(struct reader *r, char *buf, size_t *used)
{
	char *at = buf, *end = buf + *used, *newline;

	while ((newline = memchr(at, '\n', end - at))) {
		int rc;

		*newline = '\0';
		rc = take_line(r, at, newline);
		if (rc)
			return rc;
		at = newline + 1;
	}
	*used = end - at;
	memmove(buf, at, *used);
	return *used > MAX_LINE ? -EINVAL : 0;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int read_all(struct reader *r, int fd, char *buf)
{
	size_t used = 0;
	ssize_t n;
	int rc = 0;

	while (!rc && (n = read(fd, buf + used, CHUNK - used)) != 0) {
		if (n < 0)
			return -errno;
		used += n;
		rc = take_chunk(r, buf, &used);
	}
	return rc;
}

int symbols__read(struct symbols *s, const char *module, struct ft_error *err)
{
	struct reader r = { .s = s, .module = module };
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC), rc;
	char *buf = malloc(CHUNK);
	uint32_t empty;

	memset(s, 0, sizeof(*s));
	rc = fd < 0 ? -errno : !buf || add_string(&r, "", 0, &empty) ? -ENOMEM : 0;
	if (!rc)
		rc = read_all(&r, fd, buf);
	if (fd >= 0)
		close(fd);
	free(buf);
	if (rc) {
		symbols__free(s);
		return ft_fail(err, rc, FT_EXIT_FAILURE, "/proc/kallsyms: %s", strerror(-rc));
	}
	qsort(s->by_address, s->nr, sizeof(*s->by_address), by_address);
	qsort(s->others, s->nr_others, sizeof(*s->others), ascending);
	return 0;
}

void symbols__free(struct symbols *s)
{
	free(s->by_address);
	free(s->strings);
	free(s->others);
	memset(s, 0, sizeof(*s));
}

const struct symbol *symbols__find(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->by_address[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &s->by_address[low - 1] : NULL;
}

uint64_t symbols__end(const struct symbols *s, uint64_t address)
{
	const struct symbol *sym = symbols__find(s, address), *last = s->by_address + s->nr;
	size_t low = 0, high = s->nr_others;
	uint64_t end = UINT64_MAX;

	while (sym && sym < last && sym->address <= address)
		sym++;
	if (sym && sym < last)
		end = sym->address;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->others[mid] <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->nr_others && s->others[low] < end ? s->others[low] : end;
}

const char *symbols__name(const struct symbols *s, const struct symbol *sym)
{
	return s->strings + sym->name;
}

const char *symbols__module(const struct symbols *s, const struct symbol *sym)
{
	return sym->module ? s->strings + sym->module : NULL;
}

void symbols__forget(struct symbols *s, const char *module)
{
	size_t to = 0;

	for (size_t i = 0; i < s->nr; i++)
		if (!s->by_address[i].module ||
		    strcmp(s->strings + s->by_address[i].module, module))
			s->by_address[to++] = s->by_address[i];
	s->nr = to;
}

int symbols__merge(struct symbols *all, struct symbols *more)
{
	struct symbol *p = reallocarray(all->by_address, all->nr + more->nr, sizeof(*p));
	char *strings = realloc(all->strings, all->strings_size + more->strings_size);
	size_t at;

	if (p)
		all->by_address = p;
	if (strings)
		all->strings = strings;
	if (!p || !strings)
		return -ENOMEM;
	memcpy(strings + all->strings_size, more->strings, more->strings_size);
	for (at = 0; at < all->nr && p[at].address < more->by_address[0].address; at++)
		;
	memmove(p + at + more->nr, p + at, (all->nr - at) * sizeof(*p));
	for (size_t i = 0; i < more->nr; i++) {
		p[at + i] = more->by_address[i];
		p[at + i].name += all->strings_size;
		p[at + i].module += all->strings_size;
	}
	all->nr += more->nr;
	all->strings_size += more->strings_size;
	free(all->others);
	all->others = more->others;
	all->nr_others = more->nr_others;
	more->others = NULL;
	return 0;
}
