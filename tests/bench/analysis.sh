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
build=${BUILD:-build}
failed=0 skipped=0 fastest=0
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/folio-trace-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT

skip() {
	skipped=$((skipped + 1))
	printf '%-34s skipped: %s\n' "$1" "$2"
}
require() { # require NAME AWK-CONDITION
	if ! awk "BEGIN { exit !($2) }"; then
		failed=$((failed + 1))
		echo "FAIL: $1: not $2"
	fi
}

# timed COMMAND...: sets wall, cpu (seconds) and memory (KiB)
timed() {
	read -r wall cpu memory < <(python3 -c '
import os, sys, time
start = time.monotonic()
null = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
status, used = os.wait4(child, 0)[1:]
if status:
    sys.exit(f"{sys.argv[1]}: status {os.waitstatus_to_exitcode(status)}")
print(time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)' "$@")
}
# show NAME EVENTS FILE: what was timed last; sets rate
show() {
	rate=$(awk "BEGIN { printf \"%.2f\", $2 / $cpu / 1e6 }")
	printf '%-34s %6s M/s  %6.2f s CPU  %6.2f s  %5d MiB  %6.2f bytes/event\n' "$1" "$rate" \
		"$cpu" "$wall" $((memory / 1024)) "$(awk "BEGIN { print $(stat -c %s "$3") / $2 }")"
}
best_report() { # best_report FILE
	local w c m
	timed "$build/folio-trace" report "$1"
	for _ in 1 2; do
		w=$wall c=$cpu m=$memory
		timed "$build/folio-trace" report "$1"
		if awk "BEGIN { exit !($c < $cpu) }"; then
			wall=$w cpu=$c memory=$m
		fi
	done
}

# ours NAME EVENTS [LEAKS]: the same in CPU time and memory, on 100,000 living folios
ours() {
	"$build/generate" "$dir/capture" "$2" 100000 "${3:-0}" >/dev/null
	best_report "$dir/capture"
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
trace_cmd
perf_script
require "events a second, in millions" "$ours_rate >= 3"
require "against the faster of the others" "$ours_rate >= 5 * $fastest"
echo "bench: report reads $ours_rate million events/s, the faster of the others $fastest; $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
