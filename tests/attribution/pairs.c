// SPDX-License-Identifier: GPL-2.0
/*
 * pairs [-x MODULE]... CAPTURE... > tools/pairs/SERIES.json: what the balanced folios of these
 * captures teach about references, as it is shipped: an expectation without rules. -x leaves
 * out each pair with a function of that module, such as a test module that is not the kernel's.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/attribution/pair_list.h"
#include "expect.h"

#define MODULES_MAX 16

struct maker {
	struct ft_arena *arena;
	struct ft_pair_list list;
	const char *left_out[MODULES_MAX];
	int nr_left_out;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "pairs: %s: %s\n", what, why);
	exit(2);
}

static bool is_left_out(const struct maker *m, const char *module)
{
	int i;

	for (i = 0; module && i < m->nr_left_out; i++)
		if (!strcmp(module, m->left_out[i]))
			return true;
	return false;
}

static bool is_of_module(const struct maker *m, const struct ft_run *run, const char *function)
{
	size_t i;
	uint32_t j;

	for (i = 0; i < run->nr_sites; i++)
		if (is_left_out(m, run->sites[i]->module) &&
		    !strcmp(run->sites[i]->function, function))
			return true;
	for (i = 1; i < run->nr_stacks; i++)
		for (j = 0; j < run->stacks[i].depth; j++)
			if (is_left_out(m, run->stacks[i].frames[j]->module) &&
			    !strcmp(run->stacks[i].frames[j]->function, function))
				return true;
	return false;
}

static bool has_function_of_module(const struct maker *m, const struct ft_run *run,
				   const struct ft_pair_place *place)
{
	size_t i;

	if (place->function && is_of_module(m, run, place->function))
		return true;
	for (i = 0; i < FT_PAIR_CALLERS; i++)
		if (place->caller[i] && is_of_module(m, run, place->caller[i]))
			return true;
	return false;
}

static void add_run(struct maker *m, const struct ft_run *run)
{
	size_t i;

	for (i = 0; i < run->pairs.nr; i++) {
		const struct ft_pair *pair = &run->pairs.list[i];

		if (!has_function_of_module(m, run, &pair->get) &&
		    !has_function_of_module(m, run, &pair->put) &&
		    ft_pair_list__add(&m->list, pair))
			fail("pairs", "out of memory");
	}
}

static void read_capture(struct maker *m, const char *path)
{
	const struct ft_analyse_options opts = { .learn_pairs = true };
	struct ft_error err = { 0 };
	struct ft_run *run = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ft_run__load(fd, path, &opts, &run, &err))
		fail(path, fd < 0 ? "cannot be opened" : err.text);
	add_run(m, run);
	ft_run__free(run);
	close(fd);
}

int main(int argc, char **argv)
{
	struct maker m = { .arena = ft_arena__new() };
	struct ft_expectation e = {
		.comment = "which put answers which get; made by tests/attribution/pairs.c",
	};
	int i;

	if (!m.arena)
		fail("pairs", "out of memory");
	ft_pair_list__init(&m.list, m.arena);
	while ((i = getopt(argc, argv, "x:")) != -1) {
		if (i != 'x' || m.nr_left_out == MODULES_MAX)
			fail("usage", "pairs [-x MODULE]... CAPTURE...");
		m.left_out[m.nr_left_out++] = optarg;
	}
	for (i = optind; i < argc; i++)
		read_capture(&m, argv[i]);
	if (ft_pair_list__finish(&m.list, &e.pairs) || ft_expectation__write(&e, stdout))
		fail("pairs", "cannot write");
	ft_pair_list__free(&m.list);
	ft_arena__free(m.arena);
	return 0;
}
