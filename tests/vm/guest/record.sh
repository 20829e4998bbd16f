# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Whose folios record takes: a command's, running processes', everybody's; and when it ends.
# shellcheck source=lib.sh
. /vm/lib.sh

record() { folio-trace record --source boundary "$@"; }
ready() { test -s /tmp/ready; }

# Not busybox's own applet, which would keep the name of the shell.
mkdir /tmp/own
cp /bin/busybox /tmp/own/cat

# A process that starts a child ten times a second, and tells of it.
loop() {
	exec sh -c 'while [ ! -e /tmp/stop ]; do
		/tmp/own/cat /proc/self/maps >/dev/null
		echo >>/tmp/rounds
		usleep 100000
	done'
}

rounds() { wc -l </tmp/rounds; }
later() { [ "$(rounds)" -ge "$1" ]; }

# end_after_rounds: SIGINT for the recorder, when the loop has gone round some times since it was ready
end_after_rounds() {
	rm -f /tmp/ready
	(until_true 120 ready && until_true 120 later $(($(rounds) + 4)) && kill -INT "$(cat /tmp/pid)") &
}

# A process that was there before.
: >/tmp/rounds
loop &
loop=$!
end_after_rounds
status pid record -o /out/pid.data -p $loop --ready-file /tmp/ready --pid-file /tmp/pid
echo "$loop" >/out/pid.loop
ls /tmp/ready >/out/pid.files
ls /tmp/pid >>/out/pid.files 2>/dev/null

# Until the process has ended; and what is in a pipe is its baseline.
kpage /tmp/kpage.stop >/tmp/kpage.out &
kpage=$!
until_true 60 grep -q ready /tmp/kpage.out
rm -f /tmp/ready
(until_true 120 ready && touch /tmp/kpage.stop) &
status ended record -o /out/ended.data -p $kpage --ready-file /tmp/ready
grep 'kind=piped' /tmp/kpage.out >/out/piped

# Everybody, until a signal.
end_after_rounds
status all record -o /out/all.data -a --ready-file /tmp/ready --pid-file /tmp/pid
touch /tmp/stop

# A command that would go on, and one that does not want to end.
status duration record -o /out/duration.data -d 0.5 -- sleep 1000
status stubborn record -o /out/stubborn.data -d 0.5 -- sh -c 'trap "" TERM; while :; do sleep 1; done'

# PIDs are those of the namespace.
status namespace unshare -p -f sh -c 'folio-trace record --source boundary -o /out/namespace.data \
	-p 1 -d 2 & while [ -e /proc/1 ] && kill -0 $! 2>/dev/null; do /tmp/own/cat /proc/self/stat >/dev/null; usleep 50000; done; wait $!'
status nobody record -o /out/nobody.data -p 1234567

# Chosen in the kernel.
status order record -o /out/order.data --order 9 -- anonwork
status timeline folio-trace timeline --kind anon --order 9 /out/order.data
until_true 10 nothing_attached
attached >/out/attached
