/* SPDX-License-Identifier: GPL-2.0 */
/* GNU build ids, from the ELF notes of the running kernel and its modules in sysfs. */
#ifndef FT_CAPTURE_KERNEL_BUILD_ID_H
#define FT_CAPTURE_KERNEL_BUILD_ID_H

#include <stdbool.h>

#define BUILD_ID_LEN 41 /* 20 bytes in hex */

/* From a file of ELF notes. False, and "": there is none. */
bool build_id__read(const char *path, char out[BUILD_ID_LEN]);

#endif /* FT_CAPTURE_KERNEL_BUILD_ID_H */
