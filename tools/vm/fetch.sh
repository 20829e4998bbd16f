#!/bin/bash
# Put the kernels of the test lanes into the cache: fetch.sh [--refresh] [LANE…]
# Without --refresh a lane that is there is left alone and the network is not touched.
set -euo pipefail
me=vm-fetch
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=apt.sh
. "$vm_dir/apt.sh"
# shellcheck source=kbuild.sh
. "$vm_dir/kbuild.sh"
# shellcheck source=hmm.sh
. "$vm_dir/hmm.sh"
# shellcheck source=prepare.sh
. "$vm_dir/prepare.sh"
# shellcheck source=debug.sh
. "$vm_dir/debug.sh"
# shellcheck source=newer_qemu.sh
. "$vm_dir/newer_qemu.sh"
# shellcheck source=peers.sh
. "$vm_dir/peers.sh"
# shellcheck source=mkfs.sh
. "$vm_dir/mkfs.sh"

usage() {
	cat <<'END'
usage: tools/vm/fetch.sh [--refresh] [LANE…] [qemu] [peers] [mkfs]
  Puts the kernels of the lanes stock (the default), 6.1, 6.12, debug into the cache,
  FOLIO_TRACE_CACHE or ~/.cache/folio-trace. --refresh asks the archive for newer ones.
  `qemu' is a newer one than Debian 12's, which the bench uses where there is no KVM; `peers' are
  perf, trace-cmd and bpftrace for a guest, which tests/bench compares with; `mkfs' are programs
  that make file systems, for a guest.
  The mirror is the one of this machine's apt configuration, or FOLIO_TRACE_MIRROR.
END
}

# Which versions of linux-image-cloud-amd64 belong to a Debian lane.
lane_pattern() {
	case $1 in
	stock) echo '^([7-9]|[1-9][0-9])\.' ;;
	6.12) echo '^6\.12\.' ;;
	6.1) echo '^6\.1\.' ;;
	esac
}

finish_lane() {
	local file
	file=$(lane_file "$1")
	printf '%s\n' "$2" >"$file.new"
	mv "$file.new" "$file"
}

# A kernel directory appears under its name only when it is whole.
fetch_debian() {
	local lane=$1 version release name tmp
	read -r version release < <(newest_kernel "$(lane_pattern "$lane")") ||
		die "the archive has no cloud kernel for the lane $lane"
	name=kernel-$version
	if ! is_whole "$cache_dir/$name"; then
		say "$lane: $release ($version)"
		tmp=$(mktemp -d "$cache_dir/new.XXXXXX")
		prepare_debian "$version" "$release" "$tmp"
		rm -rf "${cache_dir:?}/$name"
		mv "$tmp" "$cache_dir/$name"
	fi
	finish_lane "$lane" "$name"
}

fetch_lane() {
	if [ "$refresh" = no ] && is_there "$1"; then
		return 0
	fi
	case $1 in
	debug) fetch_debug ;;
	qemu)
		apt_ready "$refresh"
		fetch_qemu
		;;
	peers)
		apt_ready "$refresh"
		fetch_peers
		;;
	mkfs)
		apt_ready "$refresh"
		fetch_mkfs
		;;
	*)
		apt_ready "$refresh"
		fetch_debian "$1"
		;;
	esac
	say "$1: ready"
}

is_there() {
	case $1 in
	qemu) qemu_dir ;;
	peers) peers_dir ;;
	mkfs) mkfs_dir ;;
	*) lane_dir "$1" ;;
	esac >/dev/null
}

all_there() {
	local l
	for l in "$@"; do
		is_there "$l" || return 1
	done
}

main() {
	local refresh=no wanted=() l
	while [ $# -gt 0 ]; do
		case $1 in
		--refresh) refresh=yes ;;
		-h | --help) usage && exit 0 ;;
		-*) usage >&2 && exit "$vm_failed" ;;
		*) is_lane "$1" || [[ $1 =~ ^(qemu|peers|mkfs)$ ]] || die "no lane '$1'"
			wanted+=("$1") ;;
		esac
		shift
	done
	[ ${#wanted[@]} -gt 0 ] || wanted=(stock)
	if [ "$refresh" = no ] && all_there "${wanted[@]}"; then
		return 0
	fi
	mkdir -p "$cache_dir"
	# One at a time: a second run waits, then finds everything done.
	exec 9>"$cache_dir/lock"
	flock -n 9 || { say "waiting for another run to finish" && flock 9; }
	# What a killed run left; nothing of it was ever in use.
	rm -rf "$cache_dir"/new.*
	trap 'rm -rf "$cache_dir"/new.*' EXIT
	for l in "${wanted[@]}"; do
		fetch_lane "$l"
	done
}

# Read as a whole: bash reads a script as it goes, and this one may be changed while it runs.
{ main "$@"; exit; }
