// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/hook_set.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

static const struct {
	const char *function;
	enum ft_role role;
} hook_table[FT_HOOK_COUNT] = {
#define ROW(fn, role, arg, vma) [FT_HOOK_##fn] = { #fn, FT_ROLE_##role },
	FT_HOOKS(ROW) FT_HOOKS_SPECIAL(ROW) FT_HOOKS_PAGE_REF(ROW)
#undef ROW
};

/* The hooks by name: BTF is walked once for all of them, not once for each. */
#define INDEX_SLOTS 256

struct name_index {
	uint8_t hook[INDEX_SLOTS]; /* 0: free */
};

_Static_assert(FT_HOOK_COUNT <= INDEX_SLOTS / 2, "the index of names is too small");

static unsigned int hash_name(const char *name)
{
	unsigned int h = 2166136261;

	while (*name)
		h = (h ^ (unsigned char)*name++) * 16777619;
	return h;
}

/* The slot of a name, or the free one where it belongs. */
static uint8_t *find_slot(struct name_index *index, const char *name)
{
	unsigned int at = hash_name(name);

	while (index->hook[at % INDEX_SLOTS] &&
	       strcmp(hook_table[index->hook[at % INDEX_SLOTS]].function, name))
		at++;
	return &index->hook[at % INDEX_SLOTS];
}

/* By existence: the function is in this kernel's BTF. */
static void find_functions(struct hook_set *set, const struct btf *btf)
{
	struct name_index index = {};

	for (int i = 1; i < FT_HOOK_COUNT; i++)
		if (set->hook[i].role != FT_ROLE_REF)
			*find_slot(&index, set->hook[i].function) = i;
	for (int id = 1; id < (int)btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		struct hook_info *h;

		if (!btf_is_func(t))
			continue;
		h = &set->hook[*find_slot(&index, btf__name_by_offset(btf, t->name_off))];
		if (!h->function || h->state)
			continue;
		t = btf__type_by_id(btf, t->type);
		h->state = HOOK_FOUND;
		h->btf_id = id;
		h->return_size = t->type ? btf__resolve_size(btf, t->type) : 0;
	}
}

static struct bpf_program *program(const struct bpf_object *obj, const char *prefix,
				   const char *function)
{
	char name[128];

	snprintf(name, sizeof(name), "%s_%s", prefix, function);
	return bpf_object__find_program_by_name(obj, name);
}

/* The tracepoints of CONFIG_DEBUG_PAGE_REF: typedefs in BTF, no functions. */
static bool find_tracepoint(const struct btf *btf, const char *name)
{
	char type[64];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) > 0;
}

bool hook_set__has_page_ref(const struct btf *btf)
{
	return find_tracepoint(btf, "page_ref_mod");
}

void hook_set__choose(struct hook_set *set, const struct btf *btf, bool page_ref)
{
	struct hook_info *inner = &set->hook[FT_HOOK___migrate_device_finalize];

	for (int i = 1; i < FT_HOOK_COUNT; i++) {
		struct hook_info *h = &set->hook[i];

		h->function = hook_table[i].function;
		h->role = hook_table[i].role;
		if (h->role == FT_ROLE_REF && page_ref && find_tracepoint(btf, h->function))
			h->state = HOOK_FOUND;
	}
	find_functions(set, btf);
	/* Not functions: a tracepoint that is always there, and our own reading. */
	set->hook[FT_HOOK_mm_page_free].state = HOOK_ATTACHED;
	set->hook[FT_HOOK_settle].state = HOOK_ATTACHED;
	/* A wrapper where the inner function exists. */
	if (inner->state == HOOK_FOUND)
		set->hook[FT_HOOK_migrate_device_finalize].state = HOOK_ABSENT;
}

/* Whose numbers the handler of libbpf's sections takes: one session at a time. */
static const struct hook_set *targets;
static const struct btf *targets_btf;

static int set_target(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const char *function = strchr(bpf_program__section_name(prog), '/') + 1;
	int id = 0;

	(void)cookie;
	for (int i = 1; i < FT_HOOK_COUNT && !id; i++)
		if (!strcmp(targets->hook[i].function, function))
			id = targets->hook[i].btf_id;
	if (!id)
		id = btf__find_by_name_kind(targets_btf, function, BTF_KIND_FUNC);
	if (id <= 0)
		return -ESRCH;
	opts->attach_btf_id = id;
	return 0;
}

static int attach_target(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	(void)cookie;
	*link = bpf_program__attach_trace(prog);
	return *link ? 0 : -errno;
}

int hook_set__use_numbers(const struct hook_set *set, const struct btf *btf)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = set_target,
		    .prog_attach_fn = attach_target);
	static bool done;
	int rc = 0;

	targets = set;
	targets_btf = btf;
	if (done)
		return 0;
	rc = libbpf_register_prog_handler("fentry/", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
					  &opts);
	if (rc >= 0)
		rc = libbpf_register_prog_handler("fexit/", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT,
						  &opts);
	done = rc >= 0;
	return rc < 0 ? rc : 0;
}

/* The programs of a hook, in the order to attach them: returns first, or an
 * entry without its return would look unfinished; a first before its second. */
static const char *const prefixes[] = { "on_return", "on_return_fallback",
					"on_enter",  "on_enter_fallback",
					"on",	     "on_fallback" };

#define NR_PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

void hook_set__autoload(const struct hook_set *set, struct bpf_object *obj)
{
	for (int i = 1; i < FT_HOOK_COUNT; i++) {
		const struct hook_info *h = &set->hook[i];

		for (size_t k = 0; k < NR_PREFIXES; k++) {
			struct bpf_program *p = program(obj, prefixes[k], h->function);
			bool returns = k < 2;

			if (p && i != FT_HOOK_mm_page_free)
				bpf_program__set_autoload(p, h->state == HOOK_FOUND && !h->shared &&
								     !(returns &&
								       h->role == FT_ROLE_DEATH));
		}
	}
}

struct bpf_program *hook_set__program(const struct bpf_object *obj, const struct hook_info *h,
				      unsigned int n, bool *more)
{
	*more = n + 1 < NR_PREFIXES;
	return program(obj, prefixes[n], h->function);
}

struct hook_info *hook_set__of(struct hook_set *set, const struct bpf_object *obj,
			       const char *program_name)
{
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		for (size_t k = 0; k < NR_PREFIXES; k++) {
			struct bpf_program *p = program(obj, prefixes[k], set->hook[i].function);

			if (p && !strcmp(bpf_program__name(p), program_name))
				return &set->hook[i];
		}
	return NULL;
}

/* Does this program open or close lives? Its twin's misses are harmless. */
bool hook_set__sees_lifetimes(const struct hook_set *set, const struct bpf_object *obj,
			      const struct bpf_program *p)
{
	for (int i = 1; i < FT_HOOK_COUNT; i++) {
		const struct hook_info *h = &set->hook[i];

		switch (h->role) {
		case FT_ROLE_BIRTH:
		case FT_ROLE_DEATH:
		case FT_ROLE_SPLIT:
		case FT_ROLE_MAP:
		case FT_ROLE_MAP_NEW:
			if (p == program(obj, "on", h->function) ||
			    p == program(obj, "on_enter", h->function) ||
			    p == program(obj, "on_return", h->function))
				return true;
			break;
		default:
			break;
		}
	}
	return false;
}
