// SPDX-License-Identifier: GPL-2.0
/* An expectation is read from its file. Errors have file, line and column. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/util/arena.h"
#include "expect/file.h"
#include "expect/pairs.h"

static void add_order(struct file_reader *r, json_t *v, void *orders)
{
	int64_t n = file__integer(r, v);

	if (n < 0 || n > 63)
		file__wrong(r, "must be 0 to 63");
	else
		*(uint64_t *)orders |= 1ULL << n;
}

static void add_kind(struct file_reader *r, json_t *v, void *kinds)
{
	const char *name = json_string_value(v);

	for (int kind = 0; name && kind <= FT_KIND_TYPED; kind++)
		if (!strcmp(name, ft_kind__name((enum ft_kind)kind))) {
			*(uint32_t *)kinds |= 1U << kind;
			return;
		}
	if (name)
		file__wrong(
			r,
			"\"%.60s\" is not a kind of folio (anon, file, shmem, ksm, hugetlb, ...)",
			name);
	else
		file__wrong(r, "must be a string");
}

static void add_class(struct file_reader *r, json_t *v, void *classes)
{
	const char *name = json_string_value(v);

	for (int class = 0; name && class < FT_OWNER_COUNT; class ++)
		if (!strcmp(name, ft_owner_class__name((enum ft_owner_class) class))) {
			*(uint32_t *)classes |= 1U << class;
			return;
		}
	if (name)
		file__wrong(r, "\"%.60s\" is not a class of owners (pin, mapping, lookup, ...)",
			    name);
	else
		file__wrong(r, "must be a string");
}

static int at(struct file_reader *r, json_t *o)
{
	const char *name = file__text(r, o, "at", true);
	int at = FT_AT_FINAL;

	if (!r->code && ft_at__parse(name, &at)) {
		file__push(r, "at", 0);
		file__wrong(
			r,
			"\"%.60s\" is neither \"final\" nor a checkpoint (\"%s\", \"%s\", \"%s\", "
			"\"%s\")",
			name, ft_at__name(0), ft_at__name(1), ft_at__name(2), ft_at__name(3));
		file__pop(r);
	}
	return at;
}

static enum ft_match_role role(struct file_reader *r, json_t *o)
{
	const char *name = file__text(r, o, "role", false);
	enum ft_match_role role = FT_ROLE_ANY;

	if (!name || r->code)
		return role;
	if (!strcmp(name, "src"))
		return FT_ROLE_SRC;
	if (!strcmp(name, "dst"))
		return FT_ROLE_DST;
	file__push(r, "role", 0);
	file__wrong(r, "\"%.60s\" is neither \"src\" nor \"dst\"", name);
	file__pop(r);
	return role;
}

static int truth(struct file_reader *r, json_t *o, const char *name)
{
	json_t *v = file__member(r, o, name, false);

	if (!v)
		return -1;
	file__push(r, name, 0);
	if (!json_is_boolean(v))
		file__wrong(r, "must be true or false");
	file__pop(r);
	return json_is_true(v);
}

/* Steps into a member that must be an object; NULL: it is none. */
static json_t *enter(struct file_reader *r, json_t *o, const char *name, const char *const *known)
{
	json_t *v = file__member(r, o, name, true);

	if (!v)
		return NULL;
	file__push(r, name, 0);
	if (json_is_object(v)) {
		file__note_unknown(r, v, known);
		return v;
	}
	file__wrong(r, "must be an object");
	file__pop(r);
	return NULL;
}

static void read_match(struct file_reader *r, json_t *o, struct ft_match *m)
{
	static const char *const known[] = { "at",	   "order",    "kind", "class", "role",
					     "src_is_dst", "function", "comm", "argv",	NULL };
	json_t *v = enter(r, o, "match", known);

	if (!v)
		return;
	m->at = at(r, v);
	file__each(r, v, "order", add_order, &m->orders);
	file__each(r, v, "kind", add_kind, &m->kinds);
	file__each(r, v, "class", add_class, &m->classes);
	m->role = role(r, v);
	m->src_is_dst = truth(r, v, "src_is_dst");
	m->function = file__text(r, v, "function", false);
	m->comm = file__text(r, v, "comm", false);
	m->argv = file__text(r, v, "argv", false);
	if (m->at == FT_AT_FINAL && (m->role != FT_ROLE_ANY || m->src_is_dst >= 0))
		file__wrong(r, "\"role\" and \"src_is_dst\" are of checkpoints, not of \"final\"");
	if (m->at != FT_AT_FINAL && m->classes)
		file__wrong(r, "\"class\" is of \"final\", not of checkpoints");
	file__pop(r);
}

static void read_expect(struct file_reader *r, json_t *o, struct ft_rule *rule)
{
	static const char *const known[] = { "refcount", "mapcount", "surplus", "folios", NULL };
	json_t *v = enter(r, o, "expect", known);
	bool any;

	if (!v)
		return;
	for (int f = 0; f < FT_FIELD_COUNT; f++)
		rule->field[f] = file__range(r, v, ft_field__name((enum ft_field)f), false);
	rule->folios = file__range(r, v, "folios", true);
	any = rule->folios.set;
	for (int f = 0; f < FT_FIELD_COUNT; f++)
		any |= rule->field[f].set;
	if (!any)
		file__wrong(r, "expects nothing: give refcount, mapcount, surplus or folios");
	file__pop(r);
}

static int line_of(const struct file_reader *r)
{
	return locate(r->text, r->size, &r->at).line;
}

static void read_rule(struct file_reader *r, json_t *o, void *rules)
{
	static const char *const known[] = { "name", "comment", "match", "expect", NULL };
	size_t i = r->e->nr_rules++;
	struct ft_rule *rule = (struct ft_rule *)rules + i;

	rule->line = line_of(r);
	if (!json_is_object(o)) {
		file__wrong(r, "must be an object");
		return;
	}
	file__note_unknown(r, o, known);
	rule->name = file__text(r, o, "name", false);
	rule->comment = file__text(r, o, "comment", false);
	read_match(r, o, &rule->match);
	read_expect(r, o, rule);
	if (!rule->name)
		rule->name = ft_arena__printf(r->arena, "rule %zu, %s", i + 1,
					      ft_at__name(rule->match.at));
	if (!rule->name)
		file__no_memory(r);
}

static void read_waiver(struct file_reader *r, json_t *o, void *waivers)
{
	static const char *const known[] = { "match", "reason", "until", "comment", NULL };
	static const char *const sites[] = { "function", "module", "order", "kind", "class", NULL };
	struct ft_waiver *w = (struct ft_waiver *)waivers + r->e->nr_waivers++;
	json_t *v;

	w->line = line_of(r);
	if (!json_is_object(o)) {
		file__wrong(r, "must be an object");
		return;
	}
	file__note_unknown(r, o, known);
	v = enter(r, o, "match", sites);
	if (v) {
		w->function = file__text(r, v, "function", true);
		w->module = file__text(r, v, "module", false);
		file__each(r, v, "order", add_order, &w->orders);
		file__each(r, v, "kind", add_kind, &w->kinds);
		file__each(r, v, "class", add_class, &w->classes);
		file__pop(r);
	}
	w->reason = file__text(r, o, "reason", true);
	w->until = file__text(r, o, "until", false);
	if (w->until && (*w->until < '0' || *w->until > '9')) {
		file__push(r, "until", 0);
		file__wrong(r, "\"%.60s\" is not a kernel release such as \"7.5\"", w->until);
		file__pop(r);
	}
}

/* A list of the document: room for its rows, then each of them. */
static void read_list(struct file_reader *r, json_t *doc, const char *name, bool needed,
		      void **rows, size_t size,
		      void (*one)(struct file_reader *r, json_t *o, void *rows))
{
	json_t *list = file__member(r, doc, name, needed), *row;
	size_t i;

	*rows = ft_arena__alloc(r->arena, json_array_size(list) + 1, size);
	if (!*rows)
		file__no_memory(r);
	if (!list || r->code)
		return;
	file__push(r, name, 0);
	if (!json_is_array(list))
		file__wrong(r, "must be a list");
	if (json_array_size(list) > FT_EXPECT_RULES_MAX)
		file__wrong(r, "has more than %d rows", FT_EXPECT_RULES_MAX);
	json_array_foreach(list, i, row) {
		if (r->code)
			break;
		file__push(r, NULL, i);
		one(r, row, *rows);
		file__pop(r);
	}
	file__pop(r);
}

static void read_document(struct file_reader *r, json_t *doc)
{
	static const char *const known[] = { "$schema", "schema_version", "comment",
					     "made",	"strict",	  "rules",
					     "waivers", "pairs",	  NULL };
	json_t *version;

	if (!json_is_object(doc)) {
		file__wrong(r, "must be an object with \"schema_version\" and \"rules\"");
		return;
	}
	version = file__member(r, doc, "schema_version", true);
	if (!version)
		return;
	file__push(r, "schema_version", 0);
	if (file__integer(r, version) > FT_EXPECT_VERSION)
		file__wrong(r,
			    "is %lld, newer than this folio-trace (" FT_VERSION ", up to %d) reads",
			    (long long)json_integer_value(version), FT_EXPECT_VERSION);
	else if (json_integer_value(version) < 1)
		file__wrong(r, "must be 1 or more");
	file__pop(r);
	if (r->code)
		return;
	r->e->comment = file__text(r, doc, "comment", false);
	r->e->strict = truth(r, doc, "strict") == 1;
	file__note_unknown(r, doc, known);
	read_list(r, doc, "rules", true, (void **)&r->e->rules, sizeof(struct ft_rule), read_rule);
	read_list(r, doc, "waivers", false, (void **)&r->e->waivers, sizeof(struct ft_waiver),
		  read_waiver);
	pairs__read(r, doc);
}

/* The whole file, with a bound; to be freed. */
static int slurp(const char *path, char **text, size_t *size, struct ft_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), code = 0;
	ssize_t n = 1;

	if (fd < 0)
		return ft_fail(err, -errno, FT_EXIT_FAILURE, "cannot open %s: %s", path,
			       strerror(errno));
	*size = 0;
	*text = malloc(FT_EXPECT_BYTES_MAX + 1);
	if (!*text)
		code = ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
	while (!code && n > 0 && *size <= FT_EXPECT_BYTES_MAX) {
		n = read(fd, *text + *size, FT_EXPECT_BYTES_MAX + 1 - *size);
		if (n < 0)
			code = ft_fail(err, -errno, FT_EXIT_FAILURE, "cannot read %s: %s", path,
				       strerror(errno));
		else
			*size += (size_t)n;
	}
	if (!code && *size > FT_EXPECT_BYTES_MAX)
		code = ft_fail(err, -EFBIG, FT_EXIT_FAILURE,
			       "%s: larger than %u bytes, the most that is read", path,
			       FT_EXPECT_BYTES_MAX);
	close(fd);
	return code;
}

static int parse(struct file_reader *r)
{
	json_error_t e;
	json_t *doc = json_loadb(r->text, r->size, JSON_REJECT_DUPLICATES, &e);

	if (!doc)
		return ft_fail(r->err, -EINVAL, FT_EXIT_FAILURE, "%s:%d:%d: %s", r->path, e.line,
			       e.column, e.text);
	read_document(r, doc);
	json_decref(doc);
	return r->code;
}

int ft_expectation__read(const char *path, struct ft_expectation **out, struct ft_error *err)
{
	struct file_reader r = { .path = path, .err = err };
	char *text = NULL;
	int code = slurp(path, &text, &r.size, err);

	*out = NULL;
	r.text = text;
	r.arena = code ? NULL : ft_arena__new();
	r.e = r.arena ? ft_arena__alloc(r.arena, 1, sizeof(*r.e)) : NULL;
	if (r.e) {
		r.e->path = ft_arena__strdup(r.arena, path);
		r.e->ignored = ft_arena__alloc(r.arena, READER_IGNORED_MAX, sizeof(*r.e->ignored));
		r.e->arena = r.arena;
		if (!r.e->path || !r.e->ignored)
			file__no_memory(&r);
	} else if (!code) {
		file__no_memory(&r);
	}
	if (!code)
		code = r.code ? r.code : parse(&r);
	free(text);
	if (code)
		ft_arena__free(r.arena);
	else
		*out = r.e;
	return code;
}
