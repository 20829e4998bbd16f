#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The whole of hmm-tests but its benchmark: the same results as without a tracer, nothing lost,
# verdict pass.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

results() { sed -n -E 's/^(not ok|ok) [0-9]+ ([^ ]*).*/\2 \1/p' "$out/$1.txt" | sort; }
passes() { grep -c "^ok [0-9]* $2\$" "$1"; }

same_results() {
	local n test un tr
	n=$(results traced | wc -l)
	[[ $n -ge 70 && $n -eq $(results untraced | wc -l) ]]
	is "$n tests, traced and untraced" $?
	if [[ ! -s $out/differ ]]; then
		diff <(results untraced) <(results traced)
		is "the same results" $?
		return
	fi
	while read -r test; do
		un=$(passes "$out/again.untraced.$test.txt" "$test") tr=$(passes "$out/again.traced.$test.txt" "$test")
		echo "vm/$name: $test differed; five more tries each: $un pass untraced, $tr traced"
		[[ $un -eq $tr || ($tr -gt 0 && $tr -lt 5) || ($un -gt 0 && $un -lt 5) ]]
		is "$test passes or fails as it does untraced" $?
	done <"$out/differ"
}

verdict() {
	doc "$out/traced.json" 'd["verdict"] == "pass" and not bad' 'd["complete"] and d["drained"]'
	is "verdict pass" $?
	doc "$out/traced.json" 'not any(d["loss"].values())' 'd["counts"]["events"] > 200000'
	set -- $? "$(grep -o '[0-9,]* events' "$out/traced.txt" | tail -n 1)"
	is "$2, 0 lost" "$1"
	[[ $(<"$out/traced.status") == "$(grep -q '^not ok' "$out/traced.txt" && echo 1 || echo 0)" ]]
	is "hmm-tests' own exit status" $?
}

boot --timeout 1200 --mem 2G
same_results
verdict
finish
