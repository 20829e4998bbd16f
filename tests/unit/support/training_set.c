// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "support/training_set.h"

static void must(int code)
{
	if (code) {
		fprintf(stderr, "training set: %s\n", strerror(-code));
		exit(1);
	}
}

void training_set__tokens(struct training_set *s, struct test_folio *t,
			  const struct ft_ref_end *end)
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

void training_set__learn(struct training_set *s, uint32_t without, struct ft_model *model)
{
	struct ft_learner learner = { 0 };
	size_t i;

	for (i = 0; i < s->folios.nr; i++) {
		struct test_folio *t = &s->folios.list[i];
		struct ft_ref_end end = test_folio__end(t);

		if (!test_folio__is_balanced(t))
			continue;
		training_set__tokens(s, t, &end);
		if (without == FT_NO_CLASS || !has_class(&s->tokens, without))
			must(ft_learner__add(&learner, &s->tokens, t->folios));
	}
	must(ft_learner__learn(&learner, model));
	ft_learner__free(&learner);
}

void training_set__open(struct training_set *s, FILE *f)
{
	memset(s, 0, sizeof(*s));
	folios__read(&s->folios, f);
	training_set__learn(s, FT_NO_CLASS, &s->model);
}

void training_set__close(struct training_set *s)
{
	ft_tokens__free(&s->tokens);
	ft_model__free(&s->model);
	ft_classes__free(&s->classes);
	folios__free(&s->folios);
}
