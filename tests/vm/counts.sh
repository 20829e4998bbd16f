#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# On every kernel: the counts of a folio of each kind are those of /proc/kpagecount and
# /proc/kpageflags, and its references those measured.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

boot_and_compare() {
	on "$1"
	boot --timeout 900 --disk 64M
	same tool.status 0 && doc "$out/tool.json" 'd["verdict"] == "pass" and not bad'
	is "$1: all balanced" $?
	doc "$out/tool.json" '[[(o["references"], o["who"]["comm"], o["state"]) for o in f["final"]["owners"] if o["class"] == "pipe"]
		for f in d["folios"] if any(o["class"] == "pipe" for o in (f["final"] or {}).get("owners", []))] == [[(1, "kpage", "proved")]]'
	is "$1: the page in a pipe: whose pipe" $?
	while IFS=$'\t' read -r word text; do
		if [[ $word == skipped ]]; then
			skip "$1: $text" "this kernel has none"
		else
			[[ $word == ok ]]
			is "$1: $text" $?
		fi
	done < <(python3 tests/vm/counts.py "$out" "$1")
	doc "$out/tool.json" 'not d["coverage"]["hooks"]["missing"]'
	is "$1: every hook of this kernel is attached" $?
}

lanes
for lane in "${chosen[@]}"; do
	boot_and_compare "$lane"
done
finish
