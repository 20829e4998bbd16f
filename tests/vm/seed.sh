#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The seed's case on a stock kernel: the leak, the fix, a failed folio split that owes nothing, and
# split_fail loaded before and after the tracer.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# leaks RUN: what the seed says of its folio
leaks() {
	same "$1.status" 1
	is "$1: exit status 1" $?
	doc "$out/$1.json" 'd["verdict"] == "fail" and len(bad) == 1' \
		'bad[0]["verdict"] == "leak" and bad[0]["order"] == 9 and bad[0]["kind"] == "anon"'
	is "$1: one leaked THP" $?
	doc "$out/$1.json" 'seed(bad[0]) == [(2, 0, 1, 1), (3, 1, 2, 1), (2, 1, 1, 1)]'
	is "$1: refcount/mapcount 2/0, 3/1, 2/1, surplus 1" $?
	doc "$out/$1.json" 'final(bad[0]) == (1, 0, 0, 1) and bad[0]["final"]["at_rest"]'
	is "$1: ends at 1/0, expected 0" $?
	doc "$out/$1.json" 'd["complete"] and d["drained"] and d["loss"]["ring"] == 0' \
		'd["command"]["exit"] == 1 and d["source"] == "boundary"'
	is "$1: whole, nothing lost" $?
	returns_enomem "$1"
	is "$1: folio_split_unmapped returned -ENOMEM" $?
}

# The one folio with such a count after remove_migration_ptes.
thp() { printf '[seed(f) for f in d["folios"] if f["order"] == 9 and points(f) and seed(f)[1][0] == %s][0]' "$1"; }

# fexit's value, in all events of the capture: split_fail has replaced the function's body.
returns_enomem() {
	"$ft" export --events all "$out/$1.data" >"$out/$1.all.json" &&
		doc "$out/$1.all.json" 'calls(d, "folio_split_unmapped") == {-12}'
}

says() { grep -qE -- "$2" "$out/$1" || { echo "vm/$name: $1 does not say: $2" && return 1; }; }

report() {
	[[ $("$ft" report "$out/leak.data" | head -n 1) == 'FAIL: 1 folio leaks 1 reference' ]]
	is "the verdict comes first" $?
	says leak.txt 'FINALIZE\[0\]: src=(F[0-9]+) dst=\1 src==dst=1 refcount_src=2 mapcount_src=0 order_src=9 migrate=0 BEFORE remove_migration_ptes' &&
		says leak.txt 'FINALIZE\[0\]: src=F[0-9]+ refcount=3 mapcount=1 AFTER remove_migration_ptes' &&
		says leak.txt 'FINALIZE\[0\]: src=F[0-9]+ refcount=2 AFTER folio_put\(src\)'
	is "the seed's lines" $?
	doc "$out/leak.json" '[l["reason_code"] for l in bad[0]["lost_references"]] == ["inferred_between"]'
	is "what is inferred is said to be" $?
	! grep -q $'\033' "$out/leak.txt" && ! grep -q 'folio-trace:' "$out/leak.err"
	is "no colours and no status line in a file" $?
}

# Of the capture alone, on another machine, without root.
offline() {
	local data=$out/leak.data tmp
	tmp=$(mktemp -d)
	chmod 755 "$tmp"
	[[ $(stat -c %a "$data") == 600 ]]
	is "the capture has mode 0600" $?
	"$ft" export --format json "$data" | cmp - "$out/leak.json"
	is "export of the capture is the document of the run" $?
	"$ft" report "$data" | cmp - <(sed -n '/^FAIL/,$p' "$out/leak.txt")
	is "report of the capture is the report of the run" $?
	cp "$data" "$tmp/leak.data" && cp "$ft" "$tmp/folio-trace"
	if [[ $(id -u) -eq 0 ]]; then
		chown nobody "$tmp/leak.data"
		setpriv --reuid=nobody --clear-groups --no-new-privs --bounding-set=-all \
			"$tmp/folio-trace" report "$tmp/leak.data" >"$tmp/txt"
	else
		"$tmp/folio-trace" report "$tmp/leak.data" >"$tmp/txt"
	fi
	cmp "$tmp/txt" <("$ft" report "$data")
	is "report needs no root" $?
	rm -rf "$tmp"
}

fixed() {
	same fixed.status 0 && doc "$out/fixed.json" 'd["verdict"] == "pass" and not bad' \
		'd["command"]["exit"] == 1 and d["complete"]' \
		"$(thp 2) == [(1, 0, 1, 0), (2, 1, 2, 0), (1, 1, 1, 0)]" && returns_enomem fixed
	is "the fix: 1/0, 2/1, 1/1, verdict pass, exit status 0" $?
	same where.status 0 && doc "$out/where.json" 'd["verdict"] == "pass" and not bad' \
		"$(thp 513) == [(1, 0, 1, 0), (513, 512, 513, 0), (512, 512, 512, 0)]" &&
		returns_enomem where
	is "the PMD split works, the folio split fails: pass" $?
}

compared() {
	differ "$out/leak.data" "$out/fixed.data" 'story["reason_code"] == "surplus_in_one_run"' \
		'first["function"] == "folio_split_unmapped" and (first["surplus_a"], first["surplus_b"]) == (2, 1)'
	is "diff says in its first line what the fix changed" $?
}

detached() {
	[[ ! -s $out/attached ]]
	is "nothing stays attached" $?
}

boot --timeout 900
leaks leak
leaks later
report
offline
fixed
compared
detached
finish
