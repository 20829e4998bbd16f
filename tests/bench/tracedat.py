#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""tracedat.py FILE EVENTS: a trace.dat of version 6 with so many page_ref events.

Four CPUs of ring-buffer pages that differ in nothing but their time: recording
so many events needs a kernel that has the tracepoint, reading them does not.
"""
import struct
import sys

CPUS, PAGE, GAP = 4, 4096, 500
HEADER_PAGE = '''\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;
'''
HEADER_EVENT = '''# compressed entry header
\ttype_len    :    5 bits
\ttime_delta  :   27 bits
\tarray       :   32 bits

\tpadding     : type == 29
\ttime_extend : type == 30
\ttime_stamp : type == 31
\tdata max type_len  == 28
'''
FORMAT = '''name: page_ref_mod
ID: 500
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:unsigned long pfn;\toffset:8;\tsize:8;\tsigned:0;
\tfield:unsigned long flags;\toffset:16;\tsize:8;\tsigned:0;
\tfield:int count;\toffset:24;\tsize:4;\tsigned:1;
\tfield:int mapcount;\toffset:28;\tsize:4;\tsigned:1;
\tfield:void * mapping;\toffset:32;\tsize:8;\tsigned:0;
\tfield:int mt;\toffset:40;\tsize:4;\tsigned:1;
\tfield:int val;\toffset:44;\tsize:4;\tsigned:1;

print fmt: "pfn=0x%lx count=%d mapcount=%d mt=%d val=%d", REC->pfn, REC->count, REC->mapcount, REC->mt, REC->val
'''


def event(i):
    put = i % 2
    return struct.pack('<IHBBiQQiiQii', GAP << 5 | 12, 500, 0, 0, 1000 + i % 8, 0x6000 + i * 7,
                       0xfffffc0002a, 2 - put, 1, 0xffff888000000001, 1, -1 if put else 1)


def page(start, nr):
    data = b''.join(event(i) for i in range(nr))
    return (struct.pack('<QQ', start, len(data)) + data).ljust(PAGE, b'\0')


def sized(text, width='<Q'):
    return struct.pack(width, len(text)) + text.encode()


def header():
    return (b'\x17\x08\x44tracing6\0' + struct.pack('<BBI', 0, 8, PAGE) +
            b'header_page\0' + sized(HEADER_PAGE) + b'header_event\0' + sized(HEADER_EVENT) +
            struct.pack('<II', 0, 1) + b'page_ref\0' + struct.pack('<I', 1) + sized(FORMAT) +
            struct.pack('<IIQI', 0, 0, 0, CPUS) + b'options  \0' + struct.pack('<H', 0) +
            b'flyrecord\0')


def main():
    path, events = sys.argv[1], int(sys.argv[2])
    full = (PAGE - 16) // len(event(0))
    share = [events // CPUS + (1 if cpu < events % CPUS else 0) for cpu in range(CPUS)]
    pages = [-(-n // full) for n in share]
    head = header()
    first = -(-(len(head) + 16 * CPUS) // PAGE) * PAGE
    with open(path, 'wb') as f:
        f.write(head)
        for cpu in range(CPUS):
            f.write(struct.pack('<QQ', first + PAGE * sum(pages[:cpu]), PAGE * pages[cpu]))
        f.write(b'\0' * (first - f.tell()))
        body = page(0, full)[8:]
        for cpu in range(CPUS):
            for i in range(pages[cpu]):
                start = 1000000000 + i * full * GAP + cpu * 97
                nr = min(full, share[cpu] - i * full)
                f.write(struct.pack('<Q', start) + body if nr == full else page(start, nr))


main()
