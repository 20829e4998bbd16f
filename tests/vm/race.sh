#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The leak of stock 7.3 with nothing injected: as many folios as Active(anon) shows lost; and the
# same migration without a race, which is clean.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

lost() { sed -n 's/^lost=\([0-9]*\) .*/\1/p' "$out/$1.txt"; }

plain() {
	same plain.status 0 && [[ $(lost plain) == 0 ]] &&
		doc "$out/plain.json" 'd["verdict"] == "pass" and not bad' 'd["loss"]["ring"] == 0'
	is "plain: nothing lost, verdict pass" $?
}

race() {
	local n
	n=$(lost race)
	if [[ $n -lt 5 ]]; then
		if [[ $(lost untraced) -lt 5 ]]; then
			skip race "this kernel does not lose them: untraced $(tail -n 1 "$out/untraced.txt")"
			return
		fi
		is "race: 5 folios are lost (traced $n, untraced $(lost untraced))" 1
		return
	fi
	same race.status 1 && doc "$out/race.json" 'd["verdict"] == "fail"' "len(bad) == $n"
	is "race: $n folios lost by Active(anon), $n leaks" $?
	doc "$out/race.json" 'all(f["order"] == 9 and final(f) == (1, 0, 0, 1) for f in bad)' \
		'd["loss"]["ring"] == 0 and d["complete"]'
	is "race: all end at 1/0, surplus 1" $?
	doc "$out/race.json" 'all(len(f["lost_references"]) == 1 for f in bad)' \
		'{l["inside"]["function"] for f in bad for l in f["lost_references"]} == {"__migrate_device_pages"}'
	is "race: lost in __migrate_device_pages" $?
}

boot --timeout 900
plain
race
[[ ! -s $out/attached ]]
is "nothing stays attached" $?
finish
