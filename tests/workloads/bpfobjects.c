// SPDX-License-Identifier: GPL-2.0
/*
 * bpfobjects: the BPF programs, maps and links that this kernel has, a line each
 * (`prog 12', ...).  What a tracer leaves behind shows as a difference.
 */
#include <linux/bpf.h>
#include <sys/syscall.h>

#include "workload.h"

static void list(const char *kind, int command)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	while (!syscall(SYS_bpf, command, &attr, sizeof(attr))) {
		printf("%s %u\n", kind, attr.next_id);
		attr.start_id = attr.next_id;
	}
	if (errno != ENOENT)
		DIE(kind);
}

int main(void)
{
	list("prog", BPF_PROG_GET_NEXT_ID);
	list("map", BPF_MAP_GET_NEXT_ID);
	list("link", BPF_LINK_GET_NEXT_ID);
	return EXIT_SUCCESS;
}
