#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# export.sh [EVENTS]: how fast a capture becomes NDJSON with all its events, and JSON, and how much
# memory that takes, on EVENTS (10 million) of 100,000 living folios; JSON on a tenth. To /dev/null.
# Rates are events a second of CPU time, user and system; the best of three. Exit 1 if NDJSON is
# slower than 1 million, or its memory grows with the events.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

events=${1:-10000000}
# shellcheck source=lib.sh
. tests/bench/lib.sh

# exported EVENTS FORMAT OPTION...
exported() {
	"$build/generate" "$dir/capture" "$1" 100000 >/dev/null
	best "$build/folio-trace" export --format "${@:2}" "$dir/capture"
	show "export --format ${*:2}, $1" "$1" "$dir/capture"
}

exported $((events / 2)) ndjson --events all
half=$memory
exported "$events" ndjson --events all
ndjson=$rate
require "memory grows with folios, not events" "$memory < 1.2 * $half"
exported $((events / 10)) json --events all
json=$rate
exported "$events" json
require "events a second, in millions" "$ndjson >= 1"
echo "bench: NDJSON is written at $ndjson million events/s, JSON at $json; $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
