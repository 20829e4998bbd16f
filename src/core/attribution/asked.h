/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked of one folio for its crossings, and what its sums say of who has lost what. */
#ifndef FT_CORE_ATTRIBUTION_ASKED_H
#define FT_CORE_ATTRIBUTION_ASKED_H

#include "core/attribution/answer.h"

struct ft_answered {
	const struct ft_token *get, *put;
};

struct ft_asked {
	const struct ft_evidence *ev;
	const struct ft_run *run;
	const struct ft_folio *folio;
	struct ft_answered *pairs; /* of the best assignment */
	size_t nr_pairs;
	bool balance;	   /* also whether each put what it had taken */
	bool before_known; /* what was there before the command's first operation */
	bool pins_add_up;  /* a page whose count is in order: its pins are as many as before */
	bool together;	   /* pins and references are summed up as one */
	bool outsiders;	   /* living ones took references, too */
	bool *others;	   /* of the tokens: those that are not the command's */
	int64_t missing;   /* of the others', by the end */
	int64_t net[2]; /* of the command's operations that no holder shows, and of those on pins */
};

static inline bool ft_token__is_plain(const struct ft_token *t)
{
	return t->hold == FT_HOLD_NONE;
}

static inline bool ft_token__is_pin(const struct ft_token *t)
{
	return t->hold == FT_HOLD_PIN;
}

/* NULL: of a pseudo-token. */
const struct ft_event *ft_asked__event(const struct ft_asked *asked, const struct ft_token *token);
bool ft_asked__is_ours(const struct ft_asked *asked, const struct ft_token *token);
bool ft_asked__is_passed_on(const struct ft_asked *asked, const struct ft_token *token);
bool ft_asked__is_kernels(const struct ft_asked *asked, const struct ft_event *event);
bool ft_asked__is_for_the_command(const struct ft_asked *asked, const struct ft_token *put);
bool ft_asked__counts(const struct ft_asked *asked, const struct ft_token *token);
/* Fills in others, missing and net, by the tokens as they were before they were shortened. */
void ft_asked__sum_up(struct ft_asked *asked, const struct ft_tokens *tokens);

#endif /* FT_CORE_ATTRIBUTION_ASKED_H */
