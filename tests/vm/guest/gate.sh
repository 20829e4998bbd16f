# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# gate.sh GOOD BAD: the regression gate on the debug lane: an expectation of two good runs, the good
# workload GOOD times, the leaking one BAD times, of these the last as JUnit; hmm-tests and others as a KTAP subtest;
# what cannot be traced.
# shellcheck source=lib.sh
. /vm/lib.sh

knobs=/sys/kernel/debug/fallible_split

# split FIX CMD…: the next PMD split of a migration fails, with or without the put that is owed
split() {
	echo "$1" >$knobs/fix
	echo 1 >$knobs/migrate
	shift
	"$@"
}

insmod /modules/test_hmm.ko
for n in 1 2; do
	split 1 traced learn$n -- thpmig plain 1
done
folio-trace expect -o /out/good.json /out/learn1.data /out/learn2.data
echo $? >/out/expect.status

gate() { trace --expect /out/good.json "$@"; }

for n in $(seq "$1"); do
	split 1 gate -- thpmig plain 1 >"/out/good$n.txt" 2>&1
	echo $?
done >/out/good.statuses
for n in $(seq $(($2 - 1))); do
	split 0 gate -- thpmig plain 1 >"/out/bad$n.txt" 2>&1
	echo $?
done >/out/bad.statuses
split 0 status "bad$2" gate --format junit -- thpmig plain 1
cat "/out/bad$2.status" >>/out/bad.statuses

split 1 status ktap trace --format ktap -- hmm-tests -t migrate_anon_huge_err
status dies trace --format ktap -- sh -c 'echo "TAP version 13"; echo 1..3; echo ok 1 one; kill -9 $$'
status garbage trace --format ktap -- head -c 100000 /dev/urandom
chmod 644 /out/good.json
status cannot withcaps -- folio-trace run --expect /out/good.json --format ktap -- true
