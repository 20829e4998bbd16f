// SPDX-License-Identifier: GPL-2.0
#include "capture/run/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <zlib.h>

#include "capture/kernel/util.h"
#include "capture/sites/inline_source.h"
#include "capture/sites/probes.h"
#include "capture/sites/watchdog.h"

/* The first bytes of a small file; false if it cannot be read. */
static bool first_line(const char *path, char *buf, size_t size)
{
	if (read_file(path, buf, size) < 0)
		return false;
	buf[strcspn(buf, "\n")] = '\0';
	return true;
}

static long number_in(const char *path, long otherwise)
{
	char buf[32];

	return first_line(path, buf, sizeof(buf)) ? strtol(buf, NULL, 10) : otherwise;
}

/*
 * Addresses that are hidden read as 0 (kallsyms_show_value()); so do those of the
 * first per-CPU variables where these begin at 0, but not the kernel's text.
 */
static bool addresses_are_visible(void)
{
	FILE *in = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t size = 0;
	bool visible = false;

	while (in && !visible && getline(&line, &size, in) > 0) {
		visible = strspn(line, "0") < strcspn(line, " ");
		if (strstr(line, " _stext\n"))
			break;
	}
	free(line);
	if (in)
		fclose(in);
	return visible;
}

static void find_tracefs(struct facts *f)
{
	for (int i = 0; i < NR_TRACEFS_ROOTS && !f->tracefs[0]; i++) {
		char path[96];

		snprintf(path, sizeof(path), "%s/available_filter_functions", tracefs_roots[i]);
		if (!access(path, R_OK))
			snprintf(f->tracefs, sizeof(f->tracefs), "%s", tracefs_roots[i]);
	}
}

static void mark_traceable(struct facts *f, char *line)
{
	line[strcspn(line, " \n")] = '\0';
	for (int i = 1; i < FT_HOOK_COUNT; i++)
		if (!strcmp(f->hooks.hook[i].function, line))
			f->traceable[i] = true;
}

/* A function may be in BTF and yet not be traced: notrace, or inlined everywhere. */
static void find_traceable(struct facts *f)
{
	char path[128], *line = NULL;
	size_t size = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/available_filter_functions", f->tracefs);
	in = f->tracefs[0] ? fopen(path, "re") : NULL;
	if (!in)
		return;
	while (getline(&line, &size, in) > 0)
		mark_traceable(f, line);
	f->traceable_known = true;
	free(line);
	fclose(in);
}

static const struct option_fact options[FACTS_OPTIONS] = {
	{ "DEBUG_INFO_BTF", "tracing at all", ANSWER_UNKNOWN },
	{ "BPF_EVENTS", "tracing at all", ANSWER_UNKNOWN },
	{ "DEBUG_PAGE_REF", "every get and put, by tracepoints (source page_ref)", ANSWER_UNKNOWN },
	{ "KPROBE_EVENTS", "every get and put, by probes (source inline)", ANSWER_UNKNOWN },
	{ "KPROBE_EVENTS_ON_NOTRACE",
	  "probes in code without function entries, as in lib/, TEST_HMM's too (source inline)",
	  ANSWER_UNKNOWN },
	{ "PROC_KCORE", "the kernel's text, where those probes go (source inline)",
	  ANSWER_UNKNOWN },
	{ "MEMCG", "folios that khugepaged and others make for a traced process", ANSWER_UNKNOWN },
	{ "DEVICE_PRIVATE", "device migration, which TEST_HMM tests", ANSWER_UNKNOWN },
};

/* "CONFIG_NAME=y" or "=m"; "# CONFIG_NAME is not set" is no, silence too. */
static void read_option(struct facts *f, const char *line)
{
	for (int i = 0; i < FACTS_OPTIONS; i++) {
		size_t n = strlen(options[i].name);

		if (!strncmp(line, "CONFIG_", 7) && !strncmp(line + 7, options[i].name, n) &&
		    line[7 + n] == '=')
			f->option[i].set = ANSWER_YES;
	}
}

/* gzopen() reads plain files as they are. */
static bool read_config(struct facts *f, const char *path)
{
	gzFile in = gzopen(path, "re");
	char line[512];

	if (!in)
		return false;
	for (int i = 0; i < FACTS_OPTIONS; i++)
		f->option[i].set = ANSWER_NO;
	while (gzgets(in, line, sizeof(line)))
		read_option(f, line);
	gzclose(in);
	snprintf(f->config, sizeof(f->config), "%s", path);
	return true;
}

static void find_options(struct facts *f)
{
	static const char *const paths[] = { "/boot/config-%s", "/lib/modules/%s/config",
					     "/usr/lib/modules/%s/config" };
	char path[128];

	memcpy(f->option, options, sizeof(options));
	if (read_config(f, "/proc/config.gz"))
		return;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(path, sizeof(path), paths[i], f->kernel.release);
		if (read_config(f, path))
			return;
	}
}

/* Whether each source could be started, and the error that it would give. */
static void judge_sources(struct facts *f)
{
	const struct inline_options all = { .exact = true };
	struct inline_source *src = NULL;
	struct ft_error err = { 0 };
	const char *common = f->rights[0] ? f->rights : f->btf[0] ? f->btf : "";

	if (!*common && !f->addresses_visible)
		common = "the kernel hides its addresses (vmemmap_base); set the sysctl "
			 "kernel.kptr_restrict to 0 or 1 while tracing";
	snprintf(f->boundary.why, sizeof(f->boundary.why), "%s", common);
	f->boundary.available = !*common;
	snprintf(f->page_ref.why, sizeof(f->page_ref.why), "%s", common);
	snprintf(f->inlined.why, sizeof(f->inlined.why), "%s", common);
	if (*common)
		return;
	f->page_ref.available = hook_set__has_page_ref(f->kernel.btf);
	if (!f->page_ref.available)
		snprintf(f->page_ref.why, sizeof(f->page_ref.why), "%s",
			 "this kernel has no page_ref tracepoints (CONFIG_DEBUG_PAGE_REF)");
	f->inlined.available = !inline__open(&src, &f->kernel, &all, &err);
	if (f->inlined.available)
		f->inlined.sites = inline__table(src)->nr;
	else
		snprintf(f->inlined.why, sizeof(f->inlined.why), "%s", err.text);
	inline__close(src);
}

void facts__find(struct facts *f, const char *btf_path)
{
	struct ft_error err = { 0 };
	char buf[128];

	memset(f, 0, sizeof(*f));
	snprintf(f->lockdown, sizeof(f->lockdown), "%s", kernel__lockdown(buf, sizeof(buf)));
	f->kptr_restrict = number_in("/proc/sys/kernel/kptr_restrict", -1);
	f->jit = number_in("/proc/sys/net/core/bpf_jit_enable", 1) != 0;
	f->addresses_visible = addresses_are_visible();
	find_tracefs(f);
	if (kernel__check_rights(&err))
		snprintf(f->rights, sizeof(f->rights), "%s", err.text);
	snprintf(f->btf_path, sizeof(f->btf_path), "%s",
		 btf_path ? btf_path : "/sys/kernel/btf/vmlinux");
	if (kernel__open(&f->kernel, btf_path, &err))
		snprintf(f->btf, sizeof(f->btf), "%s", err.text);
	find_options(f);
	if (f->kernel.btf) {
		hook_set__choose(&f->hooks, f->kernel.btf, true);
		find_traceable(f);
	}
	judge_sources(f);
}

void facts__free(struct facts *f)
{
	kernel__close(&f->kernel);
}

int facts__clean(bool *restored)
{
	struct ft_error ignored;
	struct probes p;
	int n;

	*restored = watchdog__clean();
	if (probes__open(&p, &ignored))
		return -1;
	n = probes__clean(&p);
	probes__close(&p);
	return n;
}
