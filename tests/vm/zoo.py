#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""zoo.py check DIR SOURCE: what folio-trace said of each scene of tests/modules/folio_zoo, beside
what is right by the scene's construction.

Reads DIR/SOURCE.json (the document), SOURCE.log (which folio is which scene's), SOURCE.txt (the
scenes that were played). Prints a line each: ok, FAILED or skipped, tab, words. Writes
DIR/SOURCE.results.

zoo.py table DIR: all results below DIR as a table for docs/accuracy.md.
"""
import collections
import json
import math
import os
import sys

from zoo_right import RIGHT, Right

CLEAN = ("balanced", "freed", "none")
BAD = ("leak", "overput")


def read_log(path):
    """Lines of debugfs's folio_zoo: by scene and role, in order of use.

    next is when another scene came to the same page.
    """
    used, last = collections.defaultdict(list), collections.defaultdict(list)
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, role, pfn, order, pages, at = line.split()
            use = {"pfn": int(pfn), "order": int(order), "pages": int(pages), "at": int(at),
                   "scene": name, "next": math.inf}
            if last[pfn] and last[pfn][0]["scene"] != name:
                for before in last.pop(pfn):
                    before["next"] = use["at"]
            last[pfn].append(use)
            used[name, role].append(use)
    return used


def read_played(path):
    """What zoo said of each scene: ok, skipped or failed."""
    played = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            words = line.split()
            if len(words) == 2 and words[0] in ("ok", "skipped", "failed") and words[1] in RIGHT:
                played[words[1]] = words[0]
    return played


SLACK_NS = 500_000_000  # the module notes a folio before the operation that it is adopted at


def began(folio):
    """When it was first seen; an adopted folio has no birth, and without events no time."""
    return folio["born"] or (folio["events"][0]["t_ns"] if folio.get("events") else 0)


def ended(folio):
    """When it was last seen."""
    if folio["died"] is None and folio.get("events"):
        return folio["events"][-1]["t_ns"]
    return folio["died"] or math.inf


def followed(by_pfn, use):
    """The folio lifetime of this PFN that was going on at that time, if it was followed."""
    slack = min(use["at"] + SLACK_NS, use["next"])
    found = [
        f for f in by_pfn.get(use["pfn"], ())
        if began(f) <= (use["at"] if f["born"] else slack) and ended(f) >= use["at"]
    ]
    return found[-1] if found else None


def functions_of(place):
    """The functions that a place is in, by its site and its stack."""
    names = [place["site"]["function"]] if place.get("site") else []
    for frame in place.get("stack") or ():
        names.append(frame["function"] if isinstance(frame, dict) else frame)
        if isinstance(frame, dict):
            names += [i["function"] for i in frame.get("inlined", ())]
    return [n.split("+")[0].split(" ")[0] for n in names if n]


def units_of(folio):
    """References, pins and mappings without an owner; before there were owners, the surplus."""
    final = folio["final"] or {}
    if "ownerless" in final:
        return tuple(final["ownerless"][k] for k in ("references", "pins", "mappings"))
    return (final.get("surplus", 0), 0, 0)


def wrong_name(right, folio):
    lost = folio["lost_references"]
    if not lost:
        return f"names nobody, not {'/'.join(right.functions)}"
    named = functions_of(lost[0])
    if not set(named) & set(right.functions):
        return f"names {named[0] if named else 'nobody'}, not {'/'.join(right.functions)}"
    if right.certain is not None and (lost[0]["confidence"] == "certain") != right.certain:
        return f"{lost[0]['confidence']}, {'' if right.certain else 'not '}to be certain"
    everything = set(named)
    for l in lost:
        everything.update(functions_of(l))
        for candidate in l["candidates"]:
            everything.update(functions_of(candidate))
        if l.get("other_half"):
            everything.update(functions_of(l["other_half"]))
    if right.also and right.also not in everything:
        return f"does not name {right.also}"
    if right.after and right.after not in (lost[0].get("after") or ""):
        return f"does not say {right.after} came after"
    return None


def differences(right, use, folio, doc, exact, lane):
    """What is not right of a folio, in words."""
    if folio is None:
        # It was freed in order, or not followed; but an exact source saw what is wrong.
        return ["not told of"] if exact and right.verdict in BAD + ("finding",) else []
    verdict = folio["verdict"]
    accepted = right.verdicts(exact)
    if verdict not in accepted:
        return [f"{answer_of(folio)}, not {right.verdict}"]
    if right.still_allocated and exact and not any(
            right.still_allocated in json.dumps(page) for page in doc.get("still_allocated", ())):
        return ["not told as still allocated"]
    if right.verdict not in BAD or verdict not in BAD or not exact:
        return []
    wrong = []
    units = units_of(folio)
    if right.units and units not in right.units_of(use):
        wrong.append("{} references, {} pins, {} mappings, not {}, {}, {}".format(
            *units, *right.units_of(use)[0]))
    if lane in right.misnamed:
        return wrong
    if right.code and folio["reason_code"] != right.code:
        wrong.append(f"code {folio['reason_code']}, not {right.code}")
    kind = next((l.get("class") for l in folio["lost_references"]), None)
    if right.kind and kind != right.kind:
        wrong.append(f"class {kind}, not {right.kind}")
    if right.functions:
        wrong.append(wrong_name(right, folio))
    return [w for w in wrong if w]


def answer_of(folio):
    """What the tool said, in short."""
    if folio is None:
        return "not told of"
    answer = folio["verdict"] if folio["verdict"] != "none" else "not judged"
    if folio["verdict"] in BAD:
        answer += " {:+d}/{:+d}/{:+d}".format(*units_of(folio))
    if folio["reason_code"]:
        answer += f" {folio['reason_code']}"
    lost = folio["lost_references"]
    if lost:
        ours = [f for f in functions_of(lost[0]) if f.startswith("zoo_")]
        named = (ours or functions_of(lost[0]) or ["nobody"])[0]
        answer += f", {named} {lost[0]['confidence']}"
    return answer


def check_scene(name, used, by_pfn, doc, exact, lane):
    """The scene's folios and, if not all is right, why."""
    mine, wrong, answers = [], collections.Counter(), collections.Counter()
    for role, right in RIGHT[name].items():
        uses = used.get((name, role), [])
        if not uses:
            wrong[f"{role}: the module named none"] += 1
        for use in uses:
            folio = followed(by_pfn, use)
            if folio:
                mine.append(folio["id"])
            answers[("" if role == "subject" else f"{role}: ") + answer_of(folio)] += 1
            for what in differences(right, use, folio, doc, exact, lane):
                wrong[("" if role == "subject" else f"{role}: ") + what] += 1
    return mine, counted(wrong), counted(answers)


def cell_of(rights, state, answers, lane):
    """A word for the table: a finding may be left open, or not be seen, by the boundaries."""
    if state == "FAILED":
        return "**no**"
    if any(r.verdict in BAD + ("finding",) for r in rights.values()) and not any(
            word in answers for word in BAD):
        return "open" if "inconclusive" in answers else "unseen"
    if any(lane in r.misnamed for r in rights.values()):
        return "yes, but for the name"
    return "yes"


def counted(words):
    return "; ".join(w if n == 1 else f"{n} × {w}" for w, n in words.most_common())


def check(where, source):
    with open(os.path.join(where, f"{source}.json"), encoding="utf-8") as f:
        doc = json.load(f)
    used = read_log(os.path.join(where, f"{source}.log"))
    played = read_played(os.path.join(where, f"{source}.txt"))
    by_pfn = collections.defaultdict(list)
    for folio in doc["folios"]:
        by_pfn[folio["pfn"]].append(folio)
    exact, ours, results = source != "boundary", set(), {}
    lane = os.path.basename(where)
    for name in RIGHT:
        state = played.get(name, "not played")
        if state == "skipped":
            print(f"skipped\t{name}")
            results[name] = {"state": "skipped"}
            continue
        if state != "ok":
            print(f"FAILED\t{name}: {state}")
            results[name] = {"state": "FAILED", "answer": state}
            continue
        mine, wrong, answers = check_scene(name, used, by_pfn, doc, exact, lane)
        ours.update(mine)
        state = "FAILED" if wrong else "ok"
        print(f"{state}\t{name}: {wrong or answers}")
        results[name] = {"state": state, "answer": answers, "wrong": wrong,
                         "cell": cell_of(RIGHT[name], state, answers, lane)}
    accused = [f for f in doc["folios"]
               if f["id"] not in ours and f["verdict"] in BAD + ("inconclusive",)]
    kinds = collections.Counter(f"{f['kind']} {answer_of(f)}" for f in accused)
    print("{}\tnobody else is accused or in doubt{}".format(
        "FAILED" if accused else "ok", f": {counted(kinds)}" if accused else ""))
    results["(every other folio)"] = {
        "state": "FAILED" if accused else "ok", "answer": counted(kinds) or "clean"}
    with open(os.path.join(where, f"{source}.results"), "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)


LANES = ("stock", "debug", "6.12", "6.1")
SOURCES = ("inline", "page_ref", "boundary")


def table(where):
    columns, results = [], {}
    for lane in LANES:
        for source in SOURCES:
            path = os.path.join(where, lane, f"{source}.results")
            if os.path.exists(path):
                columns.append((lane, source))
                with open(path, encoding="utf-8") as f:
                    results[lane, source] = json.load(f)
    print("| scene | right | " + " | ".join(f"{l} {s}" for l, s in columns) + " |")
    print("|---" * (len(columns) + 2) + "|")
    words = {"ok": "yes", "skipped": "–", "FAILED": "**no**"}  # of those without a cell
    for name in list(RIGHT) + ["(every other folio)"]:
        right = "; ".join(
            ("" if role == "subject" else f"{role}: ") + r.in_words()
            for role, r in RIGHT.get(name, {"subject": Right("clean")}).items())
        said = [results[c].get(name, {"state": "skipped"}) for c in columns]
        cells = [r.get("cell", words[r["state"]]) for r in said]
        print(f"| {name} | {right} | " + " | ".join(cells) + " |")


def main():
    if sys.argv[1] == "check":
        check(*sys.argv[2:4])
    else:
        table(sys.argv[2])


if __name__ == "__main__":
    main()
