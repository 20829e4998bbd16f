// SPDX-License-Identifier: GPL-2.0
#include "cli/filter.h"

#include "cli/cli.h"

enum { OPT_ORDER = 0x2000, OPT_KIND, OPT_PFN, OPT_COMM };

static const struct argp_option options[] = {
	{ 0, 0, NULL, 0, "Only folios that match all of these; the verdict stays that of all:", 5 },
	{ "order", OPT_ORDER, "N[,N...]", 0, "... of these orders when first seen", 5 },
	{ "kind", OPT_KIND, "KIND[,KIND...]", 0,
	  "... of these kinds: anon, file, shmem, ksm, hugetlb, device_private, ...", 5 },
	{ "pfn", OPT_PFN, "PFN[-PFN][,...]", 0, "... with a page in one of these ranges", 5 },
	{ "comm", OPT_COMM, "GLOB", 0, "... that a task of this name touched", 5 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ft_filter *f = state->input;

	switch (key) {
	case OPT_ORDER:
		if (ft_filter__orders(f, arg))
			argp_error(state, "--order takes numbers up to 63, not '%s'", arg);
		return 0;
	case OPT_KIND:
		if (ft_filter__kinds(f, arg))
			argp_error(state, "--kind takes names like anon,file,shmem, not '%s'", arg);
		return 0;
	case OPT_PFN:
		if (ft_filter__pfns(f, arg))
			argp_error(state, "--pfn takes up to %d numbers or ranges, not '%s'",
				   FT_FILTER_PFNS, arg);
		return 0;
	case OPT_COMM:
		f->comm = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp filter_argp = { .options = options, .parser = parse };

int cli_load_filtered(const char *path, const struct ft_analyse_options *opts,
		      const struct ft_filter *filter, struct ft_run **run, struct ft_error *err)
{
	struct ft_analyse_options all = *opts;
	int code;

	/* which tasks a folio has events of is known from its events only */
	all.keep_all_events |= filter->comm != NULL;
	code = cli_load(path, &all, run, err);
	if (!code && !ft_filter__is_empty(filter))
		ft_run__select(*run, filter);
	return code;
}
