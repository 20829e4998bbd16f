// SPDX-License-Identifier: GPL-2.0
#include "capture/kernel/build_id.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "capture/kernel/util.h"

bool build_id__read(const char *path, char out[BUILD_ID_LEN])
{
	char buf[4097];
	int n = read_file(path, buf, sizeof(buf)), at = 0;

	out[0] = '\0';
	while (at + (int)sizeof(Elf64_Nhdr) <= n) {
		Elf64_Nhdr h;
		int name, desc;

		memcpy(&h, buf + at, sizeof(h));
		if (h.n_namesz > sizeof(buf) || h.n_descsz > sizeof(buf))
			return false;
		name = at + (int)sizeof(h);
		desc = name + (int)((h.n_namesz + 3) & ~3U);
		at = desc + (int)((h.n_descsz + 3) & ~3U);
		if (at > n)
			return false;
		if (h.n_type != NT_GNU_BUILD_ID || h.n_namesz != 4 ||
		    memcmp(buf + name, "GNU", 4) || h.n_descsz > BUILD_ID_LEN / 2)
			continue;
		for (unsigned int i = 0; i < h.n_descsz; i++)
			snprintf(out + 2 * i, 3, "%02x", (unsigned char)buf[desc + i]);
		return out[0];
	}
	return false;
}
