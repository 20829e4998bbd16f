#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# measure.sh [-v] [-p PAIRS]: how often the lost reference is named right, on real captures of a stock kernel:
# their own leaks, and faults put into their balanced folios (measure.c). The whole captures are in
# FT_ATTRIBUTION_DIR (else ../shared/prototypes/attribution): a.bin.xz, d2.bin.xz, f.bin.xz. Without
# them, which is counted as a skip, the samples in tests/golden/attribution are measured. So are the
# samples of 7.3, 6.12 and 6.1 with swap, unless FT_STRESS_DIR has the captures of
# tests/vm/stress.sh (build/test/stress): then these, and their swapped folios once more.
# Columns: trials; named first; named first or second; taken to be in an LRU batch, where nothing is
# reported; and for each confidence right/given (ambiguous: right if one of the two is).
# -p tools/pairs/SERIES.json also asks with what other runs taught: not with a file that was made of
# the capture that is measured.
# WITHOUT_CALLS=1 takes the entry sequence numbers out of the events.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

from=${FT_ATTRIBUTION_DIR:-../shared/prototypes/attribution}
build=${BUILD:-build}
skipped=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/folio-trace-measure.XXXXXX")
trap 'rm -rf "$dir"' EXIT

make -s "$build/measure" "$build/extract"
files=() swapped=()
without_calls() {
	mkdir -p "$dir/without"
	awk '$1 == "E" { $4 = 1 } 1' "$file" >"$dir/without/$name.folios"
	file=$dir/without/$name.folios
}
for name in a d2 f; do
	file=tests/golden/attribution/$name.folios
	if [[ -r $from/$name.bin.xz ]]; then
		file=$dir/$name.folios
		python3 tests/attribution/convert.py "$from/$name.bin.xz" >"$file"
	else
		echo "skipped: $from/$name.bin.xz is not here: its sample instead"
		skipped=$((skipped + 1))
	fi
	[[ -z ${WITHOUT_CALLS-} ]] || without_calls
	files+=("$file")
done
for name in v7-3 v6-12 v6-1; do
	case $name in
	v7-3) capture=${FT_STRESS_DIR-}/stock/stress.data ;;
	v6-12) capture=${FT_STRESS_DIR-}/6.12/stress.data ;;
	v6-1) capture=${FT_STRESS_DIR-}/6.1/stress.data ;;
	esac
	file=tests/golden/attribution/$name.folios
	if [[ -r $capture ]]; then
		file=$dir/$name.folios
		"$build/extract" "$capture" >"$file"
	else
		echo "skipped: \$FT_STRESS_DIR${capture#"${FT_STRESS_DIR-}"} is not here: its sample instead"
		skipped=$((skipped + 1))
	fi
	[[ -z ${WITHOUT_CALLS-} ]] || without_calls
	files+=("$file")
	[[ ! -r $capture ]] || swapped+=("$file")
done
status=0
"$build/measure" "$@" "${files[@]}" || status=$?
if [[ ${swapped[*]-} ]]; then
	echo "swapped:"
	"$build/measure" -s "$@" "${swapped[@]}" || status=$?
fi
echo "measure: $((!status)) passed, $((!!status)) failed, $skipped skipped"
exit $status
