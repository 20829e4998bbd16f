# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# compare.sh ROUNDS: page_ref and inline side by side, over hmm-tests and ROUNDS rounds of the stress.
# shellcheck source=lib.sh
. /vm/lib.sh

insmod /modules/test_hmm.ko
folio-trace run --source page_ref,inline --ignore-command-status -o /out/hmm.data \
	-- hmm-tests -T benchmark_thp_migration >/out/hmm.txt 2>/out/hmm.err
echo $? >/out/hmm.status
rmmod test_hmm
sh /vm/stress.sh page_ref,inline "$1"
