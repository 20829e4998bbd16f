# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The seed's two call sites, with the PMD split made fallible in the kernel itself (debug lane).
# shellcheck source=lib.sh
. /vm/lib.sh

knobs=/sys/kernel/debug/fallible_split

# split NAME TEST KNOB=N…: sets the knobs, traces the test, and keeps what is left of them
split() {
	split_name=$1 split_test=$2
	shift 2
	echo 0 >$knobs/fix
	for knob in "$@"; do
		echo "${knob#*=}" >"$knobs/${knob%=*}"
	done
	folio-trace run --source "$source" -o "/out/$split_name.data" --json "/out/$split_name.json" \
		-- hmm-tests -t "$split_test" >"/out/$split_name.txt" 2>"/out/$split_name.err"
	echo $? >"/out/$split_name.status"
	cat $knobs/migrate $knobs/insert $knobs/hold >"/out/$split_name.left"
	echo 0 | tee $knobs/migrate $knobs/insert $knobs/hold >/dev/null
}

insmod /modules/test_hmm.ko
for source in boundary page_ref; do
	split leak-$source migrate_anon_huge_err migrate=1
	split fix-$source migrate_anon_huge_err migrate=1 fix=1
	split abort-$source migrate_anon_huge_zero_err insert=1
	split again-$source migrate_anon_huge_err hold=1 fix=1
done
until_true 10 nothing_attached
attached >/out/attached
# last: what is put once too often is freed while mapped
for source in boundary page_ref; do
	split overput-$source migrate_anon_huge_err hold=1 fix=2
done
