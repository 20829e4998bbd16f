// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

struct symbol {
	uint64_t address;
	const char *name;
};

struct symbols {
	struct symbol *all;
	size_t nr;
};

static Elf_Data *section_at(Elf *elf, uint64_t address, Elf64_Shdr **header)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		*header = elf64_getshdr(scn);
		if (*header && (*header)->sh_flags & SHF_ALLOC &&
		    (*header)->sh_type == SHT_PROGBITS && address >= (*header)->sh_addr &&
		    address - (*header)->sh_addr < (*header)->sh_size)
			return elf_rawdata(scn, NULL);
	}
	return NULL;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int read_symbols(Elf *elf, struct symbols *symbols)
{
	Elf_Scn *scn = NULL;
	Elf64_Shdr *header = NULL;
	Elf_Data *data;
	Elf64_Sym *sym;
	size_t i, n;

	while ((scn = elf_nextscn(elf, scn))) {
		header = elf64_getshdr(scn);
		if (header && header->sh_type == SHT_SYMTAB)
			break;
	}
	data = scn ? elf_getdata(scn, NULL) : NULL;
	if (!data)
		return -ENOENT;
	n = data->d_size / sizeof(*sym);
	symbols->all = calloc(n, sizeof(*symbols->all));
	if (!symbols->all)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		sym = (Elf64_Sym *)data->d_buf + i;
		if (sym->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(sym->st_info) == STT_SECTION ||
		    ELF64_ST_TYPE(sym->st_info) == STT_FILE)
			continue;
		symbols->all[symbols->nr].address = sym->st_value;
		symbols->all[symbols->nr++].name = elf_strptr(elf, header->sh_link, sym->st_name);
	}
	qsort(symbols->all, symbols->nr, sizeof(*symbols->all), by_address);
	return 0;
}

static uint64_t symbol(const struct symbols *symbols, const char *name)
{
	size_t i;

	for (i = 0; i < symbols->nr; i++) {
		if (strcmp(symbols->all[i].name, name) == 0)
			return symbols->all[i].address;
	}
	return 0;
}

/* An array of addresses between two symbols, sorted. */
static size_t read_array(Elf *elf, const struct symbols *symbols, const char *name,
			 uint64_t **array)
{
	char start[64], stop[64];
	uint64_t from, to;
	Elf64_Shdr *header;
	Elf_Data *data;
	size_t n;

	snprintf(start, sizeof(start), "__start_%s", name);
	snprintf(stop, sizeof(stop), "__stop_%s", name);
	from = symbol(symbols, start);
	to = symbol(symbols, stop);
	data = from < to ? section_at(elf, from, &header) : NULL;
	if (!data || to - header->sh_addr > data->d_size)
		return 0;
	n = (to - from) / sizeof(**array);
	*array = malloc((n + 1) * sizeof(**array));
	if (!*array)
		return 0;
	memcpy(*array, (char *)data->d_buf + (from - header->sh_addr), n * sizeof(**array));
	qsort(*array, n, sizeof(**array), by_number);
	return n;
}

static void read_refused(struct image *image, const struct symbols *symbols)
{
	static const char *const areas[] = { "kprobes", "noinstr", "entry", "cpuidle" };
	char name[64];
	size_t i;
	struct area *a;

	for (i = 0; i < sizeof(areas) / sizeof(*areas); i++) {
		a = &image->refused[image->nr_refused];
		snprintf(name, sizeof(name), "__%s_text_start", areas[i]);
		a->start = symbol(symbols, name);
		snprintf(name, sizeof(name), "__%s_text_end", areas[i]);
		a->end = symbol(symbols, name);
		if (a->start < a->end)
			image->nr_refused++;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ft_function *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* foo.cold belongs to foo. Of several static foo any one is taken. */
static int join_cold_parts(struct image *image)
{
	const struct ft_function **named, **found, *key;
	struct ft_function base;
	char name[256];
	char *cold;
	size_t i;

	named = calloc(image->nr_functions + 1, sizeof(*named));
	if (!named)
		return -ENOMEM;
	for (i = 0; i < image->nr_functions; i++)
		named[i] = &image->functions[i];
	qsort(named, image->nr_functions, sizeof(*named), by_name);
	for (i = 0; i < image->nr_functions; i++) {
		snprintf(name, sizeof(name), "%s", image->functions[i].name);
		cold = strstr(name, ".cold");
		if (!cold)
			continue;
		*cold = 0;
		base.name = name;
		key = &base;
		found = bsearch(&key, named, image->nr_functions, sizeof(*named), by_name);
		if (found)
			image->functions[i].parent = (uint32_t)(*found - image->functions);
	}
	free(named);
	return 0;
}

static int make_functions(struct image *image, const struct symbols *symbols)
{
	uint64_t end = image->text_base + image->text_size;
	const struct symbol *s;
	struct ft_function *f;
	size_t i;

	image->functions = calloc(symbols->nr + 1, sizeof(*image->functions));
	if (!image->functions)
		return -ENOMEM;
	f = image->functions;
	for (i = 0; i < symbols->nr; i++) {
		s = &symbols->all[i];
		if (s->address < image->text_base || s->address >= end)
			continue;
		if (f > image->functions && f[-1].end > s->address)
			f[-1].end = s->address;
		if (strncmp(s->name, "__pfx_", 6) == 0)
			continue;
		if (f > image->functions && f[-1].start == s->address)
			f--;
		*f++ = (struct ft_function){ s->address, end, s->name, FT_NO_FUNCTION };
	}
	image->nr_functions = (size_t)(f - image->functions);
	return join_cold_parts(image);
}

int image__open(struct image *image, const char *path)
{
	struct symbols symbols = { 0 };
	Elf64_Shdr *header;
	Elf_Data *data = NULL;
	uint64_t start, end;
	int err;

	*image = (struct image){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (image->fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	image->elf = elf_begin(image->fd, ELF_C_READ_MMAP, NULL);
	if (!image->elf)
		return -EINVAL;
	err = read_symbols(image->elf, &symbols);
	if (!err) {
		start = symbol(&symbols, "_stext");
		end = symbol(&symbols, "_etext");
		data = start ? section_at(image->elf, start, &header) : NULL;
		if (!data || end < start || end - header->sh_addr > data->d_size)
			err = -ENOENT;
	}
	if (!err) {
		image->text = (const uint8_t *)data->d_buf + (start - header->sh_addr);
		image->text_base = start;
		image->text_size = end - start;
		image->nr_fentries =
			read_array(image->elf, &symbols, "mcount_loc", &image->fentries);
		image->nr_blacklist =
			read_array(image->elf, &symbols, "kprobe_blacklist", &image->blacklist);
		read_refused(image, &symbols);
		err = make_functions(image, &symbols);
	}
	free(symbols.all);
	return err;
}

void image__close(struct image *image)
{
	free(image->functions);
	free(image->fentries);
	free(image->blacklist);
	if (image->elf)
		elf_end(image->elf);
	if (image->fd >= 0)
		close(image->fd);
}

const struct ft_function *image__function(const struct image *image, uint64_t address)
{
	size_t low = 0, high = image->nr_functions, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (image->functions[mid].end <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == image->nr_functions || image->functions[low].start > address)
		return NULL;
	return &image->functions[low];
}

static bool has_number_in(const uint64_t *array, size_t nr, uint64_t start, uint64_t end)
{
	size_t low = 0, high = nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (array[mid] < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < nr && array[low] < end;
}

/* As within_notrace_func() of kernel/trace/trace_kprobe.c and within_kprobe_blacklist(). */
const char *image__refusal(const struct image *image, uint64_t address)
{
	const struct ft_function *f = image__function(image, address);
	size_t i;

	if (!f)
		return "no function";
	if (f->parent != FT_NO_FUNCTION)
		f = &image->functions[f->parent];
	for (i = 0; i < image->nr_refused; i++) {
		if (address >= image->refused[i].start && address < image->refused[i].end)
			return "section";
	}
	if (has_number_in(image->blacklist, image->nr_blacklist, f->start, f->start + 1))
		return "blacklist";
	if (!has_number_in(image->fentries, image->nr_fentries, f->start, f->end))
		return "notrace";
	return NULL;
}
