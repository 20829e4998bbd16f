/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inline source: one program for all probes on inlined atomic operations on _refcount. The
 * table of sites, looked up by address, has the form of the instruction; the registers have the
 * folio and the operand.
 */
#ifndef FT_BPF_INLINE_H
#define FT_BPF_INLINE_H

#include "adopt.h"
#include "ctl.h"
#include "refs.h"
#include "site.h"

/* struct pt_regs of x86-64 (arch/x86/include/asm/ptrace.h), as words. */
enum {
	REG_R15,
	REG_R14,
	REG_R13,
	REG_R12,
	REG_BP,
	REG_BX,
	REG_R11,
	REG_R10,
	REG_R9,
	REG_R8,
	REG_AX,
	REG_CX,
	REG_DX,
	REG_SI,
	REG_DI,
	REG_ORIG,
	REG_IP,
	REG_CS,
	REG_FLAGS,
	REG_SP,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FT_SITE_SLOTS);
	__type(key, __u32);
	__type(value, struct ft_site_slot);
} sites SEC(".maps");

/*
 * In assembler and with a constant offset: clang may add the offset to the context pointer first,
 * and the verifier of 6.1 rejects an access through a modified context pointer.
 */
#define REG(ctx, n)                                                                                \
	({                                                                                         \
		__u64 __v;                                                                         \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(__v) : "r"(ctx), "i"(8 * (n)));       \
		__v;                                                                               \
	})

/* In the order in which instructions encode them. */
static __always_inline void read_regs(void *ctx, __u64 r[16])
{
	r[0] = REG(ctx, REG_AX);
	r[1] = REG(ctx, REG_CX);
	r[2] = REG(ctx, REG_DX);
	r[3] = REG(ctx, REG_BX);
	r[4] = REG(ctx, REG_SP);
	r[5] = REG(ctx, REG_BP);
	r[6] = REG(ctx, REG_SI);
	r[7] = REG(ctx, REG_DI);
	r[8] = REG(ctx, REG_R8);
	r[9] = REG(ctx, REG_R9);
	r[10] = REG(ctx, REG_R10);
	r[11] = REG(ctx, REG_R11);
	r[12] = REG(ctx, REG_R12);
	r[13] = REG(ctx, REG_R13);
	r[14] = REG(ctx, REG_R14);
	r[15] = REG(ctx, REG_R15);
}

static __always_inline struct ft_site_slot *find_site(__u64 probe)
{
	__u32 at = ft_site_hash(probe);

	for (int i = 0; i < FT_SITE_TRIES; i++, at++) {
		__u32 key = at & (FT_SITE_SLOTS - 1);
		struct ft_site_slot *s = bpf_map_lookup_elem(&sites, &key);

		if (!s || !s->probe)
			return NULL;
		if (s->probe == probe)
			return s;
	}
	return NULL;
}

/*
 * Start of the cpu_entry_area, which lies above the vmemmap in every layout of x86-64
 * (Documentation/arch/x86/x86_64/mm.rst). KASLR moves the vmemmap below it.
 */
#define VMEMMAP_LIMIT 0xfffffe0000000000ULL

/* Could be a struct page, of any zone: device private pages are at the upper end. */
static __always_inline bool is_page(__u64 page)
{
	return page >= ft_vmemmap_base && page < VMEMMAP_LIMIT &&
	       !((page - ft_vmemmap_base) % sizeof_page());
}

struct hit {
	__u64 page;
	__s32 delta, after;
	__u8 op;
	bool exact_after; /* by the operation; else before + delta */
	bool fold;	  /* page may be a tail */
};

#define X86_FLAGS_ZF (1 << 6)

/*
 * The call of try_get_folio() that runs on this CPU, from the probes before and after it. Its only
 * caller, mm/gup.c, has interrupts off. The task is compared in case that changes.
 */
struct try_call {
	__u64 task;
	__u32 refs;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct try_call);
} try_calls SEC(".maps");

static __always_inline void try_begins(void *ctx)
{
	__u32 zero = 0;
	struct try_call *t = bpf_map_lookup_elem(&try_calls, &zero);

	if (t) {
		t->task = bpf_get_current_task();
		t->refs = REG(ctx, REG_SI);
	}
}

/* How many references the call was to take, valid once; 0: the call was not seen. */
static __always_inline __u32 try_ends(void)
{
	__u32 zero = 0, refs = 0;
	struct try_call *t = bpf_map_lookup_elem(&try_calls, &zero);

	if (t && t->task == bpf_get_current_task()) {
		refs = t->refs;
		t->refs = 0;
	}
	return refs;
}

/* After lock cmpxchg, probed at the next instruction. False: it failed. */
static __always_inline bool read_cmpxchg(void *ctx, const __u64 *r, const struct ft_site_slot *s,
					 struct hit *h)
{
	__s32 old = r[0], new = r[s->src & 15];

	if (!(REG(ctx, REG_FLAGS) & X86_FLAGS_ZF) || new == old)
		return false;
	h->delta = new - old;
	h->after = new;
	h->exact_after = true;
	h->op = !new ? FT_OP_FREEZE : new > old ? FT_OP_TRY_GET : FT_OP_SUB;
	return true;
}

static __always_inline __u8 op_of(__s32 delta)
{
	return delta == 1 ? FT_OP_GET : delta == -1 ? FT_OP_PUT : delta > 0 ? FT_OP_ADD : FT_OP_SUB;
}

/*
 * Decodes the operation, without reading the page. False: there is none. Not inline, so that the
 * registers are off the stack when the page is read.
 */
static __noinline int read_hit(void *ctx, const struct ft_site_slot *s, struct hit *h)
{
	__u64 r[16];

	read_regs(ctx, r);
	h->page = r[s->base & 15] + s->disp - bpf_core_field_offset(struct page, _refcount.counter);
	switch (s->form) {
	case FT_FORM_ADD:
		h->delta = s->imm;
		break;
	case FT_FORM_ADD_REG:
	case FT_FORM_XADD:
		h->delta = r[s->src & 15];
		break;
	case FT_FORM_SUB_REG:
		h->delta = -(__s32)r[s->src & 15];
		break;
	case FT_FORM_CMPXCHG:
		return read_cmpxchg(ctx, r, s, h);
	case FT_FORM_STORE_IMM:
		h->after = s->imm;
		h->op = FT_OP_SET;
		return true;
	case FT_FORM_STORE_REG:
		h->after = r[s->src & 15];
		h->op = FT_OP_SET;
		return true;
	case FT_FORM_CALL_PUT:
	case FT_FORM_CALL_GET:
		h->page = r[7];
		h->delta = s->form == FT_FORM_CALL_PUT ? -1 : 1;
		h->fold = true;
		break;
	case FT_FORM_CALL_DROP:
		h->page = r[7];
		h->delta = (__u32)r[1] == FT_BEHAVIOR_DROP ? -1 : 0;
		break;
	case FT_FORM_TRY_REFS:
		try_begins(ctx);
		return false;
	case FT_FORM_CALL_TRY:
	case FT_FORM_TAIL_TRY:
		h->page = r[0];
		h->delta = try_ends();
		h->fold = true;
		h->op = FT_OP_TRY_GET;
		return h->page && (h->delta || s->form == FT_FORM_CALL_TRY);
	default:
		return false;
	}
	h->op = op_of(h->delta);
	return h->delta != 0;
}

/*
 * The first get of a followed task on a folio that is not tracked. Some sites are probed behind the
 * operation.
 */
static __always_inline struct tracked *adopt_hit(const struct ft_site_slot *s, const struct hit *h)
{
	bool behind = s->form == FT_FORM_CMPXCHG || s->form == FT_FORM_CALL_TRY ||
		      s->form == FT_FORM_TAIL_TRY;
	const struct first_operation o = {
		.page = h->page,
		.site = s->id,
		.delta = h->delta,
		.applied = behind ? h->delta : 0,
		.op = h->op,
		.source = FT_SRC_INLINE,
	};

	return adopt(&o);
}

/* Records the operation. Returns the counter for the outcome. */
static __always_inline enum ft_counter site_event(void *ctx, const struct ft_site_slot *s,
						  struct hit *h, struct tracked *t)
{
	struct emit what = { .site = s->id, .op = h->op, .source = FT_SRC_INLINE };
	struct folio_view v;

	if (!view_folio(h->page, &v)) {
		tracked_lose(t);
		return FT_CNT_SITE_LOST;
	}
	if (h->op == FT_OP_SET) {
		/* a plain store: the count is owned, nobody else may change it */
		what.op = v.refcount ? FT_OP_SET : FT_OP_UNFREEZE;
		h->delta = h->after - v.refcount;
		h->exact_after = true;
	} else if (s->form == FT_FORM_CALL_TRY || s->form == FT_FORM_TAIL_TRY) {
		h->after = v.refcount; /* after the call */
		h->exact_after = true;
	}
	what.delta = h->delta;
	if (h->op == FT_OP_TRY_GET && !what.delta) {
		tracked_lose(t); /* its call was not seen */
		return FT_CNT_SITE_LOST;
	}
	if (!what.delta)
		return FT_CNT_FILTERED;
	if (!ref_event(ctx, t, &what, &v, h->exact_after ? h->after : v.refcount + h->delta))
		return FT_CNT_SITE_LOST;
	return FT_CNT_SITE_EVENTS;
}

static __always_inline int on_hit(void *ctx)
{
	struct hit h = {};
	struct ft_site_slot *s;
	struct tracked *t;

	count(FT_CNT_ENTERED);
	s = find_site(REG(ctx, REG_IP) - 1); /* ip is after the int3 */
	if (!s || !read_hit(ctx, s, &h)) {
		count(FT_CNT_FILTERED);
		return 0;
	}
	if (h.fold && is_page(h.page))
		h.page = folio_of(h.page);
	if (!is_page(h.page)) {
		count(FT_CNT_FALSE_SITE);
		return 0;
	}
	t = tracked_find(h.page);
	if (!t && may_adopt(h.page, h.delta))
		t = adopt_hit(s, &h);
	if (!t) {
		count(FT_CNT_FILTERED);
		return 0;
	}
	count(site_event(ctx, s, &h, t));
	return 0;
}

SEC("?kprobe")
int on_site(void *ctx)
{
	return on_hit(ctx);
}

/*
 * A module has been loaded and its init function is about to run. Its sites have no probes yet, so
 * the reader is woken at once. The report has the time that passed until they were armed.
 */
SEC("?raw_tp/module_load")
int on_module_load(struct bpf_raw_tracepoint_args *ctx)
{
	struct ft_wire_module *r = ring_reserve(sizeof(*r));
	__u64 module = ctx->args[0];

	if (!r)
		return 0;
	__builtin_memset(r, 0, sizeof(*r));
	fill_head(&r->head, FT_WIRE_MODULE, sizeof(*r), 0);
	r->t_ns = bpf_ktime_get_ns();
	bpf_probe_read_kernel_str(r->name, sizeof(r->name),
				  (void *)(module + bpf_core_field_offset(struct module, name)));
	bpf_ringbuf_submit(r, BPF_RB_FORCE_WAKEUP);
	return 0;
}

#endif /* FT_BPF_INLINE_H */
