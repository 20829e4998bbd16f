# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests in a guest share. Sourced by tests/vm/NAME.sh, each of which is one boot:
#
#   boot [run.sh's options…]   runs tests/vm/guest/NAME.sh in a guest; what it left in /out is in $out
#   is WHAT STATUS             counts a check: passed if STATUS is 0
#   skip WHAT WHY              counts one that can't be made here
#   doc FILE EXPRESSION        a condition on a JSON document (tests/vm/doc.py)
#   lanes                      the kernels that a test of several runs on, in $chosen
#   on LANE                    what follows is about that one
#   finish                     the counted line, and the exit status

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 125
build=${FOLIO_TRACE_BUILD:-$PWD/build}
name=$(basename "$0" .sh)
kernel=${FOLIO_TRACE_KERNEL:-stock}
ft=$build/folio-trace
out=$build/test/$name
passed=0 failed=0 skipped=0
booted=() # the directories that guests wrote to
long_only= # a lane that the normal run leaves out
guest=() # what its script is called with

is() {
	if [[ $2 -eq 0 ]]; then
		passed=$((passed + 1))
		echo "vm/$name: ok: $1"
	else
		failed=$((failed + 1))
		echo "vm/$name: FAILED: $1"
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "vm/$name: skipped: $1: $2"
}

doc() { python3 tests/vm/doc.py "$@"; }

# differ A B CONDITION...: two captures do, and so on their diff, whose words are the text's first line
differ() {
	local a=$1 b=$2 words status
	shift 2
	"$ft" diff "$a" "$b" >"$out/diff.txt"
	[[ $? -eq 1 ]] || return 1
	"$ft" diff --format json "$a" "$b" >"$out/diff.json"
	status=$?
	words=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["stories"][0]["words"])' \
		"$out/diff.json")
	[[ $status -eq 1 && $(head -n 1 "$out/diff.txt") == "$words" ]] && doc "$out/diff.json" "$@"
}

# same FILE TEXT: the file says just that; of a run's status else, why
same() {
	[[ $(<"$out/$1") != "$2" ]] || return 0
	echo "vm/$name: $1: '$(<"$out/$1")', not '$2'"
	[[ $1 != *.status || ! -f $out/${1%.status}.txt ]] || head -n 4 "$out/${1%.status}.txt"
	return 1
}

# FOLIO_TRACE_KERNEL is one, or several; the debug kernel, which takes long to build, only if it is
# there; $long_only only where all is wanted that takes long.
lanes() {
	local l
	chosen=()
	for l in ${FOLIO_TRACE_KERNEL:-stock 6.12 6.1 debug}; do
		if [[ $l == "$long_only" && ! ${FOLIO_TRACE_KERNEL:-} ]] && ! is_long; then
			echo "vm/$name: lane $l: in make test-long"
		elif [[ $l == debug ]] && ! has_lane debug; then
			skip "lane debug" "it is not built: tools/vm/fetch.sh debug"
		else
			chosen+=("$l")
		fi
	done
}

# Whether all is wanted that takes long: make test-long. The normal run has a part of it.
is_long() { [[ ${FOLIO_TRACE_LONG:-} ]]; }

has_lane() (
	# shellcheck source=../../tools/vm/lib.sh
	. tools/vm/lib.sh
	lane_dir "$1" >/dev/null
)

on() {
	kernel=$1 out=$build/test/$name/$1
}

# The bench's own failures (a boot that hung or died), not a panic: that is for us to know. But for
# one: qemu's TCG now and then runs an int3 of the kernel's text patching that is no longer there,
# in the midst of a run that attaches or detaches (seen without folio-trace, too).
bench_failed() {
	[[ $1 -eq 124 || $1 -eq 125 ]] ||
		{ [[ $1 -eq 123 ]] && grep -qsa 'Oops: int3' "$out/console" "$out/guest.log"; }
}

boot() {
	local try status
	booted+=("$out")
	for try in 1 2 3; do
		rm -rf "$out"
		mkdir -p "$out"
		status=0
		tools/vm/run.sh --kernel "$kernel" --out "$out" \
			--console "$out/console" --file tests/vm/guest:/vm "$@" \
			-- sh "/vm/$name.sh" "${guest[@]}" </dev/null >"$out/guest.log" 2>&1 || status=$?
		bench_failed $status || break
		echo "vm/$name: the guest ended with status $status (try $try)"
		tail -n 5 "$out/guest.log"
	done
	if [[ $status -ne 0 ]]; then
		tail -n 20 "$out/guest.log"
	fi
	is "the guest ran to its end" "$status"
	[[ $status -eq 0 ]] || finish
}

# Whatever the boots of a test left of ours conforms to its schema.
validate_documents() {
	local found
	[[ ${#booted[@]} -gt 0 ]] || return
	mapfile -t found < <(find "${booted[@]}" -name '*.json')
	[[ ${#found[@]} -gt 0 ]] || return
	tests/schema.sh "${found[@]}"
	is "every document conforms to its schema" $?
}

finish() {
	validate_documents
	echo "vm/$name: $passed passed, $failed failed, $skipped skipped"
	[[ $failed -eq 0 && $((passed + skipped)) -gt 0 ]]
	exit
}

[[ -x $ft && -x $build/static/folio-trace ]] || {
	echo "vm/$name: build first: make all workloads && make STATIC=1"
	exit 125
}
