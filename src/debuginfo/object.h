/* SPDX-License-Identifier: GPL-2.0 */
/* One ELF file with DWARF, vmlinux or a module's: its functions and their lines. */
#ifndef FT_DEBUGINFO_OBJECT_H
#define FT_DEBUGINFO_OBJECT_H

#include <stddef.h>

#include <elfutils/libdwfl.h>

#include "lines.h"

#define OBJECT_ID_LEN 129 /* a build id in hex */

struct object_symbol {
	const char *name;
	uint64_t address, size;
};

struct object {
	Dwfl *dwfl;
	Dwfl_Module *module;
	struct object_symbol *symbols; /* functions by name */
	size_t nr_symbols;
	uint64_t stext; /* 0: none */
};

/* Takes fd, even if it fails. 0 or -errno: -ENOEXEC no ELF file, -ENODATA no DWARF. */
int object__open(struct object *o, const char *name, int fd);
void object__close(struct object *o);

/* The GNU build id of the ELF file fd, which stays open; 0 or -errno. */
int object__build_id(int fd, char id[OBJECT_ID_LEN]);

/* The address in the file of code in the kernel, whose _stext was at stext (0: not known).
 * False: there is no such function, or several and code->address does not tell which. */
bool object__address(const struct object *o, const struct ft_code *code, uint64_t stext,
		     uint64_t *address);
/* 0, -ENOENT if there are no lines, -ENOMEM. To be freed by object__free_lines(). */
int object__lines(struct object *o, uint64_t address, struct ft_lines *lines);
void object__free_lines(struct ft_lines *lines);

#endif /* FT_DEBUGINFO_OBJECT_H */
