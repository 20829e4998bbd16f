// SPDX-License-Identifier: GPL-2.0
#include "capture/run/open_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "folio_trace.skel.h"
#include "files.skel.h"

static int open_object(struct files **out, struct session *s, const char *kernel_btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = kernel_btf);
	struct folio_trace *session = session__skeleton(s);
	struct files *skel = files__open_opts(&open_opts);
	int rc;

	*out = skel;
	if (!skel)
		return -errno;
	skel->bss->ft_vmemmap_base = session__vmemmap_base(s);
	rc = bpf_map__reuse_fd(skel->maps.folios, bpf_map__fd(session->maps.folios));
	return rc ? rc : files__load(skel);
}

static int run(struct files *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bpf_link *link;
	char buf[64];
	int fd, rc = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.resolve_files), &opts);

	if (rc)
		return rc;
	link = bpf_program__attach_iter(skel->progs.look_into_files, NULL);
	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	rc = fd < 0 ? -errno : 0;
	if (fd >= 0) {
		while ((rc = (int)read(fd, buf, sizeof(buf))) > 0)
			;
		rc = rc < 0 ? -errno : 0;
		close(fd);
	}
	bpf_link__destroy(link);
	return rc;
}

static int compare(const struct ft_held *a, const struct ft_held *b)
{
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->holder < b->holder ? -1 : a->holder > b->holder;
}

static int by_folio(const void *pa, const void *pb)
{
	const struct held_by *a = pa, *b = pb;

	return compare(&a->first, &b->first);
}

/* One for each holder and folio. */
static int gather(struct open_files *f, const struct ft_held *rows, size_t nr)
{
	size_t n = 0;

	f->held = calloc(nr ? nr : 1, sizeof(*f->held));
	if (!f->held)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		f->held[i] = (struct held_by){ .first = rows[i], .units = 1 };
	qsort(f->held, nr, sizeof(*f->held), by_folio);
	for (size_t i = 0; i < nr; i++)
		if (n && !compare(&f->held[n - 1].first, &f->held[i].first))
			f->held[n - 1].units++;
		else
			f->held[n++] = f->held[i];
	f->nr_held = n;
	return 0;
}

/* Mapped, as a bpf(2) call on a map would make the kernel skip probes meanwhile. */
static int take(struct open_files *f, const struct files *skel)
{
	size_t size = FT_HELD_MAX * sizeof(struct ft_held);
	uint32_t nr = skel->bss->ft_files.held;
	struct ft_held *rows;
	int rc;

	f->counts = skel->bss->ft_files;
	f->whole = !f->counts.left && nr <= FT_HELD_MAX;
	rows = mmap(NULL, size, PROT_READ, MAP_SHARED, bpf_map__fd(skel->maps.held), 0);
	if (rows == MAP_FAILED)
		return -errno;
	rc = gather(f, rows, nr < FT_HELD_MAX ? nr : FT_HELD_MAX);
	munmap(rows, size);
	return rc;
}

int open_files__read(struct open_files *f, struct session *s, const char *kernel_btf)
{
	struct files *skel;
	int rc;

	*f = (struct open_files){};
	rc = open_object(&skel, s, kernel_btf);
	if (!rc)
		rc = run(skel);
	if (!rc)
		rc = take(f, skel);
	if (skel)
		files__destroy(skel);
	return rc;
}

void open_files__free(struct open_files *f)
{
	free(f->held);
	*f = (struct open_files){};
}
