#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The inline source under stress: fork and copy on write, THPs that fault, split, move and collapse,
# migration between nodes, swap, buffered, direct and mapped files, pipes and O_DIRECT from user
# memory, compaction, reclaim, shmem, hugetlb, and both CPUs at the same folios: a million events a
# kernel. Nothing is lost, and every folio's operations add up to its count.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# 6.1 makes no function entry in copy_page_to_iter(), which fills pipes from files, so it refuses to
# probe the get in there: folios of files and of shmem miss gets, and no others miss anything.
refused_get='all(f["kind"] in ("file", "shmem") and f["conservation"]["off"] > 0
		for f in d["folios"] if (f.get("conservation") or {}).get("law") == "broken") and
	any(s["function"] == "copy_page_to_iter" for s in d["coverage"]["sites"]["refused"])'

books='b["hits"] == b["entered"] + b["missed"] and
	b["entered"] == b["recorded"] + b["lost"] + b["filtered"] + b["false_sites"]'

# What the run says of itself: nothing is lost, hidden or off.
exact() {
	local sums='d["loss"]["conservation_errors"] == 0'

	[[ $1 != 6.1 ]] || sums="$sums or $refused_get"
	same stress.status 0 && doc "$out/stress.json" 'd["verdict"] == "pass" and not bad' 'd["complete"]' \
		'd["books"]["stack_missed"] == 0' 'not any(n for k, n in d["loss"].items() if k not in ("conservation_errors", "recursion", "death_unseen"))' \
		"$sums" "(lambda b: b['exact'] and b['missed'] == 0 and $books)(d['books'])" \
		"d['counts']['events'] >= $2"
}

rounds=4 least=1000000
lanes
for k in "${chosen[@]}"; do
	[[ $k != debug ]] || continue # compare.sh
	on "$k"
	guest=(inline "$rounds")
	boot --timeout 900 --mem 2G --numa 2 --disk 512M
	"$ft" export "$out/stress.data" >"$out/stress.json"
	exact "$k" $least
	ok=$?
	off=$(grep -o 'conservation errors [0-9,]*' "$out/stress.txt")
	is "$k: $(grep -o '[0-9,]* events' "$out/stress.txt"), $(grep -o '[0-9,]* overlap[a-z]* that cancelled' "$out/stress.txt"): ${off:-all add up}" $ok
	[[ ! -s $out/attached ]]
	is "$k: nothing stays attached" $?
done
finish
