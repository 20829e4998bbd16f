#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The leak of a failed THP split in device migration, found by one command on a stock Debian kernel,
# and the same with the fix: from a fresh machine to both reports. Captures and JSON documents stay
# in build/demo/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${FOLIO_TRACE_BUILD:-$PWD/build}
out=$build/demo

say() { printf 'demo: %s\n' "$*" >&2; }

# What the guest does; its own words go to the log.
# shellcheck disable=SC2016 # expanded there
guest='
say() { printf "demo: %s\n" "$*" >&2; }
demo() {
	say "$2: folio-trace run${3:+ $3} -- hmm-tests -t migrate_anon_huge_err"
	insmod /modules/split_fail.ko "fixed=$4" times=1
	# shellcheck disable=SC2086 # an option, or none
	folio-trace run $3 -o "/out/$1.data" --json "/out/$1.json" -- \
		hmm-tests -t migrate_anon_huge_err >"/out/$1.txt" 2>"/out/$1.err"
	echo $? >"/out/$1.status"
	rmmod split_fail
}
insmod /modules/test_hmm.ko
demo leak "the PMD split fails" "" 0
demo fixed "it fails, with the fix" --ignore-command-status 1
'

quietly() {
	"$@" >>"$out/log" 2>&1 || {
		tail -n 20 "$out/log" >&2
		say "failed: $*; the log is $out/log"
		exit 125
	}
}

# The finalize checkpoints of the migrated THP, from a document.
points() {
	python3 - "$1" <<'PYTHON'
import json, sys
d = json.load(open(sys.argv[1]))
for f in d["folios"]:
    if f["order"] == 9 and f["checkpoints"]:
        last = f["checkpoints"][-3:]
        text = ", ".join("%d/%d" % (p["refcount"], p["mapcount"]) for p in last)
        end = f["final"] if f["verdict"] == "leak" else None
        print("%s: refcount/mapcount %s; " % (f["id"], text), end="")
        print("at rest %d/%d, expected %d" % (end["refcount"], end["mapcount"], end["expected"])
              if end else "then freed")
PYTHON
}

# verdict NAME STATUS VERDICT WHAT
verdict() {
	local status seen
	status=$(<"$out/$1.status")
	seen=$(sed -n 's/^"verdict": "\(.*\)",*$/\1/p' "$out/$1.json")
	say "$4: $(points "$out/$1.json"); verdict $seen, exit status $status"
	[[ $status -eq $2 && $seen == "$3" ]] || {
		say "expected was verdict $3, exit status $2"
		failed=1
	}
}

prepare() {
	rm -rf "$out"
	mkdir -p "$out"
	say "set-up"
	tools/setup.sh
	say "build"
	quietly make -j"$(nproc)" BUILD="$build"
	quietly make -j"$(nproc)" BUILD="$build" STATIC=1
	say "kernel"
	tools/vm/fetch.sh stock
}

main() {
	failed=0
	prepare
	say "boot"
	# Without hardware virtualisation the mitigations cost a quarter of the time.
	tools/vm/run.sh --kernel stock --timeout 300 --append mitigations=off --out "$out" \
		-- sh -c "$guest" || {
		say "the virtual machine failed"
		exit 125
	}
	echo "==== without the fix: folio-trace report $out/leak.data"
	"$build/folio-trace" report "$out/leak.data"
	echo
	echo "==== with the fix: folio-trace report $out/fixed.data"
	"$build/folio-trace" report "$out/fixed.data"
	verdict leak 1 fail "without the fix"
	verdict fixed 0 pass "with the fix"
	[[ $failed -eq 0 ]] || exit 1
	say "${SECONDS} s; captures and documents are in $out"
}

# Read as a whole: bash reads a script as it goes.
{ main "$@"; exit; }
