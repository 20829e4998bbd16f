/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays from malloc that grow. */
#ifndef FT_CORE_UTIL_GROW_H
#define FT_CORE_UTIL_GROW_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* list, with room for want elements of size at least, and *room set; NULL: no memory,
 * and list is as it was. Doubles, so that one element at a time costs no more. */
static inline void *ft_grown(void *list, size_t *room, size_t want, size_t size)
{
	size_t more = *room ? *room : 16;

	if (want <= *room)
		return list;
	while (more < want)
		more *= 2;
	list = more <= SIZE_MAX / size ? realloc(list, more * size) : NULL;
	if (list)
		*room = more;
	return list;
}

/* Makes list, a pointer of room elements, large enough for want > 0. 0 or -ENOMEM. */
#define FT_GROW(list, room, want)                                                                  \
	({                                                                                         \
		void *grown_ = ft_grown(list, &(room), want, sizeof(*(list)));                     \
		if (grown_)                                                                        \
			(list) = grown_;                                                           \
		grown_ ? 0 : -ENOMEM;                                                              \
	})

#endif /* FT_CORE_UTIL_GROW_H */
