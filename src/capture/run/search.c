// SPDX-License-Identifier: GPL-2.0
#include "capture/run/search.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/kernel/util.h"
#include "owner.h"

#define SHORTEST_NS 2000000000LL /* of the bound of a search */

static void meanwhile(void *arg)
{
	session__drain(arg);
}

/* Adds to what was left out. */
__attribute__((format(printf, 2, 3))) static void left_out(struct search *f, const char *words, ...)
{
	char *why = f->result.why;
	size_t used = strlen(why), room = sizeof(f->result.why);
	va_list list;

	if (used && used + 2 < room) {
		strcpy(why + used, "; ");
		used += 2;
	}
	va_start(list, words);
	vsnprintf(why + used, room - used, words, list);
	va_end(list);
}

static uint64_t pfn_of(const struct search *f, uint64_t folio)
{
	return (folio - session__vmemmap_base(f->session)) / f->opts->kernel->sizeof_page;
}

static size_t choose_mapped(struct search *f, const struct readings *r)
{
	size_t nr = 0, suspects = 0;

	for (size_t i = 0; i < r->nr_resting; i++) {
		const struct resting *s = &r->resting[i];

		suspects += s->suspect && s->mapcount > 0;
		if (s->mapcount > 0)
			f->folios[nr++] = (struct mapped_folio){
				.pfn = pfn_of(f, s->folio),
				.id = s->id,
				.order = s->order,
				.anon = s->flags & FT_PF_ANON,
				.device = s->flags & FT_PF_ZONE_DEVICE,
				.hugetlb = s->flags & FT_PF_HUGETLB,
				.mapcount = s->mapcount,
				.entire = s->entire_mapcount,
				.suspect = s->suspect,
			};
	}
	return suspects ? nr : 0;
}

static void tell_tables(struct search *f, const struct page_tables *t)
{
	f->result.page_tables = true;
	f->result.processes = t->processes;
	f->result.page_tables_whole = !t->late && !t->unread && !t->sparse;
	if (t->late)
		left_out(f, "the page tables of %u processes were read, then time was up",
			 t->processes);
	if (t->unread)
		left_out(f, "the page tables of %u processes could not be read", t->unread);
	if (t->sparse)
		left_out(f, "mappings of more than 64 GiB were left out");
	if (t->entries.left && !in_initial_pid_namespace())
		f->result.page_tables_whole = false;
	for (size_t i = 0; i < t->entries.nr; i++)
		if (f->folios[i].suspect && f->folios[i].left > 0)
			f->mapping_missing = f->result.page_tables_whole;
}

static int read_tables(struct search *f, const struct readings *r)
{
	struct page_tables *t = &f->tables;
	size_t nr = choose_mapped(f, r);

	if (!nr)
		return 0;
	t->until = now_ns() + (f->opts->bound_ns > SHORTEST_NS ? f->opts->bound_ns : SHORTEST_NS);
	t->meanwhile = meanwhile;
	t->arg = f->session;
	if (entries__open(&t->entries, f->folios, nr) || !page_tables__read(t))
		return -ENOMEM;
	tell_tables(f, t);
	return 0;
}

/*
 * Sockets that were closed while data are still to be sent: nobody has them open. The kernel counts
 * those of all network namespaces.
 */
static uint32_t orphans(void)
{
	char text[1024], *at;
	unsigned int nr = 0;

	if (read_file("/proc/net/sockstat", text, sizeof(text)) > 0) {
		at = strstr(text, "TCP: ");
		at = at ? strstr(at, " orphan ") : NULL;
		if (at)
			sscanf(at, " orphan %u", &nr);
	}
	return nr;
}

static int read_files(struct search *f)
{
	const struct ft_files *c = &f->files.counts;
	int rc = open_files__read(&f->files, f->session, f->opts->kernel_btf);
	uint32_t closed = orphans();
	bool all = !rc && f->files.whole && in_initial_pid_namespace();

	if (rc == -ENOMEM)
		return rc;
	if (rc)
		left_out(f, "open files could not be searched: %s", strerror(-rc));
	else if (!f->files.whole)
		left_out(f, "some pipes, sockets or rings were too many or too long to be read");
	if (c->local)
		left_out(f, "files on their way in AF_UNIX sockets were not looked into");
	if (closed)
		left_out(f, "%u closed TCP sockets still have data to send", closed);
	f->result.pipes = c->pipes;
	f->result.sockets = c->sockets + closed;
	f->result.rings = c->rings;
	f->result.pipes_whole = f->result.files_whole = all;
	return 0;
}

int search__make(struct search *f, struct session *s, const struct readings *r,
		 const struct search_options *opts)
{
	int rc;

	*f = (struct search){ .opts = opts, .session = s };
	f->folios = calloc(r->nr_resting ?: 1, sizeof(*f->folios));
	if (!f->folios)
		return -ENOMEM;
	rc = read_tables(f, r);
	if (!rc)
		rc = read_files(f);
	if (!in_initial_pid_namespace())
		left_out(f, "processes outside of folio-trace's PID namespace are not seen");
	return rc;
}

/* PIDs as in events, else none. */
static void name_task(struct ft_wire_owner *o, uint32_t pid, uint32_t thread)
{
	char path[64], comm[FT_COMM_LEN + 2];

	snprintf(path, sizeof(path), "/proc/%u/task/%u/comm", pid, thread);
	if (read_file(path, comm, sizeof(comm)) > 0) {
		comm[strcspn(comm, "\n")] = '\0';
		memcpy(o->comm, comm, strnlen(comm, FT_COMM_LEN - 1));
	}
	if (in_initial_pid_namespace()) {
		o->pid = thread;
		o->tgid = pid;
	}
}

static struct ft_wire_owner owner(enum ft_owner_class class, uint32_t id, uint64_t units)
{
	return (struct ft_wire_owner){
		.head = { .type = FT_WIRE_OWNER, .len = sizeof(struct ft_wire_owner), .op = class },
		.t_ns = now_ns(),
		.id = id,
		.units = units < UINT32_MAX ? units : UINT32_MAX,
	};
}

static void record_held(const struct held_by *held, struct recorder *r)
{
	static const enum ft_owner_class classes[] = {
		[FT_HELD_BY_PIPE] = FT_OWNER_PIPE,
		[FT_HELD_BY_SOCKET] = FT_OWNER_SOCKET,
		[FT_HELD_BY_RING] = FT_OWNER_IO_URING,
	};
	const struct ft_held *h = &held->first;
	struct ft_wire_owner o;

	if (h->kind >= sizeof(classes) / sizeof(classes[0]))
		return;
	o = owner(classes[h->kind], h->id, held->units);
	o.pid = h->pid;
	o.tgid = h->tgid;
	memcpy(o.comm, h->comm, sizeof(o.comm));
	recorder__owner(r, &o);
}

void search__record(const struct search *f, struct recorder *r)
{
	const struct page_tables *t = &f->tables;
	const struct entries *e = &t->entries;

	for (size_t i = 0; i < e->nr_found; i++) {
		const struct mapped_by *by = &e->found[i];
		struct ft_wire_owner o = owner(FT_OWNER_MAPPING, e->folio[by->folio].id, by->units);

		name_task(&o, t->pids[by->process], t->threads[by->process]);
		recorder__owner(r, &o);
	}
	for (size_t i = 0; i < f->files.nr_held; i++)
		record_held(&f->files.held[i], r);
}

void search__free(struct search *f)
{
	page_tables__close(&f->tables);
	open_files__free(&f->files);
	free(f->folios);
	*f = (struct search){};
}
