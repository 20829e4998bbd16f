// SPDX-License-Identifier: GPL-2.0
/*
 * withcaps [NAME[,NAME...]] -- CMD [ARG...]: runs CMD as nobody, with these
 * capabilities alone (sys_admin, syslog, perfmon, bpf), or with none.
 */
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "workload.h"

#define NOBODY 65534

static const struct {
	const char *name;
	int number;
} caps[] = {
	{ "sys_admin", CAP_SYS_ADMIN },
	{ "syslog", CAP_SYSLOG },
	{ "perfmon", CAP_PERFMON },
	{ "bpf", CAP_BPF },
};

static uint64_t caps__parse(char *names)
{
	uint64_t set = 0;

	for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		size_t i = 0;

		while (strcmp(caps[i].name, name))
			if (++i == ARRAY_SIZE(caps))
				USAGE("unknown capability: %s", name);
		set |= 1ULL << caps[i].number;
	}
	return set;
}

static void caps__become(uint64_t set)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		uint32_t half = set >> (32 * i);

		data[i] = (struct __user_cap_data_struct){ half, half, half };
	}
	TRY(syscall(SYS_capset, &head, data));
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		if (set >> caps[i].number & 1)
			TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, caps[i].number, 0, 0));
}

int main(int argc, char **argv)
{
	uint64_t set = 0;
	int at = 1;

	if (at < argc && strcmp(argv[at], "--"))
		set = caps__parse(argv[at++]);
	if (at + 1 >= argc || strcmp(argv[at], "--"))
		USAGE("withcaps [NAME[,NAME...]] -- CMD [ARG...]");
	TRY(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	TRY(setgroups(0, NULL));
	TRY(setresgid(NOBODY, NOBODY, NOBODY));
	TRY(setresuid(NOBODY, NOBODY, NOBODY));
	caps__become(set);
	execvp(argv[at + 1], argv + at + 1);
	DIE(argv[at + 1]);
}
