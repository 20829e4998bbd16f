/* SPDX-License-Identifier: GPL-2.0 */
/* Reads a capture file frame by frame, up to the first damaged one. */
#ifndef FT_CORE_FORMAT_FRAME_H
#define FT_CORE_FORMAT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture.h"
#include "error.h"
#include "pack.h"
#include "wire.h"

struct ft_frames {
	int fd;
	const char *name;
	uint32_t version; /* of the format */
	uint64_t offset;  /* read so far */
	uint64_t dropped; /* bytes after the last whole frame */
	bool stream;	  /* a pipe: no offset to read from */
	unsigned char *stored, *raw;
	size_t stored_size, raw_size;
	struct ft_pack *pack; /* once there was a packed frame */
};

struct ft_frame {
	uint16_t type;
	const unsigned char *data; /* valid until the next call */
	size_t size;
};

int ft_frames__open(struct ft_frames *frames, int fd, const char *name, struct ft_error *err);
/* 1: a frame; 0: no further one; < 0: error. */
int ft_frames__next(struct ft_frames *frames, struct ft_frame *frame, struct ft_error *err);
void ft_frames__close(struct ft_frames *frames);
/* Takes records off the frame up to its next event. False: there is none. */
bool ft_frame__next_event(struct ft_frame *frame, struct ft_wire_event *e);

#endif /* FT_CORE_FORMAT_FRAME_H */
