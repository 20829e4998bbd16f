#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# unit.sh DIR: runs every cmocka program below DIR and ends with one counted line.
set -uo pipefail
dir=${1:?usage: unit.sh DIR}
pass=0 fail=0 skip=0
shopt -s nullglob globstar
for t in "$dir"/**/test_*; do
	[[ -x $t && ! -d $t && $t != *.d ]] || continue
	log=$(mktemp)
	if ! CMOCKA_MESSAGE_OUTPUT=TAP "$t" >"$log" 2>&1; then
		echo "unit: ${t##*/} failed:"
		cat "$log"
		# a crash prints no 'not ok'
		grep -q '^not ok' "$log" || fail=$((fail + 1))
	fi
	# cmocka 1.1 says "not ok ... # SKIP" of a skipped test
	skip=$((skip + $(grep -cE '^(not )?ok.*# SKIP' "$log")))
	pass=$((pass + $(grep '^ok' "$log" | grep -vc '# SKIP')))
	fail=$((fail + $(grep '^not ok' "$log" | grep -vc '# SKIP')))
	rm -f "$log"
done
echo "unit: $pass passed, $fail failed, $skip skipped"
[[ $fail -eq 0 && $pass -gt 0 ]]
