#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Exact on a stock kernel: every get and put of the seed's case, the lost one by name, with the module
# that does it loaded while tracing; and nothing stays behind of a tracer that was killed.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Every change of the counts between checkpoints was seen: the deltas sum up to what was read.
sums='all(f["conservation"]["law"] == "holds" for f in d["folios"] if f["verdict"] == "leak")'
exact='d["loss"]["conservation_errors"] == 0 and d["loss"]["ring"] == d["loss"]["missed"] == 0
	and d["books"]["exact"] and d["books"]["hits"] == d["books"]["entered"]'

leak() {
	same leak.status 1 && doc "$out/leak.json" 'd["verdict"] == "fail" and len(bad) == 1' \
		'seed(bad[0]) == [(2, 0, 1, 1), (3, 1, 2, 1), (2, 1, 1, 1)]' "$sums" "$exact"
	is "the seed's leak: each operation seen, none lost" $?
	doc "$out/leak.json" '(lambda l: len(l) == 1 and l[0]["op"] == "get" and
		l[0]["site"]["function"] == "__migrate_device_pages")(bad[0]["lost_references"])'
	is "the get that was never put: in __migrate_device_pages" $?
	grep -q 'split_huge_pmd_address\|folio_split_unmapped' "$out/leak.txt"
	is "the report says what failed after it" $?
	same fixed.status 0 && doc "$out/fixed.json" 'd["verdict"] == "pass" and not bad' "$exact"
	is "the fix: nothing leaks" $?
	differ "$out/leak.data" "$out/fixed.data" 'story["reason_code"] == "put_in_other_run"' \
		'first["in"] == "b" and first["what"] == "put" and first["function"] == "folio_split_fails_put"' \
		'first["module"] == "split_fail" and first["caller"] == "__migrate_device_pages"' \
		'any(p["get"] == "__migrate_device_pages" and p["put"] == first["function"] for p in d["pairs"])'
	is "diff says in its first line what the fix changed" $?
}

modules() {
	local ok

	doc "$out/leak.json" \
		'(lambda m: m["sites"] > 0 and 0 < m["window_ns"] < 60e9)([m for m in d["coverage"]["modules"] if m["module"] == "test_hmm"][0])'
	ok=$?
	is "test_hmm, loaded while tracing, is probed; from load to armed: $(
		grep -o 'armed [0-9.]* ms\|[0-9.]* ms later' "$out/leak.txt" | head -n 1
	)" $ok
	[[ $(awk '{ n += $2 } END { print n }' "$out/module.hits") -gt 0 ]]
	is "its operations are seen" $?
	doc "$out/leak.json" 'not [r for r in d["coverage"]["sites"]["refused"] if r["why"] != "notrace function"]'
	is "a module's last function ends where something else begins" $?
}

left() {
	same knobs.after "$(<"$out/knobs.before")"
	is "after a run the kernel's settings are as before" $?
	[[ $(<"$out/knobs.tracing") == $'0\n1' && $(<"$out/probes.tracing") -gt 0 ]] &&
		same knobs.killed "$(<"$out/knobs.before")" && [[ ! -s $out/attached.killed ]]
	is "SIGKILL: the watchdog puts all back" $?
	[[ $(<"$out/knobs.orphans") == $'0\n1' && $(<"$out/probes.orphans") -gt 0 ]] &&
		same clean.status 0 && grep -q '^[0-9]* probes of tracers that are gone removed$' "$out/clean.txt" &&
		grep -q 'put back$' "$out/clean.txt" && same knobs.cleaned "$(<"$out/knobs.before")"
	is "SIGKILL of both: doctor --clean does" $?
	same again.txt 'nothing was left behind'
	is "and says so when there is nothing" $?
	same next.status 0 && same knobs.next "$(<"$out/knobs.before")" && [[ ! -s $out/attached ]]
	is "or the next start does" $?
}

boot --timeout 900
leak
modules
left
finish
