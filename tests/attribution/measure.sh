#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# measure.sh [-v]: how often the lost reference is named right, on real captures of a stock kernel:
# their own leaks, and faults put into their balanced lives (measure.c). The whole captures are in
# FT_ATTRIBUTION_DIR (else ../shared/prototypes/attribution): a.bin.xz, d2.bin.xz, f.bin.xz. Without
# them, which is counted as a skip, the samples in tests/golden/attribution are measured. Columns:
# how many were tried, named first, named first or second, believed to be in an LRU batch (then
# nobody is accused); and for each word of confidence right/said, of ambiguous: right by one of two.
# WITHOUT_CALLS=1 takes from the events which call of their task they are of.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

from=${FT_ATTRIBUTION_DIR:-../shared/prototypes/attribution}
build=${BUILD:-build}
skipped=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/folio-trace-measure.XXXXXX")
trap 'rm -rf "$dir"' EXIT

make -s "$build/measure"
files=()
for name in a d2 f; do
	file=tests/golden/attribution/$name.lives
	if [[ -r $from/$name.bin.xz ]]; then
		file=$dir/$name.lives
		python3 tests/attribution/convert.py "$from/$name.bin.xz" >"$file"
	else
		echo "skipped: $from/$name.bin.xz is not here: its sample instead"
		skipped=$((skipped + 1))
	fi
	if [[ ${WITHOUT_CALLS-} ]]; then
		mkdir -p "$dir/without"
		awk '$1 == "E" { $4 = 1 } 1' "$file" >"$dir/without/$name.lives"
		file=$dir/without/$name.lives
	fi
	files+=("$file")
done
status=0
"$build/measure" "$@" "${files[@]}" || status=$?
echo "measure: $((!status)) passed, $((!!status)) failed, $skipped skipped"
exit $status
