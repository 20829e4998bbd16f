#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fleet.py DIR COUNT CAPTURE [COUNT CAPTURE]...: captures of a fleet of machines: COUNT copies of
each capture, each with a start of its own (include/capture.h)."""
import json
import struct
import sys
import zlib
from pathlib import Path

HEAD = struct.Struct("<IHHII")  # of a frame, without the checksum of itself


def with_start(data, start):
    """The capture with another wall clock; META is the first frame, deflated."""
    at = struct.unpack_from("<I", data, 12)[0]
    magic, kind, codec, _, stored = HEAD.unpack_from(data, at)
    end = at + HEAD.size + 8 + stored
    assert kind == 1 and codec == 1, "the first frame is a deflated META"
    meta = json.loads(zlib.decompress(data[at + HEAD.size + 8 : end]))
    meta["clock"]["realtime_ns"] += start
    raw = json.dumps(meta).encode()
    packed = zlib.compress(raw)
    head = HEAD.pack(magic, kind, codec, len(raw), len(packed))
    head += struct.pack("<I", zlib.crc32(packed))
    return data[:at] + head + struct.pack("<I", zlib.crc32(head)) + packed + data[end:]


directory, number = Path(sys.argv[1]), 0
for count, path in zip(sys.argv[2::2], sys.argv[3::2]):
    capture = Path(path).read_bytes()
    for _ in range(int(count)):
        number += 1
        target = directory / f"{number:04}.data"
        target.write_bytes(with_start(capture, number * 1_000_000_000))
