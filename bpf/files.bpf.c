// SPDX-License-Identifier: GPL-2.0
/*
 * Looks into the open files of all tasks for references to tracked folios. An object of its own: it
 * is loaded at the end, and only if there is something to look for.
 *
 * What is read is not locked, so it may be torn or stale: a reading of the folio before and one after
 * it, which agree, say whether what was found holds.
 */
#include "kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "page.h"
#include "files.h"

#define TYPE_MASK 0170000
#define TYPE_PIPE 0010000
#define TYPE_SOCKET 0140000

#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define FAMILY_INET6 10
#define FAMILY_NETLINK 16
#define FAMILY_PACKET 17
#define PROTOCOL_TCP 6
#define TYPE_STREAM 1

#define MAX_BUFFERS 65536 /* of a pipe, or of a ring's table */
#define MAX_PACKETS 8192  /* of a queue */
#define MAX_FRAGMENTS 64  /* of a packet */
#define NODE_BUFFER 1	  /* IORING_RSRC_BUFFER */
#define ENTRY_BYTES 16	  /* of struct bio_vec, and of skb_frag_t */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inode {
	unsigned short i_mode;
	struct pipe_inode_info *i_pipe;
};

struct file {
	struct inode *f_inode;
	const void *f_op;
	void *private_data;
};

struct pipe_buffer {
	struct page *page;
};

struct pipe_inode_info {
	unsigned int head, tail; /* since 6.14 in a union */
	unsigned int ring_size;
	struct pipe_buffer *bufs;
};

struct list_head {
	struct list_head *next;
};

struct sk_buff {
	struct sk_buff *next;
	struct list_head tcp_tsorted_anchor;
	unsigned int end;
	unsigned char *head;
};

struct bio_vec {
	struct page *bv_page;
};

struct skb_shared_info {
	__u8 nr_frags;
	struct sk_buff *frag_list;
	struct bio_vec frags[1]; /* of another struct since 6.8; both begin with the page */
};

struct sk_buff_head {
	struct sk_buff *next;
	__u32 qlen;
};

typedef struct {
	atomic_t refs;
} refcount_t;

struct sock {
	struct {
		unsigned short skc_family;
	} __sk_common;
	struct sk_buff_head sk_receive_queue;
	struct sk_buff_head sk_write_queue;
	struct {
		atomic_t rmem_alloc;
	} sk_backlog;
	int sk_wmem_queued;
	refcount_t sk_wmem_alloc;
	__u16 sk_type;
	__u16 sk_protocol;
};

struct tcp_sock {
	struct list_head tsorted_sent_queue;
};

struct socket {
	struct sock *sk;
};

struct io_mapped_ubuf {
	unsigned int nr_bvecs;
	struct bio_vec bvec[0];
};

struct io_rsrc_node {
	__u8 type;
	struct io_mapped_ubuf *buf;
};

struct io_rsrc_data {
	unsigned int nr;
	struct io_rsrc_node **nodes;
};

struct io_ring_ctx {
	struct io_rsrc_data buf_table; /* since 6.13 */
	struct io_mapped_ubuf **user_bufs;
	unsigned int nr_user_bufs;
};

#pragma clang attribute pop

/* The session's own map; the value begins with the id of the folio lifetime. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} folios SEC(".maps");

/* Pipes, sockets and rings that were looked at: a file may be open more than once. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u8);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FT_HELD_MAX);
	__type(key, __u32);
	__type(value, struct ft_held);
} held SEC(".maps");

struct ft_files ft_files;
__u64 ft_io_uring_fops; /* 0: the kernel has none, or hides them */

struct iter_task_file {
	void *meta;
	struct task_struct *task;
	__u32 fd __attribute__((aligned(8)));
	struct file *file __attribute__((aligned(8)));
};

/* What is being looked into. */
struct holder {
	__u64 at;
	__u32 kind;
	struct task_struct *task;
};

SEC("syscall")
int resolve_files(void *ctx)
{
	static const char fops[] = "io_uring_fops";

	if (bpf_kallsyms_lookup_name(fops, sizeof(fops), 0, &ft_io_uring_fops))
		ft_io_uring_fops = 0;
	return 0;
}

/* False: it was looked at before. */
static __always_inline bool is_new(__u64 holder)
{
	__u8 one = 1;
	int rc = bpf_map_update_elem(&seen, &holder, &one, BPF_NOEXIST);

	if (rc && rc != -EEXIST)
		__sync_fetch_and_add(&ft_files.left, 1);
	return !rc;
}

/* The holder has a reference on this page. */
static __noinline int holds(__u64 page, const struct holder *h)
{
	struct task_struct *task;
	struct ft_held *row;
	__u64 folio;
	__u32 *id, at;

	if (!h || page < ft_vmemmap_base)
		return 0;
	folio = folio_of(page);
	id = bpf_map_lookup_elem(&folios, &folio);
	if (!id)
		return 0;
	at = __sync_fetch_and_add(&ft_files.held, 1);
	row = bpf_map_lookup_elem(&held, &at);
	if (!row)
		return 0;
	row->holder = h->at;
	row->id = *id;
	row->kind = h->kind;
	task = h->task;
	row->pid = BPF_CORE_READ(task, pid);
	row->tgid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_INTO(&row->comm, task, comm);
	return 0;
}

struct walk {
	struct holder *holder;
	__u64 at;  /* array, or packet */
	__u64 end; /* of a list: its head */
	__u32 first, mask, stride;
	bool by_anchor; /* a list of TCP's, by tcp_tsorted_anchor */
};

static long one_buffer(__u32 i, struct walk *w)
{
	holds(read_u64(w->at + (__u64)((w->first + i) & w->mask) * w->stride), w->holder);
	return 0;
}

static __always_inline __u32 at_most(__u32 n, __u32 limit)
{
	if (n <= limit)
		return n;
	__sync_fetch_and_add(&ft_files.left, n - limit);
	return limit;
}

static __always_inline void look_into_pipe(struct pipe_inode_info *pipe, struct holder *h)
{
	__u32 head = BPF_CORE_READ(pipe, head), tail = BPF_CORE_READ(pipe, tail);
	__u32 size = BPF_CORE_READ(pipe, ring_size);
	struct walk w = {
		.holder = h,
		.at = (__u64)BPF_CORE_READ(pipe, bufs) +
		      bpf_core_field_offset(struct pipe_buffer, page),
		.first = tail,
		.mask = size - 1,
		.stride = bpf_core_type_size(struct pipe_buffer),
	};

	ft_files.pipes++;
	if (size && head - tail <= size)
		bpf_loop(at_most(head - tail, MAX_BUFFERS), one_buffer, &w, 0);
}

/* The fragments of one packet, by the address of its struct sk_buff. */
static __always_inline __u64 shared_info(__u64 skb)
{
	struct sk_buff *b = (void *)skb;

	return (__u64)BPF_CORE_READ(b, head) + BPF_CORE_READ(b, end);
}

static __noinline int look_into_packet(__u64 skb, struct holder *h)
{
	__u64 info = shared_info(skb);
	struct walk w = {
		.holder = h,
		.at = info + bpf_core_field_offset(struct skb_shared_info, frags),
		.mask = ~0U,
		.stride = ENTRY_BYTES,
	};
	__u8 nr = 0;

	bpf_probe_read_kernel(
		&nr, sizeof(nr),
		(void *)(info + bpf_core_field_offset(struct skb_shared_info, nr_frags)));
	if (h)
		bpf_loop(nr < MAX_FRAGMENTS ? nr : MAX_FRAGMENTS, one_buffer, &w, 0);
	return 0;
}

static long one_of_list(__u32 i, struct walk *w)
{
	if (!w->at)
		return 1;
	look_into_packet(w->at, w->holder);
	w->at = read_u64(w->at + bpf_core_field_offset(struct sk_buff, next));
	return 0;
}

static long one_packet(__u32 i, struct walk *w)
{
	__u64 anchor = w->by_anchor ? bpf_core_field_offset(struct sk_buff, tcp_tsorted_anchor) : 0;
	__u64 next = bpf_core_field_offset(struct sk_buff, next), skb;
	struct walk list = { .holder = w->holder };

	if (!w->at || w->at == w->end)
		return 1;
	skb = w->at - anchor;
	look_into_packet(skb, w->holder);
	list.at = read_u64(shared_info(skb) +
			   bpf_core_field_offset(struct skb_shared_info, frag_list));
	if (list.at)
		bpf_loop(MAX_FRAGMENTS, one_of_list, &list, 0);
	w->at = read_u64(skb + (w->by_anchor ? anchor : next));
	return 0;
}

static __noinline int look_into_queue(__u64 head, struct holder *h, bool by_anchor)
{
	struct walk w = {
		.holder = h,
		.at = read_u64(head),
		.end = head,
		.by_anchor = by_anchor,
	};

	if (!h)
		return 0;
	bpf_loop(MAX_PACKETS, one_packet, &w, 0);
	if (w.at && w.at != w.end)
		__sync_fetch_and_add(&ft_files.left, 1);
	return 0;
}

/* Whether it may hold data: queued, sent and not acknowledged, or of a kind that is not known. */
static __always_inline bool has_data(struct sock *sk, __u16 family)
{
	switch (family) {
	case FAMILY_NETLINK:
		return false; /* never of user pages */
	case FAMILY_UNIX:
	case FAMILY_INET:
	case FAMILY_INET6:
	case FAMILY_PACKET:
		return BPF_CORE_READ(sk, sk_wmem_alloc.refs.counter) > 1 ||
		       BPF_CORE_READ(sk, sk_wmem_queued) > 0 ||
		       BPF_CORE_READ(sk, sk_backlog.rmem_alloc.counter) > 0 ||
		       BPF_CORE_READ(sk, sk_receive_queue.qlen) ||
		       BPF_CORE_READ(sk, sk_write_queue.qlen);
	}
	return true;
}

static __always_inline void look_into_socket(struct sock *sk, struct holder *h)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u64 at = (__u64)sk;

	if (!has_data(sk, family))
		return;
	ft_files.sockets++;
	ft_files.local += family == FAMILY_UNIX;
	look_into_queue(at + bpf_core_field_offset(struct sock, sk_receive_queue), h, false);
	look_into_queue(at + bpf_core_field_offset(struct sock, sk_write_queue), h, false);
	if ((family == FAMILY_INET || family == FAMILY_INET6) &&
	    BPF_CORE_READ(sk, sk_protocol) == PROTOCOL_TCP &&
	    BPF_CORE_READ(sk, sk_type) == TYPE_STREAM &&
	    bpf_core_field_exists(struct tcp_sock, tsorted_sent_queue))
		look_into_queue(at + bpf_core_field_offset(struct tcp_sock, tsorted_sent_queue), h,
				true);
}

static __noinline int look_into_registered(__u64 buffer, struct holder *h)
{
	struct io_mapped_ubuf *b = (void *)buffer;
	struct walk w = { .holder = h, .mask = ~0U, .stride = ENTRY_BYTES };

	if (!b || !h)
		return 0;
	w.at = buffer + bpf_core_field_offset(struct io_mapped_ubuf, bvec);
	bpf_loop(at_most(BPF_CORE_READ(b, nr_bvecs), MAX_BUFFERS), one_buffer, &w, 0);
	return 0;
}

static long one_registered(__u32 i, struct walk *w)
{
	__u64 entry = read_u64(w->at + 8ULL * i);

	if (bpf_core_field_exists(struct io_ring_ctx, buf_table)) {
		struct io_rsrc_node *node = (void *)entry;

		if (!node || BPF_CORE_READ(node, type) != NODE_BUFFER)
			return 0;
		entry = (__u64)BPF_CORE_READ(node, buf);
	}
	look_into_registered(entry, w->holder);
	return 0;
}

static __always_inline void look_into_ring(struct io_ring_ctx *ring, struct holder *h)
{
	struct walk w = { .holder = h };
	__u32 nr = 0;

	ft_files.rings++;
	if (bpf_core_field_exists(struct io_ring_ctx, buf_table)) {
		nr = BPF_CORE_READ(ring, buf_table.nr);
		w.at = (__u64)BPF_CORE_READ(ring, buf_table.nodes);
	} else if (bpf_core_field_exists(struct io_ring_ctx, user_bufs)) {
		nr = BPF_CORE_READ(ring, nr_user_bufs);
		w.at = (__u64)BPF_CORE_READ(ring, user_bufs);
	}
	if (w.at)
		bpf_loop(at_most(nr, MAX_BUFFERS), one_registered, &w, 0);
}

SEC("iter/task_file")
int look_into_files(struct iter_task_file *ctx)
{
	struct holder h = { .task = ctx->task };
	struct file *file = ctx->file;
	__u16 type;

	if (!h.task || !file)
		return 0;
	type = BPF_CORE_READ(file, f_inode, i_mode) & TYPE_MASK;
	if (type == TYPE_PIPE) {
		h.kind = FT_HELD_BY_PIPE;
		h.at = (__u64)BPF_CORE_READ(file, f_inode, i_pipe);
		if (h.at && is_new(h.at))
			look_into_pipe((void *)h.at, &h);
	} else if (type == TYPE_SOCKET) {
		struct socket *socket = BPF_CORE_READ(file, private_data);

		h.kind = FT_HELD_BY_SOCKET;
		h.at = socket ? (__u64)BPF_CORE_READ(socket, sk) : 0;
		if (h.at && is_new(h.at))
			look_into_socket((void *)h.at, &h);
	} else if (ft_io_uring_fops && (__u64)BPF_CORE_READ(file, f_op) == ft_io_uring_fops) {
		h.kind = FT_HELD_BY_RING;
		h.at = (__u64)BPF_CORE_READ(file, private_data);
		if (h.at && is_new(h.at))
			look_into_ring((void *)h.at, &h);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
