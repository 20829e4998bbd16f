#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""counts.py DIR KERNEL: kpage's lines beside the folios of the document, by PFN.

Prints one line a kind: ok, FAILED or skipped, and what was compared.
"""
import json
import os
import re
import sys

# What a folio of each kind holds at rest: references and mappings. A hugetlb
# folio in the page cache: one reference on 6.1, one for each page later.
EXPECTED = {
    "anon": (1, 1),
    "fork-shared": (2, 2),
    "fork-shared-thp": (2, 2),
    "fork-shared-thp-pte": (1024, 1024),
    "thp": (1, 1),
    "thp-tail": (1, 1),
    "thp-pte": (512, 512),
    "thp-pte-tail": (512, 512),
    "thp-part": (511, 511),
    "piped": (2, 1),
    "file": (2, 1),
    "shmem": (2, 1),
    "hugetlb": (1, 1),
    "hugetlb-shared": (513, 1),
    "ksm": (2, 2),
}

# include/uapi/linux/kernel-page-flags.h
KPF_ANON, KPF_SWAPBACKED, KPF_HUGE, KPF_KSM = 12, 14, 17, 21


def kinds_of(flags, ksm_is_told):
    """The kinds that /proc/kpageflags may mean by the flags of a mapped page."""
    if flags >> KPF_HUGE & 1:
        return ("hugetlb",)
    if flags >> KPF_KSM & 1:
        return ("ksm",) if ksm_is_told else ("ksm", "anon")
    if flags >> KPF_ANON & 1:
        return ("anon",)
    return ("shmem",) if flags >> KPF_SWAPBACKED & 1 else ("file",)


def expected(kind, pages, kernel):
    refs, maps = EXPECTED[kind]
    if kind == "hugetlb-shared" and kernel == "6.1":
        refs = 2
    if kind == "file":
        # ext4 caches in folios as large as it likes, and has buffer heads or not
        return (pages + maps, pages + maps + 1), maps
    return (refs,), maps


def differences(kind, page, folio, kernel, ksm_is_told):
    final = folio["final"]
    pages = 1 << folio["order"]
    refs, maps = expected(kind, pages, kernel)
    entire, total = final["entire_mapcount"], final["mapcount"]
    # A PMD mapping maps every page of the folio, and counts as one in mapcount.
    mapped = entire * (pages if pages > 1 else 0) + total - entire
    for what, seen, want in (
        ("pages", pages, (page["pages"],)),
        ("kind", folio["kind"], kinds_of(page["flags"], ksm_is_told)),
        ("KSM", folio["kind"] == "ksm", (kind == "ksm",)),
        ("pages mapped (kpagecount)", mapped, (page["sum"],)),
        ("mapcount", total, (maps,)),
        ("refcount", final["refcount"], refs),
    ):
        if seen not in want:
            yield f"{what} {seen}, not {' or '.join(map(str, want))}"


def read_kpage(path):
    pages, skipped = {}, []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = dict(re.findall(r"(\S+)=(\S+)", line))
            if "skipped" in words:
                skipped.append(words["kind"])
            elif "pfn" in words:
                pages[words["kind"]] = {k: int(v, 0) for k, v in words.items() if k != "kind"}
    return pages, skipped


def main():
    where, kernel = sys.argv[1:3]
    pages, skipped = read_kpage(os.path.join(where, "kpage"))
    with open(os.path.join(where, "tool.json"), encoding="utf-8") as f:
        doc = json.load(f)
    alive = {f["pfn"]: f for f in doc["folios"] if f["died"] is None and f["final"]}
    # 6.12's stable_page_flags() calls every anonymous page KSM.
    ksm_is_told = not pages["anon"]["flags"] >> KPF_KSM & 1
    for kind in skipped:
        print(f"skipped\t{kind}")
    for kind in EXPECTED:
        if kind in skipped:
            continue
        page = pages.get(kind)
        folio = page and alive.get(page["head"])
        if not folio:
            print(f"FAILED\t{kind}: {'not seen' if page else 'kpage made none'}")
            continue
        wrong = list(differences(kind, page, folio, kernel, ksm_is_told))
        final = folio["final"]
        what = f"{kind}: order {folio['order']} {folio['kind']}, " \
               f"{final['refcount']}/{final['mapcount']}"
        print("\t".join(["FAILED" if wrong else "ok", "; ".join([what] + wrong)]))


if __name__ == "__main__":
    main()
