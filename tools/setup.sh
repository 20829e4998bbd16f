#!/bin/bash
# Install everything that is needed to build and test folio-trace and to run its VM bench.
# Run twice it does nothing, silently and without the network. Debian and Ubuntu are installed by
# apt; elsewhere the package names are printed, and the status is 1 if a tool is missing.
set -euo pipefail

# What each group is for is said once, here; the names are Debian's.
build=(gcc make pkg-config clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libzstd-dev
	liblzma-dev libbz2-dev libjansson-dev libdw-dev)
checks=(libcmocka-dev clang-format shellcheck python3 python3-jsonschema python3-fastjsonschema git
	libxml2-utils sqlite3 mandoc zsh debootstrap debian-archive-keyring
	libdebuginfod1)
vm=(qemu-system-x86 busybox-static cpio kmod e2fsprogs xz-utils zstd util-linux)
# The debug lane compiles a kernel, the other lanes' modules are built against Debian's headers.
kernel=(flex bison bc dwarves libssl-dev rsync perl)
packages=("${build[@]}" "${checks[@]}" "${vm[@]}" "${kernel[@]}")

say() { printf 'setup: %s\n' "$*" >&2; }

# A transitional or virtual name (pkg-config, bpftool on Ubuntu) counts as installed if what
# provides it is.
missing_debs() {
	local have p
	have=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
		sed -n 's/^installed //p' | sed 's/([^)]*)//g; s/,/ /g' | tr -s ' ' '\n' | sort -u)
	for p in "$@"; do
		grep -qxF "$p" <<<"$have" || printf '%s\n' "$p"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		say "needs root: run as root, or install sudo"
		return 1
	fi
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" >&2
}

# Ubuntu has bpftool in its kernel's tools package and no package of that name before 25.04.
ubuntu_names() {
	local p
	for p in "$@"; do
		if [ "$p" = bpftool ] && ! apt-cache show bpftool >/dev/null 2>&1; then
			p=linux-tools-generic
		fi
		printf '%s\n' "$p"
	done
}

setup_apt() {
	local need
	mapfile -t need < <(missing_debs "${packages[@]}")
	[ ${#need[@]} -gt 0 ] || return 0
	say "installing ${need[*]}"
	as_root apt-get -q -o DPkg::Lock::Timeout=300 update >&2
	if [ "$1" = ubuntu ]; then
		mapfile -t need < <(ubuntu_names "${need[@]}")
	fi
	apt_install "${need[@]}"
}

tools=(gcc make pkg-config clang llvm-strip bpftool clang-format shellcheck python3 git xmllint
	sqlite3 mandoc zsh qemu-system-x86_64 busybox cpio insmod mkfs.ext4 xz zstd flock flex bison bc pahole rsync perl
	dpkg-deb apt-get)

missing_tools() {
	local t
	for t in "${tools[@]}"; do
		command -v "$t" >/dev/null || printf '%s\n' "$t"
	done
	for t in libbpf libelf zlib jansson libdw cmocka; do
		pkg-config --exists "$t" 2>/dev/null || printf '%s\n' "$t (headers)"
	done
}

print_names() {
	cat >&2 <<'END'
setup: only Debian and Ubuntu are installed automatically. The packages elsewhere:
  Fedora:   sudo dnf install gcc make pkgconf clang llvm clang-tools-extra bpftool libbpf-devel
            elfutils-libelf-devel elfutils-devel zlib-devel libzstd-devel xz-devel bzip2-devel
            jansson-devel libcmocka-devel ShellCheck python3 python3-jsonschema
            python3-fastjsonschema git libxml2 sqlite mandoc zsh qemu-system-x86-core busybox cpio
            kmod e2fsprogs xz zstd util-linux flex bison bc dwarves openssl-devel rsync perl dpkg
            apt glibc-static zlib-static
  Arch:     sudo pacman -S --needed base-devel clang llvm bpf libbpf libelf elfutils zlib zstd xz
            bzip2 jansson cmocka shellcheck python python-jsonschema python-fastjsonschema git
            libxml2 sqlite mandoc zsh qemu-system-x86 busybox cpio kmod e2fsprogs util-linux bc
            pahole openssl rsync perl dpkg apt
  openSUSE: sudo zypper install gcc make pkgconf-pkg-config clang llvm bpftool libbpf-devel
            libelf-devel libdw-devel zlib-devel libzstd-devel xz-devel libbz2-devel
            libjansson-devel libcmocka-devel ShellCheck python3 python3-jsonschema
            python3-fastjsonschema git libxml2-tools sqlite3 mandoc zsh qemu-x86 busybox-static
            cpio kmod e2fsprogs xz zstd util-linux flex bison bc dwarves libopenssl-devel rsync
            perl dpkg glibc-devel-static
  Ubuntu:   as Debian: this script (bpftool is in linux-tools-generic before 25.04)
The VM bench fetches Debian's kernel packages with apt and a Debian mirror of its configuration.
END
}

setup_other() {
	local need
	mapfile -t need < <(missing_tools)
	[ ${#need[@]} -gt 0 ] || return 0
	print_names
	say "missing here: ${need[*]}"
	return 1
}

distribution() {
	# shellcheck disable=SC1091 # what this machine has
	(. /etc/os-release 2>/dev/null && printf '%s %s\n' "${ID:-}" "${ID_LIKE:-}") || true
}

main() {
	case " $(distribution) " in
	*" ubuntu "*) setup_apt ubuntu ;;
	*" debian "*) setup_apt debian ;;
	*) setup_other ;;
	esac
}

# Read as a whole: bash reads a script as it goes, and this one may be changed while it runs.
{ main "$@"; exit; }
