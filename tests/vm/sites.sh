#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The seed's two call sites on the debug lane, whose PMD split can fail: the leak, its fix, the abort
# of migrate_vma_insert_page(), a folio split that fails and owes nothing, and the fix wrongly applied
# to it: a put too many.
# shellcheck disable=SC2317 # the cases are called by name
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# used NAME: the failure happened as often as asked for
used() { [[ $(sort -u "$out/$1.left") == 0 ]]; }

thp='[f for f in d["folios"] if f["order"] == 9 and points(f)]'

leak() {
	same "$1.status" 1 && used "$1" && doc "$out/$1.json" 'd["verdict"] == "fail" and len(bad) == 1' \
		'bad[0]["verdict"] == "leak" and bad[0]["order"] == 9 and bad[0]["kind"] == "anon"' \
		'seed(bad[0]) == [(2, 0, 1, 1), (3, 1, 2, 1), (2, 1, 1, 1)]' \
		'final(bad[0]) == (1, 0, 0, 1) and bad[0]["final"]["at_rest"]'
	is "$1: refcount/mapcount 2/0, 3/1, 2/1, at rest 1/0: one leaked THP" $?
	[[ $1 == *page_ref ]] || return
	doc "$out/$1.json" '(lambda l: len(l) == 1 and l[0]["op"] == "get" and
		l[0]["site"]["function"] == "__migrate_device_pages")(bad[0]["lost_references"])'
	is "$1: the get that was never put: in __migrate_device_pages" $?
	doc "$out/$1.json" 'not any(s["function"] in ("cleanup_module", "init_module")
		for s in bad[0]["lost_references"][0]["stack"])'
	is "$1: no trampoline in its stack is taken for a module's function" $?
}

fix() {
	used "$1" && doc "$out/$1.json" 'd["verdict"] == "pass" and not bad' \
		"any(seed(f) == [(1, 0, 1, 0), (2, 1, 2, 0), (1, 1, 1, 0)] for f in $thp)"
	is "$1: 1/0, 2/1, 1/1, verdict pass" $?
}

abort() {
	used "$1" && doc "$out/$1.json" 'd["verdict"] == "pass" and not bad' 'd["complete"]'
	is "$1: migrate_vma_insert_page() gives up, nothing is lost" $?
}

again() {
	used "$1" && doc "$out/$1.json" 'd["verdict"] == "pass" and not bad'
	is "$1: folio_split_unmapped() fails and owes no put" $?
}

overput() {
	same "$1.status" 1 && used "$1" && doc "$out/$1.json" 'd["verdict"] == "fail"' \
		'[f["verdict"] for f in bad] == ["overput"]' 'bad[0]["order"] == 9'
	is "$1: one THP was put too often" $?
}

if ! has_lane debug; then
	skip "the seed's call sites" "the debug kernel is not built: tools/vm/fetch.sh debug"
	finish
fi
on debug
boot --timeout 1200 --mem 2G
for source in boundary page_ref; do
	for case in leak fix abort again overput; do
		$case $case-$source
	done
done
# The same leak on the stock kernel, which inlines otherwise and is seen by another source.
stock=$build/test/inline/leak.data
if [[ -r $stock ]]; then
	differ "$stock" "$out/fix-page_ref.data" 'story["reason_code"] == "put_in_other_run"' \
		'any(s["in"] == "b" and s["what"] == "put" and s["function"] == "__migrate_device_pages"
			for s in story["steps"])'
	is "diff of two kernels says in its first line what the fix changed" $?
else
	skip "diff of two kernels" "tests/vm/inline.sh has left no capture"
fi
[[ ! -s $out/attached ]]
is "nothing stays attached" $?
finish
