#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# floors.sh: tests/attribution/measure.sh fails if a number of a sample falls below what is written
# down, and says which. Ends with one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=floors
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh
golden=$data/attribution
floors=$tmp/floors
# the samples alone, as they are
export FT_ATTRIBUTION_DIR=$tmp/none BUILD=${BUILD:-build}
unset FT_STRESS_DIR WITHOUT_CALLS BLESS

# doctor NAME ROW WHAT BY: changes a number that is written down: first, pair, right (and so wrong stays)
# or wrong. The lines are "%-18s %-23s %5u %5u %5u %5u  %4u/%-4u ...": tried, first, pair, batch, certain
# right/given.
doctor() {
	rm -rf "$floors"
	mkdir "$floors"
	cp "$golden"/*.floors "$floors/"
	awk -v row="$2" -v what="$3" -v by="$4" '
		index($0, row) == 1 {
			first = substr($0, 49, 6) + (what == "first") * by
			pair = substr($0, 55, 6) + (what == "pair") * by
			split(substr($0, 69, 9), certain, "/")
			right = certain[1] + (what == "right") * by
			given = certain[2] + (what == "right" || what == "wrong") * by
			$0 = sprintf("%s%6d%6d%s  %4d/%-4d%s", substr($0, 1, 48), first, pair, substr($0, 61, 6),
				right, given, substr($0, 78))
		}
		{ print }' "$golden/$1.floors" >"$floors/$1.floors"
}

# check: what was measured, beside the doctored ones
check() { python3 tests/attribution/floors.py check "$floors" <"$tmp/measured" >"$tmp/out" 2>"$tmp/err"; }

# falls NAME ROW WHAT BY WORDS: one line says so, and how much it was and is
falls() {
	local line
	doctor "$1" "$2" "$3" "$4"
	! check && line=$(grep FAILED "$tmp/out") &&
		[[ $line =~ ^floors:\ FAILED:\ $1:\ (.*):\ was\ (-?[0-9]+),\ is\ ([0-9]+)$ ]] &&
		[[ ${BASH_REMATCH[1]} == "$5" && $((BASH_REMATCH[2] - BASH_REMATCH[3])) -eq $4 ]]
	is "$1: $5" $?
}

try 0 tests/attribution/measure.sh && cp "$tmp/out" "$tmp/measured" &&
	[[ $(tail -n 1 "$tmp/out") == 'measure: 7 passed, 0 failed, '* ]]
is "the samples are as written down" $?

leak='put left out       its own events '
falls v6-1 "$leak" first 1 'put left out, its own events: first'
falls a "$leak" pair 1 'put left out, its own events: pair'
falls f "$leak" right 1 'put left out, its own events: certain and right'
falls d2 "$leak" wrong -1 'put left out, its own events: certain and wrong'
falls v6-12 'get left out       all balanced folios ' first 2 'get left out, all balanced folios: first'
falls v6-12 'put done twice     its own events ' pair 1 'put done twice, its own events: pair'

doctor a "$leak" first -1
check && grep -qx 'floors: a: 1 numbers are better than written down (--update)' "$tmp/out"
is "a rise passes, and is said" $?
sed -i '/^real leak/d' "$floors/a.floors"
! check && [[ $(grep -c 'a: real leak, .*: is measured, but no floor is written down' "$tmp/out") -eq 2 ]]
is "a row without a floor" $?
doctor a "$leak" first 0
sed 's/^\(real leak\)  /\1 X/' "$golden/a.floors" >"$floors/a.floors"
! check && grep -q '^floors: FAILED: a: real leak.* X.*: was measured, is not any more$' "$tmp/out"
is "a row that is not measured" $?
cp "$golden/a.floors" "$floors/a.floors" && cp "$golden/a.floors" "$floors/gone.floors"
! check && grep -qx 'floors: FAILED: gone: the sample was not measured' "$tmp/out"
is "a sample that is not measured" $?

doctor d2 "$leak" first 1
try 1 tests/attribution/measure.sh --floors "$floors" &&
	grep -q '^floors: FAILED: d2: put left out, its own events: first: was [0-9]*, is [0-9]*$' "$tmp/out" &&
	[[ $(tail -n 1 "$tmp/out") == 'measure: 6 passed, 1 failed, '* ]]
is "measure.sh itself fails" $?
try 0 tests/attribution/measure.sh --update --floors "$floors" && cmp "$golden/d2.floors" "$floors/d2.floors"
is "--update writes down what is" $?
finish
