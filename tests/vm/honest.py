#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""honest.py EXPORT SCENE=CODES...: what a run says of the folios of honest programs, scene by scene.

EXPORT has all events. A folio is of the scene whose process, NAME.SCENE, was the first to do
something to it; of "rest" if there is none. CODES are the reason codes with which a folio of the scene may be
inconclusive: words with commas between, or "-" for none. "*=CODES" adds to those of all scenes.
A line for each scene: "ok" or "FAILED", its name, its verdict, and why, folio by folio, like ones
counted. Exit 1 if one failed, or, but for rest, has no folios.
"""
import json
import sys
from collections import Counter

FINE = ("balanced", "freed", "none")
COMM = 15  # characters, the name of a process


def scene_of(folio, known):
    for event in folio.get("events", []):
        comm = event.get("comm") or ""
        scene = comm.partition(".")[2]
        cut = len(comm) == COMM and scene
        for name in known:
            if name == scene or cut and name.startswith(scene):
                return name
    return "rest"


def gets(folio):
    return sorted({(lost.get("site") or {}).get("function", "?") for lost in folio["lost_references"]})


def what(folio):
    words = [folio["verdict"], folio["reason_code"] or "?", f"{folio['kind']}/{folio['order']}"]
    named = gets(folio)
    if named:
        words.append("get " + "+".join(named))
    return " ".join(words)


def verdict(folios):
    verdicts = {f["verdict"] for f in folios}
    if verdicts <= set(FINE):
        return "pass"
    return "inconclusive" if verdicts <= {*FINE, "inconclusive"} else "fail"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        document = json.load(f)
    allowed = {}
    for arg in sys.argv[2:]:
        name, _, codes = arg.partition("=")
        allowed[name] = set(codes.split(",")) - {"-"}
    everywhere = allowed.pop("*", set())
    allowed.setdefault("rest", set())
    of_scene = {name: [] for name in allowed}
    for folio in document["folios"]:
        of_scene[scene_of(folio, allowed)].append(folio)
    status = 0
    for name, folios in of_scene.items():
        odd = [f for f in folios if f["verdict"] not in FINE]
        ok = (folios or name == "rest") and all(
            f["verdict"] == "inconclusive" and f["reason_code"] in allowed[name] | everywhere for f in odd
        )
        counted = Counter(map(what, odd)).most_common()
        why = "; ".join(f"{n} {words}" for words, n in counted)
        print("ok" if ok else "FAILED", name, verdict(folios) if folios else "nothing", why)
        status |= not ok
    return status


if __name__ == "__main__":
    sys.exit(main())
