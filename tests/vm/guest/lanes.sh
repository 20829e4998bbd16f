# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Healthy workloads, on any kernel; what is attached before and after.
# shellcheck source=lib.sh
. /vm/lib.sh

cd /disk || exit 1
attached >/out/before
# shellcheck disable=SC2016 # for that shell to expand
traced shell -- sh -c 'i=0; while [ $i -lt 20 ]; do cat /proc/self/maps | wc -l >x; rm x; i=$((i + 1)); done'
traced forker -- forker
traced iouring -- iouring /disk
dd if=/dev/urandom of=/disk/from bs=64k count=64 2>/dev/null
traced copy -- sh -c 'cp from to && sync && cmp from to'
if [ -f /modules/test_hmm.ko ]; then
	insmod /modules/test_hmm.ko
	# test by test: what the whole of it finds is the business of hmm.sh
	traced hmm --ignore-command-status -- hmm-tests -T benchmark_thp_migration
fi
# Every source that this kernel has.
folio-trace run --json /out/auto.json -- ls -R /sys/class /disk >/out/auto.txt 2>/out/auto.err
echo $? >/out/auto.status
until_true 10 nothing_attached
attached >/out/after
