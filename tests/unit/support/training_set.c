// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "support/training_set.h"

static void must(int code)
{
	if (code) {
		fprintf(stderr, "school: %s\n", strerror(-code));
		exit(1);
	}
}

void school__tokens(struct school *s, struct test_life *t, const struct ft_ref_end *end)
{
	must(ft_tokens__of(&s->tokens, &s->classes, t->refs, t->nr, end));
}

static bool has_class(const struct ft_tokens *t, uint32_t class)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->list[i].class == class)
			return true;
	return false;
}

void school__learn(struct school *s, uint32_t without, struct ft_model *model)
{
	struct ft_learner learner = { 0 };
	size_t i;

	for (i = 0; i < s->lives.nr; i++) {
		struct test_life *t = &s->lives.list[i];
		struct ft_ref_end end = life__end(t);

		if (!life__is_balanced(t))
			continue;
		school__tokens(s, t, &end);
		if (without == FT_NO_CLASS || !has_class(&s->tokens, without))
			must(ft_learner__add(&learner, &s->tokens, t->lives));
	}
	must(ft_learner__learn(&learner, model));
	ft_learner__free(&learner);
}

void school__open(struct school *s, FILE *f)
{
	memset(s, 0, sizeof(*s));
	lives__read(&s->lives, f);
	school__learn(s, FT_NO_CLASS, &s->model);
}

void school__close(struct school *s)
{
	ft_tokens__free(&s->tokens);
	ft_model__free(&s->model);
	ft_classes__free(&s->classes);
	lives__free(&s->lives);
}
