# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# Building modules outside of the kernel's tree, against Debian's headers or the debug lane's tree.
# Sourced.

# The kernel's own compiler version if this machine has it, else what there is.
choose_gcc() {
	local major
	major=$(sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' "$1/config")
	if [ -n "$major" ] && command -v "gcc-$major" >/dev/null; then
		printf '%s\n' "gcc-$major"
	else
		echo gcc
	fi
}

# gcc_wrapper GCC FILE: the configuration names a flag that gcc has only since 14; an older one
# aligns as well by the flag before it.
gcc_wrapper() {
	if "$1" -fmin-function-alignment=16 -x c -fsyntax-only /dev/null 2>/dev/null; then
		printf '#!/bin/sh\nexec %s "$@"\n' "$1" >"$2"
	else
		cat >"$2" <<-END
			#!/bin/bash
			exec $1 "\${@/#-fmin-function-alignment=/-falign-functions=}"
		END
	fi
	chmod +x "$2"
}

# kbuild KERNEL-DIR SOURCES LOG: build the module in SOURCES, a copy that may be written to.
# The flavour's own Makefile names an absolute path, so make is told of the common tree and uses
# the flavour's as its output directory. There is no vmlinux beside it: module BTF, which would
# need a new pahole, is left out there.
kbuild() {
	local kernel_dir=$1 sources=$2 log=$3 gcc tree
	gcc=$(choose_gcc "$kernel_dir")
	gcc_wrapper "$gcc" "$sources/.cc"
	# shellcheck source=/dev/null
	case $(. "$kernel_dir/env" && echo "$HEADERS") in
	debian)
		tree=$(echo "$kernel_dir"/build/usr/src/linux-headers-*-common)
		make -s -C "$tree" O="${tree%-common}-cloud-amd64" M="$sources" CC="$sources/.cc" \
			PAHOLE=true modules >"$log" 2>&1
		;;
	tree)
		make -s -C "$kernel_dir/build" M="$sources" CC="$sources/.cc" modules >"$log" 2>&1
		;;
	esac
}
