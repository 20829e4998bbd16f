# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# trials.sh SOURCE SEED N M: N trials and M of vmsplice beside a modest noise, in one traced run; the
# capture, the module's truth, and what the kernel said.
# shellcheck source=lib.sh
. /vm/lib.sh

# Runs as the command. The trials' status is the command's.
if [ "$1" = work ]; then
	shift
	(
		cd /disk || exit
		until [ -e /tmp/trials/over ]; do
			contend 2 /disk
			anonwork 1
			forker 2 1
			gupwork /disk
		done
	) >/dev/null 2>&1 &
	trials run /tmp/trials /disk "$@"
	status=$?
	: >/tmp/trials/over
	wait
	exit $status
fi

source=$1
shift
mkdir -p /tmp/trials
mount -t tmpfs tmpfs /tmp/trials
dd if=/dev/zero of=/disk/swap bs=1M count=48 2>/dev/null
chmod 600 /disk/swap
mkswap /disk/swap >/dev/null
swapon /disk/swap
echo 10 >/sys/kernel/mm/ksm/sleep_millisecs
echo 1000 >/sys/kernel/mm/ksm/pages_to_scan
echo 1 >/sys/kernel/mm/ksm/run
insmod /modules/folio_zoo.ko || exit 4
trials setup /tmp/trials /disk "$@" || exit 4
dmesg -c >/dev/null
read -r started _ </proc/uptime
folio-trace run --source "$source" -o /out/data --ignore-command-status \
	-- sh /vm/trials.sh work "$@" >/out/txt 2>/out/err
echo $? >/out/status
read -r ended _ </proc/uptime
echo $((${ended%.*} - ${started%.*})) >/out/seconds
cat /sys/kernel/debug/folio_trials >/out/log
trials repair
rmmod folio_zoo
dmesg >/out/dmesg
