#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Mistakes with folios, each at its own known place (tests/modules/folio_zoo), and the same done right:
# on every kernel and by every source the answer is the one that is right by construction, and
# nobody else is accused. The table of all is build/test/zoo/table.md.
# FOLIO_TRACE_SOURCE: only by these.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Of what the kernel may say: a page that is freed at count 1 is a bad page, and a mapping that is
# lost is missing when its process ends.
expected_warnings='Bad page state|Bad rss-counter state'

answers() {
	local word text
	while IFS=$'\t' read -r word text; do
		if [[ $word == skipped ]]; then
			skip "$kernel: $1: $text" "this kernel cannot"
		else
			[[ $word == ok ]]
			is "$kernel: $1: $text" $?
		fi
	done < <(python3 tests/vm/zoo.py check "$out" "$1")
}

# The normal run: stock, the oldest and debug once, and stock by boundary as well.
sources_of() {
	local sources=inline
	[[ $1 != debug ]] || sources=page_ref
	[[ $1 != stock ]] || sources='inline boundary'
	if is_long; then
		sources='inline boundary'
		[[ $1 != debug ]] || sources+=' page_ref'
	fi
	read -ra guest <<<"${FOLIO_TRACE_SOURCE:-$sources}"
}

play() {
	local source
	on "$1"
	sources_of "$1"
	boot --timeout 900 --mem 2G --disk 64M
	for source in "${guest[@]}"; do
		same "$source.status" 1
		is "$kernel: $source: the run fails, in $(<"$out/$source.seconds") s" $?
		! grep -E 'WARNING|BUG:|Oops' "$out/$source.dmesg" | grep -vE "$expected_warnings"
		is "$kernel: $source: the kernel had nothing to say but what it should" $?
		answers "$source"
	done
}

diff <("$build/workloads/zoo" list | sort) <(python3 -c \
	'import sys; sys.path.insert(0, "tests/vm"); from zoo_right import RIGHT; print(*RIGHT, sep="\n")' |
	sort)
is "each scene has its right answer" $?
long_only=6.12
lanes
for lane in "${chosen[@]}"; do
	play "$lane"
done
python3 tests/vm/zoo.py table "$build/test/zoo" >"$build/test/zoo/table.md"
finish
