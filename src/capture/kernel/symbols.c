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
	size_t symbols_room, strings_room, others_room, operations_room;
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

struct line {
	uint64_t address;
	char type; /* lower case */
	const char *name, *module;
	size_t len, module_len;
};

static int append(struct reader *r, struct symbol **list, size_t *nr, size_t *room,
		  const struct line *l)
{
	struct symbol sym = { .address = l->address };

	if (*nr == *room) {
		size_t more = *room * 2 + 256;
		struct symbol *p = reallocarray(*list, more, sizeof(*p));

		if (!p)
			return -ENOMEM;
		*list = p;
		*room = more;
	}
	if (add_string(r, l->name, l->len, &sym.name) ||
	    (l->module && module_name(r, l->module, l->module_len, &sym.module)))
		return -ENOMEM;
	(*list)[(*nr)++] = sym;
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

static bool ends_in(const struct line *l, const char *what)
{
	size_t len = strlen(what);

	return l->len >= len && !memcmp(l->name + l->len - len, what, len);
}

/* Kernels without CONFIG_KALLSYMS_ALL have no data here. */
static bool is_operations(const struct line *l)
{
	return strchr("dr", l->type) && (ends_in(l, "_aops") || ends_in(l, "_addr_operations") ||
					 ends_in(l, "_address_space_operations"));
}

/* "ffffffff81000000 T _stext[\t[module]]" */
static bool read_line(struct line *l, char *line, char *end)
{
	char *rest, *name_end;

	*l = (struct line){ .address = strtoull(line, &rest, 16) };
	if (rest == line || end - rest < 4)
		return false;
	l->type = rest[1] | 0x20;
	l->name = rest + 3;
	name_end = memchr(l->name, '\t', end - l->name);
	if (name_end && name_end + 2 < end && name_end[1] == '[') {
		l->module = name_end + 2;
		l->module_len = end - l->module - 1;
	}
	l->len = (name_end ? name_end : end) - l->name;
	return true;
}

static int take_line(struct reader *r, char *text, char *end)
{
	struct symbols *s = r->s;
	struct line l;

	if (!read_line(&l, text, end))
		return 0;
	if (is(l.name, l.len, "_stext"))
		s->stext = l.address;
	if (is(l.name, l.len, "_etext"))
		s->etext = l.address;
	if (!l.address || (r->module && !l.module))
		return 0;
	if (is_operations(&l))
		return append(r, &s->operations, &s->nr_operations, &r->operations_room, &l);
	if (l.type != 't' && l.type != 'w')
		return 0;
	if (l.len > 6 && !memcmp(l.name, "__pfx_", 6))
		return 0; /* the padding before a function */
	/* [bpf] are programs, ours among them; [__builtin__kprobes] and
	 * [__builtin__ftrace] hold copied instructions and trampolines */
	if (l.module && (is(l.module, l.module_len, "bpf") ||
			 (l.module_len > 11 && !memcmp(l.module, "__builtin__", 11)) ||
			 (r->module && !is(l.module, l.module_len, r->module))))
		return add_other(r, l.address);
	return append(r, &s->by_address, &s->nr, &r->symbols_room, &l);
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
	free(s->operations);
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

const struct symbol *symbols__operations(const struct symbols *s, uint64_t address)
{
	/* a module that was loaded again comes later */
	for (size_t i = s->nr_operations; i--;)
		if (s->operations[i].address == address)
			return &s->operations[i];
	return NULL;
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

static int merge_operations(struct symbols *all, const struct symbols *more, uint32_t shift)
{
	struct symbol *p = reallocarray(all->operations,
					all->nr_operations + more->nr_operations + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	all->operations = p;
	for (size_t i = 0; i < more->nr_operations; i++) {
		struct symbol *to = &p[all->nr_operations++];

		*to = more->operations[i];
		to->name += shift;
		to->module += to->module ? shift : 0;
	}
	return 0;
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
	if (!p || !strings || merge_operations(all, more, all->strings_size))
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
