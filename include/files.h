/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs that search open files (bpf/files.bpf.c) tell user space. Both sides are built
 * together, so nothing here is stable.
 */
#ifndef FT_FILES_H
#define FT_FILES_H

#include <linux/types.h>

enum ft_held_by {
	FT_HELD_BY_PIPE,
	FT_HELD_BY_SOCKET,
	FT_HELD_BY_RING,
};

/* One reference that an open file holds: a buffer of a pipe, a fragment of a packet, ... */
struct ft_held {
	__u64 holder; /* address of the pipe, socket, ring */
	__u32 id;     /* of the folio lifetime */
	__u32 kind;   /* enum ft_held_by */
	__u32 pid;    /* of the first task that has the file open */
	__u32 tgid;
	char comm[16];
};

#define FT_HELD_MAX 65536

struct ft_files {
	__u32 pipes;
	__u32 sockets; /* with data on their way, or of a kind without a count of them */
	__u32 local;   /* of these, AF_UNIX: files may be on their way, too */
	__u32 rings;
	__u32 held; /* references; beyond FT_HELD_MAX they are only counted */
	__u32 left; /* buffers, packets and files that were not looked at */
};

#endif /* FT_FILES_H */
