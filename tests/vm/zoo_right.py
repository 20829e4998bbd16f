# SPDX-License-Identifier: GPL-2.0
"""What is right of each scene of tests/modules/folio_zoo, by its construction: never by what the
tool says."""
import dataclasses

CLEAN = ("balanced", "freed", "none")
WRONG_PUTS, PER_PAGE = 16, 4  # abi.h


@dataclasses.dataclass
class Right:
    """Of one folio of a scene.

    verdict: leak, overput, clean, inconclusive, or told (none of the command's, and no accusation).
    units: references, pins and mappings that are over (or, negative, were taken from their
    owners); of pins as many as pages were pinned if "pages".
    """
    verdict: str
    units: tuple = ()
    kind: str = None  # class of the lost unit
    code: str = None
    functions: tuple = ()  # any of them is the name of the guilty operation
    also: str = None  # another function that must be named
    certain: bool = None
    after: str = None
    still_allocated: str = None
    # Entries and exits of functions cannot show it: the counts are as if nothing were wrong.
    hidden: bool = False
    # On these kernels another get is still named first, or it is not called certain: the units are
    # right, the name is not.
    misnamed: tuple = ()
    # The events cannot decide: then inconclusive with this code is right, too.
    undecided: str = None

    def verdicts(self, exact):
        """Those that are right. What the boundaries cannot know they may leave open."""
        if self.verdict == "told":
            return CLEAN + ("inconclusive",)
        right = CLEAN if self.verdict == "clean" else (self.verdict,)
        if self.code == "get_on_freed":
            right = ("leak", "overput")
        if self.undecided:
            right += ("inconclusive",)
        if exact:
            return right
        return right + ("inconclusive",) + (CLEAN if self.hidden else ())

    def units_of(self, use):
        """The ways to say them: a pin of a page of order 0 is 1024 references."""
        if isinstance(self.units[0], tuple):
            return self.units
        refs, pins, maps = self.units
        if pins == "pages":
            pins = use["pages"]
        if not pins:
            return ((refs, pins, maps),)
        ways = ((refs, pins, maps), (refs + pins, pins, maps))
        if use["order"] == 0:
            ways += ((refs + 1024 * pins, 0, maps), (refs + 1024 * pins, pins, maps))
        return ways

    def in_words(self):
        if self.verdict == "clean":
            return "clean"
        words = {"told": "no accusation", "overput": "over-put"}.get(self.verdict, self.verdict)
        if self.units:
            first = self.units[0] if isinstance(self.units[0], tuple) else self.units
            words += " of " + ", ".join(
                f"{abs(n) if isinstance(n, int) else 'each'} {what}"
                for n, what in zip(first, ("ref", "pin", "mapping")) if n)
        if self.code:
            words += f" ({self.code})"
        if self.functions:
            words += f": {self.functions[0]}"
        if self.still_allocated:
            words += f", still allocated: {self.still_allocated}"
        return words


def clean():
    return {"subject": Right("clean")}


def pins(function, n="pages", **more):
    return {"subject": Right("leak", (0, n, 0), "pin", "pins_lost", (function,), **more)}


def lost(function, n=1, kind="gup", **more):
    return {"subject": Right("leak", (n, 0, 0), kind, None, (function,), **more)}


def robbed(function, n=1, **more):
    """A reference from before, or of somebody else, was taken away."""
    more.setdefault("hidden", True)
    return {"subject": Right("overput", (-n, 0, 0), None, "robbed", (function,), **more)}


def pin_put(*units):
    return {"subject": Right("leak", units, "pin", "pin_put_as_reference", ("zoo_pin_put_get",),
                             also="zoo_pin_put_put")}


def make_table():
    t = {}
    for memory in ("small:1", "small:512", "small:8192", "thp:1", "thp:512", "thp:8192", "pte:1",
                   "pte:256", "hugetlb:1", "hugetlb:512", "shmem:1", "shmem:16"):
        t[f"pin:{memory}"] = pins("zoo_pin_get")
    t["pin:pte:256"] = pins("zoo_pin_get")
    t["pin:file:1"] = t["pin:file:16"] = pins("zoo_pin_file_get")
    for memory in ("small:512", "thp:512", "pte:256", "hugetlb:512", "shmem:16", "file:16",
                   "small:1:worker", "small:1:kthread", "small:1:timer"):
        t[f"pin:{memory}:good"] = clean()
    t["unpin_part"] = t["unpin_part:worker"] = pins("zoo_unpin_part_get", 1)
    t["unpin_part:good"] = clean()
    t["unpin_over"] = t["unpin_over:kthread"] = {"subject": Right(
        "overput", (0, -1, 0), "pin", "robbed", ("zoo_unpin_over_put",))}
    t["unpin_over:good"] = clean()
    # A pin of 1024 references, of which one was put; a pin and its reference, which was put.
    t["pin_put:small"] = pin_put((-1, 1, 0), (0, 1, 0), (1023, 1, 0), (1023, 0, 0))
    t["pin_put:thp"] = pin_put((-1, 1, 0), (0, 1, 0))
    t["pin_enomem"] = pins("zoo_pin_enomem_get", 1, after="returned -12")
    t["pin_enomem:good"] = clean()
    t["batch_fail:0"] = pins("zoo_batch_fail_get", 1, after="returned -12")
    t["batch_fail:3"] = pins("zoo_batch_fail_get", 1, after="returned -12") | {"other": Right("clean")}
    t["batch_fail:3:good"] = clean() | {"other": Right("clean")}
    for who in ("", ":worker", ":kthread", ":timer"):
        # Two gets at the same site: whichever was not put, the name is the same.
        t[f"merge{who}"] = lost("zoo_merge_get", certain=True, misnamed=("debug",))
    for who in ("", ":worker", ":kthread", ":timer"):
        t[f"merge{who}:good"] = clean()
    t["wrong_head"] = lost("zoo_wrong_head_get", WRONG_PUTS) | {
        "robbed": robbed("zoo_wrong_head_put", WRONG_PUTS)["subject"]}
    t["wrong_head:good"] = clean() | {"robbed": Right("clean")}
    t["per_page_put"] = robbed("zoo_per_page_put_put", PER_PAGE - 1)
    t["per_page_put:good"] = clean()
    for who in ("", ":worker"):
        # Either put could be the one that is right.
        t[f"consumed_then_put{who}"] = robbed(
            "zoo_consumed_then_put_put", also="zoo_consumed_by_callee_put", certain=False)
    # The worker's may have been its own, from before.
    t["consumed_then_put:worker"]["subject"].undecided = "before_went"
    # It is freed while the thread has it; what thread put last the events show.
    t["consumed_then_put:anon"] = robbed(
        "zoo_consumed_then_put_put", also="zoo_consumed_by_callee_put", certain=False)
    t["consumed_then_put:good"] = clean()
    for how in ("", ":worker", ":timer", ":mapped"):
        t[f"replace_put{how}"] = robbed("zoo_replace_put_put")
    # Whether the kernel thread put the command's reference or the one from before, which it had not
    # been seen to take, the events cannot tell.
    t["replace_put:good"] = {"subject": Right("clean", undecided="adopted_others_put")}
    t["lookup_cold"] = lost("zoo_lookup_cold_get", kind="lookup")
    t["lookup_cold:good"] = clean()
    t["lookup_cached"] = lost("zoo_lookup_cached_get", kind="lookup")
    t["lookup_cached:good"] = clean()
    t["sb_read"] = lost("zoo_sb_read_get", kind="lookup")
    t["sb_read:good"] = clean()
    for size in ("small", "thp"):
        t[f"isolate:{size}"] = {"subject": Right(
            "leak", (1, 0, 0), "isolation", "isolation_lost", ("zoo_isolate_get",))}
    for size in ("small", "thp"):
        t[f"isolate:{size}:good"] = clean()
    # A thread of the kernel's, which lives (lru.c).
    t["reclaim_twin"] = t["reclaim_twin:locked"] = clean() | {"twin": Right("told")}
    t["reclaim_twin:good"] = clean() | {"twin": Right("told")}
    t["insert_page"] = clean()
    t["insert_page_kept"] = {
        "subject": Right("told", still_allocated="zoo_insert_page_kept_get")}
    t["pmd_mixed:part"] = {"subject": Right(
        "leak", (0, 0, 1), "mapping", "mappings_lost",
        ("insert_pmd", "vmf_insert_folio_pmd", "folio_add_file_rmap_pmd"))}
    t["pmd_mixed:whole"] = clean()
    t["pfnmap_page"] = clean()  # maps.c says why
    for how in ("target_first", "target_last", "living"):
        t[f"insert_foreign:{how}"] = clean()
    t["hugezero_put"] = robbed("zoo_hugezero_put_put")
    # There is one huge zero folio: it is the one of hugezero_put, in the same run.
    t["hugezero_put:good"] = t["hugezero_put"]
    t["get_after_free"] = {"subject": Right(
        "finding", (), None, "get_on_freed", ("zoo_get_after_free_get",), hidden=True)}
    t["free_held"] = {"subject": Right(
        "overput", (), None, "freed_held", ("zoo_free_held_put", "zoo_free_held_get"))}
    t["free_held:good"] = clean()
    t["hold:caller:ever"] = lost("zoo_hold_get")
    t["hold:worker:ever"] = t["hold:kthread:ever"] = {
        "subject": Right("inconclusive", code="held_by_other_task")}
    for who in ("caller", "worker", "kthread"):
        t[f"hold:{who}:while"] = clean()
    return t


RIGHT = make_table()
