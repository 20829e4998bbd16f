#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# formats.sh [FOLIO-TRACE]: KTAP and JUnit as their own parsers read them, NDJSON against its schema
# and against the document, its query over a fleet of 1,000 runs, printed schemas. Ends with one
# counted line.
# shellcheck disable=SC2317 # some are called by name
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=formats
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh

# counted COMMAND…: what a test of several counts becomes part of ours
counted() {
	"$@" >"$tmp/counted"
	grep -v 'passed, [0-9]* failed, [0-9]* skipped$' "$tmp/counted"
	[[ $(tail -n 1 "$tmp/counted") =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]] || {
		is "$* counts" 1
		return
	}
	passed=$((passed + BASH_REMATCH[1]))
	failed=$((failed + BASH_REMATCH[2]))
	skipped=$((skipped + BASH_REMATCH[3]))
}

# without root, and without the rights that a container's root may have
nobody() {
	if [[ $(id -u) -eq 0 ]]; then
		setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs --bounding-set=-all "$@"
	else
		"$@"
	fi
}

test_results() {
	local f name reason expect=$tmp/expect.json
	"$ft" expect --waive known -o "$expect" "$data/vm-seed-fix-7.3.data" "$data/seed-leak.data"
	for f in "$data"/*.data; do
		name=$(basename "$f" .data)
		"$ft" check --expect "$expect" --format ktap "$f" >"$tmp/$name.ktap"
		"$ft" check --expect "$expect" --format junit "$f" >"$tmp/$name.xml"
	done
	counted tests/schema.sh "$expect"
	"$ft" report --format ktap "$data/overput.data" >"$tmp/report.ktap"
	"$ft" report --format junit "$data/overput.data" >"$tmp/report.xml"
	cp "$ft" "$tmp/folio-trace" && chmod 755 "$tmp" "$tmp/folio-trace" && chmod 644 "$expect"
	for f in ktap junit; do
		try 4 nobody "$tmp/folio-trace" run --expect "$expect" --format $f -- true
		is "what cannot be traced exits with 4 in $f" $?
		mv "$tmp/out" "$tmp/cannot.${f/junit/xml}"
	done
	[[ $(grep -c '^ok .* # SKIP tracing needs root' "$tmp/cannot.ktap") -eq $(sed -n 's/^1\.\.//p' "$tmp/cannot.ktap") ]]
	is "every test is skipped then" $?
	try 125 nobody "$tmp/folio-trace" run --bisect -- true
	is "for a bisection it is 125" $?
	counted tests/lib/parsers.sh "$tmp"/*.ktap "$tmp"/*.xml
	reason=$("$ft" export "$data/loss-untied.data" | python3 -c 'import json, sys; print(json.load(sys.stdin)["reason"])')
	grep -q '^not ok .* no other folio leaks$' "$tmp/vm-seed-leak-7.3.ktap" &&
		grep -q '^# F290 .*: leaks 1 reference$' "$tmp/vm-seed-leak-7.3.ktap" &&
		grep -qF "# SKIP $reason" "$tmp/loss-untied.ktap" &&
		grep -q '<failure message="not as expected">' "$tmp/vm-seed-leak-7.3.xml" &&
		grep -qF "<skipped message=\"$reason\"" "$tmp/loss-untied.xml"
	is "failures, diagnostics and skips" $?
}

# The same as the document, but for what a stream leaves out.
same_as_document() {
	python3 - "$tmp/x.ndjson" "$tmp/x.json" <<'PYTHON'
import json
import sys

records = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
doc = json.load(open(sys.argv[2], encoding="utf-8"))
run = records[0]
assert run["type"] == "run" and run["counts"] == doc["counts"] and run["loss"] == doc["loss"]
assert len({r["run"] for r in records}) == 1
left_out = {"stack", "invocation", "account_sum", "account_lost", "comm"}


def key(folio, event):
    kept = {k: v for k, v in event.items() if k not in left_out | {"type", "run", "folio"}}
    return folio, event["seq"], json.dumps(kept, sort_keys=True)


events = {key(r["folio"], r) for r in records if r["type"] == "event" and r["folio"]}
wanted = {key(f["id"], e) for f in doc["folios"] for e in f["events"]}
assert events == wanted, sorted(events ^ wanted)[:4]
assert sum(r["type"] == "event" for r in records) == doc["counts"]["events"]
folios = {r["folio"]: r for r in records if r["type"] == "folio"}
for f in doc["folios"]:
    if f["id"] not in folios:  # freed, with nothing to tell: only counted
        assert f["verdict"] == "freed" and not f["checkpoints"]
        continue
    points = [r for r in records if r["type"] == "checkpoint" and r["folio"] == f["id"]]
    findings = [r for r in records if r["type"] == "finding" and r["folio"] == f["id"]]
    assert folios[f["id"]]["verdict"] == f["verdict"] and folios[f["id"]]["final"] == f["final"]
    assert [(p["at"], p["refcount"]) for p in points] == [
        (p["at"], p["refcount"]) for p in f["checkpoints"]
    ]
    bad = f["verdict"] in ("leak", "overput", "inconclusive")
    assert len(findings) == (max(1, len(f["lost_references"])) if bad else 0)
PYTHON
}

ndjson() {
	local f
	mkdir "$tmp/nd"
	for f in "$data"/*.data; do
		"$ft" export --format ndjson -o "$tmp/nd/$(basename "$f" .data).ndjson" "$f" &&
			"$ft" export --format ndjson --events all -o "$tmp/nd/$(basename "$f" .data).all.ndjson" "$f"
		is "export --format ndjson $(basename "$f")" $?
	done
	counted tests/schema.sh "$tmp"/nd/*.ndjson
	! grep -qhE '"0x?ffff|"(address|mapping)":' "$tmp"/nd/*.ndjson
	is "no kernel address" $?
	# split-child-leak has folios that are forgotten once freed: only the stream has their events
	for f in seed-leak vm-inline-seed-leak-7.3; do
		"$ft" export --format ndjson --events all "$data/$f.data" >"$tmp/x.ndjson" &&
			"$ft" export --events all "$data/$f.data" >"$tmp/x.json" && same_as_document
		is "$f as NDJSON is the document" $?
	done
	"$ft" export --format ndjson --events all /dev/stdin < <(cat "$data/race.data") | sort >"$tmp/pipe" &&
		sort "$tmp/nd/race.all.ndjson" | grep -v '"folio":null' >"$tmp/file" &&
		[[ $(grep -c . "$tmp/pipe") -eq $(grep -c . "$tmp/file") ]]
	is "a capture from a pipe" $?
	"$ft" export --format ndjson --events all --order 9 "$data/split-child-leak.data" >"$tmp/out" &&
		! grep '"type":"event"' "$tmp/out" | grep -v '"folio":"F1"' | grep -q .
	is "a filter" $?
	try 125 "$ft" export --format ndjson -o /dev/full "$data/seed-leak.data" && one_line 'No space left'
	is "a full device" $?
}

# 1,000 runs of which it is known how many leak where.
fleet() {
	local want
	command -v sqlite3 >/dev/null || { skip "the query over a fleet" "sqlite3 is not installed (tools/setup.sh)" && return; }
	mkdir "$tmp/fleet"
	python3 tests/lib/fleet.py "$tmp/fleet" 400 "$data/race.data" 300 "$data/seed-leak.data" \
		200 "$data/seed-fix.data" 100 "$data/split-child-leak.data"
	for f in "$tmp"/fleet/*.data; do "$ft" export --format ndjson "$f" || break; done |
		sqlite3 -batch :memory: '.read tools/fleet.sql' >"$tmp/out" 2>"$tmp/err"
	want='__migrate_device_pages anon 9 400 400 40.0
migrate_vma_pages anon 9 300 300 30.0
(not known) anon 0 100 100 10.0'
	[[ $(tail -n +3 "$tmp/out" | tr -s ' ' | sed 's/ $//') == "$want" ]] || cat "$tmp/out"
	[[ $(tail -n +3 "$tmp/out" | tr -s ' ' | sed 's/ $//') == "$want" ]]
	is "which call site leaks most over 1,000 runs" $?
}

schemas() {
	local f
	for f in json: ndjson: expect:-expect why:-why diff:-diff doctor:-doctor; do
		try 0 "$ft" export --schema="${f%%:*}" && cmp -s "$tmp/out" "include/folio-trace${f#*:}.schema.json"
		is "export --schema=${f%%:*}" $?
	done
	try 0 "$ft" export --schema && cmp -s "$tmp/out" include/folio-trace.schema.json
	is "export --schema" $?
	usage_of export "no schema of 'x'" --schema=x
}

test_results
ndjson
fleet
schemas
finish
