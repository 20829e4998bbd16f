// SPDX-License-Identifier: GPL-2.0
#include "render/holders.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int holder_text(const struct ft_holder *h, char *buf, size_t size)
{
	bool many = h->refs != 1 && h->holder &&
		    (!strcmp(h->holder, "mapping") || !strcmp(h->holder, "pin"));
	int len;

	if (h->refs < 0)
		return snprintf(buf, size, "%" PRId64 " put too often", h->refs);
	len = snprintf(buf, size, "%" PRId64 "%s%s%s", h->refs, h->holder ? " " : "",
		       h->holder ? h->holder : "", many ? "s" : "");
	if ((size_t)len >= size)
		return len;
	buf += len;
	size -= (size_t)len;
	if (!h->holder && !h->site)
		return len + snprintf(buf, size, " that nobody was seen to take");
	if (!h->get && h->site)
		return len + snprintf(buf, size, " around %s", h->site->function);
	/* who has it for a while says enough */
	if (!h->get || (h->holder && h->put))
		return len;
	if (!h->site->offset) /* a boundary: somewhere in it */
		return len + snprintf(buf, size, " taken in %s%s", h->site->function,
				      h->put ? "" : ", never put");
	return len + snprintf(buf, size, " taken at %s+0x%" PRIx64 "%s", h->site->function,
			      h->site->offset, h->put ? "" : ", never put");
}

const char *holders__text(const struct ft_holder *list, size_t nr, char *buf, size_t size)
{
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < nr && len < size; i++) {
		len += (size_t)snprintf(buf + len, size - len, "%s", i ? " + " : "");
		if (len < size)
			len += (size_t)holder_text(&list[i], buf + len, size - len);
	}
	return buf;
}
