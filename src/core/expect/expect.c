// SPDX-License-Identifier: GPL-2.0
/* Words and numbers of expectations. */
#include "expect.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/util/arena.h"

const char *ft_at__name(int at)
{
	return at == FT_AT_FINAL ? "final" : ft_checkpoint__name((enum ft_checkpoint_at)at);
}

int ft_at__parse(const char *name, int *at)
{
	for (*at = FT_AT_FINAL; *at <= FT_AT_FINALIZE_RETURN; ++*at)
		if (!strcmp(name, ft_at__name(*at)))
			return 0;
	return -EINVAL;
}

const char *ft_field__name(enum ft_field f)
{
	static const char *const name[] = { "refcount", "mapcount", "surplus" };

	return f < FT_FIELD_COUNT ? name[f] : "unknown";
}

/* The next number of a release, 0 behind the last; *s goes on. */
static unsigned long next_number(const char **s)
{
	unsigned long n = 0;

	while (isdigit((unsigned char)**s) && n < 1000000)
		n = 10 * n + (unsigned long)(*(*s)++ - '0');
	if (**s == '.' && isdigit((unsigned char)(*s)[1]))
		++*s;
	else
		*s = "";
	return n;
}

int ft_release__compare(const char *a, const char *b)
{
	while (*a || *b) {
		unsigned long x = next_number(&a), y = next_number(&b);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

bool ft_expectation__needs_events(const struct ft_expectation *e)
{
	for (size_t i = 0; e && i < e->nr_rules; i++) {
		const struct ft_match *m = &e->rules[i].match;

		if (m->at == FT_AT_FINAL && (m->function || m->comm))
			return true;
	}
	return false;
}

void ft_expectation__free(struct ft_expectation *e)
{
	if (e)
		ft_arena__free(e->arena);
}
