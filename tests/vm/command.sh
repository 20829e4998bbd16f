#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# How run treats its command, its outputs and its user: exit statuses, signals, a full disk,
# SIGKILL, missing rights; nothing stays attached.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# refuses NAME STATUS TEXT: one line on stderr that says so, nothing on stdout
refuses() {
	same "$1.status" "$2" && [[ $(wc -l <"$out/$1.err") -eq 1 && ! -s $out/$1.txt ]] &&
		grep -q '^folio-trace: ' "$out/$1.err" && grep -qE -- "$3" "$out/$1.err"
	is "$1: status $2, one line" $?
}

refused() {
	refuses symlink 125 'symlink'
	[[ $(<"$out/target") == old ]]
	is "what a symlink points at is left alone" $?
	refuses nodir 125 '/tmp/none/x.data.*No such file'
	refuses directory 125 '/tmp:'
	refuses noroot 4 'root, or CAP_SYS_ADMIN and CAP_SYSLOG'
	refuses fewcaps 4 'root, or CAP_SYS_ADMIN and CAP_SYSLOG'
	refuses nobtf 4 'BTF'
	refuses notfound 127 'no-such-command: .*not found'
	refuses nopath 127 '/no/such/command: .*not found'
	refuses noexec 126 '/tmp/not-executable: Permission denied'
	refuses noexecdir 126 '/tmp: '
	if [[ -f $out/lockdown.status ]]; then
		refuses lockdown 4 'lockdown=confidentiality'
	else
		skip lockdown "this kernel cannot be locked down"
	fi
}

ended() {
	same exit7.status 7 && doc "$out/exit7.json" 'd["verdict"] == "pass"' \
		'd["command"]["exit"] == 7 and d["command"]["signal"] is None'
	is "the command's status is passed on" $?
	same term.status 9 && grep -q 'got it' "$out/term.txt" &&
		doc "$out/term.json" 'd["command"]["exit"] == 9 and d["verdict"] == "pass"'
	is "SIGTERM is passed on to the command" $?
	same signal.status 139 && doc "$out/signal.json" \
		'd["command"]["exit"] is None and d["command"]["signal"] == 11'
	is "128+N for signal N" $?
	same ignored.status 0
	is "--ignore-command-status" $?
	grep -qaE 'folio-trace: [0-9]+ events, [0-9]+ folios live, 0 lost' "$out/console"
	is "a status line on a terminal" $?
	[[ ! -s $out/exit7.err ]]
	is "no status line elsewhere" $?
}

cut_off() {
	[[ -f $out/killed.child ]]
	is "SIGKILL: the command does not outlive folio-trace" $?
	same killed.report.status 0 && grep -q '^INCONCLUSIVE' "$out/killed.report.txt"
	is "SIGKILL: the capture is readable" $?
	"$ft" export "$out/killed.data" >"$out/killed.json" && doc "$out/killed.json" \
		'not d["complete"] and d["verdict"] == "inconclusive" and d["counts"]["events"] > 1000' \
		'd["reason_code"] == "capture_cut_off"'
	is "SIGKILL: what was captured is there" $?
	[[ $(grep -c '^folio-trace: ' "$out/full.err") -eq 1 ]] &&
		grep -q '^folio-trace: /small/full.data: .*No space left' "$out/full.err"
	is "a full disk: one line" $?
	same full.status 3 && grep -q '^INCONCLUSIVE' "$out/full.txt"
	is "a full disk: inconclusive, status 3" $?
	"$ft" export "$out/full.data" | cmp - "$out/full.json" && doc "$out/full.json" \
		'd["counts"]["events"] > 1000 and d["verdict"] == "inconclusive"'
	is "a full disk: what was captured is kept" $?
	same spool.status 3 && grep -q 'spool-size' "$out/spool.err"
	is "a full spool: inconclusive, and which option helps" $?
}

# kpage says which pages it had; those it could not make have no line with pfn=.
first() {
	local n
	same first.status 0
	is "a passing run of kpage" $?
	n=$(grep -c '^kind=.* pfn=' "$out/first.txt")
	python3 - "$out/first.all.json" "$out/first.txt" <<'PYTHON'
import json, re, sys
d = json.load(open(sys.argv[1]))
seen = {}
for f in d["folios"]:
    for pfn in range(f["pfn"], f["pfn"] + (1 << f["order"])):
        seen.setdefault(pfn, set()).add(f["kind"])
missed = 0
for line in open(sys.argv[2]):
    m = re.match(r"kind=(\S+) pfn=(0x[0-9a-f]+)", line)
    if m and m[1] not in ("zero", "huge_zero") and int(m[2], 16) not in seen:
        print("missed:", line.strip())
        missed += 1
sys.exit(missed != 0)
PYTHON
	is "the $n kinds of page of kpage are all there" $?
	# The stack of an exec is filled by the old program, before the new one's first instruction.
	doc "$out/first.all.json" 'any(e["op"] == "born" and e["comm"] == "folio-trace" for f in d["folios"] for e in f["events"])' \
		'any(e["op"] == "born" and e["comm"] == "kpage" for f in d["folios"] for e in f["events"])'
	is "the first folios of exec are there" $?
}

rights() {
	same caps.status 0
	is "CAP_SYS_ADMIN and CAP_SYSLOG suffice" $?
	[[ $(<"$out/caps.mode") == '600 65534' ]]
	is "the capture is its caller's, mode 0600" $?
}

attached() {
	[[ ! -s $out/attached.before ]]
	is "nothing is attached before" $?
	[[ ! -s $out/attached.refused ]]
	is "nothing stays attached after a command that could not be run" $?
	[[ ! -s $out/attached.killed ]]
	is "nothing stays attached after SIGKILL" $?
	[[ ! -s $out/attached ]]
	is "nothing stays attached after runs" $?
}

boot --timeout 1200
refused
ended
cut_off
first
rights
attached
finish
