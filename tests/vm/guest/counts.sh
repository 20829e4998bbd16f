# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# kpage's pages, as the kernel counts them and as folio-trace reads them at the same time.
# shellcheck source=lib.sh
. /vm/lib.sh

echo 8 >/proc/sys/vm/nr_hugepages
cd /disk || exit 1
# The pages live on after sh: what is read at the end is read while they are mapped.
folio-trace run --source boundary -o /out/tool.data --json /out/tool.json -- \
	sh -c 'kpage /tmp/stop >/out/kpage & until grep -q ready /out/kpage; do usleep 50000; done' \
	>/out/tool.txt 2>/out/tool.err
echo $? >/out/tool.status
touch /tmp/stop
until_true 10 grep -q changed= /out/kpage
