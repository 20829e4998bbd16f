# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# What the guest's scripts share; busybox sh. Sourced.

# The boundary source alone: it starts in a fraction of the time, and is what these tests are about.
trace() { folio-trace run --source boundary "$@"; }

# traced NAME [OPTION…] -- CMD…: a run with all its outputs and its status in /out/NAME.*
traced() {
	traced_name=$1
	shift
	trace -o "/out/$traced_name.data" --json "/out/$traced_name.json" "$@" \
		>"/out/$traced_name.txt" 2>"/out/$traced_name.err"
	echo $? >"/out/$traced_name.status"
}

# status NAME CMD…: a command's exit status and output
status() {
	status_name=$1
	shift
	"$@" >"/out/$status_name.txt" 2>"/out/$status_name.err"
	echo $? >"/out/$status_name.status"
}

# until_true SECONDS CMD…: waits for a condition
until_true() {
	read -r until_end _ </proc/uptime
	until_end=$((${until_end%.*} + $1))
	shift
	until "$@"; do
		read -r until_now _ </proc/uptime
		[ "${until_now%.*}" -lt "$until_end" ] || return 1
		usleep 20000
	done
}

# What of a tracer is in the kernel: traced functions, BPF objects, probes.
attached() {
	cat /sys/kernel/tracing/enabled_functions /sys/kernel/tracing/kprobe_events
	bpfobjects
}

# A dead process's programs go with its file descriptors, a moment later.
nothing_attached() { [ -z "$(attached)" ]; }
