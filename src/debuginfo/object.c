// SPDX-License-Identifier: GPL-2.0
#include "debuginfo/object.h"

#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <elfutils/libdwelf.h>

#define CHAIN_MAX 32 /* functions inlined into one another */

/* The file is given, so libdwfl must not search. */
static int no_elf(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base, char **file,
		  Elf **elf)
{
	(void)mod, (void)data, (void)name, (void)base, (void)file, (void)elf;
	return -1;
}

static int no_debuginfo(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **debug_file)
{
	(void)mod, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc;
	(void)debug_file;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = no_elf,
	.find_debuginfo = no_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static int by_name(const void *a, const void *b)
{
	const struct object_symbol *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : x->address < y->address ? -1 : x->address > y->address;
}

static int read_symbols(struct object *o)
{
	int i, nr = dwfl_module_getsymtab(o->module);

	o->symbols = calloc(nr > 0 ? (size_t)nr : 1, sizeof(*o->symbols));
	if (!o->symbols)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		GElf_Sym sym;
		GElf_Addr address;
		const char *name =
			dwfl_module_getsym_info(o->module, i, &sym, &address, NULL, NULL, NULL);

		if (!name || !*name || sym.st_shndx == SHN_UNDEF)
			continue;
		if (!strcmp(name, "_stext"))
			o->stext = address;
		if (GELF_ST_TYPE(sym.st_info) == STT_FUNC ||
		    GELF_ST_TYPE(sym.st_info) == STT_NOTYPE)
			o->symbols[o->nr_symbols++] =
				(struct object_symbol){ name, address, sym.st_size };
	}
	qsort(o->symbols, o->nr_symbols, sizeof(*o->symbols), by_name);
	return 0;
}

int object__open(struct object *o, const char *name, int fd)
{
	Dwarf_Addr bias;
	int code;

	memset(o, 0, sizeof(*o));
	o->dwfl = dwfl_begin(&callbacks);
	if (o->dwfl) {
		dwfl_report_begin(o->dwfl);
		o->module = dwfl_report_offline(o->dwfl, name, name, fd);
		dwfl_report_end(o->dwfl, NULL, NULL);
	}
	if (!o->module) {
		close(fd);
		object__close(o);
		return -ENOEXEC;
	}
	code = dwfl_module_getdwarf(o->module, &bias) ? read_symbols(o) : -ENODATA;
	if (code)
		object__close(o);
	return code;
}

void object__close(struct object *o)
{
	if (o->dwfl)
		dwfl_end(o->dwfl);
	free(o->symbols);
	memset(o, 0, sizeof(*o));
}

int object__build_id(int fd, char id[OBJECT_ID_LEN])
{
	Elf *elf;
	const void *bits;
	ssize_t i, len;

	id[0] = '\0';
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		return -ENOEXEC;
	}
	len = dwelf_elf_gnu_build_id(elf, &bits);
	for (i = 0; i < len && 2 * i + 2 < OBJECT_ID_LEN; i++)
		snprintf(id + 2 * i, 3, "%02x", ((const unsigned char *)bits)[i]);
	elf_end(elf);
	return len > 0 ? 0 : -ENODATA;
}

static size_t first_of(const struct object *o, const char *name)
{
	size_t low = 0, high = o->nr_symbols;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(o->symbols[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool object__address(const struct object *o, const struct ft_code *code, uint64_t stext,
		     uint64_t *address)
{
	bool moved = code->address && stext && o->stext;
	uint64_t wanted = code->address - stext + o->stext;
	size_t i, found = 0;

	for (i = first_of(o, code->function);
	     i < o->nr_symbols && !strcmp(o->symbols[i].name, code->function); i++) {
		uint64_t at = o->symbols[i].address + code->offset;

		if (o->symbols[i].size && code->offset > o->symbols[i].size)
			continue;
		if (moved && at != wanted)
			continue;
		/* several symbols may be aliases of one place */
		if (!found || at != *address)
			found++;
		*address = at;
	}
	if (found == 1 && code->after)
		--*address;
	return found == 1;
}

/* Without "./" and without DW_AT_comp_dir, the directory that the compiler ran in. */
static const char *short_name(const char *file, Dwarf_Die *cu)
{
	Dwarf_Attribute attr;
	const char *dir = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
	size_t len = dir ? strlen(dir) : 0;

	if (!file)
		return NULL;
	if (len && !strncmp(file, dir, len) && file[len] == '/')
		file += len + 1;
	while (!strncmp(file, "./", 2))
		file += 2;
	return file;
}

static void call_site(Dwarf_Die *die, Dwarf_Die *cu, struct ft_line *to)
{
	Dwarf_Attribute attr;
	Dwarf_Word file = 0, line = 0;
	Dwarf_Files *files;
	size_t nr;

	to->file = NULL;
	to->line = 0;
	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attr), &file) ||
	    dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attr), &line) ||
	    dwarf_getsrcfiles(cu, &files, &nr) || file >= nr)
		return;
	to->file = short_name(dwarf_filesrc(files, file, NULL, NULL), cu);
	to->line = (uint32_t)line;
}

static uint32_t climb(Dwarf_Die *scopes, int nr, Dwarf_Die *cu, struct ft_line at,
		      struct ft_line *chain)
{
	uint32_t n = 0;

	for (int i = 0; i < nr && n < CHAIN_MAX; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		at.function = dwarf_diename(&scopes[i]);
		if (at.function)
			chain[n++] = at;
		if (tag == DW_TAG_subprogram)
			break;
		call_site(&scopes[i], cu, &at);
	}
	return n;
}

static int keep(struct ft_lines *lines, const struct ft_line *chain, uint32_t nr)
{
	lines->line = calloc(nr, sizeof(*chain));
	if (!lines->line)
		return -ENOMEM;
	/* the strings are libdw's, and valid as long as the object */
	memcpy(lines->line, chain, nr * sizeof(*chain));
	lines->nr = nr;
	return 0;
}

int object__lines(struct object *o, uint64_t address, struct ft_lines *lines)
{
	struct ft_line chain[CHAIN_MAX], at = { 0 };
	Dwarf_Die *scopes = NULL, *parents = NULL, *cu;
	Dwarf_Addr bias = 0;
	Dwfl_Line *line = dwfl_module_getsrc(o->module, address);
	uint32_t n = 0;
	int nr, row = 0;

	*lines = (struct ft_lines){ 0 };
	cu = dwfl_module_addrdie(o->module, address, &bias);
	if (!cu)
		return -ENOENT;
	if (line)
		at.file = short_name(dwfl_lineinfo(line, NULL, &row, NULL, NULL, NULL), cu);
	at.line = (uint32_t)row;
	/* the innermost scope, and then what it is inlined into */
	nr = dwarf_getscopes(cu, address - bias, &scopes);
	if (nr > 0)
		nr = dwarf_getscopes_die(&scopes[0], &parents);
	if (nr > 0)
		n = climb(parents, nr, cu, at, chain);
	free(scopes);
	free(parents);
	return n ? keep(lines, chain, n) : -ENOENT;
}

void object__free_lines(struct ft_lines *lines)
{
	free(lines->line);
	lines->line = NULL;
}
