#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""doc.py FILE EXPRESSION...: conditions on a JSON document of folio-trace, in Python.

In an expression, `d` is the document, `bad` its leaks and over-puts, and
`points(folio)` the finalize checkpoints of one as (at, refcount, mapcount,
expected, surplus). Of a diff, `story` is the first and `first` its first step
that diverges. Exit 1 and say which, if one does not hold.
"""
import json
import sys


def points(folio):
    return [
        tuple(p[k] for k in ("at", "refcount", "mapcount", "expected", "surplus"))
        for p in folio["checkpoints"]
        if p["in"] == "__migrate_device_finalize" and p["role"] == "src"
    ]


def seed(folio):
    """The seed's three points of a folio: BEFORE, AFTER rmp, AFTER put."""
    return [p[1:] for p in points(folio) if p[0] != "__migrate_device_finalize:entry"]


def calls(d, function):
    """What the calls of a function returned, over all folios, as a set."""
    return {
        e["returned"]
        for f in d["folios"]
        for e in f.get("events", [])
        if e.get("site", {}).get("function") == function and "returned" in e
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        d = json.load(f)
    names = {"d": d, "points": points, "seed": seed, "calls": calls}
    names["bad"] = [f for f in d.get("folios", []) if f["verdict"] in ("leak", "overput")]
    for story in d.get("stories", [])[:1]:
        at = story["first_divergence"]
        names["story"] = story
        names["first"] = None if at is None else story["steps"][at]
    names["final"] = lambda f: tuple(
        f["final"][k] for k in ("refcount", "mapcount", "expected", "surplus")
    )
    status = 0
    for expression in sys.argv[2:]:
        try:
            holds = eval(f"({expression})", names)  # our own tests' text
        except (KeyError, IndexError, TypeError, NameError, SyntaxError) as e:
            holds = False
            print(f"{sys.argv[1]}: {e!r}")
        if not holds:
            print(f"{sys.argv[1]}: does not hold: {expression}")
            print("  " + ", ".join(f"{k} {d.get(k)}" for k in ("verdict", "reason", "counts")))
            if "story" in names:
                print(f"  {names['story']['words']}; first {names['first']}")
            for f in names["bad"][:3]:
                print(f"  {f['id']}: {f['verdict']} {f['final']} {points(f)}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
