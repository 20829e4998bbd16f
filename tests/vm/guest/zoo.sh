# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# zoo.sh SOURCE...: the zoo's scenes, all in one run for each source; what the module says of them, and
# what the kernel said.
# shellcheck source=lib.sh
. /vm/lib.sh

dir=/tmp/zoo
mkdir -p $dir
mount -t tmpfs tmpfs $dir
mkdir -p $dir/huge

# played SOURCE: before and after are not traced
played() {
	mount -t tmpfs -o huge=always tmpfs $dir/huge
	insmod /modules/folio_zoo.ko || exit 4
	zoo setup $dir /disk || exit 4
	zoo target $dir &
	target=$!
	until_true 10 test -e $dir/target
	read -r started _ </proc/uptime
	folio-trace run --source "$1" -o "/out/$1.data" --json "/out/$1.json" --ignore-command-status \
		-- zoo run $dir /disk >"/out/$1.txt" 2>"/out/$1.err"
	echo $? >"/out/$1.status"
	read -r ended _ </proc/uptime
	echo $((${ended%.*} - ${started%.*})) >"/out/$1.seconds"
	cat /sys/kernel/debug/folio_zoo >"/out/$1.log"
	zoo repair
	kill $target
	wait $target
	rmmod folio_zoo
	umount $dir/huge
	rm -f $dir/pages $dir/target /disk/*:* /disk/lookup*
}

for source in "$@"; do
	dmesg -c >/dev/null
	played "$source"
	dmesg >"/out/$source.dmesg"
done
