#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# expect.sh [FOLIO-TRACE]: expect and check on the golden captures: good runs pass against their
# expectation, leaking ones fail with a diff, waivers, errors, exit statuses for git bisect. Ends
# with one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=expect
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh
good=$data/vm-seed-fix-7.3.data bad=$data/vm-seed-leak-7.3.data

writing() {
	try 0 "$ft" expect -o "$tmp/good.json" "$good" "$data/vm-seed-where1-7.3.data" &&
		[[ ! -s $tmp/out && $(stat -c %a "$tmp/good.json") == 600 ]]
	is "expect" $?
	try 0 "$ft" expect "$good" "$data/vm-seed-where1-7.3.data" && cmp -s "$tmp/out" "$tmp/good.json"
	is "-o and standard output are the same" $?
	! grep -qE '0x|ffff|pfn|t_ns' "$tmp/good.json"
	is "no addresses, PFNs or times" $?
	# 1/0 put back after one failure, 513/512 after the other
	grep -A 2 '"remove_migration_ptes:return, anon, order 9, src, put back"' "$tmp/good.json" |
		grep -qF '"refcount": {"min": 2, "max": 513}, "mapcount": {"min": 1, "max": 512}, "surplus": 0'
	is "ranges are the union of the runs" $?
	try 125 "$ft" expect "$good" "$bad" && one_line "$bad: its verdict is fail" && [[ ! -s $tmp/out ]]
	is "a run that leaks is no good one" $?
	try 125 "$ft" expect "$data/cut-off.data" && one_line 'inconclusive'
	is "a run that was cut off is no good one" $?
	try 0 "$ft" expect --counts "$good" && grep -qF '"folios": 1' "$tmp/out"
	is "--counts" $?
	usage_of expect 'needs captures of good runs'
	usage_of expect '--until goes with --waive' --until 7.5 "$good"
	usage_of expect "'next' is not a kernel release" --waive x --until next "$good"
}

checking() {
	local run
	for run in "$good" "$data/vm-seed-where1-7.3.data"; do
		try 0 "$ft" check --expect "$tmp/good.json" "$run" && grep -q '^PASS: ' "$tmp/out"
		is "$(basename "$run") is as expected" $?
	done
	try 1 "$ft" check --expect "$tmp/good.json" "$bad" && grep -q '^FAIL: ' "$tmp/out" &&
		grep -q '^ *F290 *expected surplus 0; seen surplus 1 at index 0, thpmig/' "$tmp/out" &&
		grep -qF "($tmp/good.json:4): fails" "$tmp/out" &&
		grep -q '^ *taken  *in __migrate_device_pages' "$tmp/out" &&
		grep -q 'folio_split_unmapped = -12' "$tmp/out"
	is "a leak: expected, seen, the place in the file, the lost get, the timeline" $?
	[[ $(grep -c '^F290  anon' "$tmp/out") -eq 1 ]]
	is "a folio's timeline is printed once" $?
	try 0 "$ft" check "$good" && try 1 "$ft" check "$bad"
	is "without expectation the model is the gate" $?
	try 3 "$ft" check "$data/loss-untied.data" &&
		try 0 "$ft" check --allow-inconclusive "$data/loss-untied.data"
	is "inconclusive" $?
	(cd "$tmp" && try 125 "$ft" check && one_line 'folio-trace run')
	is "no capture here" $?
}

# by_hand TEXT: an expectation with this rule
by_hand() {
	printf '{"schema_version": 1, "rules": [%s]}' "$1" >"$tmp/hand.json"
}

editing() {
	by_hand '{"match": {"at": "final", "order": 9}, "expect": {"surplus": 1}}'
	try 0 "$ft" check --expect "$tmp/hand.json" "$bad"
	is "a rule can expect what the model does not" $?
	by_hand '{"match": {"at": "final", "function": "folio_add_lru"}, "expect": {"folios": {"min": 1}}}'
	try 0 "$ft" check --expect "$tmp/hand.json" "$good"
	is "a rule by function looks at the events of all folios" $?
	by_hand '{"match": {"at": "final", "comm": "nobody"}, "expect": {"folios": {"min": 1}}}'
	try 1 "$ft" check --expect "$tmp/hand.json" "$good" &&
		grep -q '^rule .*: fails' "$tmp/out"
	is "too few folios" $?
	# a balanced folio has no events until its timeline needs them
	by_hand '{"match": {"at": "final"}, "expect": {"refcount": 7777}}'
	try 1 "$ft" check --expect "$tmp/hand.json" "$good" && grep -q 'seen refcount' "$tmp/out" &&
		grep -q ' ms cpu  task' "$tmp/out"
	is "the timeline of a balanced folio that is not as expected" $?
	by_hand '{"match": {"at": "final", "odrer": 9}, "expect": {"surplus": 0}, "later": 1}'
	try 1 "$ft" check --expect "$tmp/hand.json" "$bad" &&
		grep -q 'hand.json:1:.*: unknown member "odrer" is ignored' "$tmp/err" &&
		grep -q 'unknown member "later"' "$tmp/err"
	is "unknown members are ignored, with a message" $?
	by_hand '{"match": {"order": 9}, "expect": {"surplus": 0}}'
	try 125 "$ft" check --expect "$tmp/hand.json" "$bad" &&
		one_line 'hand.json:1:43: rules[0].match: the member "at" is missing' && [[ ! -s $tmp/out ]]
	is "a missing member is named, with its place" $?
	try 125 "$ft" check --expect "$tmp/none.json" "$bad" && one_line "$tmp/none.json: No such file"
	is "no such expectation" $?
}

waiving() {
	try 0 "$ft" expect --waive 'known, being fixed' --until 7.5 -o "$tmp/waive.json" "$bad" &&
		try 0 "$ft" check --expect "$tmp/waive.json" "$bad" &&
		grep -q '^PASS: .*, 1 folio waived' "$tmp/out"
	is "a known leak is waived" $?
	try 0 "$ft" check --expect "$tmp/waive.json" "$good" &&
		grep -q '^waiver, __migrate_device_pages: .*: matches nothing any more' "$tmp/out"
	is "a waiver that matches nothing any more is reported" $?
	sed 's/"7.5"/"7.3"/' "$tmp/waive.json" >"$tmp/expired.json"
	try 1 "$ft" check --expect "$tmp/expired.json" "$bad" &&
		grep -q 'expired with 7.3; it would have matched 1' "$tmp/out"
	is "an expired waiver waives nothing" $?
}

bisecting() {
	try 0 "$ft" check --bisect --expect "$tmp/good.json" "$good" &&
		try 1 "$ft" check --bisect --expect "$tmp/good.json" "$bad" &&
		try 125 "$ft" check --bisect "$data/loss-untied.data" &&
		try 125 "$ft" check --bisect "$tmp/none.data"
	is "--bisect: 0 good, 1 bad, 125 skip" $?
	try 125 "$ft" run --bisect -- /nonexistent/command
	is "run --bisect: what cannot be run is skipped, not bad" $?
}

# The program and its data as they are installed, with a file of pairs that has this text.
installed() {
	mkdir -p "$tmp/root/bin" "$tmp/root/share/folio-trace/pairs"
	cp "$ft" "$tmp/root/bin" && echo "$1" >"$tmp/root/share/folio-trace/pairs/7.2.json"
}

pairs() {
	local exact=$data/vm-inline-seed-fix-7.3.data leak=$data/vm-inline-seed-leak-7.3.data
	try 0 "$ft" expect -o "$tmp/pairs.json" "$exact" && grep -q '^ *{"get": \[".*"weight": ' "$tmp/pairs.json"
	is "expect stores which put answers which get" $?
	try 0 "$ft" check --expect "$tmp/pairs.json" "$exact" && [[ ! -s $tmp/err ]]
	is "and it is read" $?
	sed 's/"weight": [0-9]*/"weight": 0/' "$tmp/pairs.json" >"$tmp/weightless.json"
	try 125 "$ft" check --expect "$tmp/weightless.json" "$exact" && one_line '.weight: must be 1 to '
	is "a wrong pair is named, with its place" $?
	installed '{"schema_version": 1, "rules": [], "pairs": 7}'
	try 0 "$tmp/root/bin/folio-trace" report "$leak" &&
		one_line 'pairs/7.2.json:1:45: pairs: must be a list; lost references are named without it'
	is "damaged pairs of the nearest series: one line, and a report" $?
	cp "$tmp/out" "$tmp/without"
	rm -r "$tmp/root/share"
	try 0 "$tmp/root/bin/folio-trace" report "$leak" && [[ ! -s $tmp/err ]] && cmp -s "$tmp/out" "$tmp/without"
	is "no pairs are installed: the same report, and no word of it" $?
	tests/schema.sh tools/pairs/*.json "$tmp/pairs.json" >"$tmp/err"
	is "pairs conform to the schema" $?
}

documents() {
	tests/schema.sh "$tmp"/{good,waive,expired}.json >"$tmp/err"
	is "expectations conform to their schema" $?
}

writing
checking
editing
waiving
pairs
bisecting
documents
finish
