#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# measure.sh [--update] [--floors DIR] [-v] [-p PAIRS]: how often the lost reference is named right, on real
# captures of a stock kernel: their own leaks, and faults put into their balanced folios (measure.c).
# First the samples in tests/golden/attribution: no number may fall below what is written down there,
# NAME.floors (in DIR). --update, or BLESS=1, writes down what is measured now.
# Then, where they are, the whole captures, whose numbers are only printed: those in FT_ATTRIBUTION_DIR
# (else ../shared/prototypes/attribution), a.bin.xz, d2.bin.xz, f.bin.xz; and in FT_STRESS_DIR those of
# tests/vm/stress.sh (build/test/stress), and their swapped folios once more. One that is not there is
# counted as a skip.
# Columns: trials; named first; named first or second; of these, that an LRU batch may
# have had, if it were not drained; and for each confidence right/given (ambiguous: right if one of the two is).
# PAIRS: a table of tools/pairs, made of other captures than the one that is measured.
# WITHOUT_CALLS=1 takes the entry sequence numbers out of the events; for that nothing is written down.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

golden=tests/golden/attribution
from=${FT_ATTRIBUTION_DIR:-../shared/prototypes/attribution}
build=${BUILD:-build}
floors=$golden
update=${BLESS:+1}
passed=0 failed=0 skipped=0
while [[ ${1-} == --* ]]; do
	case $1 in
	--update) update=1 ;;
	--floors) floors=${2:?--floors wants a directory} && shift ;;
	*) echo "usage: tests/attribution/measure.sh [--update] [--floors DIR] [-v]" >&2 && exit 125 ;;
	esac
	shift
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/folio-trace-measure.XXXXXX")
trap 'rm -rf "$dir"' EXIT

make -s "$build/measure" "$build/extract"

count() { # count STATUS
	if [[ $1 -eq 0 ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# measure ARG…: with or without the calls
measure() {
	local arg args=()
	for arg in "$@"; do
		if [[ ${WITHOUT_CALLS-} && $arg == *.folios ]]; then
			mkdir -p "$dir/without"
			awk '$1 == "E" { $4 = 1 } 1' "$arg" >"$dir/without/${arg##*/}"
			arg=$dir/without/${arg##*/}
		fi
		args+=("$arg")
	done
	"$build/measure" "${args[@]}"
}

samples() {
	local status=0 line
	measure "$@" "$golden"/*.folios >"$dir/samples" || status=$?
	cat "$dir/samples"
	count $status
	if [[ ${WITHOUT_CALLS-} ]]; then
		return
	elif [[ $update ]]; then
		python3 tests/attribution/floors.py update "$floors" <"$dir/samples"
		return
	fi
	python3 tests/attribution/floors.py check "$floors" <"$dir/samples" >"$dir/floors" || :
	head -n -1 "$dir/floors"
	line=$(tail -n 1 "$dir/floors")
	if [[ $line =~ ^floors:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
		passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
	else
		count 1 # it died
	fi
}

missing() {
	echo "skipped: $1 is not here: its sample alone"
	skipped=$((skipped + 1))
}

whole() {
	local name capture files=() swapped=() status=0
	for name in a d2 f; do
		capture=$from/$name.bin.xz
		[[ -r $capture ]] || { missing "$capture" && continue; }
		python3 tests/attribution/convert.py "$capture" >"$dir/$name.folios"
		files+=("$dir/$name.folios")
	done
	for name in v7-3:stock v6-12:6.12 v6-1:6.1; do
		capture=${FT_STRESS_DIR-}/${name#*:}/stress.data
		name=${name%:*}
		[[ -r $capture ]] || { missing "\$FT_STRESS_DIR${capture#"${FT_STRESS_DIR-}"}" && continue; }
		"$build/extract" "$capture" >"$dir/$name.folios"
		files+=("$dir/$name.folios") swapped+=("$dir/$name.folios")
	done
	[[ ${files[*]-} ]] || return 0
	echo "whole captures:"
	measure "$@" "${files[@]}" || status=$?
	if [[ ${swapped[*]-} ]]; then
		echo "swapped:"
		measure -s "$@" "${swapped[@]}" || status=$?
	fi
	count $status
}

samples "$@"
[[ $update ]] || whole "$@"
echo "measure: $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
