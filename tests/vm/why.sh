#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# folio-trace why: a split of a THP in a pipe, one of a pinned THP, and a migration of a page in a
# pipe, which fail; with the source inline by the get that holds the folio. On each kernel.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# held FILE CONDITION…: on the document of folio-trace why
held() {
	local file=$1
	shift
	"$ft" why --format json "$out/$file.data" >"$out/$file.why.json" &&
		"$ft" why -v "$out/$file.data" >"$out/$file.why.txt" &&
		python3 - "$out/$file.why.json" "$@" <<'PYTHON'
import json
import sys

d = json.load(open(sys.argv[1], encoding="utf-8"))


def failures(what, order):
    return [f for f in d["failures"] if f["what"] == what and f["order"] == order]


def holds(f, use, callee):
    """Whether it names one reference for this use, taken below a function of that name."""
    named = [h for h in f["held_by"] if h["for"] == use]
    return len(named) == 1 and any(callee in s["function"] for s in named[0]["stack"])


for condition in sys.argv[2:]:
    if not eval(condition):
        print("not so:", condition)
        print(json.dumps(d, indent=1)[:4000])
        sys.exit(1)
PYTHON
}

long_only=6.12
lanes
for k in "${chosen[@]}"; do
	[[ $k != debug ]] || continue # of the same source as stock
	on "$k"
	boot --timeout 900 --numa 2
	for source in boundary inline; do
		same $source.status 0 && doc "$out/$source.json" 'd["verdict"] == "pass" and not bad' \
			'd["loss"]["ring"] == 0 and d["complete"]'
		is "$k, $source: the work is done, nothing leaks" $?
	done
	held boundary 'len(failures("split", 9)) == 2' 'len(failures("migration", 0)) == 1' \
		'all(f["extra"] == 1 and not f["held_by"] and f["reason_code"] == "boundary_only" for f in d["failures"])'
	is "$k, boundary: two splits and a migration, one reference too many each, and not by whom" $?
	held inline 'd["source"] == "inline"' 'len(failures("split", 9)) == 2' \
		'all(f["error"] == "EAGAIN" and f["extra"] == 1 and not f["unseen"] for f in d["failures"])'
	is "$k, inline: two splits and a migration, each reference accounted for" $?
	held inline 'holds(failures("split", 9)[0], "unknown", "vmsplice")'
	is "$k: the THP in the pipe is held by vmsplice" $?
	held inline 'holds(failures("split", 9)[1], "pin", "io_")' \
		'failures("split", 9)[1]["pins"] == 1'
	is "$k: the pinned THP is held by io_uring" $?
	held inline 'holds(failures("migration", 0)[0], "unknown", "vmsplice")'
	is "$k: the page in the pipe is held by vmsplice" $?
	held inline 'all(holds(f, "caller", "madvise") for f in failures("split", 9))' \
		'all(holds(f, "caller", "move_pages") for f in failures("migration", 0))'
	is "$k: the caller's own reference is told from the others" $?
	[[ ! -s $out/attached ]]
	is "$k: nothing stays attached" $?
done
finish
