// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/hook_set.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "capture/attach/program_table.h"
#include "hash.h"

static const struct {
	const char *function;
	enum ft_role role;
} hook_table[FT_HOOK_COUNT] = {
#define ROW(fn, role, arg, vma) [FT_HOOK_##fn] = { #fn, FT_ROLE_##role },
	FT_HOOKS_ALL(ROW)
#undef ROW
};

/* The hooks by name, so that BTF is walked once for all of them. */
#define INDEX_SLOTS 256

struct name_index {
	uint8_t hook[INDEX_SLOTS]; /* 0: free */
};

_Static_assert(FT_HOOK_COUNT <= INDEX_SLOTS / 2, "the index of names is too small");

/* The slot of a name, or the free one where it belongs. */
static uint8_t *find_slot(struct name_index *index, const char *name)
{
	uint32_t at = ft_hash__string(name);

	while (index->hook[at % INDEX_SLOTS] &&
	       strcmp(hook_table[index->hook[at % INDEX_SLOTS]].function, name))
		at++;
	return &index->hook[at % INDEX_SLOTS];
}

/* A function exists if it is in the BTF of this kernel. */
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
#define ATTACHED(fn, role, folio, vma) set->hook[FT_HOOK_##fn].state = HOOK_ATTACHED;
	FT_HOOKS_BUILTIN(ATTACHED)
#undef ATTACHED
	set->hook[FT_HOOK_system_call].return_size = sizeof(long);
	/* Since 6.15 this is a wrapper of the other one. */
	if (inner->state == HOOK_FOUND)
		set->hook[FT_HOOK_migrate_device_finalize].state = HOOK_ABSENT;
	/* So is this, but for 6.1, where the other one is inlined. */
	if (set->hook[FT_HOOK_filemap_get_entry].state == HOOK_FOUND)
		set->hook[FT_HOOK___filemap_get_folio].state = HOOK_ABSENT;
}

void hook_set__leave_out(struct hook_set *set, enum ft_role role)
{
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		if (set->hook[i].role == role)
			set->hook[i].state = HOOK_ABSENT;
}

/* Whose ids libbpf's section handler uses. There is one session at a time. */
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

int hook_set__use_ids(const struct hook_set *set, const struct btf *btf)
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

void hook_set__autoload(const struct hook_set *set, const struct folio_trace *skel)
{
	for (size_t i = 0; i < nr_programs; i++) {
		const struct program *row = &program_table[i];
		const struct hook_info *h = &set->hook[row->hook];

		if (row->hook)
			bpf_program__set_autoload(program__of(skel, row),
						  h->state == HOOK_FOUND && !h->shared);
	}
}
