# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The inline source on a stock kernel: the seed's leak, with test_hmm loaded and unloaded inside the
# command; and what is left when tracer and watchdog are killed.
# shellcheck source=lib.sh
. /vm/lib.sh

trace() { folio-trace run --source inline "$@"; }

knobs() { cat /proc/sys/debug/kprobes-optimization /sys/kernel/rcu_expedited; }

# As hmm-tests' own script does it: loads the module, runs a test, unloads it.
cat >/tmp/test_hmm.sh <<END
# probed MODULE: until its probes, which come after the load, are armed
probed() { until grep "\$1" /sys/kernel/debug/kprobes/list | grep -qv DISABLED; do usleep 200000; done; }
insmod /modules/split_fail.ko \$1 || exit 4
probed folio_split_zapped_put
# Unloaded, and loaded again; modules are taken in turn, so the next one's probes come after that.
rmmod split_fail
insmod /modules/split_fail.ko times=1 \$1 || exit 4
insmod /modules/test_hmm.ko || exit 4
probed test_hmm
hmm-tests -t migrate_anon_huge_err
hmm-tests -t migrate_partial_unmap_fault
grep _module2 /sys/kernel/tracing/kprobe_profile >/out/module.hits
rmmod split_fail test_hmm
END

knobs >/out/knobs.before
for case in leak:fixed=0 fixed:fixed=1; do
	traced "${case%:*}" --ignore-command-status -- sh /tmp/test_hmm.sh "${case#*:}"
done
knobs >/out/knobs.after

# Nobody reaps orphans in this guest.
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"; }

# start: a tracer that is armed; $tracer and $watchdog
start() {
	rm -f /tmp/ready
	folio-trace record --source inline --sites 'folio_add_*' --ready-file /tmp/ready -o /out/killed.data \
		-- sleep 1000 >/out/killed.txt 2>&1 &
	tracer=$!
	until_true 200 test -e /tmp/ready
	for p in /proc/[0-9]*; do
		if grep -qx folio-trace-wd "$p/comm" &&
			grep -q "^PPid:[[:space:]]*$tracer\$" "$p/status"; then
			watchdog=${p#/proc/}
		fi
	done
}

start
knobs >/out/knobs.tracing
wc -l </sys/kernel/tracing/kprobe_events >/out/probes.tracing
kill -KILL "$tracer"
until_true 20 gone "$watchdog"
until_true 20 nothing_attached
knobs >/out/knobs.killed
attached >/out/attached.killed

start
kill -KILL "$watchdog" "$tracer"
until_true 20 gone "$tracer"
until_true 20 gone "$watchdog"
knobs >/out/knobs.orphans
wc -l </sys/kernel/tracing/kprobe_events >/out/probes.orphans
status clean folio-trace doctor --clean
knobs >/out/knobs.cleaned
status again folio-trace doctor --clean

start
kill -KILL "$watchdog" "$tracer"
until_true 20 gone "$tracer"
# the next start does the same
status next folio-trace record --source inline --sites 'folio_add_*' -- true
knobs >/out/knobs.next
until_true 10 nothing_attached
attached >/out/attached
