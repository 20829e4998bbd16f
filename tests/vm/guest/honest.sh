# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# honest.sh ROUNDS PART…: honest programs, and what else lives beside them. A scene's processes have names
# that end in .SCENE; NAME.scenes says how each of a run ended.
# shellcheck source=lib.sh
. /vm/lib.sh

as=/tmp/as
images=/disk/images
# Ends in any case, by SIGTERM.
record() { timeout 200 folio-trace record "$@"; }
exists() { [ -e "$1" ]; }
clock() {
	read -r now _ </proc/uptime
	echo "$now $*" | tee -a /out/times
}

# inline NAME CMD…: by the most exact source there is; /tmp/armed is there when CMD starts
inline() {
	inline_name=$1
	shift
	clock "$inline_name"
	rm -f /tmp/armed
	folio-trace run --timings --ready-file /tmp/armed -o "/out/$inline_name.data" \
		--json "/out/$inline_name.json" -- "$@" >"/out/$inline_name.txt" \
		2>"/out/$inline_name.err"
	echo $? >"/out/$inline_name.status"
}

boundary() {
	clock "$1"
	traced "$@"
}

# An outsider for what the command gives away; each run has its own.
hold() {
	rm -f /tmp/held
	honest_hold /tmp/held >"/out/$1.held" 2>&1 &
	holder=$!
	until_true 20 exists /tmp/held
}

let_go() {
	kill -TERM "$holder"
	wait "$holder"
	echo $? >"/out/$1.holder"
}

held() {
	hold held
	inline held honest_give /disk all
	let_go held
	hold quick
	boundary quick -- honest_give /disk all
	let_go quick
	hold daemon
	boundary daemon -- honest_give /disk daemon
	let_go daemon
}

# as PROGRAM SCENE: prints the path of a program of that name
as() {
	mkdir -p $as
	as_of=/usr/local/bin/$1
	[ -e "$as_of" ] || as_of=/bin/$1
	ln -sf "$as_of" "$as/$1.$2"
	echo "$as/$1.$2"
}

# tool NAME ARG…: one of the programs that make file systems, with its own libraries
tool() {
	tool_name=$1
	shift
	/mkfs/lib/ld-linux-x86-64.so.2 --library-path /mkfs/lib "/mkfs/bin/$tool_name" "$@"
}

# make_image TYPE FILE
make_image() {
	case $1 in
	xfs) truncate -s 320M "$2" && tool mkfs.xfs -q "$2" ;;
	btrfs) truncate -s 128M "$2" && tool mkfs.btrfs -q "$2" ;;
	vfat) truncate -s 32M "$2" && mkdosfs "$2" ;;
	fuse) truncate -s 32M "$2" && tool mke2fs -q -t ext4 "$2" ;;
	squash) tool mksquashfs /disk/tree "$2" -quiet -no-progress ;;
	erofs) tool mkfs.erofs --quiet "$2" /disk/tree ;;
	esac
}

mount_one() {
	case $1 in
	ext4) mount --bind /disk/ext4 /mnt/ext4 ;;
	tmpfs) mount -t tmpfs none /mnt/tmpfs ;;
	overlay) mount -t overlay -o lowerdir=/disk/lower,upperdir=/disk/upper,workdir=/disk/work none \
		/mnt/overlay ;;
	fuse) tool fuse2fs "$images/fuse" /mnt/fuse ;;
	squash) mount -t squashfs -o loop "$images/squash" /mnt/squash ;;
	*) mount -t "$1" -o loop "$images/$1" "/mnt/$1" ;;
	esac
}

# What cannot be mounted here is skipped, with the reason.
file_systems() {
	clock "file systems"
	while read -r m; do
		insmod "/fs/$m.ko"
	done </fs/order
	mkdir -p $images /mnt /disk/tree/sub /disk/ext4 /disk/lower /disk/upper /disk/work
	i=0
	while [ $((i += 1)) -le 8 ]; do
		dd if=/dev/urandom of=/disk/tree/$i bs=1k count=$((i * 5)) 2>/dev/null
	done
	dd if=/dev/urandom of=/disk/tree/sub/big bs=64k count=8 2>/dev/null
	cp /disk/tree/1 /disk/lower/old
	: >/tmp/file_systems
	for fs in ext4 tmpfs xfs btrfs vfat overlay fuse squash erofs; do
		mkdir /mnt/$fs
		if why=$(make_image $fs $images/$fs 2>&1 && mount_one $fs 2>&1) &&
			[ "$(stat -c %d /mnt/$fs)" != "$(stat -c %d /mnt)" ]; then
			echo $fs >>/tmp/file_systems
		else
			echo "scene $fs 4 $(echo "$why" | tail -n 1)" >>/out/work.scenes
		fi
	done
}

# Runs as the command: copies, writes, maps, truncates, syncs.
on_file_system() {
	busy=$(as busybox "$1") at=/mnt/$1
	case $1 in
	squash | erofs) "$busy" cp -r "$at" "/tmp/from.$1" && "$busy" cmp "$at/sub/big" /disk/tree/sub/big &&
		"$(as honest_mem "$1")" map "$at/sub/big" ;;
	*) "$busy" cp -r /disk/tree "$at/tree" && "$busy" cmp "$at/tree/sub/big" /disk/tree/sub/big &&
		"$(as filework "$1")" "$at" && "$(as honest_mem "$1")" map "$at/tree/sub/big" &&
		"$busy" truncate -s 5000 "$at/tree/8" && "$busy" sync && "$busy" rm "$at/tree/7" ;;
	esac
}

scene() {
	scene_name=$1
	shift
	clock "  $scene_name"
	"$@"
	echo "scene $scene_name $?"
}

work() {
	while read -r fs; do
		scene "$fs" on_file_system "$fs"
	done </tmp/file_systems
	# of a file system that copies up what is written to
	if grep -q overlay /tmp/file_systems; then
		scene overlay "$(as busybox overlay)" truncate -s 100 /mnt/overlay/old
	fi
	merge_every 20
	scene ksm "$(as honest_mem ksm)" ksm
	merge_every 500
	scene offline "$(as honest_mem offline)" offline /disk
	touch /tmp/compact
	scene compact "$(as anonwork compact)"
	scene pipes "$(as gupwork pipes)" --hold 20 /disk
	scene ring "$(as iouring ring)" /disk
	touch /tmp/stop
}

# loop CMD…: until the file /tmp/stop is there
loop() {
	while [ ! -e /tmp/stop ]; do
		"$@"
	done >/dev/null 2>&1
}

compact() { echo 1 >/proc/sys/vm/compact_memory; }
merge_every() { echo "$1" >/sys/kernel/mm/ksm/sleep_millisecs; }

outsiders() {
	rm -f /tmp/stop
	echo 500 >/sys/kernel/mm/ksm/pages_to_scan
	merge_every 20
	echo 1 >/sys/kernel/mm/ksm/run
	mkfifo /tmp/stay
	honest_mem stay </tmp/stay >/tmp/merged 2>&1 &
	exec 8>/tmp/stay
	(until_true 300 exists /tmp/compact && loop compact) &
	until_true 60 grep -q merged /tmp/merged
	merge_every 500
}

outsiders_end() {
	exec 8>&-
}

working() {
	file_systems
	outsiders
	inline work sh /vm/honest.sh work
	outsiders_end
	cat /out/work.txt >>/out/work.scenes
}

# A process that was there before and goes on after.
turns() { [ "$(wc -l </tmp/rounds)" -ge "$1" ]; }
end_after_rounds() {
	until_true 150 exists /tmp/armed && until_true 60 turns $(($(wc -l </tmp/rounds) + 4))
	kill -INT "$(cat /tmp/pid)"
}

# Everybody: the one who lives, those who give and have gone, and who holds.
everybody() {
	hold all
	clock all
	rm -f /tmp/armed
	(until_true 150 exists /tmp/armed && honest_give /disk all >/out/all.scenes 2>&1
		end_after_rounds) &
	status all record -o /out/all.data -a --ready-file /tmp/armed --pid-file /tmp/pid
	let_go all
}

living() {
	mkfifo /tmp/live
	"$(as honest_live live)" /disk /tmp/rounds </tmp/live >/out/live.txt 2>&1 &
	live=$!
	exec 9>/tmp/live
	until_true 20 exists /tmp/rounds
	until_true 20 turns 1
	clock pid
	rm -f /tmp/armed
	end_after_rounds &
	status pid record -o /out/pid.data -p $live --ready-file /tmp/armed --pid-file /tmp/pid
	everybody
	exec 9>&-
	wait "$live"
	echo $? >/out/live.status
}

busy() {
	rm -f /tmp/stop /tmp/armed
	# not while probes are made, which would take much longer
	for program in true ls; do
		(until_true 300 exists /tmp/armed && : >/tmp/busy.$program && loop /bin/$program) &
	done
	inline busy /bin/sh -c 'until [ -e /tmp/busy.true ] && [ -e /tmp/busy.ls ]; do usleep 20000; done; /bin/true'
	i=0
	while [ $((i += 1)) -le "$rounds" ]; do
		boundary busy$i -- /bin/true
	done
	touch /tmp/stop
}

if [ "$1" = work ]; then
	work
	exit
fi

# Functions that may not be probed are told to the console, which is slow.
echo 1 >/proc/sys/kernel/printk
rounds=$1
shift
for part in "$@"; do
	$part
done
clock end
until_true 10 nothing_attached
attached >/out/attached
