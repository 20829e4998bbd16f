// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "core/ledger/decode.h"

static int decode_event(struct ft_decoder *d, const unsigned char *p, size_t len)
{
	const struct ft_wire_event *e = (const void *)p;
	struct ft_wire_event copy;
	int code;

	if (len < sizeof(copy)) { /* a later version may add members at the end */
		d->run->nr_malformed++;
		return 0;
	}
	if ((uintptr_t)p % _Alignof(struct ft_wire_event)) {
		memcpy(&copy, p, sizeof(copy));
		e = &copy;
	}
	if (ft_tasks__entered(d->tasks, e->pid, e->entry_seq))
		return -ENOMEM;
	if (e->id) {
		code = ft_ledger__add(d->ledger, e);
	} else {
		if (e->head.op != FT_OP_ENTER && e->head.op != FT_OP_RETURN) {
			d->run->nr_skipped++;
			return 0;
		}
		code = ft_calls__add(d->calls, e, ft_sites__get(d->sites, e->source, e->site));
	}
	if (code == -EINVAL) {
		d->run->nr_malformed++;
		return 0;
	}
	d->run->nr_events++;
	return code;
}

static int decode_task(struct ft_decoder *d, const unsigned char *p, size_t len)
{
	struct ft_wire_task t;

	if (len < sizeof(t)) {
		d->run->nr_malformed++;
		return 0;
	}
	memcpy(&t, p, sizeof(t));
	return ft_tasks__add(d->tasks, &t);
}

static int decode_stack(struct ft_decoder *d, const unsigned char *p, size_t len)
{
	struct ft_wire_stack s;
	int code;

	if (len < sizeof(s)) {
		d->run->nr_malformed++;
		return 0;
	}
	memcpy(&s, p, sizeof(s));
	if (s.depth > (len - sizeof(s)) / sizeof(s.frames[0]))
		code = -EINVAL;
	else
		code = ft_stacks__add(d->stacks, s.id, s.depth, p + sizeof(s));
	if (code != -EINVAL)
		return code;
	d->run->nr_malformed++;
	return 0;
}

static int decode_module(struct ft_decoder *d, const unsigned char *p, size_t len)
{
	struct ft_wire_module m;

	if (len < sizeof(m)) {
		d->run->nr_malformed++;
		return 0;
	}
	memcpy(&m, p, sizeof(m));
	return ft_modules__loaded(d->modules, &m);
}

static int decode_owner(struct ft_decoder *d, const unsigned char *p, size_t len)
{
	struct ft_wire_owner o;
	int code = -EINVAL;

	if (len >= sizeof(o)) {
		memcpy(&o, p, sizeof(o));
		code = ft_owners_found__add(d->owners, &o);
	}
	if (code != -EINVAL)
		return code;
	d->run->nr_malformed++;
	return 0;
}

static int decode_record(struct ft_decoder *d, const struct ft_wire_head *head,
			 const unsigned char *p)
{
	switch (head->type) {
	case FT_WIRE_EVENT:
		return decode_event(d, p, head->len);
	case FT_WIRE_TASK:
		return decode_task(d, p, head->len);
	case FT_WIRE_STACK:
		return decode_stack(d, p, head->len);
	case FT_WIRE_MODULE:
		return decode_module(d, p, head->len);
	case FT_WIRE_OWNER:
		return decode_owner(d, p, head->len);
	}
	d->run->nr_skipped++;
	return 0;
}

/*
 * The accounts of a frame's records are spread over memory. Prefetch what the records
 * ahead need, in three stages, as each stage needs what the one before has fetched. The
 * offset assumes events: for any other record a useless line is fetched.
 */
#define AHEAD 20

static void look_ahead(const struct ft_decoder *d, const unsigned char *p, size_t left)
{
	uint32_t id;
	int stage;

	for (stage = 0; stage < 3; stage++) {
		size_t at = (size_t)(3 - stage) * AHEAD * sizeof(struct ft_wire_event);

		if (at + sizeof(struct ft_wire_event) > left)
			continue;
		memcpy(&id, p + at + offsetof(struct ft_wire_event, id), sizeof(id));
		ft_ledger__prefetch(d->ledger, id, stage);
	}
}

int ft_decode__events(struct ft_decoder *d, const struct ft_frame *frame)
{
	const unsigned char *p = frame->data;
	size_t left = frame->size;
	struct ft_wire_head head;
	int code;

	while (left) {
		if (left < sizeof(head)) {
			d->run->nr_malformed++;
			return 0;
		}
		memcpy(&head, p, sizeof(head));
		if (head.len < sizeof(head) || head.len > left) {
			d->run->nr_malformed++;
			return 0; /* the length is wrong: there is no next record */
		}
		look_ahead(d, p, left);
		code = decode_record(d, &head, p);
		if (code)
			return code;
		p += head.len;
		left -= head.len;
	}
	return 0;
}
