#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# unit.sh DIR: runs every cmocka program in DIR and ends with one counted line.
set -uo pipefail
dir=${1:?usage: unit.sh DIR}
pass=0 fail=0 skip=0
shopt -s nullglob
for t in "$dir"/test_*; do
	[[ -x $t && ! -d $t && $t != *.d ]] || continue
	log=$(mktemp)
	if ! CMOCKA_MESSAGE_OUTPUT=TAP "$t" >"$log" 2>&1; then
		echo "unit: ${t##*/} failed:"
		cat "$log"
		# a crash prints no 'not ok'
		grep -q '^not ok' "$log" || fail=$((fail + 1))
	fi
	skip=$((skip + $(grep -c '^ok.*# SKIP' "$log")))
	pass=$((pass + $(grep -c '^ok' "$log") - $(grep -c '^ok.*# SKIP' "$log")))
	fail=$((fail + $(grep -c '^not ok' "$log")))
	rm -f "$log"
done
echo "unit: $pass passed, $fail failed, $skip skipped"
[[ $fail -eq 0 && $pass -gt 0 ]]
