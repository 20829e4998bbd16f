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
	# A pipe of a process that still lives may hold its page for ever.
	same tool.status 3 && doc "$out/tool.json" 'not bad and d["counts"]["inconclusive"] == 1' \
		'[f["final"]["surplus"] for f in d["folios"] if f["verdict"] == "inconclusive"] == [1]'
	is "$1: all balanced but the page that a pipe holds" $?
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
