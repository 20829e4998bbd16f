#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What a living process that is not traced has of the command's memory is found: as many mappings as
# the folio counts, and who; pages in a pipe. Nothing is searched where nothing is left.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# of a class, that were found
found() { printf '[o for o in f["final"]["owners"] if o["class"] == "%s" and o["state"] == "proved"]' "$1"; }

# the condition for a folio of the command's file
made() { printf "f['kind'] == '%s' and f['order'] == %s and f['born']" "$1" "$2"; }

# mapped NAME KIND ORDER: the units found are those that the folio counts, of the processes that map
mapped() {
	local pids mine
	pids=$(cut -d ' ' -f 1 "$out/$1.others" | paste -sd ,)
	mine="[f for f in d['folios'] if $(made "$2" "$3") and f['final']['mapcount']]"
	same "$1.status" 0 && doc "$out/$1.json" "$mine" \
		'd["search"]["page_tables"] and d["search"]["page_tables_whole"]' \
		"all(sum(o['mappings'] for o in $(found mapping)) == f['final']['mapcount'] for f in $mine)" \
		"all({o['who']['tgid'] for o in $(found mapping)} <= {$pids} for f in $mine)" \
		"set().union(*({o['who']['tgid'] for o in $(found mapping)} for f in $mine)) == {$pids}" \
		"all(o['who']['comm'] == 'outsider' for f in $mine for o in $(found mapping))"
	is "$4" $?
}

# the mappings of its THP by the process that maps so many bytes
units() {
	local pid
	pid=$(awk -v bytes="$2" '$2 == bytes { print $1 }' "$out/$1.others")
	printf '[o["mappings"] for f in d["folios"] if %s for o in %s if o["who"]["tgid"] == %s]' \
		"$(made shmem 9)" "$(found mapping)" "$pid"
}

pipe() {
	local other
	other=$(<"$out/pipe.others")
	same pipe.status 0 && doc "$out/pipe.json" 'd["search"]["pipes"] and d["search"]["pipes_whole"]' \
		"[(o['references'], o['who']['tgid'], o['who']['comm']) for f in d['folios']
		  for o in $(found pipe)] == [(1, $other, 'outsider')]"
	is "a page in a pipe: whose pipe" $?
}

# A packet that nobody has read, and a buffer of a ring.
packets_and_rings() {
	local other
	other=$(<"$out/socket.others")
	same socket.status 0 && doc "$out/socket.json" 'd["search"]["sockets"]' \
		"[(o['references'], o['who']['tgid']) for f in d['folios'] for o in $(found socket)] == [(1, $other)]"
	is "a page in a packet: whose socket" $?
	if [[ $(<"$out/ring.status") == 4 ]]; then
		skip "a pinned page" "$(<"$out/ring.err")"
		return
	fi
	doc "$out/ring.json" 'd["search"]["rings"] == 1' \
		"[(o['who']['comm']) for f in d['folios'] for o in $(found io_uring)] == ['outsider']"
	is "a pinned page: whose ring" $?
}

normal='stock 6.1'
! is_long || normal+=' 6.12'
for lane in ${FOLIO_TRACE_KERNEL:-$normal}; do
	on "$lane"
	echo "vm/$name: kernel $lane"
	boot --timeout 400
	same clean.status 0 && doc "$out/clean.json" 'd["search"]' 'not d["search"]["page_tables"]' \
		'not d["search"]["processes"] and not d["search"]["pipes_whole"]'
	is "nothing is left: no search" $?
	mapped small shmem 0 "pages of shmem"
	mapped thp shmem 9 "a THP of shmem, by a PMD and by pages"
	doc "$out/thp.json" "$(units thp 2097152) == [1]" "$(units thp 32768) == [8]"
	is "a PMD counts once" $?
	mapped hugetlb hugetlb 9 "a page of hugetlb"
	pipe
	packets_and_rings
	[[ ! -s $out/attached ]]
	is "nothing stays attached" $?
done
finish
