#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Anonymous memory, page cache and shmem, hugetlb, pages held by pipes and O_DIRECT, io_uring's
# workers, a tree of processes: healthy, and said to be.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# healthy NAME CONDITION…: passes; the conditions are on all of its folios
healthy() {
	local w=$1 ok=0 events
	shift
	if [[ $(<"$out/$w.status") == 4 ]]; then
		skip "$w" "$(tail -n 1 "$out/$w.err")"
		return
	fi
	events=$(grep -o '[0-9,]* events' "$out/$w.txt")
	same "$w.status" 0 && doc "$out/$w.json" 'd["verdict"] == "pass" and not bad' \
		'd["loss"]["ring"] == 0 and d["complete"]' || ok=1
	"$ft" export --events all "$out/$w.data" >"$out/$w.all.json" &&
		doc "$out/$w.all.json" "$@" || ok=1
	is "$w: pass, $events" $ok
}

kind() { printf 'sum(f["kind"] == "%s" and f["order"] == %s for f in d["folios"]) >= %s' "$@"; }

boot --timeout 1200 --disk 256M
healthy anonwork "$(kind anon 9 1)" "$(kind anon 0 100)"
healthy filework "$(kind file 0 1)" "$(kind shmem 0 1)"
healthy hugework "$(kind hugetlb 9 1)"
healthy gupwork "$(kind anon 0 10)"
healthy iouring "$(kind anon 0 10)"
# the memory that a child of vfork() touches is its parent's
healthy forker "$(kind anon 0 100)" 'd["command"]["tasks_left"] <= 1' \
	'any(e.get("mm_owner") in [u["tgid"] for u in f["events"][1:]] for f in d["folios"]
		for e in f["events"])'
[[ ! -s $out/attached ]]
is "nothing stays attached" $?
finish
