#!/bin/bash
# Boot a kernel in qemu, run a command in it, give its output and exit status.
set -euo pipefail
me=vm-run
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=initramfs.sh
. "$vm_dir/initramfs.sh"
# shellcheck source=qemu.sh
. "$vm_dir/qemu.sh"
# shellcheck source=newer_qemu.sh
. "$vm_dir/newer_qemu.sh"

usage() {
	cat <<'END'
usage: tools/vm/run.sh --kernel stock|6.1|6.12|debug|PATH [OPTION…] -- CMD [ARG…]
  --kernel K          a lane of the bench, or the path of a bzImage of one's own
  --mem SIZE          memory (1G)
  --cpus N            processors (2)
  --timeout S         seconds for the whole run, boot included (120)
  --append ARGS       more for the kernel's command line
  --file SRC[:DST]    a file or directory for the guest; DST is /NAME without one
  --out DIR           where the guest's /out goes
  --numa N            this many memory nodes
  --disk SIZE         an empty ext4 on /disk
  --keep-disk FILE    keep its image there, whatever happens
  --module NAME       load this module of the lane's kernel, with its dependencies (zram, …)
  --console FILE      keep the console log there, whatever happens

CMD's stdout and stderr are run.sh's, and so is its status (128+N for signal N). Besides:
123 the kernel panicked, 124 time is up, 125 the bench failed.

In the guest: busybox; folio-trace if build/static/folio-trace is there; the lane's test programs
and build/workloads/* in PATH; modules in /modules; tmpfs on /tmp and /out; tracefs, debugfs, bpffs.
FOLIO_TRACE_ACCEL=tcg|kvm overrides the choice of the accelerator, FOLIO_TRACE_QEMU=PATH that of
qemu: this machine's, or one fetched into the cache if that is Debian 12's and there is no KVM.
FOLIO_TRACE_BOOT_LIMIT=S: how long a boot may take (40).
END
}

parse() {
	kernel='' mem=1G cpus=2 timeout=120 append='' out='' numa='' disk='' disk_to='' console_to=''
	files=() extra_modules=() argv=() tails=()
	while [ $# -gt 0 ]; do
		case $1 in
		--)
			shift
			argv=("$@")
			break
			;;
		-h | --help) usage && exit 0 ;;
		--kernel | --mem | --cpus | --timeout | --append | --file | --out | --numa | --disk | \
			--keep-disk | --module | --console)
			[ $# -ge 2 ] || die "$1 needs a value"
			set_option "$1" "$2"
			shift
			;;
		*) die "unknown option '$1' (the command comes after --)" ;;
		esac
		shift
	done
	[ -n "$kernel" ] || die "--kernel is missing"
	[ ${#argv[@]} -gt 0 ] || die "no command: it comes after --"
	[ -z "$disk_to" ] || [ -n "$disk" ] || die "--keep-disk needs --disk"
}

is_number() { [[ $1 =~ ^[1-9][0-9]*$ ]]; }

set_option() {
	case $1 in
	--kernel) kernel=$2 ;;
	--mem) mem=$2 ;;
	--cpus) is_number "$2" || die "--cpus '$2' is not a number" && cpus=$2 ;;
	--timeout) is_number "$2" || die "--timeout '$2' is not a number of seconds" && timeout=$2 ;;
	--append) append+=" $2" ;;
	--file) files+=("$2") ;;
	--out) out=$2 ;;
	--numa) is_number "$2" || die "--numa '$2' is not a number" && numa=$2 ;;
	--disk) disk=$2 ;;
	--keep-disk) disk_to=$2 ;;
	--module) extra_modules+=("$2") ;;
	--console) console_to=$2 ;;
	esac
}

# A lane, or somebody's own image without modules.
choose_kernel() {
	if is_lane "$kernel"; then
		lane_load "$kernel"
		image=$kernel_dir/vmlinuz
	elif [ -f "$kernel" ]; then
		lane=own kernel_dir='' RELEASE='' image=$kernel
	else
		die "no kernel '$kernel': stock, 6.1, 6.12, debug, or the path of a vmlinuz"
	fi
}

# shellcheck disable=SC2317 # by trap
cleanup() {
	trap - EXIT
	stop_qemu
	[ -z "${tmp:-}" ] || rm -rf "$tmp"
}

# keep_console [SUFFIX]: with qemu's own last words, if any.
keep_console() {
	local kept=$build_dir/vm/console-$lane-$$${1:-}.log
	mkdir -p "$build_dir/vm"
	cat "$tmp/console" "$tmp/qemu.log" >"$kept"
	say "the console log is $kept"
}

# Why the VM ended without a word from the guest.
explain_death() {
	local line
	if line=$(grep -m1 -aE 'Kernel panic|BUG:|Oops:|general protection' "$tmp/console"); then
		say "the kernel panicked: $(tr -d '\r' <<<"$line")"
		line=$(grep -m1 -aE 'RIP: ' "$tmp/console" | tr -d '\r') && say "$line"
		if grep -qa 'Oops: int3' "$tmp/console"; then
			say "qemu 7.2 does this at times by itself: a newer one is in Debian's backports"
		fi
		return "$vm_panicked"
	fi
	say "the VM ended before the command did"
	return "$vm_failed"
}

# A warning does not change the command's status, but is not to pass unseen.
mention_warning() {
	local line
	if line=$(grep -m1 -aE '(WARNING|BUG): ' "$tmp/console"); then
		say "the kernel warned: $(tr -d '\r' <<<"$line")"
		keep_console
	fi
}

# The guest's words: "up SECONDS", later "exit STATUS STDOUT-BYTES STDERR-BYTES OUT-BYTES".
boot() {
	local word rest
	start_qemu "$1"
	SECONDS=0
	deadline=$((boot_limit < timeout ? boot_limit : timeout))
	while read_control word rest; do
		[ "$word" != up ] || return 0
	done
	return 1
}

# read_control WORD REST: the guest's next line; fails when the VM has ended or time is up.
read_control() {
	local line='' piece
	while :; do
		# A read that times out in the middle of a line has taken its first part.
		if IFS= read -r -t 0.2 -u 7 piece; then
			IFS=' ' read -r "$1" "$2" <<<"$line$piece"
			return 0
		fi
		line+=$piece
		if [ "$SECONDS" -ge "$deadline" ]; then
			why=timeout
			return 1
		elif ! kill -0 "$qemu_pid" 2>/dev/null; then
			# Its last words may still be in the pipe.
			read -r -t 0 -u 7 && continue
			why=died
			return 1
		elif ! output_is_read; then
			why=unread
			return 1
		fi
	done
}

# One boot in some fifty hangs with nothing said, with or without us: try once more. Not if the
# guest says that it cannot work, nor if there is no time for it.
boot_or_retry() {
	local accel try
	accel=$(choose_accel)
	choose_qemu "$accel"
	for try in 1 2; do
		why=''
		boot "$accel" && return 0
		stop_qemu
		if grep -am1 'folio-vm:' "$tmp/console" >&2; then
			return "$vm_failed"
		elif [ "$why" = timeout ] && [ "$timeout" -le "$boot_limit" ]; then
			say "time is up before the guest was: ${timeout} s"
			return "$vm_timed_out"
		elif [ "$try" = 1 ]; then
			say "the boot ${why/timeout/hung} under $accel; trying once more"
			keep_console -try1
			[ "$accel" != kvm ] || accel=$(distrust_kvm)
		fi
	done
	say "the boot ${why/timeout/hung} again"
	return "$vm_failed"
}

wait_for_bytes() {
	local file=$1 bytes=$2 i
	for ((i = 0; i < 100; i++)); do
		[ "$(stat -c %s "$file")" -lt "$bytes" ] || return 0
		sleep 0.05
	done
	say "the guest's output is incomplete: $(stat -c %s "$file") of $bytes bytes"
	return 1
}

run_guest() {
	local word rest status=0 out_bytes err_bytes tar_bytes
	boot_or_retry || status=$?
	if [ "$status" != 0 ]; then
		keep_console
		return "$status"
	fi
	deadline=$timeout
	follow_output
	if ! read_control word rest || [ "$word" != exit ]; then
		stop_qemu
		status=$vm_timed_out
		if [ "$why" = timeout ]; then
			say "time is up: ${timeout} s"
		elif [ "$why" = unread ]; then
			# As a command whose reader has gone: the status of SIGPIPE.
			return 141
		else
			explain_death || status=$?
		fi
		keep_console
		return "$status"
	fi
	read -r status out_bytes err_bytes tar_bytes <<<"$rest"
	wait_for_bytes "$tmp/stdout" "$out_bytes" && wait_for_bytes "$tmp/stderr" "$err_bytes" &&
		wait_for_bytes "$tmp/out.tar" "${tar_bytes:-0}" || status=$vm_failed
	stop_qemu
	mention_warning
	return "$status"
}

main() {
	local status=0
	parse "$@"
	need_tools qemu-system-x86_64 busybox cpio gcc
	choose_kernel
	trap cleanup EXIT
	trap 'cleanup; exit 130' INT
	trap 'cleanup; exit 143' TERM HUP
	tmp=$(tmp_dir vm)
	make_initramfs
	make_disk
	run_guest || status=$?
	end_output
	[ -z "$disk_to" ] || cp --sparse=always "$tmp/disk" "$disk_to"
	[ -z "$console_to" ] || cp "$tmp/console" "$console_to"
	if [ -n "$out" ] && [ -s "$tmp/out.tar" ]; then
		mkdir -p "$out"
		tar -C "$out" -xf "$tmp/out.tar" --no-same-owner
	fi
	return "$status"
}

# Read as a whole: bash reads a script as it goes, and this one may be changed while it runs.
{ main "$@"; exit; }
