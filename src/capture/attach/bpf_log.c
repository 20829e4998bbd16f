// SPDX-License-Identifier: GPL-2.0
#include "capture/attach/bpf_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

static char warning[1024];

static int keep(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	va_list again;

	if (getenv("FOLIO_TRACE_DEBUG") && level != LIBBPF_DEBUG) {
		va_copy(again, ap);
		vfprintf(stderr, fmt, again);
		va_end(again);
	}
	if (level != LIBBPF_WARN || strstr(warning, "prog '"))
		return 0;
	vsnprintf(warning, sizeof(warning), fmt, ap);
	warning[strcspn(warning, "\n")] = '\0';
	return 0;
}

void bpf_log__start(void)
{
	bpf_log__clear();
	libbpf_set_print(keep);
}

void bpf_log__clear(void)
{
	warning[0] = '\0';
}

const char *bpf_log__program(void)
{
	static char name[128];
	const char *word = strstr(warning, "prog '");

	if (!word || sscanf(word, "prog '%127[^']'", name) != 1)
		name[0] = '\0';
	return name;
}

const char *bpf_log__text(void)
{
	return warning;
}
