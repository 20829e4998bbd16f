#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Kernels and users that allow less: what can still be seen is traced, and one line says what is
# lost; where nothing can, one line and exit status 4. What doctor says of each. (Without rights or
# BTF: command.sh.)
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# refuses NAME TEXT: one line that says so, status 4
refuses() {
	same "$1.status" 4 && [[ $(wc -l <"$out/$1.err") -eq 1 && ! -s $out/$1.txt ]] &&
		grep -qE -- "^folio-trace: .*$2" "$out/$1.err"
	is "$kernel: $1: status 4, one line" $?
}

# traces NAME SOURCE: passes, with that source
traces() {
	same "$1.status" 0 && doc "$out/$1.json" 'd["verdict"] == "pass"' "d[\"source\"] == \"$2\""
	is "$kernel: $1: traced by $2" $?
}

# told NAME LINES TEXT: stderr
told() {
	[[ $(wc -l <"$out/$1.err") -eq $2 ]] && grep -qE -- "$3" "$out/$1.err"
	is "$kernel: $1: $2 line says what is lost" $?
}

# says NAME EXPRESSION…: of doctor's document
says() {
	local d=$1
	shift
	cp "$out/doctor.$d.txt" "$out/doctor.$d.json"
	same "doctor.$d.status" 0 && python3 - "$out/doctor.$d.txt" "$@" <<'PYTHON'
import json, sys
d = json.load(open(sys.argv[1]))
s = {k: v["available"] for k, v in d["sources"].items()}
for e in sys.argv[2:]:
    if not eval(e):
        sys.exit(f"does not hold: {e}\n{ {k: v for k, v in d.items() if k != 'hooks'} }")
PYTHON
	is "$kernel: doctor, $d" $?
}

plain() {
	says plain 's["boundary"] and s["inline"] and s["page_ref"] == (("debug" in d["kernel"]["release"]))' \
		'd["sources"]["inline"]["sites"] > 500' 'd["rights"] is None and d["btf"] is None' \
		'sum(h["found"] for h in d["hooks"]) >= 30' \
		'all(h["why"] for h in d["hooks"] if not h["found"])'
	same clean.status 0 && grep -qx 'nothing was left behind' "$out/clean.txt"
	is "$kernel: doctor --clean has nothing to do" $?
	grep -qE '^  folio_add_lru +found$' "$out/hooks.txt"
	is "$kernel: doctor -v names the hooks" $?
	# Where one program can be attached to many functions; and where it is not tried.
	[[ $kernel != stock || $(grep -c '^prog ' "$out/programs.txt") -lt 40 ]] &&
		[[ $(grep -c '^prog ' "$out/programs.txt") -gt 10 ]]
	is "$kernel: $(grep -c '^prog ' "$out/programs.txt") BPF programs" $?
	same otherbtf.status 0
	is "$kernel: --kernel-btf FILE" $?
	refuses badbtf '/proc/version'
	refuses hidden 'kptr_restrict'
	says hidden 'not s["boundary"] and "kptr_restrict" in d["sources"]["boundary"]["why"]' \
		'not d["addresses_visible"] and d["kptr_restrict"] == 2'
}

without_tracefs() {
	traces notracefs.boundary boundary
	refuses notracefs.inline 'tracefs'
	if [[ $kernel == debug ]]; then
		traces notracefs.page_ref page_ref
		traces notracefs.auto page_ref
	else
		refuses notracefs.page_ref 'page_ref'
		traces notracefs.auto boundary
		told notracefs.auto 1 'only function entries and exits are traced: .*tracefs'
	fi
	says notracefs 's["boundary"] and not s["inline"] and d["tracefs"] is None'
}

# shellcheck disable=SC2317 # by $level
# Nothing that tracing needs is behind integrity: BPF reads, kprobes and kcore are behind
# confidentiality (enum lockdown_reason).
integrity() {
	traces locked.boundary boundary
	traces locked.auto "$([[ $kernel == debug ]] && echo page_ref || echo inline)"
	traces locked.inline inline
	says locked 'd["lockdown"] == "integrity"' 's["boundary"] and s["inline"]'
}

# shellcheck disable=SC2317 # by $level
confidentiality() {
	local source
	for source in boundary auto inline page_ref; do
		refuses "locked.$source" 'lockdown=confidentiality'
	done
	says locked 'd["lockdown"] == "confidentiality"' 'not any(s.values())'
}

one_lane() {
	kernel=$1 out=$build/test/$name/$1
	boot --timeout 900
	plain
	without_tracefs
	[[ ! -s $out/attached ]]
	is "$kernel: nothing stays attached" $?
	[[ $kernel == stock || ${FOLIO_TRACE_KERNEL:-} ]] || is_long || return
	for level in integrity confidentiality; do
		out=$build/test/$name/$1-$level
		boot --timeout 600 --append "lockdown=$level"
		if [[ $(<"$out/doctor.locked.txt") == *'"lockdown": "none"'* ]]; then
			skip "$kernel: lockdown=$level" "this kernel has no lockdown"
		else
			$level
		fi
	done
}

long_only=6.12
lanes
for lane in "${chosen[@]}"; do
	one_lane "$lane"
done
finish
