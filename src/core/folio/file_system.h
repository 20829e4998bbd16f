/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a file system keeps of its folios beside the page cache and their private data, told
 * by the a_ops of their mapping (FT_OP_BORN, FT_OP_ADOPTED). No function of the kernel says
 * how many those are: the table has what was read in the file systems and seen of them.
 */
#ifndef FT_CORE_FOLIO_FILE_SYSTEM_H
#define FT_CORE_FOLIO_FILE_SYSTEM_H

#include "model.h"

/* References that it keeps of a folio with private data; 0 also of one that is not known. */
int ft_run__file_system_keeps(const struct ft_run *run, const struct ft_event *first);
/* Whether its a_ops are known not to be in the table. */
bool ft_run__is_file_system_unknown(const struct ft_run *run, const struct ft_event *first);

#endif /* FT_CORE_FOLIO_FILE_SYSTEM_H */
