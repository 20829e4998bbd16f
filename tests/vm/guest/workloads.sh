# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Every kind of folio, healthy.
# shellcheck source=lib.sh
. /vm/lib.sh

echo 16 >/proc/sys/vm/nr_hugepages
cd /disk || exit 1
for w in anonwork "filework /disk" hugework "gupwork /disk" "iouring /disk" forker; do
	# shellcheck disable=SC2086 # words
	traced "${w%% *}" -- $w
done
until_true 10 nothing_attached
attached >/out/attached
