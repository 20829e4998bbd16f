/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packed form of wire records (FT_CODEC_PACKED): some 5 bytes a record, unpacked to
 * the same bytes. A record is predicted from the folio's last one and from what followed
 * such a record before; only the difference is stored. Packer and unpacker keep the same
 * state from the first frame of a file to the last, so all frames have to be unpacked, in
 * the order in which they were packed.
 */
#ifndef FT_PACK_H
#define FT_PACK_H

#include <stddef.h>
#include <stdint.h>

struct ft_pack; /* the state: up to 13 MiB, by the number of folios seen */

struct ft_pack *ft_pack__new(void); /* NULL: no memory */
void ft_pack__free(struct ft_pack *pack);

/* Bytes that size bytes of records need at most. */
static inline size_t ft_pack__bound(size_t size)
{
	return size + size / 2 + 16;
}

/* Packs records that stand back to back; a part of a record is copied. out has room for
 * ft_pack__bound(size). Returns the bytes written, 0: no memory. */
size_t ft_pack__records(struct ft_pack *pack, const void *records, size_t size, void *out);

/* Unpacks into exactly size bytes. 0, -ENOMEM, or -EINVAL: no output of the packer. */
int ft_pack__unpack(struct ft_pack *pack, const void *packed, size_t stored, void *out,
		    size_t size);

#endif /* FT_PACK_H */
