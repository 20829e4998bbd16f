# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this
# What the tests of the commands share. Sourced with $me set and the binary, if any, in $1; gives
# $ft, $data (the golden captures), $tmp.
ft=$(realpath "${1:-build/folio-trace}")
data=$PWD/tests/golden
[[ -x $ft ]] || { echo "$me: $ft is not built" && exit 125; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

# is WHAT STATUS: STATUS is that of what was tried
is() {
	if [[ $2 -eq 0 ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$me: $1: failed"
		[[ -s $tmp/err ]] && head -n 3 "$tmp/err"
	fi
}
# skip WHAT WHY
skip() {
	skipped=$((skipped + 1))
	echo "$me: $1: skipped: $2"
}
# try STATUS CMD...: runs CMD, wants that exit status; out and err are kept
try() {
	local want=$1 got
	shift
	"$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	[[ $got -eq $want ]] || { echo "$me: $* exits with $got, not $want" && return 1; }
}
# one_line TEXT: stderr is a single line "folio-trace...: " with TEXT in it
one_line() {
	[[ $(wc -l <"$tmp/err") -eq 1 ]] && grep -q '^folio-trace' "$tmp/err" &&
		grep -qF -- "$1" "$tmp/err"
}
# usage_of COMMAND TEXT ARG...: wrong usage: TEXT is in the first line, nothing on stdout
usage_of() {
	local command=$1 text=$2
	shift 2
	try 125 "$ft" "$command" "$@" && [[ ! -s $tmp/out ]] &&
		head -n 1 "$tmp/err" | grep -qF -- "folio-trace $command: $text"
	is "$command $*" $?
}
finish() {
	echo "$me: $passed passed, $failed failed, $skipped skipped"
	[[ $failed -eq 0 ]]
	exit
}
