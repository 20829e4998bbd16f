#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Honest programs, and none of them is accused: memory of a command that outsiders hold (pipes,
# sockets, rings, mappings), file systems, memory that the kernel merges, moves and takes out of use,
# a busy machine, processes that live on. Many scenes a run, told apart by the names of their
# processes; for each the reasons with which it may be inconclusive, for there is somebody who
# lives and may hold it. HONEST_ROUNDS=N: so many commands on the busy machine. HONEST_PARTS: only
# these, words of "held living busy working".
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# An outsider who lives has it. A pipe, a ring, a mapping may also be found with its owner, and the
# scene then passes: either is right.
outsider=held_by_other_task,may_have_living_holder
# The source boundary does not see who takes what.
blind=boundary_cannot_tell,probably_pinned,$outsider
# Somebody of the command still lives.
left=tasks_left,$outsider

# What is copied, given back or found in the page cache is nobody's riddle; the late reader has come
# before the verdict.
held="pipe_small $outsider
pipe_gift $outsider
pipe_huge $outsider
pipe_tee $outsider
pipe_file $outsider
pipe_shmem $outsider
fifo $outsider
late -
unix_write -
unix_file $outsider
tcp_write -
tcp_file $outsider
tcp_vmsp $outsider
tcp_zc -
tcp_full $outsider
ring_give $outsider
ring_take $outsider
ring_done -
map_file $outsider,mappings_not_searched
map_shmem $outsider,mappings_not_searched
memfd -
udmabuf $outsider"

# The pages of ksm are merged with those of an outsider.
work="ext4 -
tmpfs -
xfs -
btrfs -
vfat -
overlay -
fuse -
squash -
erofs -
ksm $outsider,mappings_not_searched
offline -
compact -
pipes -
ring -"

# Those who are followed live on.
everybody=$left,mappings_not_searched,not_at_rest,locked,writeback,not_on_lru,in_lru_batch
mapfile -t busy_runs < <(seq -f 'busy%.0f' "${HONEST_ROUNDS:-3}")
cache=${FOLIO_TRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/folio-trace}
limit=700 # seconds
# the normal run: what outsiders hold, and what file systems and the kernel do
parts=(held working)
! is_long || parts+=(living busy)
[[ ! ${HONEST_PARTS:-} ]] || read -ra parts <<<"$HONEST_PARTS"

# scene_status FILE SCENE: as it ended; of several runs of one the worst
scene_status() {
	awk -v s="$2" '$1 == "scene" && $2 == s { found = 1; if ($3 > n) n = $3 }
		END { print found ? n + 0 : "none" }' "$1"
}

# judged NAME TABLE [ADDED]: the scenes of a run that ended well, each with its reasons
judged() {
	local run=$1 scene reasons codes=() word which how why
	while read -r scene reasons; do
		case $(scene_status "$out/$run.scenes" "$scene") in
		0) codes+=("$scene=$reasons") ;;
		4) skip "$kernel: $run: $scene" "$(grep -hE "^scene $scene 4 .|[.]$scene: skipped" \
			"$out/$run.scenes" "$out/$run.err" | tail -n 1)" ;;
		*)
			grep -h "[.]$scene: " "$out/$run.scenes" "$out/$run.err"
			is "$kernel: $run: $scene ends well" 1
			;;
		esac
	done <<<"$2"
	"$ft" export --events all "$out/$run.data" >"$out/$run.all.json"
	while read -r word which how why; do
		[[ $word == ok ]]
		is "$kernel: $run: $which: $how${why:+: $why}" $?
	done < <(python3 tests/vm/honest.py "$out/$run.all.json" ${3:+"*=$3"} "${codes[@]}" | sort -k 2)
}

# whole NAME: nothing was lost, and the run says what its folios say
whole() {
	doc "$out/$1.json" 'd["complete"] and d["loss"]["ring"] == 0 and d["drained"]' \
		'd["verdict"] in ("pass", "inconclusive")' 'd["command"]["exit"] == 0'
	is "$kernel: $1: complete, no accusation" $?
	doc "$out/$1.json" "d['verdict'] == {0: 'pass', 1: 'fail', 3: 'inconclusive'}[$(<"$out/$1.status")]"
	is "$kernel: $1: its status says the same" $?
}

# was_held NAME: to the end, as the holder says who looked; the late one's was read
was_held() {
	local scene least
	while read -r scene _; do
		[[ $(scene_status "$out/$1.scenes" "$scene") == 0 ]] || continue
		least=32768
		case $scene in
		ring_done) least=0 ;;
		ring_*) least=2 ;;
		esac
		awk -v s="$scene" -v n="$least" '$1 == "held" && $2 == s && $3 >= n { found = 1 }
			END { exit !found }' "$out/$1.held" || {
			echo "vm/$name: $1: $scene was not held"
			return 1
		}
	done <<<"$held"
	same "$1.holder" 0
}

# checked NAME: what record took, by report and check
checked() {
	local how
	"$ft" export "$out/$1.data" >"$out/$1.json"
	for how in report check; do
		"$ft" "$how" "$out/$1.data" >"$out/$1.$how"
		[[ $? -eq 0 || $? -eq 3 ]]
		is "$kernel: $1: $how accuses nobody" $?
	done
}

held() {
	local run
	for run in held quick daemon; do
		cp "$out/$run.txt" "$out/$run.scenes"
	done
	was_held held && was_held quick
	is "$kernel: the outsider had all of it to the end" $?
	whole held
	judged held "$held"
	whole quick
	judged quick "$held" "$blind"
	whole daemon
	judged daemon "daemon $left" "$blind"
	doc "$out/daemon.json" 'd["command"]["tasks_left"] == 1'
	is "$kernel: daemon: one lives on" $?
}

living() {
	same live.status 0 && same pid.status 0 && same all.status 0 && was_held all
	is "$kernel: who was looked at lives on, and well" $?
	echo "scene live 0" | tee "$out/pid.scenes" >>"$out/all.scenes"
	: >"$out/all.err"
	checked pid
	judged pid "live $left" mappings_not_searched,not_at_rest
	checked all
	judged all "live $left
$held" "$everybody"
}

busy() {
	local run bad=0
	for run in busy "${busy_runs[@]}"; do
		"$ft" export --events all "$out/$run.data" >"$out/$run.all.json"
		grep -qxE '0|3' "$out/$run.status" && python3 tests/vm/honest.py "$out/$run.all.json" \
			"rest=$blind,not_at_rest" >"$out/$run.judged" && continue
		bad=$((bad + 1))
		cat "$out/$run.judged"
	done
	is "$kernel: busy: $bad of $((${#busy_runs[@]} + 1)) commands accused" "$bad"
}

working() {
	whole work
	judged work "$work"
}

# modules LANE DIR: those of file systems, and what they need, in the order of loading. A guest loads
# them late: each has sites to probe, which take their time at every start.
modules() (
	# shellcheck source=../../tools/vm/lib.sh
	. tools/vm/lib.sh
	# shellcheck source=../../tools/vm/initramfs.sh
	. "$vm_dir/initramfs.sh"
	lane_load "$1"
	mkdir -p "$2"
	for m in loop nls_cp437 nls_ascii vfat overlay fuse squashfs erofs xfs btrfs; do
		is_builtin $m || module_closure $m
	done | awk '!seen[$0]++' | while read -r m; do
		unpack_module "$kernel_dir/root/lib/modules/$RELEASE/$m" >"$2/$(basename "${m%%.ko*}").ko"
		basename "${m%%.ko*}"
	done >"$2/order"
)

one_lane() {
	on "$1"
	modules "$1" "$build/test/$name.modules/$1"
	guest=("${#busy_runs[@]}" "${parts[@]}")
	boot --timeout "$limit" --mem 2G --disk 1G --file "$cache/mkfs:/mkfs" \
		--file "$build/test/$name.modules/$1:/fs"
	for part in "${parts[@]}"; do
		case $part in
		held) held ;;
		living) living ;;
		busy) busy ;;
		working) working ;;
		*) is "a part '$part'" 1 ;;
		esac
	done
	[[ ! -s $out/attached ]]
	is "$kernel: nothing stays attached" $?
	sed "s|^|vm/$name: $kernel: at |" "$out/times"
}

tools/vm/fetch.sh mkfs || finish
lanes
for lane in "${chosen[@]}"; do
	[[ $lane == stock || ${FOLIO_TRACE_KERNEL:-} ]] || is_long || continue
	[[ $lane == debug ]] || one_lane "$lane" # its file systems are few
done
finish
