// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "debuginfo/debuginfo.h"

/* What marks a distribution's kernels, and its names; %s is the release. */
static const struct {
	const char *release, *version, *package;
} packages[] = {
	{ NULL, "Debian", "linux-image-%s-dbg" },
	{ NULL, "Ubuntu", "linux-image-unsigned-%s-dbgsym" },
	{ ".fc", NULL, "kernel-debuginfo-%s" },
	{ ".el", NULL, "kernel-debuginfo-%s" },
	{ "-default", NULL, "kernel-default-debuginfo" },
};

const char *debuginfo__package(const char *release, const char *version, char *buf, size_t size)
{
	const char *before, *after;
	size_t i;

	for (i = 0; release && i < sizeof(packages) / sizeof(*packages); i++) {
		if (packages[i].release && !strstr(release, packages[i].release))
			continue;
		if (packages[i].version && (!version || !strstr(version, packages[i].version)))
			continue;
		before = packages[i].package;
		after = strstr(before, "%s");
		if (after)
			snprintf(buf, size, "%.*s%s%s", (int)(after - before), before, release,
				 after + 2);
		else
			snprintf(buf, size, "%s", before);
		return buf;
	}
	return NULL;
}
