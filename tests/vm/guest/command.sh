# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# How run treats its command, its outputs and its user.
# shellcheck disable=SC2086 # $run is words
# shellcheck source=lib.sh
. /vm/lib.sh

run="folio-trace run --source boundary"

# Fails before anything is attached.
refused() {
	echo old >/tmp/target
	ln -s /tmp/target /tmp/link
	status symlink $run -o /tmp/link -- true
	status nodir $run -o /tmp/none/x.data -- true
	status directory $run -o /tmp -- true
	cp /tmp/target /out/target
	status noroot withcaps -- $run -- true
	status fewcaps withcaps bpf,perfmon -- $run -- true
	mount -t tmpfs none /sys/kernel/btf
	status nobtf $run -- true
	umount /sys/kernel/btf
}

not_run() {
	: >/tmp/not-executable
	status notfound $run -- no-such-command
	status nopath $run -- /no/such/command
	status noexec $run -- /tmp/not-executable
	status noexecdir $run -- /tmp
}

# The status line is for a terminal, which the serial console is.
ended() {
	traced exit7 -- sh -c 'exit 7'
	$run -o /out/term.data --json /out/term.json -- \
		sh -c 'trap "echo got it; exit 9" TERM; : >/tmp/up; while :; do ls -R /sys/class; done >/dev/null' \
		>/out/term.txt 2>/dev/ttyS0 &
	tracer=$!
	until_true 300 test -e /tmp/up
	usleep 600000
	kill -TERM "$tracer"
	wait "$tracer"
	echo $? >/out/term.status
	traced signal -- sh -c 'kill -SEGV $$'
	status ignored $run --ignore-command-status -- sh -c 'kill -SEGV $$'
}

# SIGKILL in the middle: the command goes too, nothing stays, the capture can be read.
killed() {
	$run -o /out/killed.data -- \
		sh -c 'echo $$ >/tmp/pid; while :; do ls -R /sys/class; done >/dev/null' >/out/killed.txt 2>&1 &
	tracer=$!
	until_true 300 test -s /tmp/pid
	until_true 300 big_enough /out/killed.data 500000
	kill -KILL "$tracer"
	wait "$tracer" 2>/dev/null
	until_true 10 gone "$(cat /tmp/pid)" && echo gone >/out/killed.child
	until_true 10 nothing_attached
	attached >/out/attached.killed
	status killed.report folio-trace report /out/killed.data
}

big_enough() { [ "$(stat -c %s "$1")" -gt "$2" ]; }
# Dead, and perhaps not yet waited for.
gone() { ! grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; }

full_disk() {
	mkdir /small
	mount -t tmpfs -o size=36k none /small
	status full $run -o /small/full.data --json /out/full.json -- sh -c 'for i in 1 2 3; do ls -R /sys/class; done >/dev/null; exit 5'
	cp /small/full.data /out/full.data
	status spool $run --spool-size 64K -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do ls -R /sys/class; done >/dev/null'
}

# Nothing of the command is missed: its first pages, and each kind that kpage knows.
first() {
	traced first -- kpage </dev/null
	folio-trace export --events all /out/first.data >/out/first.all.json
}

caps() {
	mkdir -m 777 /tmp/nobody
	status caps withcaps sys_admin,syslog -- $run -o /tmp/nobody/x.data -- true
	stat -c '%a %u' /tmp/nobody/x.data >/out/caps.mode
}

lockdown() {
	mount -t securityfs none /sys/kernel/security
	if echo confidentiality >/sys/kernel/security/lockdown; then
		status lockdown $run -- true
	fi
}

attached >/out/attached.before
refused
not_run
until_true 10 nothing_attached
attached >/out/attached.refused
ended
killed
full_disk
first
caps
until_true 10 nothing_attached
attached >/out/attached
lockdown
