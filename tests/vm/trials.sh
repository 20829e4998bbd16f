#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# A module loses a unit of a folio at random, beside others that are at the same folio, and says which:
# how often folio-trace names it, and nobody who is honest. A sample by itself; `make trials` has
# TRIALS trials of each of BOOTS boots on each kernel, which takes hours.
#
#   tests/vm/trials.sh
#   tests/vm/trials.sh score [-v] FILE.data...   captures that were kept, again, with their FILE.log
#
# SEED is the first boot's, TRIALS and VMSPLICES are how many; FOLIO_TRACE_KERNEL says which kernels,
# FOLIO_TRACE_SOURCE by what source. What is kept is build/test/trials/LANE/SEED.*.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# At least so many of 100 units that were lost must be named first: a little below what was measured.
floor=60

if is_long; then
	trials=${TRIALS:-200} vmsplices=${VMSPLICES:-5} boots=${BOOTS:-10}
	lanes_of_trials='stock 6.12 6.1'
else
	trials=${TRIALS:-60} vmsplices=${VMSPLICES:-10} boots=${BOOTS:-1}
	lanes_of_trials=stock
fi
seed=${SEED:-1}
source=${FOLIO_TRACE_SOURCE:-inline}

exported=$(mktemp -d)
trap 'rm -rf "$exported"' EXIT

# documents FILE.data...: the log and the document of each, for trials.py, in $pairs
documents() {
	local data json
	pairs=()
	for data; do
		json=$exported/${data//\//-}.json
		[[ -s $json ]] || "$ft" export --format json "$data" >"$json" || exit 125
		pairs+=("${data%.data}.log" "$json")
	done
}

score() {
	local verbose=()
	[[ ${1:-} != -v ]] || verbose=(-v)
	shift ${#verbose[@]}
	documents "$@"
	python3 tests/vm/trials.py score "${verbose[@]}" "${pairs[@]}"
}

answers() {
	local word text
	documents "$@"
	while IFS=$'\t' read -r word text; do
		[[ $word == ok ]]
		is "$kernel: $text" $?
	done < <(python3 tests/vm/trials.py check "$floor" "${pairs[@]}")
}

# Beside the boot's directory, which the next boot empties.
keep() {
	local file
	for file in data log txt err dmesg; do
		cp "$out/$file" "$kept/$1.$file"
	done
	captures+=("$kept/$1.data")
}

one_boot() {
	out=$build/test/trials/$kernel/boot
	guest=("$source" "$1" "$trials" "$vmsplices")
	boot --timeout 1800 --mem 2G --numa 2 --disk 256M
	same status 1
	is "$kernel: seed $1: the run fails, in $(<"$out/seconds") s" $?
	! grep -E 'WARNING|BUG:|Oops|Bad page|Bad rss' "$out/dmesg"
	is "$kernel: seed $1: the kernel had nothing to say" $?
	keep "$1"
}

if [[ ${1:-} == score ]]; then
	shift
	score "$@"
	exit
fi
for kernel in ${FOLIO_TRACE_KERNEL:-$lanes_of_trials}; do
	kept=$build/test/trials/$kernel captures=()
	mkdir -p "$kept"
	for ((boot_nr = 0; boot_nr < boots; boot_nr++)); do
		one_boot $((seed + boot_nr))
	done
	score "${captures[@]}" | tee "$kept/score"
	answers "${captures[@]}"
done
finish
