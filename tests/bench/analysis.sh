#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# analysis.sh [EVENTS]: how fast a capture becomes a verdict, how much memory that takes, and how
# large it is, beside trace-cmd report and perf script on as many events (10 million). All three
# write to /dev/null. Rates are events a second of CPU time, user and system, so that a busy
# machine tells little of a lie; ours is the best of three. Exit 1 below the floor: 3 million, and
# five times the faster of the two. What is not installed, or may not record, is skipped and counted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

events=${1:-10000000}
fastest=0
# shellcheck source=lib.sh
. tests/bench/lib.sh

# ours NAME EVENTS [LEAKS]: the same in CPU time and memory, on 100,000 living folios
ours() {
	"$build/generate" "$dir/capture" "$2" 100000 "${3:-0}" >/dev/null
	best "$build/folio-trace" report "$dir/capture"
	show "$1" "$2" "$dir/capture"
}
peer() { # peer NAME FILE COMMAND...
	timed "${@:3}"
	show "$1" "$events" "$2"
	fastest=$(awk "BEGIN { print ($rate > $fastest ? $rate : $fastest) }")
}

trace_cmd() {
	command -v trace-cmd >/dev/null || { skip "trace-cmd report" "trace-cmd is not installed" && return; }
	python3 tests/bench/tracedat.py "$dir/trace.dat" "$events"
	peer "trace-cmd report" "$dir/trace.dat" trace-cmd report -i "$dir/trace.dat"
}

# Page faults in software: the one event that needs no tracing kernel. 102,400 faults a run.
perf_script() {
	local runs=$(((events + 102399) / 102400))
	command -v perf >/dev/null || { skip "perf script" "perf is not installed" && return; }
	# shellcheck disable=SC2016
	perf record -q -e page-faults -c 1 --timestamp --data --sample-cpu -o "$dir/perf.data" -- \
		sh -c 'for i in $(seq '"$runs"'); do dd if=/dev/zero of=/dev/null bs=400M count=1; done' \
		2>/dev/null || { skip "perf script" "perf cannot record page faults here" && return; }
	events=$(perf script -i "$dir/perf.data" -F event 2>/dev/null | wc -l) \
		peer "perf script" "$dir/perf.data" perf script -i "$dir/perf.data"
}

ours "report, $((events / 10)) events" $((events / 10))
ours "report, $((events / 2)) events" $((events / 2))
half=$memory
ours "report, $events events" "$events"
ours_rate=$rate
require "memory grows with folios, not events" "$memory < 1.2 * $half"
require "size" "$(stat -c %s "$dir/capture") <= 6 * $events"
ours "report, $events events, 10 leaks" "$events" 10
ours "report, $((events / 10)) events, 10,000 leaks" $((events / 10)) 10000
leaks_cpu=$cpu
require "one finding" "$("$build/folio-trace" report "$dir/capture" | grep -c ' (1 finding)$') == 1"
require "CPU seconds of 10,000 leaks" "$leaks_cpu < 30"
trace_cmd
perf_script
require "events a second, in millions" "$ours_rate >= 3"
require "against the faster of the others" "$ours_rate >= 5 * $fastest"
echo "bench: report reads $ours_rate million events/s, the faster of the others $fastest; $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
