# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The seed's case: the PMD split of a device migration fails.
# shellcheck source=lib.sh
. /vm/lib.sh

huge_err() { traced "$@" hmm-tests -t migrate_anon_huge_err; }

insmod /modules/test_hmm.ko
insmod /modules/split_fail.ko fixed=0 times=1
huge_err leak --
rmmod split_fail

insmod /modules/split_fail.ko fixed=1 times=1
huge_err fixed --ignore-command-status --
rmmod split_fail

insmod /modules/split_fail.ko where=1 times=1
huge_err where --ignore-command-status --
rmmod split_fail

# Loaded beside the tracer that runs already.
traced later -- sh -c 'insmod /modules/split_fail.ko fixed=0 times=1 && hmm-tests -t migrate_anon_huge_err'
rmmod split_fail
until_true 10 nothing_attached
attached >/out/attached
