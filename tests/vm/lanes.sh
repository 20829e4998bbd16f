#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# On every kernel (6.12: make test-long): a shell loop, a tree of processes, io_uring's workers, a file copied, hmm-tests:
# healthy, and nothing stays attached.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# healthy NAME CONDITION…: passes, and saw what it is about
healthy() {
	local w=$1
	shift
	if [[ ! -f $out/$w.status ]]; then
		skip "$kernel: $w" "this kernel has no device private memory"
		return
	elif [[ $(<"$out/$w.status") == 4 ]]; then
		skip "$kernel: $w" "$(tail -n 1 "$out/$w.err")"
		return
	fi
	same "$w.status" 0 && doc "$out/$w.json" 'd["verdict"] == "pass" and not bad' \
		'd["loss"]["ring"] == 0 and d["complete"] and d["drained"]' "$@"
	set -- $? "$(grep -o '[0-9,]* events' "$out/$w.txt" | tail -n 1)"
	is "$kernel: $w: pass, $2" "$1"
}

one_lane() {
	on "$1"
	boot --timeout 1200 --mem 2G --disk 128M
	healthy shell 'd["counts"]["folios"] > 300'
	healthy forker 'd["counts"]["folios"] > 300'
	healthy iouring 'd["counts"]["folios"] > 50'
	healthy copy 'any(f["kind"] == "file" for f in d["folios"])'
	healthy hmm 'd["counts"]["events"] > 100000'
	healthy auto
	doc "$out/shell.json" 'not d["coverage"]["hooks"]["missing"]'
	is "$1: every hook of this kernel is attached" $?
	[[ ! -s $out/before ]] && cmp "$out/before" "$out/after"
	is "$1: nothing is attached before, nor after" $?
}

long_only=6.12
lanes
for lane in "${chosen[@]}"; do
	one_lane "$lane"
done
finish
