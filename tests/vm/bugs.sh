#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Six bugs of stock 7.3.4's mm, none injected (docs/found.md): each is found, and where it is. Of
# each bug the program that shows it says whether this kernel has it; one that is fixed is skipped.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# value NAME KEY: of KEY=NUMBER in the program's last such line, traced and if need be untraced
value() {
	cat "$out/$1.txt" "$out/$1.untraced.txt" 2>/dev/null |
		sed -n "s/^\(.* \)\?$2=\([-+0-9]*\).*/\2/p" | tail -n 1
}

# shown NAME KEY: a traced program's own
shown() { sed -n "s/^\(.* \)\?$2=\([-+0-9]*\).*/\2/p" "$out/$1.txt" 2>/dev/null | tail -n 1; }

# fixed NAME LINE: the kernel does not have this bug, as its program shows
fixed() { skip "$1" "this kernel does not have it: $(cat "$out/$1.txt" "$out/$1.untraced.txt" 2>/dev/null |
	grep -m 3 -E '^[a-z_]+=' | paste -s -d ';')"; }

seen='d["complete"] and d["loss"]["ring"] == d["loss"]["missed"] == 0'
# gets FOLIO: the functions of its lost gets, first choice each
gets='[l["site"]["function"] for f in bad for l in f["lost_references"] if l["op"] == "get"]'

race() {
	local n
	n=$(shown race lost)
	if [[ $n -eq 0 ]]; then
		[[ $(value race lost) -ne 0 ]] || { fixed race; return; }
		is "race: folios are lost, traced as untraced" 1
		return
	fi
	same race.status 1 && doc "$out/race.json" 'd["verdict"] == "fail"' "len(bad) == $n" "$seen" \
		"set($gets) == {'__migrate_device_pages'} and len($gets) == $n"
	is "race: $n folios lost, the get before the PMD split named first" $?
}

softoff() {
	local n
	n=$(shown softoff kept)
	[[ $n -gt 0 ]] || { fixed softoff; return; }
	[[ $(grep -c '^kept=0 ' "$out/softoff.txt") -eq 1 ]]
	is "softoff: blocks of 4 KiB: no page stays" $?
	# Nor are those offlined pages bad that the kernel keeps to itself.
	same softoff.status 1 && doc "$out/softoff.json" 'd["verdict"] == "fail"' "len(bad) == $n" "$seen" \
		'all(f["kind"] == "file" and f["order"] == 2 and f["final"]["surplus"] == 1 for f in bad)'
	is "softoff: blocks of 16 KiB: $n pages stay, $n leaks" $?
	doc "$out/softoff.json" "len($gets) == $n and set($gets) == {'try_grab_folio_fast'}" \
		'all(l["class"] == "gup" for f in bad for l in f["lost_references"])'
	is "softoff: the get of madvise() named on each" $?
	grep -q 'soft_offline_\(in_use_\)\?page returned' "$out/softoff.txt"
	is "softoff: the function that returned without the put is said" $?
}

mixedmap() {
	[[ $(shown mixedmap references) -ne 1 || $(shown mixedmap mappings) -ne 0 ]] || { fixed mixedmap; return; }
	[[ $(head -n 1 "$out/mixedmap.txt") == 'references=1 mappings=0' && -s $out/rss ]]
	is "mixedmap: whole is right, part is not: $(sed 's/.*BUG: //' "$out/rss")" $?
	same mixedmap.status 1 && doc "$out/mixedmap.json" 'd["verdict"] == "fail"' 'len(bad) == 1' "$seen" \
		'[f["reason_code"] for f in bad] == ["mappings_lost"]' 'bad[0]["order"] == 9' \
		'(bad[0]["final"]["refcount"], bad[0]["final"]["mapcount"]) == (1, 1)'
	is "mixedmap: a mapping is lost, and only with part" $?
	doc "$out/mixedmap.json" '[(o["class"], o["references"], o["mappings"]) for o in bad[0]["final"]["owners"]
		if o["state"] == "gone"] == [("mapping", 1, 1)]'
	is "mixedmap: one mapping and its reference" $?
}

# The kernel overruns arrays of its own: now and then it panics, or the race does not come.
boot_overrun() {
	local try
	out=$build/test/$name/overrun
	booted+=("$out")
	for try in 1 2 3; do
		rm -rf "$out"
		mkdir -p "$out"
		tools/vm/run.sh --kernel "$kernel" --timeout 400 --out "$out" --console "$out/console" \
			--file tests/vm/guest:/vm -- sh /vm/bugs.sh overrun \
			</dev/null >"$out/guest.log" 2>&1
		[[ $? -ne 0 || $(shown ptreclaim lost) -eq 0 ]] || break
		echo "vm/$name: ptreclaim: no page is lost, traced (try $try): $(tail -n 1 "$out/guest.log")"
	done
}

ptreclaim() {
	local n
	n=$(shown ptreclaim lost)
	if [[ ${n:-0} -eq 0 ]]; then
		[[ ! $n || $(value ptreclaim lost) -ne 0 ]] || { fixed ptreclaim; return; }
		skip ptreclaim "the race did not come while it was traced; its golden capture is judged"
		return
	fi
	same ptreclaim.status 1 && doc "$out/ptreclaim.json" 'd["verdict"] == "fail"' "len(bad) == $n" "$seen" \
		'{f["reason_code"] for f in bad} == {"locked_lost"}'
	is "ptreclaim: $n pages stay locked, $n leaks" $?
	doc "$out/ptreclaim.json" "len($gets) == $n and set($gets) == {'migrate_vma_collect_pmd'}"
	is "ptreclaim: the get of migrate_vma_collect_pmd() named on each" $?
}

zapmig() {
	[[ $(shown zapmig zapped) -ne 0 ]] || { skip zapmig "the zap came too late"; return; }
	[[ $(shown zapmig anon_huge_kib) -ne 0 ]] || { fixed zapmig; return; }
	same zapmig.status 1 && doc "$out/zapmig.json" 'd["verdict"] == "fail"' 'bad' \
		'all((f["verdict"], f["kind"], f["order"]) == ("overput", "device_private", 9) for f in bad)' \
		'all(f["reason_code"] == "negative_count" and f["final"]["mapcount"] == -1 for f in bad)'
	is "zapmig: a count below 0 is an over-put" $?
	doc "$out/zapmig.json" 'any(l["op"] == "put" and l["site"]["function"] == "zap_huge_pmd"
		for f in bad for l in f["lost_references"])'
	is "zapmig: the put of zap_huge_pmd() is named" $?
}

# What a kernel left on its disk when it panicked. Its journal first: the file's size may be there only.
boot_forkmig() {
	local try status
	for try in 1 2 3; do
		rm -rf "$out"
		mkdir -p "$out"
		tools/vm/run.sh --kernel "$kernel" --timeout 400 --disk 64M --keep-disk "$out/disk" \
			--console "$out/console" --file tests/vm/guest:/vm -- sh /vm/bugs.sh fork \
			</dev/null >"$out/guest.log" 2>&1
		status=$?
		bench_failed $status || break
	done
	PATH=$PATH:/usr/sbin:/sbin
	e2fsck -fy "$out/disk" >"$out/fsck.log" 2>&1
	debugfs -R "rdump / $out" "$out/disk" >"$out/debugfs.log" 2>&1
	rm "$out/disk"
	[[ $status -eq 123 || $status -eq 0 ]]
	is "forkmig: the guest panicked or ran to its end" $?
}

forkmig() {
	same whole.status 0 && same whole.txt moved=512
	is "forkmig: the control, a THP that is migrated as a whole" $?
	if [[ -s $out/forkmig.status ]]; then
		same forkmig.status 0 && fixed forkmig
		return
	fi
	grep -aq 'Kernel panic' "$out/console"
	is "forkmig: the kernel panics: $(sed -n 's/.*RIP: [0-9a-f]*:\([a-z_0-9]*\).*/\1/p' "$out/console" | head -n 1)" $?
	"$ft" report "$out/forkmig.data" >"$out/report.txt" 2>&1 &&
		grep -qx 'INCONCLUSIVE: the capture was cut off before its end' "$out/report.txt"
	is "forkmig: the capture on the disk is read, and that it is cut off is said" $?
	"$ft" timeline --order 9 --kind anon "$out/forkmig.data" >"$out/timeline.txt" 2>"$out/timeline.err"
	[[ $? -eq 0 && ! -s $out/timeline.err ]] && grep -q 'born: folio_add_new_anon_rmap' "$out/timeline.txt" &&
		grep -q 'get +1 copy_huge_pmd' "$out/timeline.txt"
	is "forkmig: the timeline has the folio's story to the last flush: its birth, and the fork" $?
}

# boot_for WHAT [run.sh's options…]
boot_for() {
	guest=("$1") out=$build/test/$name/$1
	shift
	boot --timeout 400 "$@"
}

# On a busy machine the zap comes too early or too late for the window now and then.
boot_zap() {
	local try
	for try in 1 2 3; do
		boot_for zap --append cgroup_disable=memory
		[[ $(shown zapmig zapped) -eq 0 || $(shown zapmig anon_huge_kib) -eq 0 ]] || break
		echo "vm/$name: zapmig: nothing goes wrong (try $try)"
	done
}

boot_for harmless --disk 64M
softoff
mixedmap
race
boot_zap
zapmig
boot_overrun
ptreclaim
out=$build/test/$name/fork
boot_forkmig
forkmig
finish
