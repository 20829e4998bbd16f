# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Kernels and users that allow less: hidden addresses, no tracefs, lockdown.
# shellcheck source=lib.sh
. /vm/lib.sh

doctor() { status "doctor.$1" folio-trace doctor --json; }

all_sources() {
	for source in boundary auto inline page_ref; do
		folio-trace run --source $source --json "/out/$1.$source.json" -- true \
			>"/out/$1.$source.txt" 2>"/out/$1.$source.err"
		echo $? >"/out/$1.$source.status"
	done
}

case $(cat /proc/cmdline) in
*lockdown=*)
	doctor locked
	all_sources locked
	;;
*)
	doctor plain
	status clean folio-trace doctor --clean
	status hooks folio-trace doctor -v

	cp /sys/kernel/btf/vmlinux /tmp/btf
	status programs folio-trace record --source boundary -o /tmp/programs.data -- bpfobjects
	status otherbtf folio-trace run --source boundary --kernel-btf /tmp/btf -- true
	status badbtf folio-trace run --source boundary --kernel-btf /proc/version -- true

	echo 2 >/proc/sys/kernel/kptr_restrict
	doctor hidden
	status hidden folio-trace run --source boundary -- true
	echo 0 >/proc/sys/kernel/kptr_restrict

	status tasks folio-trace doctor
	umount /sys/kernel/tracing
	umount /sys/kernel/debug/tracing 2>/dev/null
	umount /sys/kernel/debug
	doctor notracefs
	all_sources notracefs
	mount -t tracefs tracefs /sys/kernel/tracing
	;;
esac
until_true 10 nothing_attached
attached >/out/attached
