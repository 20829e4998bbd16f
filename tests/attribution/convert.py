#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turn a capture of ../shared/prototypes/attribution into test input.

    convert.py a.bin.xz > a.lives               every life, alike ones once
    convert.py --only-leaks --healthy 40 a.bin.xz > golden

Lives that differ only in time, address and task are written once, with their
number. The output is text: SITE, STACK, LIFE and E lines (see lives.c).
"""
import argparse
import collections
import lzma
import struct

# The record of the prototype, and the page flags of its kernel (7.3).
RECORD = struct.Struct('<QQiiHBBIIIiiIIQ')
TS, FOLIO, BEFORE, DELTA, SITE, KIND, CPU, PID, TGID, INVOCATION, STACK, MAPCOUNT, FLAGS, ORDER, MAPPING = range(15)
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


class Life:
    def __init__(self, address, born):
        self.address, self.born, self.events, self.died = address, born, [], False


def lives_of(capture):
    current, out = {}, []
    for e in capture.events:
        kind, address = e[KIND], e[FOLIO]
        if kind == BORN:
            current[address] = Life(address, True)
            out.append(current[address])
        elif kind == DIED:
            life = current.pop(address, None)
            if life:
                life.died = True
        elif kind < SCOPE:
            if address not in current:
                current[address] = Life(address, False)
                out.append(current[address])
            current[address].events.append(e)
    return [life for life in out if life.events]


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


def final_of(capture, life):
    """(state, refcount, mapped, cached): what the snapshot at the end says."""
    if life.died:
        return 'died', 0, 0, 0
    final = capture.final.get(life.address)
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


def lines_of(life, invocations, keep_time):
    start = life.events[0][TS]
    for e in life.events:
        task = e[PID] if keep_time else invocations.setdefault(e[PID], len(invocations))
        key = e[PID], e[INVOCATION]
        call = e[INVOCATION] if keep_time else invocations.setdefault(key, len(invocations))
        yield (e[TS] - start if keep_time else 0, task, call, e[SITE], e[STACK], op_of(e),
               e[DELTA], e[BEFORE] + e[DELTA], e[MAPCOUNT],
               cache_refs(e[FLAGS], e[MAPPING], e[ORDER]), 1 if e[FLAGS] & LRU else 0)


def is_surplus(state, last):
    name, refcount, mapped, cached = state
    return name == 'alive' and refcount == last and refcount > mapped + cached


def repair(events):
    """Order by the chain of counts; what stays broken is left to the core."""
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
                        help='the N commonest healthy lives, with --only-leaks')
    parser.add_argument('--with', dest='function', action='append', default=[], metavar='FN',
                        help='and every healthy life that has this function')
    args = parser.parse_args()
    capture = Capture(args.capture)
    seen = collections.OrderedDict()
    for life in lives_of(capture):
        repair(life.events)
        state = final_of(capture, life)
        last = life.events[-1][BEFORE] + life.events[-1][DELTA]
        leak = is_surplus(state, last)
        key = (state, life.born) + tuple(lines_of(life, {}, False))
        if leak:
            key += (len(seen),)
        if key in seen:
            seen[key][1] += 1
        else:
            seen[key] = [life, 1, state, leak]
    chosen = list(seen.values())
    if args.only_leaks:
        healthy = [c for c in chosen if not c[3] and c[2][0] in ('died', 'alive') and
                   len(c[0].events) <= 60]
        healthy.sort(key=lambda c: -c[1])

        def uses(life):
            return any(fn in name.split('+')[0] for e in life.events for fn in args.function
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
    for life, nr, state, _ in chosen:
        print('LIFE', nr, 'born' if life.born else 'adopted', *state, len(life.events))
        for line in lines_of(life, {}, True):
            print('E', *line)


if __name__ == '__main__':
    main()
