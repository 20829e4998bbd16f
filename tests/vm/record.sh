#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# record: whose folios, from when, until when, against which baseline; the files for scripts.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

comms='{e["comm"] for f in d["folios"] for e in f["events"]}'
births='{e["comm"] for f in d["folios"] for e in f["events"] if e["op"] == "born"}'

# On this side, where it takes a fraction of the time.
documents() {
	local n
	for n in pid ended all duration stubborn namespace order; do
		"$ft" export --events all "$out/$n.data" >"$out/$n.json"
	done
}

pids() {
	same pid.status 0 && doc "$out/pid.json" 'd["verdict"] == "pass" and d["complete"]' \
		"d[\"target\"] == \"process $(<"$out/pid.loop")\"" "{'cat', 'sh'} <= $comms" \
		'd["command"]["argv"] == [] and d["command"]["tasks_left"] >= 1'
	is "-p: the process, and what it starts" $?
	doc "$out/pid.json" "'kpage' not in $comms" "'init' not in $comms"
	is "-p: nobody else" $?
	[[ $(<"$out/pid.files") == /tmp/ready ]]
	is "the ready file stays, the PID file goes" $?
	same ended.status 0 && doc "$out/ended.json" 'd["verdict"] == "pass"' \
		'd["command"]["tasks_left"] == 0' "'kpage' in $comms" 'any(f["born"] is None for f in d["folios"])'
	is "-p: ends with the process, which is followed to its end" $?
	pfn=$(grep -o 'pfn=0x[0-9a-f]*' "$out/piped")
	doc "$out/ended.json" "[f['verdict'] for f in d['folios'] if f['pfn'] == ${pfn#*=}][0] == 'freed'"
	is "-p: a page in a pipe from before is no leak" $?
	same namespace.status 0 && doc "$out/namespace.json" "'cat' in $comms" "'init' not in $comms"
	is "-p: a PID of the own namespace" $?
	same nobody.status 125 && [[ $(<"$out/nobody.err") == 'folio-trace: no process 1234567 here' ]]
	is "-p: nobody there: one line" $?
}

all() {
	same all.status 0 && doc "$out/all.json" 'd["complete"] and not bad' \
		'd["target"] == "everything that runs"' "'cat' in $comms"
	is "-a: everybody, until SIGINT" $?
	doc "$out/all.json" "'folio-trace' not in $births"
	is "-a: but folio-trace" $?
}

durations() {
	same duration.status 0 && doc "$out/duration.json" 'd["verdict"] == "pass"' \
		'd["command"]["signal"] == 15 and d["command"]["exit"] is None'
	is "-d: the command gets SIGTERM" $?
	doc "$out/duration.json" 'd["clock"]["ended_ns"] > d["clock"]["started_ns"] + 0.5e9'
	is "-d: after the time given" $?
	same stubborn.status 0 && doc "$out/stubborn.json" 'd["command"]["signal"] == 9'
	is "-d: and then SIGKILL" $?
}

chosen_ones() {
	same order.status 0 && doc "$out/order.json" 'd["verdict"] == "pass"' \
		'sum(f["order"] == 9 for f in d["folios"]) >= 3' \
		'all(f["order"] == 9 or f["parent"] for f in d["folios"])'
	is "--order 9: huge folios, and what they are split into" $?
	same timeline.status 0 && grep -q '^F[0-9]* .*anon, 2 MiB (order 9)' "$out/timeline.txt" &&
		grep -q ' born: ' "$out/timeline.txt" && ! grep -q '4 KiB' "$out/timeline.txt"
	is "timeline: each lists its events" $?
}

for lane in ${FOLIO_TRACE_KERNEL:-stock 6.1}; do
	on "$lane"
	echo "vm/$name: kernel $lane"
	boot --timeout 1200
	documents
	pids
	all
	durations
	chosen_ones
	[[ ! -s $out/attached ]]
	is "$lane: nothing stays attached" $?
done
finish
