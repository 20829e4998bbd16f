# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The whole of hmm-tests but its benchmark, untraced and traced.
# shellcheck source=lib.sh
. /vm/lib.sh

whole() { hmm-tests -T benchmark_thp_migration; }

results() { sed -n 's/^\(not ok\|ok\) [0-9]* \([^ ]*\).*/\2 \1/p' "/out/$1.txt" | sort; }

insmod /modules/test_hmm.ko
status untraced whole
cat /proc/meminfo >/out/meminfo.before
# No capture is kept: it would be half of the memory.
trace --json /out/traced.json -- hmm-tests -T benchmark_thp_migration \
	>/out/traced.txt 2>/out/traced.err
echo $? >/out/traced.status
cat /proc/meminfo >/out/meminfo.after

# Some tests fail now and then here, traced or not: what differs is given five more tries each.
results untraced >/tmp/untraced
results traced >/tmp/traced
diff /tmp/untraced /tmp/traced | sed -n 's/^[-+<>] *\(hmm[^ ]*\).*/\1/p' | sort -u >/out/differ
five() { for _ in 1 2 3 4 5; do hmm-tests -t "$1"; done; }

while read -r test; do
	five "${test##*.}" >"/out/again.untraced.$test.txt" 2>&1
	trace -- sh -c "for _ in 1 2 3 4 5; do hmm-tests -t ${test##*.}; done" \
		>"/out/again.traced.$test.txt" 2>&1
done </out/differ
