// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/multi.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "capture/attach/program_table.h"
#include "ctl.h"

static const uint64_t cookies[FT_HOOK_COUNT] = {
#define ROW(fn, role, folio, vma)                                                                  \
	[FT_HOOK_##fn] = FT_COOKIE(FT_HOOK_##fn, FT_ROLE_##role, folio, vma),
	FT_HOOKS(ROW)
#undef ROW
};

/* The value of an attach type, or -1. */
static int attach_type(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, "bpf_attach_type", BTF_KIND_ENUM);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), name))
			return btf_enum(t)[i].val;
	return -1;
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

void multi__find(struct multi *m, const struct btf *btf)
{
	m->enter = attach_type(btf, "BPF_TRACE_FENTRY_MULTI");
	m->leave = attach_type(btf, "BPF_TRACE_FEXIT_MULTI");
	m->usable = m->enter > 0 && m->leave > 0 &&
		    has_function(btf, "bpf_trampoline_multi_attach") &&
		    has_function(btf, "bpf_preempt_disable");
}

static bool serves(const struct program *row, int hook, const struct hook_info *h)
{
	return h->state == HOOK_FOUND && cookies[hook] && row->roles >> h->role & 1;
}

void multi__prepare(const struct multi *m, struct hook_set *set, const struct folio_trace *skel)
{
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		set->hook[i].shared = m->usable && cookies[i];
	for (size_t k = 0; k < nr_programs; k++) {
		const struct program *row = &program_table[k];
		struct bpf_program *p = program__of(skel, row);
		bool wanted = false;

		if (!row->roles)
			continue;
		for (int i = 1; i < FT_HOOK_COUNT; i++)
			wanted |= serves(row, i, &set->hook[i]);
		bpf_program__set_autoload(p, m->usable && wanted);
		bpf_program__set_type(p, BPF_PROG_TYPE_TRACING);
		bpf_program__set_expected_attach_type(p, row->at_return ? m->leave : m->enter);
	}
}

/* What BPF_LINK_CREATE takes (include/uapi/linux/bpf.h, link_create.tracing_multi). */
struct link_create {
	uint32_t prog_fd, target_fd, attach_type, flags;
	uint64_t ids, cookies;
	uint32_t cnt, pad;
};

struct targets {
	uint32_t id[FT_HOOK_COUNT];
	uint64_t cookie[FT_HOOK_COUNT];
	unsigned int nr;
};

/* In any order: the kernel sorts the ids, and the cookies with them. */
static int link_targets(struct multi *m, const struct bpf_program *p, struct targets t)
{
	struct link_create attr = {
		.prog_fd = bpf_program__fd(p),
		.attach_type = bpf_program__expected_attach_type(p),
		.ids = (uintptr_t)t.id,
		.cookies = (uintptr_t)t.cookie,
		.cnt = t.nr,
	};
	int fd;

	if (m->nr_links == MULTI_LINKS_MAX)
		return -ENOSPC;
	fd = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return -errno;
	m->links[m->nr_links++] = fd;
	return 0;
}

static void add_target(struct targets *t, int hook, const struct hook_info *h)
{
	t->id[t->nr] = h->btf_id;
	t->cookie[t->nr++] = cookies[hook];
}

/* The kernel takes all targets or none: if it refuses, they are attached one by one. */
static void arm_program(struct multi *m, struct hook_set *set, const struct program *row,
			const struct bpf_program *p)
{
	struct targets all = {};

	for (int i = 1; i < FT_HOOK_COUNT; i++)
		if (serves(row, i, &set->hook[i]))
			add_target(&all, i, &set->hook[i]);
	if (!all.nr || !link_targets(m, p, all))
		return;
	for (int i = 1; i < FT_HOOK_COUNT; i++) {
		struct hook_info *h = &set->hook[i];
		struct targets one = {};

		if (!serves(row, i, h))
			continue;
		add_target(&one, i, h);
		h->error = link_targets(m, p, one);
		if (h->error)
			h->state = HOOK_FAILED;
	}
}

void multi__arm(struct multi *m, struct hook_set *set, const struct folio_trace *skel)
{
	for (size_t k = 0; m->usable && k < nr_programs; k++)
		if (program_table[k].roles)
			arm_program(m, set, &program_table[k],
				    program__of(skel, &program_table[k]));
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		if (set->hook[i].shared && set->hook[i].state == HOOK_FOUND)
			set->hook[i].state = HOOK_ATTACHED;
}

void multi__disarm(struct multi *m)
{
	while (m->nr_links)
		close(m->links[--m->nr_links]);
}
