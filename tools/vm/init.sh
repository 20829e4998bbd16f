#!/bin/busybox sh
# shellcheck shell=dash
# /init of the bench's guests: mounts, modules, ports, then the command of /bench/argv. The host
# learns over the port "control" that the guest is up and how the command ended.

set_up_mounts() {
	mkdir -p /proc /sys /dev /tmp /out /run /root /bench/port
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/shm
	mount -t tmpfs tmpfs /dev/shm
	mount -t tmpfs tmpfs /tmp
	# A capture may be larger than the half of the memory that is tmpfs's default.
	mount -t tmpfs -o size=80%,mode=755 tmpfs /out
	mount -t tmpfs tmpfs /run
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t securityfs securityfs /sys/kernel/security
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	ln -s /proc/self/fd /dev/fd
	ln -s /proc/self/fd/0 /dev/stdin
	ln -s /proc/self/fd/1 /dev/stdout
	ln -s /proc/self/fd/2 /dev/stderr
} 2>/dev/null

# In the order of the host: dependencies first.
load_modules() {
	[ -f /bench/modules/order ] || return 0
	while read -r m; do
		insmod "/bench/modules/$m" || echo "folio-vm: cannot load $m"
	done </bench/modules/order
}

# Ports are announced by the host some time after the driver is there.
find_ports() {
	for try in 1 2 3 4 5 6 7 8 9 10 20 30 40 50; do
		for p in /sys/class/virtio-ports/*; do
			[ -s "$p/name" ] && read -r name <"$p/name" &&
				ln -sf "/dev/${p##*/}" "/bench/port/$name"
		done
		[ -e /bench/port/control ] && [ -e /bench/port/stdout ] && [ -e /bench/port/stderr ] &&
			[ -e /bench/port/out ] && return 0
		sleep "0.$try"
	done
	echo "folio-vm: no virtio ports; this kernel needs CONFIG_VIRTIO_PCI and CONFIG_VIRTIO_CONSOLE"
	return 1
}

mount_disk() {
	[ -f /bench/disk ] || return 0
	mkdir -p /disk
	for d in /dev/nvme0n1 /dev/vda; do
		[ -b "$d" ] && mount -t ext4 "$d" /disk && return 0
	done
	echo "folio-vm: cannot mount the disk"
	return 1
}

run() {
	cd /tmp || return
	/bench/guest exec /bench/argv /bench/port/stdout /bench/port/stderr
}

send_out() {
	if [ -f /bench/want-out ]; then
		tar -C /out -cf - . | /bench/guest send /bench/port/out
	else
		echo 0
	fi
}

stop() {
	poweroff -f
	# No ACPI in this kernel: the host takes a reset for the end too.
	reboot -f
}

/bin/busybox --install -s /bin 2>/dev/null
export PATH=/usr/local/bin:/bin HOME=/root
set_up_mounts
ip link set lo up
load_modules
find_ports || stop
mount_disk || stop
# Warnings and worse from here on: the console is slow.
echo 5 >/proc/sys/kernel/printk
read -r up _ </proc/uptime
exec 3>/bench/port/control
echo "up $up" >&3
result=$(run)
bytes=$(send_out)
echo "exit ${result:-125 0 0} $bytes" >&3
# The host stops the VM when it has everything.
sleep 5
stop
