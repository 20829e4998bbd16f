// SPDX-License-Identifier: GPL-2.0
#include "capture/misses.h"

#include <string.h>

#include <bpf/bpf.h>

#include "capture/multi.h"

static bool is_second(const struct bpf_program *p)
{
	return strstr(bpf_program__name(p), "again") != NULL;
}

struct misses misses__sum(const struct hook_set *set, const struct bpf_object *obj)
{
	struct misses m = {};
	struct bpf_program *p;

	bpf_object__for_each_program(p, obj) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(p);

		if (fd < 0 || is_second(p) || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		if (hook_set__sees_lives(set, obj, p) || multi__sees_lives(p))
			m.lives += info.recursion_misses;
		else
			m.others += info.recursion_misses;
	}
	return m;
}
