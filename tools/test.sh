#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# All tests, on a machine that may have nothing yet. The last line counts them.
# shellcheck disable=SC2317 # functions are called through step
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
build=${FOLIO_TRACE_BUILD:-$PWD/build}
logs=$build/test/logs

usage() {
	cat <<'END'
usage: tools/test.sh [--no-setup] [--no-fresh] [--no-vm] [VM-TEST…]
  Sets up, builds with gcc and clang, runs the unit tests, the tests of the commands, the quick
  checks and the tests in virtual machines (tests/vm/*.sh, or only those named). tests/fresh.sh
  does so without virtual machines in a minimal root of each Debian release.
  A guest leaves most of one CPU idle, so once all is built there are two lanes: the guests, and
  beside them, with what they leave over, all that needs none. Each step's line is printed when it
  has ended; after that of the last one comes a table in a fixed order.
  Each step's output is in build/test/logs/. The last line is `N passed, N failed, N skipped'.
END
}

# count LOG STATUS: sets passed, failed, skipped: a step's own counts, or one for the whole
count() {
	local line
	passed=0 failed=0 skipped=0
	if line=$(grep -E '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1" | tail -n 1) && [[ $line ]]; then
		[[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]
		passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]} skipped=${BASH_REMATCH[3]}
		# Died after counting, or counted nothing.
		[[ $2 -eq 0 || $failed -gt 0 ]] || failed=1
	elif [[ $2 -eq 0 ]]; then
		passed=1
	else
		failed=1
	fi
}

# What a step says of itself, when it has ended.
describe() {
	local name=$1 status=$2 log=$3
	printf '%-16s %-6s %4d s  %s\n' "$name" "$word" "$SECONDS" \
		"$(grep -E '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1 | sed 's/^[^ ]*: //')"
	grep -E ': skipped: |tried once more$|: FAILED: ' "$log" | sed 's/^/    /'
	[[ $status -eq 0 ]] || tail -n 40 "$log" | sed 's/^/    /'
}

# step NAME CMD…: runs one, says how it went, goes on. Its counts are in the lane's results.
step() {
	local name=$1 log=$logs/${1//\//-} status=0 word=ok text
	local passed failed skipped
	shift
	SECONDS=0
	"$@" </dev/null >"$log" 2>&1 || status=$?
	[[ $status -eq 0 ]] || word=FAILED
	count "$log" $status
	echo "$name $word $SECONDS $passed $failed $skipped" >>"$results"
	text=$(describe "$name" "$status" "$log")
	# In one piece, whatever the other lane has to say.
	{ flock 9 && printf '%s\n' "$text"; } 9<"$logs"
	return $status
}

# finish [LANE…]: the sum of what is in the results. A lane that did not say that it has ended died.
finish() {
	local lane name word seconds p f s passed=0 failed=0 skipped=0 table=''
	for lane in start "$@"; do
		while read -r name word seconds p f s; do
			[[ $word != ended ]] || continue
			passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
			table+=$(printf '%-6s %-16s %-6s %4d s  %5d %4d %4d' \
				"$lane" "$name" "$word" "$seconds" "$p" "$f" "$s")$'\n'
		done <"$build/test/results.$lane"
		[[ $lane == start ]] || grep -q '^lane ended ' "$build/test/results.$lane" || {
			echo "the lane $lane died"
			failed=$((failed + 1))
		}
	done
	if [[ $# -gt 1 ]]; then
		printf '\n%-6s %-16s %-6s %6s  %5s %4s %4s\n%s\n' lane step '' time pass fail skip "$table"
		grep -h '^lane ended ' "$build"/test/results.{host,vm} | sed 's/^lane ended //'
	fi
	echo "$passed passed, $failed failed, $skipped skipped"
	[[ $failed -eq 0 && $passed -gt 0 ]]
	exit
}

build_gcc() {
	# all that the lanes share: neither builds any of it again
	make -j"$(nproc)" BUILD="$build" CC=gcc all workloads &&
		make -j"$(nproc)" BUILD="$build" CC=gcc STATIC=1 all
}

# A build machine need not have BTF: without it where that can be tried.
build_clang() {
	local without=()
	if unshare -m mount -t tmpfs none /sys/kernel 2>/dev/null; then
		# shellcheck disable=SC2016 # expanded in there
		without=(unshare -m sh -c 'mount -t tmpfs none /sys/kernel && exec "$@"' sh)
		echo "without /sys/kernel/btf"
	fi
	rm -rf "$build/clang"
	"${without[@]}" make -j"$(nproc)" BUILD="$build/clang" CC=clang all workloads &&
		make BUILD="$build/clang" CC=clang DESTDIR="$build/clang/root" PREFIX=/usr install &&
		[[ $("$build/clang/root/usr/bin/folio-trace" --version) == "folio-trace $(<VERSION)" ]]
}

# A guest under TCG has many ways to stumble that are not ours: a test that fails is run once more,
# which is said, and both logs are kept. What is wrong with us fails twice.
vm_test() {
	"tests/vm/$1.sh" && return
	echo "vm/$1: failed, tried once more"
	"tests/vm/$1.sh"
}

vm_lane() {
	local t
	if [[ $# -eq 0 ]]; then
		for t in tests/vm/*.sh; do
			[[ $t == */lib.sh ]] || set -- "$@" "$(basename "$t" .sh)"
		done
	fi
	step kernel tools/vm/fetch.sh stock || return
	for t in "$@"; do
		step "vm/$t" vm_test "$t"
	done
}

host_lane() {
	local t
	step clang build_clang
	step unit make BUILD="$build" test
	for t in tests/*.sh; do
		[[ $t == tests/fresh.sh ]] || step "$(basename "$t" .sh)" "$t"
	done
	step attribution env BUILD="$build" tests/attribution/measure.sh
	step check tools/check.sh
	# The longest last: what is wrong is said early.
	[[ $fresh == no ]] || step fresh tests/fresh.sh
}

# lane NAME [VM-TEST…]: all steps of one
lane() {
	local name=$1 began
	shift
	results=$build/test/results.$name
	began=$(date +%s)
	: >"$results"
	"${name}_lane" "$@"
	echo "lane ended $name: $(($(date +%s) - began)) s" >>"$results"
}

# Only with what the guests leave over: their timing is what is tested. Where the scheduler groups
# tasks by session, nice counts within a session only, and qemu has one of its own: so has this
# lane, and its session as a whole is nice.
give_way() {
	renice -n 19 -p $$ >/dev/null
	{ echo 19 >/proc/self/autogroup; } 2>/dev/null || : # a kernel without, or /proc is read-only
}

# shellcheck disable=SC2317 # by trap
stop_lanes() {
	local pid i
	trap '' INT TERM HUP
	for pid in "${lanes[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	# They clean up: a guest's temporary files, the mounts of fresh.sh.
	for ((i = 0; i < 100; i++)); do
		kill -0 -- "${lanes[@]/#/-}" 2>/dev/null || break
		sleep 0.1
	done
	for pid in "${lanes[@]}"; do
		kill -KILL -- "-$pid" 2>/dev/null
	done
	exit "$1"
}

# Each lane is a session of its own, whose leader is this script again: so both can be ended as a
# whole, and a ^C is for stop_lanes alone. (In the background a shell would ignore it.)
both_lanes() {
	local name
	lanes=()
	trap 'stop_lanes 130' INT
	trap 'stop_lanes 143' TERM HUP
	rm -f "$build"/test/results.{host,vm}
	for name in vm host; do
		: >"$build/test/results.$name"
		env --default-signal=INT,QUIT setsid tools/test.sh "${given[@]}" --lane "$name" </dev/null &
		lanes+=($!)
	done
	wait "${lanes[0]}"
	wait "${lanes[1]}"
	trap - INT TERM HUP
}

main() {
	local setup=yes vm=yes part='' given=()
	fresh=yes
	while [[ ${1-} == -* ]]; do
		case $1 in
		--no-setup) setup=no ;;
		--no-fresh) fresh=no given+=("$1") ;;
		--no-vm) vm=no ;;
		--lane) part=${2-} && shift ;; # by both_lanes
		-h | --help) usage && exit ;;
		*) usage >&2 && exit 125 ;;
		esac
		shift
	done
	mkdir -p "$logs"
	case $part in
	host) give_way ;&
	vm) lane "$part" && exit ;;
	?*) usage >&2 && exit 125 ;;
	esac
	results=$build/test/results.start
	: >"$results"
	if [[ $setup == yes ]]; then
		step setup tools/setup.sh || finish
	fi
	step build build_gcc || finish
	if [[ $# -gt 0 ]]; then
		lane vm "$@"
		finish vm
	elif [[ $vm == no ]]; then
		lane host
		finish host
	fi
	both_lanes
	finish host vm
}

# Read as a whole: bash reads a script as it goes.
{ main "$@"; exit; }
