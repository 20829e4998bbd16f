// SPDX-License-Identifier: GPL-2.0
/* folio-trace doctor: what this kernel allows, and how to get more. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "capture/run/facts.h"
#include "cli/cli.h"

struct doctor_options {
	const char *kernel_btf;
	bool json, clean, verbose;
};

enum { OPT_JSON = 256, OPT_CLEAN, OPT_BTF };

static const struct argp_option options[] = {
	{ "json", OPT_JSON, NULL, 0, "As a JSON document", 0 },
	{ "verbose", 'v', NULL, 0, "Every hook by name", 0 },
	{ "kernel-btf", OPT_BTF, "FILE", 0,
	  "Look the hooks up in this BTF, which may be another kernel's", 0 },
	{ "clean", OPT_CLEAN, NULL, 0,
	  "Remove what tracers that were killed left in the kernel, and nothing else", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor_options *o = state->input;

	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_CLEAN:
		o->clean = true;
		return 0;
	case OPT_BTF:
		o->kernel_btf = arg;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Says which sources of reference events this kernel and this user allow, which "
	       "hooks it has, and what would give more. Nothing is attached."
	       "\vThe exit status is 0 whatever was found.",
};

/* Hooks of the function entry/exit source: tracepoints of page_ref and our readings are not. */
static bool is_boundary(const struct facts *f, const struct hook_info *h)
{
	return h->role != FT_ROLE_REF && h != &f->hooks.hook[FT_HOOK_settle];
}

static const char *missing_why(const struct facts *f, int i)
{
	if (f->hooks.hook[i].state == HOOK_ABSENT)
		return "not in this kernel's BTF: inlined here, or another release's name";
	if (f->traceable_known && !f->traceable[i] && f->hooks.hook[i].state == HOOK_FOUND)
		return "not in available_filter_functions: the kernel does not trace it";
	return NULL;
}

static void source_text(const char *name, const struct source_fact *s)
{
	printf("  %-10s%s", name, s->available ? "yes" : "no: ");
	if (!s->available)
		fputs(s->why, stdout);
	else if (s->sites)
		printf(", %zu sites in kernel and modules", s->sites);
	putchar('\n');
}

static void hooks_text(const struct facts *f, bool verbose)
{
	int found = 0, missing = 0;

	for (int i = 1; i < FT_HOOK_COUNT; i++)
		if (is_boundary(f, &f->hooks.hook[i])) {
			found += !missing_why(f, i);
			missing += missing_why(f, i) != NULL;
		}
	printf("hooks     %d found, %d not here%s\n", found, missing,
	       verbose ? ":" : " (-v names them)");
	for (int i = 1; i < FT_HOOK_COUNT && verbose; i++) {
		const char *why = missing_why(f, i);

		if (is_boundary(f, &f->hooks.hook[i]))
			printf("  %-40s%s\n", f->hooks.hook[i].function, why ? why : "found");
	}
}

static void options_text(const struct facts *f)
{
	if (!f->config[0]) {
		puts("config    not found: it would show which options are not set");
		return;
	}
	printf("config    %s\n", f->config);
	for (int i = 0; i < FACTS_OPTIONS; i++)
		printf("  CONFIG_%-26s%s%s\n", f->option[i].name,
		       f->option[i].set == ANSWER_YES ? "set: " : "not set, would give: ",
		       f->option[i].gives);
}

/* What --source auto would take (sources__open()), or NULL. */
static const char *automatic(const struct facts *f)
{
	return f->page_ref.available ? "page_ref" :
	       f->inlined.available  ? "inline" :
	       f->boundary.available ? "boundary" :
				       NULL;
}

static void text(const struct facts *f, bool verbose)
{
	const struct kernel *k = &f->kernel;

	printf("kernel    %s %s\n", k->release, k->machine);
	printf("rights    %s\n", f->rights[0] ? f->rights : "yes");
	printf("BTF       %s\n", f->btf[0] ? f->btf : f->btf_path);
	printf("lockdown  %s\n", f->lockdown);
	printf("addresses %s (kernel.kptr_restrict is %d)\n",
	       f->addresses_visible ? "visible" : "hidden", f->kptr_restrict);
	printf("tracefs   %s\n", f->tracefs[0] ? f->tracefs : "not mounted, or not for this user");
	if (!f->jit)
		puts("BPF       the JIT is off (net.core.bpf_jit_enable): hooks cannot be attached");
	puts("sources");
	source_text("boundary", &f->boundary);
	source_text("page_ref", &f->page_ref);
	source_text("inline", &f->inlined);
	printf("  %-10s%s\n", "auto", automatic(f) ?: "none");
	if (k->btf)
		hooks_text(f, verbose);
	options_text(f);
}

static json_t *source_json(const struct source_fact *s)
{
	json_t *o = json_pack("{s:b, s:o}", "available", s->available, "why",
			      s->available ? json_null() : json_string(s->why));

	if (s->sites)
		json_object_set_new(o, "sites", json_integer((json_int_t)s->sites));
	return o;
}

static json_t *hooks_json(const struct facts *f)
{
	json_t *list = json_array();

	for (int i = 1; i < FT_HOOK_COUNT && f->kernel.btf; i++) {
		const char *why = missing_why(f, i);

		if (is_boundary(f, &f->hooks.hook[i]))
			json_array_append_new(list, json_pack("{s:s, s:b, s:s?}", "function",
							      f->hooks.hook[i].function, "found",
							      !why, "why", why));
	}
	return list;
}

static json_t *options_json(const struct facts *f)
{
	json_t *list = json_array();

	for (int i = 0; i < FACTS_OPTIONS; i++) {
		const struct option_fact *o = &f->option[i];

		json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "option", o->name, "set",
						      o->set == ANSWER_UNKNOWN ?
							      json_null() :
							      json_boolean(o->set == ANSWER_YES),
						      "gives", o->gives));
	}
	return list;
}

static json_t *document(const struct facts *f)
{
	const struct kernel *k = &f->kernel;

	return json_pack(
		"{s:i, s:s, s:{s:s, s:s, s:s}, s:s?, s:s?, s:s, s:i, s:b, s:s?, s:b, s:{s:o, s:o, s:o},"
		" s:s?, s:o, s:s?, s:o}",
		"schema_version", FT_SCHEMA_VERSION, "document", "doctor", "kernel", "release",
		k->release, "version", k->version, "machine", k->machine, "rights",
		f->rights[0] ? f->rights : NULL, "btf", f->btf[0] ? f->btf : NULL, "lockdown",
		f->lockdown, "kptr_restrict", f->kptr_restrict, "addresses_visible",
		f->addresses_visible, "tracefs", f->tracefs[0] ? f->tracefs : NULL, "bpf_jit",
		f->jit, "sources", "boundary", source_json(&f->boundary), "page_ref",
		source_json(&f->page_ref), "inline", source_json(&f->inlined), "auto", automatic(f),
		"hooks", hooks_json(f), "config", f->config[0] ? f->config : NULL, "options",
		options_json(f));
}

static int clean(void)
{
	bool restored;
	int n = facts__clean(&restored);

	if (n > 0)
		printf("%d probes of tracers that are gone removed\n", n);
	if (restored)
		puts("debug.kprobes-optimization and rcu_expedited put back");
	if (n <= 0 && !restored)
		puts("nothing was left behind");
	return 0;
}

static int diagnose(const struct doctor_options *o)
{
	struct facts f;
	json_t *doc;
	int rc = 0;

	facts__find(&f, o->kernel_btf);
	if (o->json) {
		doc = document(&f);
		rc = !doc || json_dumpf(doc, stdout, JSON_INDENT(1)) ? -ENOMEM : 0;
		json_decref(doc);
		putchar('\n');
	} else {
		text(&f, o->verbose);
	}
	facts__free(&f);
	return rc;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor_options o = { 0 };
	struct ft_error err = { 0 };
	int rc;

	cli_argp_setup();
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return FT_EXIT_FAILURE;
	signal(SIGPIPE, SIG_IGN);
	rc = o.clean ? clean() : diagnose(&o);
	if (!rc && (fflush(stdout) || ferror(stdout)))
		rc = -errno;
	if (!rc)
		return 0;
	ft_fail(&err, rc, FT_EXIT_FAILURE, "cannot write standard output: %s", strerror(-rc));
	return cli_error(&err);
}
