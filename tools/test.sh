#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# All tests, on a machine that may have nothing yet. The last line counts them.
# shellcheck disable=SC2317 # functions are called through step
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
build=${FOLIO_TRACE_BUILD:-$PWD/build}
logs=$build/test/logs
passed=0 failed=0 skipped=0

usage() {
	cat <<'END'
usage: tools/test.sh [--no-setup] [--no-fresh] [--no-vm] [VM-TEST…]
  Sets up, builds with gcc and clang, runs the unit tests, the tests of the commands, the quick
  checks and the tests in virtual machines (tests/vm/*.sh, or only those named). tests/fresh.sh
  does so without virtual machines in a minimal root of each Debian release.
  Each step's output is in build/test/logs/. The last line is `N passed, N failed, N skipped'.
END
}

# count LOG STATUS: a step's own counts, or one for the whole
count() {
	local line
	if line=$(grep -E '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1" | tail -n 1) && [[ $line ]]; then
		[[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + BASH_REMATCH[3]))
		# Died after counting, or counted nothing.
		[[ $2 -eq 0 || ${BASH_REMATCH[2]} -gt 0 ]] || failed=$((failed + 1))
	elif [[ $2 -eq 0 ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

# step NAME CMD…: runs one, says how it went, goes on
step() {
	local name=$1 log=$logs/${1//\//-} status=0 word=ok
	shift
	SECONDS=0
	"$@" </dev/null >"$log" 2>&1 || status=$?
	count "$log" $status
	[[ $status -eq 0 ]] || word=FAILED
	printf '%-16s %-6s %4d s  %s\n' "$name" "$word" "$SECONDS" \
		"$(grep -E '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1 | sed 's/^[^ ]*: //')"
	grep -E ': skipped: |tried once more$|: FAILED: ' "$log" | sed 's/^/    /'
	[[ $status -eq 0 ]] || tail -n 40 "$log" | sed 's/^/    /'
	return $status
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[[ $failed -eq 0 && $passed -gt 0 ]]
	exit
}

build_gcc() {
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

vm_tests() {
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

setup=yes fresh=yes vm=yes
while [[ ${1-} == -* ]]; do
	case $1 in
	--no-setup) setup=no ;;
	--no-fresh) fresh=no ;;
	--no-vm) vm=no ;;
	-h | --help) usage && exit ;;
	*) usage >&2 && exit 125 ;;
	esac
	shift
done
mkdir -p "$logs"
if [[ $setup == yes ]]; then
	step setup tools/setup.sh || finish
fi
step build build_gcc || finish
if [[ $# -eq 0 ]]; then
	step clang build_clang
	step unit make BUILD="$build" test
	for t in tests/*.sh; do
		[[ $t == tests/fresh.sh && $fresh == no ]] || step "$(basename "$t" .sh)" "$t"
	done
	step attribution env BUILD="$build" tests/attribution/measure.sh
	step check tools/check.sh
fi
[[ $vm == no ]] || vm_tests "$@"
finish
