// SPDX-License-Identifier: GPL-2.0
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "truth.h"

/* The functions of include/linux/page_ref.h and mm/internal.h that touch the counter. */
static bool is_primitive(const char *name, bool *store)
{
	*store = strcmp(name, "set_page_count") == 0 || strcmp(name, "page_ref_unfreeze") == 0;
	if (*store)
		return true;
	if (strcmp(name, "folio_ref_sub_return") == 0)
		return true;
	return strncmp(name, "page_ref_", 9) == 0 && strcmp(name, "page_ref_count") != 0;
}

static void *grown(void *array, size_t nr, size_t *room, size_t size)
{
	void *p;

	if (nr < *room)
		return array;
	*room = *room ? *room * 2 : 4096;
	p = realloc(array, *room * size);
	if (!p)
		abort(); /* a test program */
	return p;
}

static void add_instance(struct truth *t, Dwarf_Die *die, const char *name, bool store)
{
	struct instance *i;
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;

	t->instances = grown(t->instances, t->nr, &t->room, sizeof(*t->instances));
	i = &t->instances[t->nr];
	*i = (struct instance){ name, store, (uint32_t)t->nr_ranges, 0 };
	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		if (start >= end)
			continue;
		t->ranges = grown(t->ranges, t->nr_ranges, &t->ranges_room, sizeof(*t->ranges));
		t->ranges[t->nr_ranges++] = (struct area){ start, end };
		i->nr_ranges++;
	}
	if (i->nr_ranges)
		t->nr++;
}

/* The name that a concrete or inlined copy has from where it was declared. */
static const char *origin_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die origin;

	if (!dwarf_attr(die, DW_AT_abstract_origin, &attr))
		return dwarf_tag(die) == DW_TAG_subprogram ? dwarf_diename(die) : NULL;
	return dwarf_formref_die(&attr, &origin) ? dwarf_diename(&origin) : NULL;
}

/* Innermost only: where a primitive is made of another one, the other one is the instance. */
static void walk(struct truth *t, Dwarf_Die *parent)
{
	bool store = false;
	const char *name;
	Dwarf_Die die;
	size_t before;
	int tag;

	if (dwarf_child(parent, &die) != 0)
		return;
	do {
		tag = dwarf_tag(&die);
		if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine &&
		    tag != DW_TAG_lexical_block)
			continue;
		before = t->nr;
		walk(t, &die);
		if (tag == DW_TAG_lexical_block || t->nr != before)
			continue;
		name = origin_name(&die);
		if (name && is_primitive(name, &store))
			add_instance(t, &die, name, store);
	} while (dwarf_siblingof(&die, &die) == 0);
}

/* The offset of a member, in anonymous members too. */
static int64_t member_offset(Dwarf_Die *type, const char *wanted)
{
	Dwarf_Attribute attr;
	Dwarf_Die die, inner;
	Dwarf_Word offset;
	const char *name;
	int64_t nested;

	if (dwarf_child(type, &die) != 0)
		return -1;
	do {
		if (dwarf_tag(&die) != DW_TAG_member)
			continue;
		offset = 0;
		if (dwarf_attr(&die, DW_AT_data_member_location, &attr))
			dwarf_formudata(&attr, &offset);
		name = dwarf_diename(&die);
		if (name && strcmp(name, wanted) == 0)
			return (int64_t)offset;
		if (name || !dwarf_attr(&die, DW_AT_type, &attr) ||
		    !dwarf_formref_die(&attr, &inner))
			continue;
		nested = member_offset(&inner, wanted);
		if (nested >= 0)
			return (int64_t)offset + nested;
	} while (dwarf_siblingof(&die, &die) == 0);
	return -1;
}

static void read_layout(struct truth *t, Dwarf_Die *unit)
{
	Dwarf_Die die;
	const char *name;

	if (dwarf_child(unit, &die) != 0)
		return;
	do {
		if (dwarf_tag(&die) != DW_TAG_structure_type || dwarf_bytesize(&die) <= 0)
			continue;
		name = dwarf_diename(&die);
		if (name && strcmp(name, "page") == 0) {
			t->sizeof_page = dwarf_bytesize(&die);
			t->refcount = member_offset(&die, "_refcount");
		} else if (name && strcmp(name, "folio") == 0) {
			t->lru = member_offset(&die, "lru");
			t->deferred_list = member_offset(&die, "_deferred_list");
		}
	} while (dwarf_siblingof(&die, &die) == 0);
}

int truth__read(struct truth *t, struct image *image)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;
	Dwarf *dwarf;

	*t = (struct truth){ .refcount = -1, .lru = -1, .deferred_list = -1 };
	dwarf = dwarf_begin_elf(image->elf, DWARF_C_READ, NULL);
	if (!dwarf)
		return -ENOENT;
	t->dwarf = dwarf;
	while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
		if (t->refcount < 0 || t->lru < 0)
			read_layout(t, &unit);
		walk(t, &unit);
	}
	return t->refcount < 0 || t->lru < 0 ? -ENOENT : 0;
}

void truth__free(struct truth *t)
{
	free(t->instances);
	free(t->ranges);
	if (t->dwarf)
		dwarf_end(t->dwarf);
}
