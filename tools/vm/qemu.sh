# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# qemu's command line, start and end. Sourced by run.sh, whose options it reads.

# Bounds the time until the guest says it is up: 3 to 8 s here without hardware help.
boot_limit=${FOLIO_TRACE_BOOT_LIMIT:-40}

# That /dev/kvm opens is no proof that it works; what failed once since the machine's boot is
# remembered.
kvm_verdict() { printf '%s/kvm-%s\n' "$cache_dir" "$(cat /proc/sys/kernel/random/boot_id)"; }

kvm_works() {
	local verdict
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
	verdict=$(kvm_verdict)
	if [ ! -f "$verdict" ]; then
		mkdir -p "$cache_dir"
		rm -f "$cache_dir"/kvm-*
		# Lives until it is killed, if it lives.
		if timeout -s KILL 1 "${FOLIO_TRACE_QEMU:-qemu-system-x86_64}" -accel kvm -cpu host -m 64 -display none \
			-nic none -serial none -monitor none </dev/null >/dev/null 2>&1; then
			echo no
		elif [ $? = 137 ]; then
			echo yes
		else
			echo no
		fi >"$verdict"
	fi
	[ "$(<"$verdict")" = yes ]
}

choose_accel() {
	if [ -n "${FOLIO_TRACE_ACCEL:-}" ]; then
		printf '%s\n' "$FOLIO_TRACE_ACCEL"
	elif kvm_works; then
		echo kvm
	else
		echo tcg
	fi
}

distrust_kvm() {
	if [ "${FOLIO_TRACE_ACCEL:-}" = kvm ]; then
		echo kvm
		return
	fi
	echo no >"$(kvm_verdict)"
	echo tcg
}

accel_args() {
	if [ "$1" = kvm ]; then
		qemu+=(-accel kvm -cpu host)
	else
		# Without cmpxchg16b: qemu 7.2 loses the flags in it now and then, and SLUB, whose fast
		# path it is, then corrupts its lists. A few boots in a hundred died of that.
		qemu+=(-accel "tcg,thread=multi" -cpu "max,-cx16")
	fi
}

# port NAME PATH: a file of the host that the guest writes to, named in the guest.
port_args() {
	qemu+=(-chardev "file,id=$1,path=$2" -device "virtserialport,chardev=$1,name=$1")
}

mem_mib() {
	case $mem in
	*[gG]) echo $((${mem%?} * 1024)) ;;
	*[mM]) echo $((${mem%?})) ;;
	*) echo "$mem" ;;
	esac
}

# Memory in equal parts, processors dealt out in turn.
numa_args() {
	local i c each
	[ -n "$numa" ] || return 0
	each=$(($(mem_mib) / numa))
	for ((i = 0; i < numa; i++)); do
		qemu+=(-object "memory-backend-ram,id=mem$i,size=${each}M")
		local node="node,nodeid=$i,memdev=mem$i"
		for ((c = i; c < cpus; c += numa)); do
			node+=",cpus=$c"
		done
		qemu+=(-numa "$node")
	done
}

# NVMe, as its driver is built into Debian's cloud kernels.
disk_args() {
	[ -z "$disk" ] ||
		qemu+=(-drive "file=$tmp/disk,format=raw,if=none,id=disk,cache=unsafe"
			-device "nvme,drive=disk,serial=disk")
}

make_disk() {
	[ -n "$disk" ] || return 0
	truncate -s "$disk" "$tmp/disk"
	PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F "$tmp/disk"
}

# One unpacked elsewhere has its data beside it.
qemu_command() {
	local share
	qemu=("$qemu_program")
	for share in "$(dirname "$qemu_program")"/../share/{qemu,seabios}; do
		[ ! -d "$share" ] || qemu+=(-L "$share")
	done
}

# A panic or an oops ends the VM: panic=-1 resets at once, -no-reboot makes qemu end by that.
start_qemu() {
	local qemu
	qemu_command
	qemu+=(-m "$mem" -smp "$cpus" -display none -nic none -monitor none
		-no-reboot -kernel "$image" -initrd "$tmp/initrd"
		-append "console=ttyS0 panic=-1 oops=panic$append" -serial "file:$tmp/console"
		-device virtio-serial-pci)
	accel_args "$1"
	[ -p "$tmp/control" ] || mkfifo "$tmp/control"
	port_args control "$tmp/control"
	port_args stdout "$tmp/stdout"
	port_args stderr "$tmp/stderr"
	port_args out "$tmp/out.tar"
	numa_args
	disk_args
	: >"$tmp/console"
	: >"$tmp/stdout"
	: >"$tmp/stderr"
	: >"$tmp/out.tar"
	# Opened for reading and writing, a pipe needs no waiting for the other side.
	exec 7<>"$tmp/control"
	# In a session of its own: a ^C is ours to handle.
	setsid "${qemu[@]}" </dev/null >"$tmp/qemu.log" 2>&1 7>&- &
	qemu_pid=$!
}

stop_qemu() {
	[ -n "${qemu_pid:-}" ] || return 0
	kill -KILL "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=
}

# The guest's streams are files, so that their length can be checked, and followed, so that they
# are seen live. A tail ends once it has read what there was at qemu's death.
follow_output() {
	tail -q -s 0.05 -c +1 -f --pid="$qemu_pid" "$tmp/stdout" &
	tails=($!)
	tail -q -s 0.05 -c +1 -f --pid="$qemu_pid" "$tmp/stderr" >&2 &
	tails+=($!)
}

# False once somebody closed our output: the tail has died of it.
output_is_read() {
	local t
	for t in "${tails[@]}"; do
		kill -0 "$t" 2>/dev/null || return 1
	done
}

end_output() { [ ${#tails[@]} -eq 0 ] || wait "${tails[@]}" 2>/dev/null || true; }
