// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/reference_sequence.h"

static const char *const caller_names[] = { "one_caller", "other_caller", "third_caller" };

struct sequence *sequence__new(void)
{
	struct sequence *t = calloc(1, sizeof(*t));
	size_t i, j;

	assert_non_null(t);
	for (i = 0; i < 40; i++)
		t->site[i] = (struct ft_site){ .function = "a_place", .offset = i };
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 2; j++) {
			t->frame[i][j] = (struct ft_frame_name){
				.function = caller_names[i],
				.address = 100 * i + j,
			};
			t->frames[i][j] = &t->frame[i][j];
		}
		t->stack[i] = (struct ft_stack){ t->frames[i], 2, false };
	}
	t->next.entry_seq = 1;
	return t;
}

void sequence__free(struct sequence *t)
{
	ft_classes__free(&t->classes);
	ft_tokens__free(&t->tokens);
	free(t);
}

void sequence__change(struct sequence *t, int site, int delta)
{
	struct ft_ref *r = &t->refs[t->nr++];

	t->next.t_ns += 1000;
	t->next.count += delta;
	*r = t->next;
	r->delta = delta;
	r->site = &t->site[site];
	r->stack = &t->stack[t->next.entry_seq % 3];
}

const struct ft_suspect *sequence__best(struct sequence *t, int64_t mapped, int64_t cached)
{
	struct ft_ref_end end = { .mapped = mapped, .cached = cached };

	end.surplus = t->next.count - mapped - cached;
	assert_int_equal(ft_tokens__of(&t->tokens, &t->classes, t->refs, t->nr, &end), 0);
	assert_int_equal(ft_attribution__of(&t->tokens, NULL, &t->a), 0);
	assert_true(t->a.lead->nr > 0);
	return &t->a.lead->suspect[0];
}

uint64_t sequence__place(const struct sequence *t, const struct ft_token *token)
{
	return t->classes.list[token->class].site->offset;
}

const struct ft_token *sequence__token_at(const struct sequence *t, int at)
{
	size_t i;

	for (i = 0; i < t->tokens.nr; i++)
		if (t->tokens.list[i].at == at)
			return &t->tokens.list[i];
	fail_msg("no token of change %d", at);
	return NULL;
}
