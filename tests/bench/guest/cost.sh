# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# cost.sh SOURCE…: the loops of tests/workloads/loops.c without a tracer, with folio-trace while it
# follows somebody else, and while it follows the loops, with and without stacks. "peers" instead of a source: perf record
# of the loops alone, trace-cmd record and bpftrace counting, of all. Lines of: CONFIG LOOP MICROSECONDS.
loops=/tmp/loops
cp /usr/local/bin/loops "$loops"
: "${BATCHES:=8}"

measure() {
	measure_name=$1
	shift
	"$@" "$loops" all "$BATCHES" 2>/tmp/err >/tmp/times || { echo "$measure_name failed" && cat /tmp/err; }
	sed "s/^/$measure_name /" /tmp/times
}

wait_for() {
	wait_tries=0
	until "$@"; do
		usleep 100000
		wait_tries=$((wait_tries + 1))
		[ $wait_tries -lt 1200 ] || return 1
	done
}

ours() {
	rm -f /tmp/ready
	sleep 10000 &
	other=$!
	folio-trace record --source "$1" -p $other --ready-file /tmp/ready -o /tmp/other.data 2>/tmp/other.err &
	tracer=$!
	wait_for test -e /tmp/ready
	measure "$1-untracked" env
	kill -INT $tracer
	wait $tracer
	kill $other
	measure "$1-tracked" folio-trace record --source "$1" -o /tmp/tracked.data --
	tail -n 1 /tmp/err | sed 's/^/# /'
	[ "$1" = boundary ] || measure "$1-no-stacks" folio-trace record --stack-depth 0 --source "$1" \
		-o /tmp/tracked.data --
	rm -f /tmp/*.data
}

peers() {
	measure perf chroot /peers perf record -q -e 'page_ref:*' -o /tmp/perf.data --
	chroot /peers perf report -i /tmp/perf.data --stats 2>/dev/null | grep -E 'SAMPLE events|LOST' | sed 's/^/# perf:/'
	measure perf-g chroot /peers perf record -q -g -e 'page_ref:*' -o /tmp/perf.data --
	rm -f /tmp/perf.data
	measure trace-cmd chroot /peers trace-cmd record -q -e page_ref -o /tmp/trace.dat
	grep -i -E 'overrun|dropped|lost' /tmp/err | head -n 2 | sed 's/^/# trace-cmd: /'
	rm -f /tmp/trace.dat*
	chroot /peers bpftrace -e 'BEGIN { printf("ready\n"); } tracepoint:page_ref:* { @[probe] = count(); }' \
		>/tmp/bpftrace.out 2>&1 &
	counter=$!
	wait_for grep -q ready /tmp/bpftrace.out || cat /tmp/bpftrace.out
	measure bpftrace env
	kill $counter
	wait $counter
}

if [ -d /peers ]; then
	mkdir -p /peers/proc /peers/sys /peers/tmp /peers/dev
	for dir in proc sys tmp dev; do mount --rbind "/$dir" "/peers/$dir"; done
fi
# Twice: the better of the two counts.
for _ in 1 2; do
	measure off env
	for what in "$@"; do
		if [ "$what" = peers ]; then peers; else ours "$what"; fi
	done
done
