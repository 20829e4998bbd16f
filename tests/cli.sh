#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# cli.sh [FOLIO-TRACE]: the commands that need no kernel, on the golden captures:
# outputs whole or not there, errors told in one line, exit statuses, colours,
# documents that conform to the schema. Ends with one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=cli
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh

commands() {
	try 0 "$ft" --help && grep -q '^  report ' "$tmp/out" && [[ ! -s $tmp/err ]]
	is "--help" $?
	try 0 "$ft" help export && grep -q -- '--format' "$tmp/out"
	is "help of a command" $?
	try 0 "$ft" --version && grep -qx "folio-trace $(cat VERSION)" "$tmp/out"
	is "--version" $?
	try 125 "$ft" frobnicate && one_line frobnicate && [[ ! -s $tmp/out ]]
	is "unknown command" $?
	try 125 "$ft" && [[ ! -s $tmp/out ]]
	is "no command" $?
	try 125 "$ft" report --frobnicate
	is "unknown option" $?
	try 125 "$ft" export --format xml x && grep -q json "$tmp/err"
	is "unknown format" $?
	try 125 "$ft" report a b
	is "two captures" $?
}

reading() {
	(cd "$tmp" && try 125 "$ft" report && one_line 'folio-trace run')
	is "no capture here" $?
	try 125 "$ft" report "$tmp/none" && one_line "$tmp/none: No such file"
	is "a capture that is not there" $?
	try 125 "$ft" report "$tmp" && one_line "$tmp"
	is "a directory" $?
	echo 'this is no capture' >"$tmp/text"
	try 125 "$ft" report "$tmp/text" && one_line "$tmp/text"
	is "a text file" $?
	: >"$tmp/empty"
	try 125 "$ft" export "$tmp/empty" && one_line "$tmp/empty"
	is "an empty file" $?
	try 0 "$ft" report "$data/seed-leak.data" &&
		[[ $(head -n 1 "$tmp/out") == 'FAIL: 1 folio leaks 1 reference' ]] &&
		! grep -q $'\033' "$tmp/out"
	is "report" $?
	cp "$data/seed-leak.data" "$tmp/folio-trace.data"
	(cd "$tmp" && try 0 "$ft" report && grep -q '^FAIL' "$tmp/out")
	is "folio-trace.data is the default" $?
}

writing() {
	local leak=$data/seed-leak.data big=$data/split-child-leak.data
	"$ft" export "$leak" >"$tmp/a.json" && try 0 "$ft" export -o "$tmp/b.json" "$leak" &&
		cmp -s "$tmp/a.json" "$tmp/b.json"
	is "-o and stdout are the same" $?
	[[ $(stat -c %a "$tmp/b.json") == 600 ]]
	is "mode 0600" $?
	echo old >"$tmp/target" && ln -s target "$tmp/link"
	try 0 "$ft" export -o "$tmp/link" "$leak" && [[ $(<"$tmp/target") == old && ! -L $tmp/link ]]
	is "a symbolic link is replaced, not followed" $?
	try 125 "$ft" export -o "$tmp/nowhere/x" "$leak" && one_line "$tmp/nowhere/x"
	is "a directory that is not there" $?
	try 125 "$ft" export -o /dev/full "$leak" && one_line 'No space left'
	is "a full device" $?
	"$ft" report "$leak" >/dev/full 2>"$tmp/err"
	[[ $? -eq 125 ]] && one_line 'No space left'
	is "a full standard output" $?
	try 0 "$ft" export -o /dev/null "$leak" && [[ -c /dev/null ]]
	is "a device is written, not replaced" $?
	mkdir "$tmp/full" && echo old >"$tmp/full/x.json"
	(trap '' XFSZ && ulimit -f 16 && try 125 "$ft" export --events all -o "$tmp/full/x.json" "$big") &&
		one_line "$tmp/full/x.json" && [[ $(ls "$tmp/full") == x.json && $(<"$tmp/full/x.json") == old ]]
	is "no half document, the old one kept" $?
	"$ft" export --events all "$big" 2>"$tmp/err" | head -c 1 >/dev/null
	[[ ${PIPESTATUS[0]} -eq 125 ]] && one_line 'Broken pipe'
	is "a reader that went away" $?
}

usage() { usage_of run "$@"; }

recording() {
	local long
	usage_of record 'whose folios?'
	usage_of record "'x' is no PID" -p x
	usage_of record "'0' is no PID" -p 1,0
	usage_of record '-p goes neither' -p 1 -a
	usage_of record '-p goes neither' -p 1 -- true
	usage_of record "'ls': the command comes after --" ls
	usage_of record "'0' is no number of seconds" -a -d 0
	usage_of record "'1s' is no number of seconds" -a -d 1s
	usage_of record '--order takes' -a --order 64
	usage_of record '--pfn takes one' -a --pfn 1,2
	long=$(printf '%s,' {1..65})
	usage_of record 'more than 64 PIDs' -p "${long%,}"
}

choosing() {
	local leak=$data/seed-leak.data
	usage_of report '--kind takes' --kind anonymous "$leak"
	usage_of timeline '--order takes' --order x "$leak"
	usage_of export '--pfn takes' --pfn 5-4 "$leak"
	try 0 "$ft" timeline "$leak" && [[ $(head -n 1 "$tmp/out") == F1* ]] &&
		grep -q ' born: ' "$tmp/out"
	is "timeline" $?
	try 0 "$ft" timeline --order 9 --kind anon,file --pfn 0x3ff --comm 'hmm*' "$leak" &&
		grep -q '^F1 ' "$tmp/out"
	is "timeline of what matches" $?
	try 0 "$ft" timeline --comm nobody "$leak" && grep -q '^no folio of ' "$tmp/out"
	is "timeline of what is not there" $?
	try 0 "$ft" report --order 0 "$leak" && grep -q '^FAIL: 1 folio leaks' "$tmp/out" &&
		grep -q '^shown *0 that match' "$tmp/out" && ! grep -q '^F1 ' "$tmp/out"
	is "report of what matches: the verdict is that of all" $?
	try 0 "$ft" export --order 9 "$leak" && grep -q '^{"id": "F1"' "$tmp/out" &&
		try 0 "$ft" export --order 0 "$leak" && ! grep -q '^{"id"' "$tmp/out" &&
		grep -q '"leak": 1' "$tmp/out"
	is "export of what matches" $?
}

why() {
	local race=$data/vm-race-7.3.data
	usage_of why 'one capture at a time' a b
	usage_of why "unknown format 'xml'" --format xml "$race"
	try 0 "$ft" why "$race" && grep -q '^splits and migrations failed 1 time because' "$tmp/out" &&
		grep -q ' split failed, -EAGAIN$' "$tmp/out" &&
		grep -q '^    not known who holds 1: ' "$tmp/out"
	is "why" $?
	try 0 "$ft" why --format json --order 9 "$race" && python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
f = d["failures"][0]
assert d["failed"] == 1 and f["error"] == "EAGAIN" and f["extra"] == 1 and f["reason_code"] == "boundary_only"' "$tmp/out"
	is "why --format json" $?
	cp "$tmp/out" "$tmp/why.json"
	try 0 "$ft" why -v --debug-dir "$tmp" "$data/vm-inline-why-7.3.data" &&
		diff -u "$data/vm-inline-why-7.3.why" "$tmp/out" >"$tmp/err"
	is "why, of a real capture with the source inline" $?
	try 0 "$ft" why --order 0 "$race" && grep -q '^no split and no migration failed' "$tmp/out"
	is "why of what matches" $?
}

owners() {
	local owners=$data/owners.data
	try 0 "$ft" report "$owners" && grep -q '^PASS: ' "$tmp/out" &&
		grep -q '^still allocated: 1 page, .* by splicer/100 (F1)$' "$tmp/out" &&
		grep -q '^search    page tables of 33 processes, 4 pipes; ' "$tmp/out"
	is "what is still allocated, and where owners were looked for" $?
	try 0 "$ft" timeline --kind anon "$owners" &&
		grep -q '^    owners    refcount 2 = 1 mapping (child/101) + 1 pipe of outer/99 (alive)$' "$tmp/out"
	is "an owner that was found" $?
	try 0 "$ft" report --strict "$owners" && grep -q '^FAIL: 1 page is still allocated$' "$tmp/out" &&
		try 0 "$ft" check "$owners" && try 1 "$ft" check --strict "$owners" &&
		grep -q '^model nothing is still allocated: fails$' "$tmp/out" &&
		try 1 "$ft" check --strict --format ktap "$owners" &&
		grep -q '^not ok 3 nothing is still allocated$' "$tmp/out" &&
		try 1 "$ft" check --strict --format junit "$owners" &&
		grep -q 'name="nothing is still allocated"' "$tmp/out"
	is "--strict" $?
	echo '{"schema_version": 1, "strict": true, "rules": []}' >"$tmp/strict.expect"
	try 1 "$ft" check --expect "$tmp/strict.expect" "$owners" &&
		grep -q '^model nothing is still allocated: fails$' "$tmp/out"
	is "an expectation that is strict" $?
}

# differs STATUS A B GOLDEN: the text of diff is that of tests/golden/GOLDEN
differs() {
	(cd "$data" && try "$1" "$ft" diff "$2" "$3" && diff -u "$4" "$tmp/out" >"$tmp/err")
	is "diff $2 $3" $?
}

comparing() {
	local leak=vm-inline-seed-leak-7.3.data fix=vm-inline-seed-fix-7.3.data
	usage_of diff 'needs two captures' "$data/$leak"
	usage_of diff 'two captures, not also' a b c
	usage_of diff "unknown format 'xml'" --format xml a b
	try 125 "$ft" diff "$data/$leak" "$tmp/none" && one_line "$tmp/none: No such file"
	is "diff with a capture that is not there" $?
	differs 1 "$leak" "$fix" diff/inline-seed.txt
	differs 1 vm-seed-leak-7.3.data vm-seed-fix-7.3.data diff/boundary-seed.txt
	differs 1 vm-seed-fix-7.3.data vm-seed-where1-7.3.data diff/where1.txt
	differs 0 "$leak" "$leak" diff/same.txt
	try 1 "$ft" diff --format json "$data/vm-seed-leak-7.3.data" "$data/vm-seed-fix-7.3.data" &&
		mv "$tmp/out" "$tmp/boundary-diff.json"
	try 1 "$ft" diff --format json "$data/$fix" "$data/$leak" && python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
s = d["stories"][0]
assert d["document"] == "diff" and d["differ"] and s["a"]["verdict"] == "freed" and s["b"]["verdict"] == "leak"
first = s["steps"][s["first_divergence"]]
assert first["in"] == "a" and first["what"] == "put" and first["caller"] == "__migrate_device_pages"
assert first["function"] == "folio_split_fails_put" and s["reason_code"] == "put_in_other_run"' "$tmp/out"
	is "diff --format json, the other way round" $?
	cp "$tmp/out" "$tmp/diff.json"
}

# Whatever this machine allows, doctor says so.
doctor() {
	try 0 "$ft" doctor && grep -q '^sources$' "$tmp/out" && [[ ! -s $tmp/err ]]
	is "doctor" $?
	try 0 "$ft" doctor --json && python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema_version"] == 1 and set(d["sources"]) == {"boundary", "page_ref", "inline"}
assert all(s["available"] or s["why"] for s in d["sources"].values())
assert d["auto"] == next((n for n in ("page_ref", "inline", "boundary") if d["sources"][n]["available"]), None)' "$tmp/out"
	is "doctor --json" $?
	cp "$tmp/out" "$tmp/doctor.json"
	try 0 "$ft" doctor --kernel-btf /dev/null && grep -q '^BTF *[/]dev/null: ' "$tmp/out"
	is "doctor --kernel-btf with no BTF in it" $?
	try 125 "$ft" doctor x
	is "doctor takes no argument" $?
}

running() {
	usage 'no command given'
	usage 'no command given' --
	usage "'ls': the command comes after --" ls
	usage "'ls': the command comes after --" ls -- -l
	usage "'ls': the command comes after --" -o -- ls
	usage "unrecognized option '--frobnicate'" --frobnicate -- ls
	usage "option '--json' requires an argument" --json
	usage "'5G' is no number" --buffer-size 5G -- ls
	usage '--buffer-size 5000 is no power of two' --buffer-size 5000 -- ls
	try 0 "$ft" run --help && grep -q -- '--ignore-command-status' "$tmp/out"
	is "run --help" $?
}

# in_terminal ENV...: what report writes to a terminal
in_terminal() {
	env "$@" python3 - "$ft" report "$data/seed-leak.data" <<'PYTHON'
import os, select, subprocess, sys
master, slave = os.openpty()
child = subprocess.Popen(sys.argv[1:], stdout=slave)
while child.poll() is None or select.select([master], [], [], 0.1)[0]:
    if select.select([master], [], [], 0.1)[0]:
        os.write(1, os.read(master, 65536))
PYTHON
}

colours() {
	command -v python3 >/dev/null || { skipped=$((skipped + 1)) && return; }
	in_terminal -u NO_COLOR TERM=xterm >"$tmp/out"
	grep -q $'\033\[1;31mFAIL' "$tmp/out"
	is "colour on a terminal" $?
	in_terminal NO_COLOR=1 TERM=xterm >"$tmp/out"
	grep -q FAIL "$tmp/out" && ! grep -q $'\033' "$tmp/out"
	is "NO_COLOR" $?
	in_terminal -u NO_COLOR TERM=dumb >"$tmp/out"
	grep -q FAIL "$tmp/out" && ! grep -q $'\033' "$tmp/out"
	is "a dumb terminal" $?
}

documents() {
	local f name
	for f in "$data"/*.data; do
		name=$(basename "$f" .data)
		"$ft" export -o "$tmp/$name.json" "$f" &&
			"$ft" export --events all --addresses -o "$tmp/$name.all.json" "$f"
		is "export $name" $?
		! grep -qiE '"0x?ffff|"(address|mapping)":' "$tmp/$name.json"
		is "no kernel address in $name" $?
	done
	tests/schema.sh "$tmp"/*.json >"$tmp/err"
	is "documents conform to the schema" $?
	grep -q 'jsonschema is not installed' "$tmp/err" && skipped=$((skipped + 1))
}

commands
recording
choosing
why
owners
comparing
doctor
running
reading
writing
colours
documents
finish
