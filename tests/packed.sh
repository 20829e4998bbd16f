#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# packed.sh [--update] [--keep DIR] [FOLIO-TRACE]: real captures of every lane, and what folio-trace
# said of them when they were recorded (tests/golden/packed/README.md). --update writes down what it
# says now; --keep leaves the exports in DIR, so that those of two trees can be compared. Ends with
# one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=packed update='' keep=''
while [[ ${1-} == -* ]]; do
	case $1 in
	--update) update=1 ;;
	--keep) keep=${2:?--keep wants a directory} && shift ;;
	*) echo "usage: tests/packed.sh [--update] [--keep DIR] [FOLIO-TRACE]" >&2 && exit 125 ;;
	esac
	shift
done
set -- "${1:-${FOLIO_TRACE_BUILD:-build}/folio-trace}"
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh
golden=$data/packed
exports=${keep:-$tmp/exports}
mkdir -p "$exports"

# The same on every machine, whatever debug info it has.
unset DEBUGINFOD_URLS
export LC_ALL=C TZ=UTC
no_lines=(--debug-dir "$tmp/none")

without_codes() { python3 tests/lib/without_codes.py; }

# cuts TEXT RESULT
cuts() {
	[[ $(printf %b "$1" | without_codes) == "$(printf %b "$2")" ]]
	is "without reason_code: $1" $?
}

# Each of jansson's styles, and each place that a member can have.
normaliser() {
	local value text
	for value in '"a, \\"b\\": }"' null 12 '{"code": "x", "n": [1, 2], "site": {"function": "}, f"}}' '{}'; do
		cuts "{\"reason_code\": $value, \"b\": 2}" '{"b": 2}'
		cuts "{\"a\": 1, \"reason_code\": $value, \"b\": 2}" '{"a": 1, "b": 2}'
		cuts "[{\"a\": 1, \"reason_code\": $value}, {\"reason_code\": $value}]" '[{"a": 1}, {}]'
		cuts "{\"a\":1,\"reason_code\":$value,\"b\":2}\n{\"a\":1,\"reason_code\":$value}" \
			'{"a":1,"b":2}\n{"a":1}'
		cuts "{\n \"a\": 1,\n \"reason_code\": $value\n}" '{\n "a": 1\n}'
		cuts "{\n\"a\": 1,\n\"reason_code\": $value,\n\"b\": 2\n}" '{\n"a": 1,\n"b": 2\n}'
	done
	cuts '{"why": "x", "why_code": "y", "b": 2}' '{"why": "x", "b": 2}'
	for text in '{"reason": "x", "a": "\\"reason_code\\": 1, "}' '{"reason_codes": 1, "no_reason_code": 1}'; do
		cuts "$text" "$text"
	done
}

# What a person reads of a capture, and the exit status of a check, which stands for the verdict.
report() {
	"$ft" check "$1" >/dev/null
	echo "check: exit status $?"
	"$ft" report "${no_lines[@]}" "$1"
}

# export_all NAME CAPTURE: what programs read, into files; prints their sums
export_all() {
	local out words
	while read -r out words; do
		# shellcheck disable=SC2086 # words
		"$ft" $words "${no_lines[@]}" "$2" | without_codes >"$exports/$1.$out" || return
		printf '%s  %s\n' "$(sha256sum <"$exports/$1.$out" | head -c 64)" "$words"
	done <<'END'
all.json export --format json --events all
json export --format json
all.ndjson export --format ndjson --events all
ndjson export --format ndjson
why.json why --format json
END
}

# same NAME.KIND WHAT: what was seen is what is written down
same() {
	local status
	diff -u --label "tests/golden/packed/$1" --label "now" "$golden/$1" "$tmp/$1" >"$tmp/diff"
	status=$?
	is "$2" $status
	[[ $status -eq 0 ]] || head -n 20 "$tmp/diff"
}

capture() {
	local name=$1
	report "$golden/$name.data" >"$tmp/$name.report" 2>"$tmp/err"
	is "$name: the report" $?
	export_all "$name" "$golden/$name.data" >"$tmp/$name.sums" 2>"$tmp/err"
	is "$name: the exports" $?
	rm -f "$tmp/err"
	if [[ $update ]]; then
		cp "$tmp/$name.report" "$tmp/$name.sums" "$golden/"
	fi
	same "$name.report" "$name: the same report and verdict"
	same "$name.sums" "$name: the same exports, byte for byte"
	[[ $keep ]] || rm -f "$exports/$name".*
}

normaliser
for file in "$golden"/*.data; do
	capture "$(basename "$file" .data)"
done
finish
