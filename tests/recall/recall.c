// SPDX-License-Identifier: GPL-2.0
/*
 * recall [-v] VMLINUX: runs the site finder over a kernel's text and compares it
 * with DWARF. Every lock operation or plain store in the code of an inlined
 * page_ref function should be a site, unless the kernel refuses to probe there.
 * Exit 1: less than 99.5 % are; 2: cannot tell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "image.h"
#include "ops.h"
#include "truth.h"

#define ENOUGH 99.5

static const char *const rule_names[] = {
	[FT_RULE_LOCK] = "lock",	 [FT_RULE_LEA] = "lea",	    [FT_RULE_LRU] = "lru",
	[FT_RULE_DEFERRED] = "deferred", [FT_RULE_STORE] = "store", [FT_RULE_CALL] = "call",
};

#define NR_RULES (sizeof(rule_names) / sizeof(*rule_names))

struct count {
	const char *primitive;
	unsigned int operations, found, missed, refused;
};

struct result {
	struct count counts[32];
	size_t nr_counts;
	unsigned int sites[NR_RULES], right[NR_RULES], refused_sites;
	unsigned int found, missed, refused;
};

static const struct ft_insn_site *site_at(const struct ft_insn_site *sites, size_t nr,
					  uint64_t address)
{
	size_t low = 0, high = nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (sites[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < nr && sites[low].address == address ? &sites[low] : NULL;
}

static struct count *count_of(struct result *r, const char *primitive)
{
	size_t i;

	for (i = 0; i < r->nr_counts; i++) {
		if (strcmp(r->counts[i].primitive, primitive) == 0)
			return &r->counts[i];
	}
	if (r->nr_counts < sizeof(r->counts) / sizeof(*r->counts))
		r->counts[r->nr_counts++].primitive = primitive;
	return &r->counts[r->nr_counts - 1];
}

static void print_place(const struct image *image, const char *what, const struct op *op)
{
	const struct ft_function *f = image__function(image, op->address);
	const uint8_t *p = image->text + (op->address - image->text_base);
	size_t i, size = op->end - op->address < 16 ? op->end - op->address : 16;

	printf("  %-8s %-22s %#lx %s+%#lx:", what, op->primitive, (unsigned long)op->address,
	       f ? f->name : "?", (unsigned long)(f ? op->address - f->start : 0));
	for (i = 0; i < size; i++)
		printf(" %02x", p[i]);
	printf("\n");
}

static void judge_op(struct result *r, const struct image *image, const struct op *op,
		     const struct ft_insn_site *site, bool verbose)
{
	struct count *c = count_of(r, op->primitive);
	const char *refusal = image__refusal(image, op->address);

	c->operations++;
	if (site)
		r->right[site->rule]++;
	if (refusal) {
		c->refused++;
		r->refused++;
		print_place(image, refusal, op);
	} else if (site) {
		c->found++;
		r->found++;
		if (verbose)
			print_place(image, rule_names[site->rule], op);
	} else {
		c->missed++;
		r->missed++;
		print_place(image, "MISSED", op);
	}
}

static void print_result(const struct result *r, double recall)
{
	const struct count *c;
	size_t i;

	printf("  %-24s %10s %8s %8s %8s\n", "primitive", "operations", "found", "missed",
	       "refused");
	for (c = r->counts; c < r->counts + r->nr_counts; c++)
		printf("  %-24s %10u %8u %8u %8u\n", c->primitive, c->operations, c->found,
		       c->missed, c->refused);
	printf("  %-24s %10u %8u %8u %8u\n", "all", r->found + r->missed + r->refused, r->found,
	       r->missed, r->refused);
	printf("  %-24s %10s %8s %8s\n", "rule", "sites", "true", "false");
	for (i = 1; i < NR_RULES; i++) {
		if (r->sites[i])
			printf("  %-24s %10u %8u %8u\n", rule_names[i], r->sites[i], r->right[i],
			       r->sites[i] - r->right[i]);
	}
	printf("  sites that the kernel refuses: %u\n", r->refused_sites);
	printf("  recall %.2f %%\n", recall);
}

/* Out-of-line copies that the kernel refuses to probe: their calls are probed instead. */
static void print_calls(const struct image *image, const struct ft_finder *f)
{
	static const struct {
		const char *name;
		enum ft_form form;
	} known[] = { { "folio_put", FT_FORM_CALL_PUT },
		      { "put_page", FT_FORM_CALL_PUT },
		      { "folio_get", FT_FORM_CALL_GET },
		      { "get_page", FT_FORM_CALL_GET },
		      { "try_get_folio", FT_FORM_CALL_TRY },
		      { "folio_wait_bit_common", FT_FORM_CALL_DROP } };
	const struct ft_function *fn;
	struct ft_insn_site *sites;
	struct ft_out_of_line copy;
	size_t i, nr, tails;

	for (fn = image->functions; fn < image->functions + image->nr_functions; fn++) {
		for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
			if (strcmp(fn->name, known[i].name) || !image__refusal(image, fn->start))
				continue;
			sites = NULL;
			nr = tails = 0;
			copy = (struct ft_out_of_line){ fn->start, known[i].form };
			if (ft_finder__scan_calls(f, image->text, image->text_size,
						  image->text_base, &copy, 1, &sites, &nr, &tails))
				abort(); /* a test program */
			printf("  refused copy of %-16s at %#lx: %zu call sites, %zu unreachable\n",
			       fn->name, (unsigned long)fn->start, nr, tails);
			free(sites);
		}
	}
}

static int compare(const struct image *image, const struct truth *truth, const struct ft_finder *f,
		   bool verbose)
{
	struct ft_insn_site *sites = NULL;
	struct result r = { 0 };
	struct timespec a, b;
	struct ops ops;
	size_t nr = 0, i;
	double recall;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	if (ft_finder__scan(f, image->text, image->text_size, image->text_base, &sites, &nr))
		return 2;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	ops__read(&ops, truth, image);
	for (i = 0; i < nr; i++) {
		r.sites[sites[i].rule]++;
		r.refused_sites += image__refusal(image, sites[i].address) != NULL;
	}
	for (i = 0; i < ops.nr; i++)
		judge_op(&r, image, &ops.all[i], site_at(sites, nr, ops.all[i].address), verbose);
	for (i = 0; i < ops.nr_none; i++)
		print_place(image, "no op", &ops.none[i]);
	recall = r.found + r.missed ? 100.0 * r.found / (r.found + r.missed) : 0;
	printf("  %zu functions, %zu instances; scanned %zu bytes in %.1f ms: %zu sites\n",
	       image->nr_functions, truth->nr, image->text_size,
	       (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6, nr);
	print_result(&r, recall);
	print_calls(image, f);
	free(sites);
	ops__free(&ops);
	return recall >= ENOUGH ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool verbose = argc == 3 && strcmp(argv[1], "-v") == 0;
	struct ft_finder finder;
	struct image image;
	struct truth truth = { 0 };
	int status = 2;

	if (argc != 2 + verbose) {
		fprintf(stderr, "usage: recall [-v] VMLINUX\n");
		return 2;
	}
	if (image__open(&image, argv[1 + verbose]) || truth__read(&truth, &image)) {
		fprintf(stderr, "recall: cannot read text, symbols and DWARF of %s\n",
			argv[1 + verbose]);
	} else {
		finder = (struct ft_finder){
			.refcount = (uint32_t)truth.refcount,
			.lru = (uint32_t)truth.lru,
			.deferred_list = (int32_t)truth.deferred_list,
			.sizeof_page = (uint32_t)truth.sizeof_page,
			.functions = image.functions,
			.nr_functions = image.nr_functions,
		};
		printf("  page %u bytes, _refcount at %u, lru at %u, _deferred_list at %d\n",
		       finder.sizeof_page, finder.refcount, finder.lru, finder.deferred_list);
		status = compare(&image, &truth, &finder, verbose);
	}
	truth__free(&truth);
	image__close(&image);
	return status;
}
