/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The capture file, "folio-trace.data": a fixed header, then frames.
 *
 *   struct ft_file_head
 *   { struct ft_frame_head, payload[stored] } ...
 *
 * Little endian. A frame is whole or it is not there: its head has a checksum
 * of its own and one of the stored payload, so a file cut off by SIGKILL or a
 * full disk is read up to the last whole frame. Order: one META frame first,
 * then EVENTS and SYMBOLS frames as they come, one END frame last. A file
 * without END was cut off, and what is read from it is at most inconclusive.
 *
 * META and END are JSON objects (see tests/golden for examples); a reader
 * ignores members that it does not know and names required ones it misses.
 *
 * META: { "tool": str, "kernel": {"release", "version", "machine", "build_id"},
 *   "layout": {"page_size", "sizeof_page", "pmd_order", "vmemmap_base"?,
 *              "hugetlb_cache_refs": "one"|"nr",
 *              "fsdax_idle": 0|1, "refcount_offset"},
 *   "clock": {"monotonic_ns", "realtime_ns"}, "command": {"argv": [...], "root_tgid"?},
 *   "source": "boundary"|..., "cpus": N, "mode": "run"|"record", "follows": str?, "follows_all": bool?,
 *   "tracer_tgid": N,
 *   "hooks": [ {"id", "function", "role": "scope|look|map|map_new|unmap|split|birth|death|move|
 *               finalize|ref",
 *               "attached": bool, "returns": bool, "why": str?} ] }
 * SYMBOLS: { "sites": [ {"id", "function", "offset", "address"?, "module"?, "refused"?: why} ] },
 *              once after arming and again at the end: a row replaces the one with its id
 *          { "frames": [ {"address", "function", "offset", "module"?} ],
 *            "stext"?: address of _stext, from which the offset of KASLR follows,
 *            "modules"?: [ {"module", "build_id"} ],
 *            "operations"?: [ {"address", "name", "module"?} ]: the a_ops of folios }, at the end; an
 *              address of a FT_WIRE_STACK without a row in frames is not in kernel text (a BPF
 *              trampoline)
 * END:  { "exit": N|null, "signal": N|null, "tasks_left": N, "rest": {"rounds", "bound_reached",
 *     "drained", "drain"?: how|null, "flushed"?: bool},
 *   "ended_tasks"?: [pids of TASK records that did not exist any more when the last readings began],
 *   "search"?: {"processes", "page_tables", "page_tables_whole", "pipes", "pipes_whole", "sockets",
 *               "rings", "files_whole", "why"}: for living owners, see struct ft_search in run.h
 *   "loss": {"ring", "recursion", "missed", "tracked_full", ...}, "counters": {...},
 *   "books"?: {"hits", "missed", "exact": bool, "entered", "recorded"?, "lost"?, "filtered", "false_sites",
 *              "stack_missed"}: the probe accounting of the inline source; loss.missed includes
 *              books.missed
 *   "modules"?: [ {"module", "sites", "window_ns"} ], loaded and probed while tracing
 *   "monotonic_ns" }
 */
#ifndef FT_CAPTURE_H
#define FT_CAPTURE_H

#include <stdint.h>

#define FT_MAGIC "FOLIOTRC"
#define FT_FORMAT_VERSION 2

struct ft_file_head {
	char magic[8];
	uint32_t version; /* a reader refuses a higher one and says so */
	uint32_t size;	  /* bytes of this header: room to grow */
};

#define FT_FRAME_MAGIC 0x4d524646U /* "FFRM" */
#define FT_FRAME_MAX (16U << 20)   /* bytes of a payload, raw or stored */

enum ft_frame_type {
	FT_FRAME_META = 1,
	FT_FRAME_EVENTS = 2, /* wire records back to back, one CPU's in order */
	FT_FRAME_SYMBOLS = 3,
	FT_FRAME_END = 4,
};

enum ft_codec {
	FT_CODEC_RAW = 0,
	FT_CODEC_DEFLATE = 1, /* zlib stream */
	FT_CODEC_PACKED = 2,  /* of EVENTS frames: pack.h; from version 2 on */
};

struct ft_frame_head {
	uint32_t magic;
	uint16_t type;
	uint16_t codec;
	uint32_t raw;	   /* bytes after decoding */
	uint32_t stored;   /* bytes that follow */
	uint32_t crc;	   /* crc32 (zlib's) of the stored payload */
	uint32_t head_crc; /* crc32 of the fields above */
};

_Static_assert(sizeof(struct ft_file_head) == 16, "file ABI");
_Static_assert(sizeof(struct ft_frame_head) == 24, "file ABI");

#endif /* FT_CAPTURE_H */
