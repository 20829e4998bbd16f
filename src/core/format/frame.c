// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "core/format/frame.h"

#define FILE_HEAD_MAX 4096U

/* As many of size bytes as there are. Does not move the offset of a regular file. */
static ssize_t read_some(struct ft_frames *f, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = f->stream ? read(f->fd, (char *)buf + done, size - done) :
					pread(f->fd, (char *)buf + done, size - done,
					      (off_t)(f->offset + done));

		if (n < 0 && errno == ESPIPE && !f->stream) {
			f->stream = true;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	f->offset += done;
	return (ssize_t)done;
}

static int read_failed(struct ft_frames *f, ssize_t code, struct ft_error *err)
{
	return ft_fail(err, (int)code, FT_EXIT_FAILURE, "cannot read %s: %s", f->name,
		       strerror((int)-code));
}

int ft_frames__open(struct ft_frames *f, int fd, const char *name, struct ft_error *err)
{
	struct ft_file_head head;
	unsigned char more[FILE_HEAD_MAX];
	ssize_t n;

	*f = (struct ft_frames){ .fd = fd, .name = name };
	n = read_some(f, &head, sizeof(head));
	if (n < 0)
		return read_failed(f, n, err);
	if ((size_t)n < sizeof(head) || memcmp(head.magic, FT_MAGIC, sizeof(head.magic)))
		return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
			       "%s is not a capture of folio-trace%s", name,
			       n ? "" : ": it is empty");
	if (head.version > FT_FORMAT_VERSION)
		return ft_fail(err, -EPROTONOSUPPORT, FT_EXIT_FAILURE,
			       "%s has format version %u, this folio-trace reads up to %u; "
			       "use the folio-trace that recorded it, or a newer one",
			       name, head.version, FT_FORMAT_VERSION);
	if (!head.version || head.size < sizeof(head) || head.size > FILE_HEAD_MAX)
		return ft_fail(err, -EINVAL, FT_EXIT_FAILURE, "%s: its header is damaged", name);
	f->version = head.version;
	n = read_some(f, more, head.size - sizeof(head));
	if (n < 0)
		return read_failed(f, n, err);
	return 0;
}

static int reserve(unsigned char **buf, size_t *have, size_t want)
{
	unsigned char *p;

	if (*have >= want)
		return 0;
	p = realloc(*buf, want);
	if (!p)
		return -ENOMEM;
	*buf = p;
	*have = want;
	return 0;
}

/* Its size may be wrong, too: where the next frame starts is not known. */
static int stop(struct ft_frames *f, uint64_t start)
{
	struct stat st;

	f->dropped = f->offset - start;
	if (!f->stream && !fstat(f->fd, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size > start)
		f->dropped = (uint64_t)st.st_size - start;
	return 0;
}

static bool head_is_good(const struct ft_frame_head *h)
{
	return h->magic == FT_FRAME_MAGIC && h->stored <= FT_FRAME_MAX && h->raw <= FT_FRAME_MAX &&
	       h->head_crc == crc32(0, (const Bytef *)h, offsetof(struct ft_frame_head, head_crc));
}

static bool decode(struct ft_frames *f, const struct ft_frame_head *h, struct ft_frame *frame)
{
	uLongf len = h->raw;

	frame->type = h->type;
	frame->size = h->raw;
	switch (h->codec) {
	case FT_CODEC_RAW:
		frame->data = f->stored;
		return h->raw == h->stored;
	case FT_CODEC_DEFLATE:
		frame->data = f->raw;
		return uncompress(f->raw, &len, f->stored, h->stored) == Z_OK && len == h->raw;
	case FT_CODEC_PACKED:
		frame->data = f->raw;
		return !ft_pack__unpack(f->pack, f->stored, h->stored, f->raw, h->raw);
	}
	return false;
}

int ft_frames__next(struct ft_frames *f, struct ft_frame *frame, struct ft_error *err)
{
	uint64_t start = f->offset;
	struct ft_frame_head head;
	ssize_t n;

	n = read_some(f, &head, sizeof(head));
	if (n < 0)
		return read_failed(f, n, err);
	if (!n)
		return 0;
	if ((size_t)n < sizeof(head) || !head_is_good(&head))
		return stop(f, start);
	if (head.codec == FT_CODEC_PACKED && !f->pack)
		f->pack = ft_pack__new();
	if ((head.codec == FT_CODEC_PACKED && !f->pack) ||
	    reserve(&f->stored, &f->stored_size, head.stored ? head.stored : 1) ||
	    reserve(&f->raw, &f->raw_size, head.raw ? head.raw : 1))
		return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "%s: out of memory", f->name);
	n = read_some(f, f->stored, head.stored);
	if (n < 0)
		return read_failed(f, n, err);
	if ((size_t)n < head.stored || head.crc != crc32(0, f->stored, head.stored) ||
	    !decode(f, &head, frame))
		return stop(f, start);
	return 1;
}

void ft_frames__close(struct ft_frames *f)
{
	free(f->stored);
	free(f->raw);
	ft_pack__free(f->pack);
	f->pack = NULL;
	f->stored = f->raw = NULL;
}

bool ft_frame__next_event(struct ft_frame *frame, struct ft_wire_event *e)
{
	struct ft_wire_head head;
	const unsigned char *p;

	while (frame->size >= sizeof(head)) {
		p = frame->data;
		memcpy(&head, p, sizeof(head));
		if (head.len < sizeof(head) || head.len > frame->size)
			return false;
		frame->data += head.len;
		frame->size -= head.len;
		if (head.type == FT_WIRE_EVENT && head.len >= sizeof(*e)) {
			memcpy(e, p, sizeof(*e));
			return true;
		}
	}
	return false;
}
