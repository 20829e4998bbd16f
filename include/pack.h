/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packed form of wire records (FT_CODEC_PACKED): records in, some 5 bytes
 * each out, and back again byte for byte. What a life did last, and what came
 * after such a record before, says most of the next one; only what differs from
 * that is stored. Both sides keep the same memory of what they have seen, from
 * the first frame of a file to its last: frames are to be unpacked in the order
 * in which they were packed, none left out.
 */
#ifndef FT_PACK_H
#define FT_PACK_H

#include <stddef.h>
#include <stdint.h>

struct ft_pack; /* the memory: up to 13 MiB, as many as the lives seen need */

struct ft_pack *ft_pack__new(void); /* NULL: no memory */
void ft_pack__free(struct ft_pack *pack);

/* Bytes that size bytes of records need at most. */
static inline size_t ft_pack__bound(size_t size)
{
	return size + size / 2 + 16;
}

/* Packs records back to back; what is no whole record stays as it is. out has
 * room for ft_pack__bound(size). Returns the bytes written, 0: no memory. */
size_t ft_pack__records(struct ft_pack *pack, const void *records, size_t size, void *out);

/* Unpacks into exactly size bytes. 0, -ENOMEM, or -EINVAL: this was never packed. */
int ft_pack__unpack(struct ft_pack *pack, const void *packed, size_t stored, void *out,
		    size_t size);

#endif /* FT_PACK_H */
