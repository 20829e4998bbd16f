#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""trials.py score [-v] LOG CAPTURE.json [LOG CAPTURE.json...]: how often names are right.

LOG is what the module of the trials (tests/modules/folio_zoo) said of its own faults, as they
happened; CAPTURE.json is `folio-trace export --format json` of the same run, or - for stdin. A table by
kind of memory and by fault, and totals. -v: each that is wrong, a line.

trials.py check FIRST LOG CAPTURE.json: a line for each condition, ok or FAILED, tab, words. FIRST: the
least share, in percent, of faults that are named first.
"""
import collections
import dataclasses
import json
import sys

from zoo import BAD, answer_of, followed, functions_of, units_of

FAULTS = ("leak-ref", "leak-pin", "overput-ref", "overput-pin")


@dataclasses.dataclass
class Line:
    """What the module says: of a folio that a trial touched, or of its fault."""
    trial: int
    name: str
    role: str
    function: str
    use: dict
    page: int
    pid: int

    def kind(self):
        return self.name.split(":")[0]

    def is_handed(self):
        """Honest, but its folio alone cannot show it: a thread of the kernel gets, the command puts."""
        return ":handed:" in self.name

    def where(self):
        return (f"trial {self.trial} {self.name} {self.role}, order {self.use['order']} page {self.page}, "
                f"pfn {self.use['pfn']:#x}, pid {self.pid}")


@dataclasses.dataclass
class Result:
    """What the tool says of one fault."""
    line: Line
    folio: dict = None
    state: str = "passed"  # right, wrong (verdict), inconclusive, passed
    first: bool = False
    second: bool = False
    confidence: str = None
    units: bool = False


def read_log(path):
    lines = []
    with open(path, encoding="ascii") as log:
        for text in log:
            trial, name, role, function, pfn, order, page, pid, at = text.split()
            use = {"pfn": int(pfn), "order": int(order), "at": int(at), "next": float("inf")}
            lines.append(Line(int(trial), name, role, function, use, int(page), int(pid)))
    return lines


def names(place, line):
    return line.function in functions_of(place)


def units_right(line, folio):
    """One unit; a pin of a page of order 0 is 1024 references, too."""
    one = 1 if line.role.startswith("leak") else -1
    ways = [(one, 0, 0)]
    if line.role.endswith("pin"):
        ways = [(0, one, 0), (one, one, 0), (1024 * one, one, 0), (1024 * one, 0, 0)]
    return units_of(folio) in ways


def judge(line, folio):
    result = Result(line, folio)
    verdict = folio["verdict"] if folio else "none"
    if verdict == "inconclusive":
        result.state = "inconclusive"
    elif verdict in BAD:
        result.state = "right" if verdict == line.role.split("-")[0] else "wrong"
    if result.state != "right":
        return result
    result.units = units_right(line, folio)
    lost = folio["lost_references"]
    if lost:
        result.confidence = lost[0]["confidence"]
        result.first = names(lost[0], line)
        result.second = not result.first and any(
            names(place, line) for place in lost[0]["candidates"][1:2] + lost[1:2])
    return result


class Score:
    def __init__(self):
        self.results, self.accused, self.doubted, self.healthy = [], [], [], 0
        self.handed, self.handed_accused = set(), set()

    def add(self, log, doc):
        by_pfn = collections.defaultdict(list)
        for folio in doc["folios"]:
            by_pfn[folio["pfn"]].append(folio)
        lines = read_log(log)
        faulty, guarded, touched = set(), set(), {}
        for line in lines:
            folio = followed(by_pfn, line.use)
            if line.role in FAULTS:
                self.results.append(judge(line, folio))
            if not folio:
                continue
            if line.role in FAULTS:
                faulty.add(folio["id"])
            elif line.role == "guard":
                guarded.add(folio["id"])
            else:
                touched[folio["id"]] = line
        with_fault = {line.trial for line in lines if line.role in FAULTS}
        self.healthy += len({line.trial for line in lines} - with_fault)
        self.handed |= {(log, line.trial) for line in lines if line.is_handed()}
        for folio in doc["folios"]:
            line = touched.get(folio["id"])
            if folio["id"] in faulty:
                continue
            if folio["verdict"] in BAD and line and line.is_handed():
                self.handed_accused.add((log, line.trial))
            elif folio["verdict"] in BAD:
                self.accused.append((folio, line))
            elif folio["verdict"] == "inconclusive" and folio["id"] not in guarded:
                self.doubted.append((folio, line))

    def of(self, **wanted):
        return [r for r in self.results if all(getattr(r, k) == v for k, v in wanted.items())]


def share(n, of):
    return f"{n}/{of} {100 * n / of:.0f}%" if of else "-"


def row(results):
    """The cells of a row: see HEAD."""
    right = [r for r in results if r.state == "right"]
    first = sum(r.first for r in right)
    certain = [r for r in right if r.confidence == "certain"]
    states = collections.Counter(r.state for r in results)
    return (len(results), states["right"], states["wrong"], states["inconclusive"], states["passed"],
            share(first, len(results)), share(first + sum(r.second for r in right), len(results)),
            f"{sum(r.first for r in certain)}/{len(certain)}", sum(r.units for r in right))


# Of a trial's name (tests/workloads/trials_plan.h).
WORDS = (("quiet folio", "quiet"), ("busy folio", "busy"), ("one task", "one"), ("threads", "threads"),
         ("processes", "forked"), ("guard of before", "before"), ("guard of a thread", "thread"),
         ("by the tasks alone", "alone"), ("kernel threads put", "puts"), ("... and get", "both"))
HEAD = ("", "tried", "found", "other", "open", "passed", "first", "first two", "certain", "units")


def print_table(score):
    rows = [HEAD]
    groups = collections.defaultdict(list)
    for r in score.results:
        groups[r.line.kind()].append(r)
    for kind in sorted(groups):
        rows.append((kind, *row(groups[kind])))
    for fault in FAULTS:
        rows.append((fault, *row([r for r in score.results if r.line.role == fault])))
    for title, word in WORDS:
        rows.append((title, *row([r for r in score.results if word in r.line.name.split(":")])))
    rows.append(("all", *row(score.results)))
    widths = [max(len(str(r[i])) for r in rows) for i in range(len(HEAD))]
    for r in rows:
        print("  ".join(str(c).ljust(w) if i == 0 else str(c).rjust(w)
                        for i, (c, w) in enumerate(zip(r, widths))))


def print_totals(score):
    open_codes = collections.Counter(r.folio["reason_code"] for r in score.of(state="inconclusive"))
    reasons = collections.Counter(
        r.folio["lost_references"][0]["reason_code"] if r.folio["lost_references"] else "nobody named"
        for r in score.of(state="right", first=False))
    doubted = collections.Counter(
        f"{f['reason_code']}{'' if line else ' (no trial)'}" for f, line in score.doubted)
    for title, counted in (("open", open_codes), ("not first", reasons), ("healthy in doubt", doubted)):
        print(f"{title}: " + (", ".join(f"{n} {code}" for code, n in counted.most_common()) or "none"))
    print(f"healthy trials: {score.healthy}; healthy folios accused: {len(score.accused)}; trials that "
          f"hand over: {len(score.handed)}, accused: {len(score.handed_accused)}")


def place_in_words(place):
    """Its site, and what function of the module is in its stack."""
    ours = [f for f in functions_of(place) if f.startswith("trial_") and f != "trial_get_units"]
    site = (functions_of(place) or ["nobody"])[0]
    return site + (f" < {ours[0]}" if ours and ours[0] != site else "")


def describe(result):
    line, folio = result.line, result.folio
    words = [line.where(), f"truth {line.function} at {line.use['at']}"]
    if not folio:
        return "; ".join(words + ["not told of"])
    words.append(f"{folio['id']} {folio['kind']} {answer_of(folio).split(',')[0]}")
    lost = folio["lost_references"]
    if result.state != "inconclusive" and lost:
        words.append(f"named {place_in_words(lost[0])}, {lost[0]['confidence']}, p {lost[0]['p']}, "
                     f"{lost[0]['reason_code']}, {len(folio.get('events', ()))} events")
        words.append("or " + (", ".join(f"{place_in_words(c)} ({c['p']:.2f})"
                                        for c in lost[0]["candidates"][1:3]) or "none"))
    return "; ".join(words)


def print_wrong(score):
    for r in score.results:
        if r.state != "right" or not r.first:
            mark = {"right": "second" if r.second else "misnamed"}.get(r.state, r.state)
            print(f"{mark}: {describe(r)}")
        elif not r.units:
            print(f"units: {describe(r)}")
    for mark, folios in (("accused", score.accused), ("in doubt", score.doubted)):
        for folio, line in folios:
            lost = folio["lost_references"]
            print(f"{mark}: {folio['id']} {folio['kind']} order {folio['order']} pfn {folio['pfn']:#x}: "
                  f"{answer_of(folio)}{': ' + place_in_words(lost[0]) if lost else ''}; "
                  f"{line.where() if line else 'no trial'}")


def load(pairs):
    score = Score()
    for log, path in zip(pairs[::2], pairs[1::2]):
        if path == "-":
            score.add(log, json.load(sys.stdin))
        else:
            with open(path, encoding="utf-8") as f:
                score.add(log, json.load(f))
    return score


def check(floor, score):
    tried = len(score.results)
    first = len(score.of(first=True))
    wrong = [r for r in score.of(confidence="certain", first=False)]
    print_line(tried > 0, f"{tried} units were lost, and {score.healthy} trials lost none")
    print_line(not score.accused, f"no healthy folio is accused ({len(score.accused)})")
    print_line(not wrong, f"certain is right {share(len(score.of(confidence='certain', first=True)), len(score.of(confidence='certain')))}")
    print_line(100 * first >= floor * tried, f"named first {share(first, tried)}, at least {floor}%")


def print_line(ok, words):
    print(f"{'ok' if ok else 'FAILED'}\t{words}")


def main():
    args = sys.argv[1:]
    if args[:1] == ["check"]:
        check(float(args[1]), load(args[2:]))
        return
    verbose = "-v" in args
    score = load([a for a in args[1:] if a != "-v"])
    if verbose:
        print_wrong(score)
    print_table(score)
    print_totals(score)


if __name__ == "__main__":
    main()
