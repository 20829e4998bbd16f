// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/misses.h"

#include <string.h>

#include <bpf/bpf.h>

#include "capture/attach/multi.h"

/*
 * Misses that need no counting: a twin's, and of deaths of buddy memory, whose twin works even if it
 * cannot know that the first was skipped. An end that neither saw shows in its folio.
 */
static bool is_harmless(const char *name)
{
	return strstr(name, "fallback") || !strcmp(name, "on_mm_page_free");
}

struct misses misses__sum(const struct hook_set *set, const struct bpf_object *obj)
{
	struct misses m = {};
	struct bpf_program *p;

	bpf_object__for_each_program(p, obj) {
		const char *name = bpf_program__name(p);
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(p);

		if (fd < 0 || is_harmless(name) || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		if (strstr(name, "page_ref_"))
			m.refs += info.recursion_misses;
		else if (hook_set__sees_lifetimes(set, obj, p) || multi__sees_lifetimes(p))
			m.lifetimes += info.recursion_misses;
		else
			m.others += info.recursion_misses;
	}
	return m;
}
