#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""floors.py check|update DIR <OUTPUT: the tables that measure printed of the checked-in samples,
beside those that are written down, DIR/NAME.floors. The samples and the tool alone decide the
numbers, so a fall is the work of a change of the code. Exit 1 if one has fallen: named first, first
or second, or "certain" and right; or if "certain" was wrong more often."""

import re
import sys
from pathlib import Path

HEADER = """\
# What tests/attribution/measure.sh must reach at least on {name}.folios; with --update it writes this.
"""
# fault, what it goes by; tried, first, pair, batch, and of each confidence right/given
ROW = re.compile(r"(.{18}) (.{23}) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)/(\d+) +\d+/\d+ +\d+/\d+ *")
SAMPLE = re.compile(r"(\S+)\.folios: \d+ healthy folios, \d+ reported")


def tables(lines):
    """The lines of each sample's table, by its name."""
    found, table = {}, None
    for line in lines:
        if sample := SAMPLE.match(line):
            table = found.setdefault(sample[1], [])
        elif table is not None and (line.startswith("fault ") or ROW.fullmatch(line)):
            table.append(line.rstrip())
    return found


def numbers(table):
    rows = {}
    for line in table:
        if row := ROW.fullmatch(line):
            first, pair, right, given = (int(row[i]) for i in (4, 5, 7, 8))
            rows[f"{row[1].strip()}, {row[2].strip()}"] = {
                "first": first,
                "pair": pair,
                "certain and right": right,
                "certain and wrong": given - right,
            }
    return rows


def compare(name, floors, now):
    """What is worse, one line each; and how many numbers are better."""
    worse, better = [], 0
    for row, was in floors.items():
        if row not in now:
            worse.append(f"{name}: {row}: was measured, is not any more")
            continue
        for what, floor in was.items():
            rise = now[row][what] - floor
            if what == "certain and wrong":
                rise = -rise
            if rise < 0:
                worse.append(f"{name}: {row}: {what}: was {floor}, is {now[row][what]}")
            better += rise > 0
    for row in now:
        if row not in floors:
            worse.append(f"{name}: {row}: is measured, but no floor is written down")
    return worse, better


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "update"):
        sys.exit(__doc__)
    passed = failed = 0
    measured = tables(sys.stdin.read().splitlines())
    if not measured or not all(numbers(table) for table in measured.values()):
        sys.exit("floors: no table of a sample is in the input")
    for name, table in measured.items():
        path = Path(sys.argv[2], name + ".floors")
        if sys.argv[1] == "update":
            path.write_text(HEADER.format(name=name) + "\n".join(table) + "\n", encoding="utf-8")
            continue
        floors = numbers(path.read_text(encoding="utf-8").splitlines()) if path.exists() else {}
        worse, better = compare(name, floors, numbers(table))
        for line in worse:
            print(f"floors: FAILED: {line}")
        if better:
            print(f"floors: {name}: {better} numbers are better than written down (--update)")
        failed += bool(worse)
        passed += not worse
    if sys.argv[1] == "check":
        for path in sorted(Path(sys.argv[2]).glob("*.floors")):
            if path.stem not in measured:
                print(f"floors: FAILED: {path.stem}: the sample was not measured")
                failed += 1
        print(f"floors: {passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main()
