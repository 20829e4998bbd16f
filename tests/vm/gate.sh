#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The regression gate on the debug lane: the good workload passes five times against its
# expectation (make test-long: twenty times), the leaking one fails each time; KTAP and JUnit of real runs; and a whole `git bisect
# run' that boots the kernel with and without the put.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

repeated() {
	local seen status=0
	same expect.status 0 && grep -q '"remove_migration_ptes:entry, anon, order 9, src, put back"' \
		"$out/good.json"
	is "an expectation of two good runs" $?
	grep -LE '^PASS' "$out"/good*.txt | while read -r seen; do tail -n 30 "$seen"; done
	[[ $(sort "$out/good.statuses" | uniq -c | tr -s ' ') == " $good 0" ]]
	is "the good workload passes $good times out of $good" $?
	[[ $(sort "$out/bad.statuses" | uniq -c | tr -s ' ') == " $bad 1" ]]
	is "the leaking one fails $bad times out of $bad" $?
	for seen in 'expected refcount 1, surplus 0; seen refcount 2, surplus 1' \
		'taken +in (__migrate_device_pages|migrate_vma_pages)' 'AFTER folio_put\(src\)'; do
		[[ $(grep -lE "$seen" "$out"/bad*.txt | wc -l) -eq $bad ]] || status=1
	done
	[[ $status -eq 0 ]]
	is "each time with expected and seen, the named get, the timeline" $?
}

formats() {
	same ktap.status 1 && grep -q '^    # Subtest: hmm-tests' "$out/ktap.txt" &&
		grep -q '^    \(not \)\?ok 1 hmm' "$out/ktap.txt" &&
		grep -q '^ok 2 no folio leaks' "$out/ktap.txt"
	is "hmm-tests' own TAP is a subtest" $?
	same dies.status 137 && grep -q '^    not ok 3 the command ended before this test' "$out/dies.txt"
	is "a command that dies keeps its plan" $?
	same garbage.status 0 && [[ $(grep -cv '^\(#\|ok\|KTAP\|1\.\.\)' "$out/garbage.txt") -eq 0 ]]
	is "a command that writes garbage is no test" $?
	same cannot.status 4 && [[ $(grep -c '^ok .* # SKIP ' "$out/cannot.txt") -eq $(sed -n 's/^1\.\.//p' "$out/cannot.txt") ]]
	is "where nothing can be traced every rule is skipped" $?
	cp "$out/bad$bad.txt" "$out/bad$bad.xml"
	tests/lib/parsers.sh "$out"/{ktap,dies,garbage,cannot}.txt "$out/bad$bad.xml"
	is "valid by the kernel's parser and JUnit's schema" $?
}

# A repository whose commits are kernels: with the put, or without. The third commit is the bad one.
kernels() {
	git init -q "$1" && cd "$1" || return
	git config user.email bisect@example.org
	git config user.name bisect
	for put in 1 1 0 0; do
		echo "put $put, change $((++n))" >kernel
		git add kernel
		git commit -qm "change $n"
	done
}

# As in the README: 0 good, 1 bad, 125 for all else; but what the bench alone does wrong is tried again.
bisect_script() {
	cat >"$1" <<END
#!/bin/sh
put=\$(cut -c 5 kernel)
cd "$PWD" || exit 125
for try in 1 2 3; do
	tools/vm/run.sh --kernel debug --timeout 300 -- sh -c "
		insmod /modules/test_hmm.ko
		echo \$put >/sys/kernel/debug/fallible_split/fix
		echo 1 >/sys/kernel/debug/fallible_split/migrate
		folio-trace run --bisect -- thpmig plain 1" </dev/null
	status=\$?
	[ \$status -ge 123 ] || break
done
echo "put \$put: \$status" >>"$out/bisect.boots"
[ \$status -le 1 ] || status=125
exit \$status
END
	chmod +x "$1"
}

bisecting() {
	local n=0
	bisect_script "$out/bisect.sh"
	(kernels "$out/kernels" && git bisect start HEAD HEAD~3 &&
		git bisect run "$out/bisect.sh") >"$out/bisect.log" 2>&1
	is "git bisect run" $?
	grep -q 'is the first bad commit' "$out/bisect.log" && grep -q '^ *change 3$' "$out/bisect.log"
	is "it finds the commit that lost the put" $?
	[[ $(sort "$out/bisect.boots") == "put 0: 1"$'\n'"put 1: 0" ]]
	is "two boots: without the put bad, with it good" $?
}

if ! has_lane debug; then
	skip "the gate" "the debug kernel is not built: tools/vm/fetch.sh debug"
	finish
fi
on debug
good=5 bad=2
! is_long || good=20 bad=5
guest=("$good" "$bad")
boot --timeout 900 --mem 2G
repeated
formats
bisecting
finish
