/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this kernel and this user allow, by source. Nothing is loaded or armed to find it out.
 */
#ifndef FT_CAPTURE_RUN_FACTS_H
#define FT_CAPTURE_RUN_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/hook_set.h"
#include "capture/kernel/kernel.h"

/* A source and, if it is not available, why. */
struct source_fact {
	bool available;
	char why[512];
	size_t sites; /* of the inline source */
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

/* A kernel option that tracing uses, and whether this kernel has it. */
struct option_fact {
	const char *name;  /* without CONFIG_ */
	const char *gives; /* what it is used for */
	enum answer set;
};

#define FACTS_OPTIONS 8

struct facts {
	struct kernel kernel;
	char lockdown[32];
	int kptr_restrict;	/* -1: cannot be read */
	bool addresses_visible; /* /proc/kallsyms shows them to us */
	bool jit;
	char tracefs[64]; /* "" if it is not mounted */
	char config[128]; /* the file that the options were read from; "": none */
	char rights[512]; /* "" if they suffice */
	char btf[512];	  /* "" if it can be used */
	char btf_path[256];
	struct source_fact boundary, page_ref, inlined;
	struct hook_set hooks;
	bool traceable[FT_HOOK_COUNT];
	bool traceable_known; /* available_filter_functions could be read */
	struct option_fact option[FACTS_OPTIONS];
};

/* Whatever is missing is a fact, not an error. btf_path may be another kernel's. */
void facts__find(struct facts *f, const char *btf_path);
void facts__free(struct facts *f);

/* Removes what killed tracers left behind; the number of probe events, -1 without tracefs. */
int facts__clean(bool *restored);

#endif /* FT_CAPTURE_RUN_FACTS_H */
