#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turn a capture of ../shared/prototypes/attribution into test input.

    convert.py a.bin.xz > a.folios
    convert.py --only-leaks --healthy 40 a.bin.xz > golden

Lifetimes that differ only in time, address and task are written once, with their
number. The output is text: tests/unit/support/lifetimes.h has the format.
"""
import argparse
import collections
import lzma
import struct

# The record of the prototype, and the page flags of its kernel (7.3).
RECORD = struct.Struct('<QQiiHBBIIIiiIIQ')
TS, FOLIO, BEFORE, DELTA, SITE, KIND, CPU, PID, TGID, ENTRY_SEQ, STACK, MAPCOUNT, FLAGS, ORDER, MAPPING = range(15)
LRU, HEAD, SWAPCACHE, PRIVATE, SWAPBACKED = 1 << 5, 1 << 6, 1 << 10, 1 << 14, 1 << 17
CMPXCHG, STORES = 8, (9, 10)
BORN, DIED, SCOPE = 64, 65, 66


class Capture:
    def __init__(self, path):
        self.site, self.stack, self.final = {}, {}, {}
        opener = lzma.open if path.endswith('.xz') else open
        with opener(path, 'rb') as f:
            data = f.read()
        at = 0
        while True:
            end = data.index(b'\n', at)
            word = data[at:end].decode(errors='replace').split(' ')
            at = end + 1
            if word[0] == 'SITE':
                self.site[int(word[1])] = word[2], word[4]
            elif word[0] == 'STACK':
                self.stack[int(word[1])] = [f for f in word[3:] if not f.startswith('0x')]
            elif word[0] == 'FINAL' and word[2] != '?':
                self.final[int(word[1], 16)] = (int(word[2], 16), int(word[3], 16),
                                                *map(int, word[4:8]))
            elif word[0] == 'EVENTS':
                nr, size = int(word[1]), int(word[2])
                break
        events = [RECORD.unpack_from(data, at + i * size) for i in range(nr)]
        self.events = sorted(events, key=lambda e: e[TS])


class Lifetime:
    def __init__(self, address, born):
        self.address, self.born, self.events, self.died = address, born, [], False


def lifetimes_of(capture):
    current, out = {}, []
    for e in capture.events:
        kind, address = e[KIND], e[FOLIO]
        if kind == BORN:
            current[address] = Lifetime(address, True)
            out.append(current[address])
        elif kind == DIED:
            folio = current.pop(address, None)
            if folio:
                folio.died = True
        elif kind < SCOPE:
            if address not in current:
                current[address] = Lifetime(address, False)
                out.append(current[address])
            current[address].events.append(e)
    return [folio for folio in out if folio.events]


def cache_refs(flags, mapping, order):
    refs = 0
    nr = 1 << (order if flags & HEAD else 0)
    if mapping and not mapping & 3 and mapping >> 56 == 0xff:
        refs += nr + (1 if flags & PRIVATE else 0)
    if flags & SWAPBACKED and flags & SWAPCACHE:
        refs += nr
    return refs


def op_of(e):
    if e[KIND] == CMPXCHG and e[BEFORE] > 0 and e[BEFORE] + e[DELTA] == 0:
        return 'freeze'
    if e[KIND] in STORES and e[BEFORE] == 0:
        return 'set'
    return 'ref'


def final_of(capture, folio):
    """(state, refcount, mapped, cached): what the snapshot at the end shows."""
    if folio.died:
        return 'died', 0, 0, 0
    final = capture.final.get(folio.address)
    if not final:
        return 'unread', 0, 0, 0
    flags, mapping, refcount, mapcount, order, large_mapcount = final
    if flags & HEAD:
        mapcount = large_mapcount
    if mapcount < 0 or mapcount > 1 << 24:
        return 'unread', 0, 0, 0
    known = mapping & 3 in (1, 3) or mapping >> 56 == 0xff
    return ('alive' if known else 'unowned', refcount, mapcount,
            cache_refs(flags, mapping, order))


def lines_of(folio, numbers, keep_time):
    start = folio.events[0][TS]
    for e in folio.events:
        task = e[PID] if keep_time else numbers.setdefault(e[PID], len(numbers))
        key = e[PID], e[ENTRY_SEQ]
        call = e[ENTRY_SEQ] if keep_time else numbers.setdefault(key, len(numbers))
        yield (e[TS] - start if keep_time else 0, task, call, e[SITE], e[STACK], op_of(e),
               e[DELTA], e[BEFORE] + e[DELTA], e[MAPCOUNT],
               cache_refs(e[FLAGS], e[MAPPING], e[ORDER]), 1 if e[FLAGS] & LRU else 0)


def is_surplus(state, last):
    name, refcount, mapped, cached = state
    return name == 'alive' and refcount == last and refcount > mapped + cached


def repair(events):
    """Put events in order by the chain of counts. Breaks that stay are for the core."""
    for i in range(len(events) - 1):
        after = events[i][BEFORE] + events[i][DELTA]
        if events[i + 1][BEFORE] == after:
            continue
        for j in range(i + 2, min(i + 6, len(events))):
            if events[j][BEFORE] == after and events[j][TS] - events[i][TS] < 200000:
                events.insert(i + 1, events.pop(j))
                break


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('capture')
    parser.add_argument('--only-leaks', action='store_true', help='and what --healthy asks for')
    parser.add_argument('--healthy', type=int, default=0, metavar='N',
                        help='the N commonest healthy lifetimes, with --only-leaks')
    parser.add_argument('--with', dest='function', action='append', default=[], metavar='FN',
                        help='and every healthy lifetime that has this function')
    args = parser.parse_args()
    capture = Capture(args.capture)
    seen = collections.OrderedDict()
    for folio in lifetimes_of(capture):
        repair(folio.events)
        state = final_of(capture, folio)
        last = folio.events[-1][BEFORE] + folio.events[-1][DELTA]
        leak = is_surplus(state, last)
        key = (state, folio.born) + tuple(lines_of(folio, {}, False))
        if leak:
            key += (len(seen),)
        if key in seen:
            seen[key][1] += 1
        else:
            seen[key] = [folio, 1, state, leak]
    chosen = list(seen.values())
    if args.only_leaks:
        healthy = [c for c in chosen if not c[3] and c[2][0] in ('died', 'alive') and
                   len(c[0].events) <= 60]
        healthy.sort(key=lambda c: -c[1])

        def uses(folio):
            return any(fn in name.split('+')[0] for e in folio.events for fn in args.function
                       for name in [capture.site[e[SITE]][0], *capture.stack.get(e[STACK], [])])
        chosen = [c for c in chosen if c[3]] + healthy[:args.healthy] + \
                 [c for c in healthy[args.healthy:] if args.function and uses(c[0])]
    write(capture, chosen)


def write(capture, chosen):
    sites = {e[SITE] for c in chosen for e in c[0].events}
    stacks = {e[STACK] for c in chosen for e in c[0].events}
    for i in sorted(sites):
        print('SITE', i, *capture.site[i])
    for i in sorted(stacks):
        print('STACK', i, *capture.stack.get(i, []))
    for folio, nr, state, _ in chosen:
        print('FOLIO', nr, 'born' if folio.born else 'adopted', *state, len(folio.events))
        for line in lines_of(folio, {}, True):
            print('E', *line)


if __name__ == '__main__':
    main()
