# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034 # shared with the scripts that source this
# What the benchmarks share. Sourced from the root of the tree; gives $build, $dir (gone at the end).
build=${BUILD:-build}
failed=0 skipped=0
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/folio-trace-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT

skip() {
	skipped=$((skipped + 1))
	printf '%-48s skipped: %s\n' "$1" "$2"
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

# best COMMAND...: the same, of the three tries the one that needs least CPU
best() {
	local w c m
	timed "$@"
	for _ in 1 2; do
		w=$wall c=$cpu m=$memory
		timed "$@"
		if awk "BEGIN { exit !($c < $cpu) }"; then
			wall=$w cpu=$c memory=$m
		fi
	done
}

# show NAME EVENTS FILE: what was timed last; sets rate
show() {
	rate=$(awk "BEGIN { printf \"%.2f\", $2 / $cpu / 1e6 }")
	printf '%-48s %6s M/s  %6.2f s CPU  %6.2f s  %5d MiB  %6.2f bytes/event\n' "$1" "$rate" \
		"$cpu" "$wall" $((memory / 1024)) "$(awk "BEGIN { print $(stat -c %s "$3") / $2 }")"
}
