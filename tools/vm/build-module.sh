#!/bin/bash
# Build an out-of-tree module for a lane: build-module.sh --kernel LANE DIR
# Prints the path of the .ko. DIR is left as it was; what was built is kept by content.
set -euo pipefail
me=vm-build-module
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=kbuild.sh
. "$vm_dir/kbuild.sh"

usage() { echo "usage: tools/vm/build-module.sh --kernel stock|6.1|6.12|debug DIR"; }

parse() {
	lane='' dir=''
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel) [ $# -ge 2 ] && lane=$2 && shift ;;
		-h | --help) usage && exit 0 ;;
		-*) usage >&2 && exit "$vm_failed" ;;
		*) dir=${1%/} ;;
		esac
		shift
	done
	if [ -z "$lane" ] || [ -z "$dir" ]; then
		usage >&2
		exit "$vm_failed"
	fi
	[ -f "$dir/Kbuild" ] || [ -f "$dir/Makefile" ] || die "$dir has no Kbuild and no Makefile"
}

# Only sources: an object that somebody left beside them is of another kernel.
copy_sources() {
	(cd "$1" && find . -type f \( -name '*.[chS]' -o -name Kbuild -o -name Makefile \) -print0 |
		cpio --null -pdm --quiet "$2")
}

build() {
	local sources=$1 into=$2 log=$1/.log ko
	kbuild "$kernel_dir" "$sources" "$log" || {
		cat "$log" >&2
		die "$dir does not build for $RELEASE"
	}
	ko=$(find "$sources" -maxdepth 1 -name '*.ko')
	[ -f "$ko" ] || die "$dir: expected one module, got '$ko'"
	mkdir -p "$into"
	mv "$ko" "$into/"
}

main() {
	local built hash into ko
	parse "$@"
	need_tools make gcc cpio flock
	lane_load "$lane"
	built=$kernel_dir/built
	work=$(mktemp -d "$built/new.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	copy_sources "$dir" "$work"
	hash=$(content_hash "$work" "$(gcc --version | head -n 1)")
	into=$built/$(basename "$dir")-$hash
	if [ ! -d "$into" ]; then
		exec 9>"$built/lock"
		flock 9
		if [ ! -d "$into" ]; then
			build "$work" "$work/out"
			mv "$work/out" "$into"
		fi
	fi
	ko=("$into"/*.ko)
	printf '%s\n' "${ko[0]}"
}

# Read as a whole: bash reads a script as it goes, and this one may be changed while it runs.
{ main "$@"; exit; }
