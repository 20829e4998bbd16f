#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# recall.sh [-v] [LANE…]: what the site finder finds of a kernel's refcount
# operations, judged by that kernel's DWARF. Downloads Debian's -dbg package of
# the lane once (about 350 MB; only its vmlinux is kept, in the cache of tools/vm).
set -euo pipefail
me=recall
# shellcheck source=vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/vm/lib.sh"
# shellcheck source=vm/apt.sh
. "$vm_dir/apt.sh"

usage() {
	cat <<'END'
usage: tools/recall.sh [-v] [LANE…]
  For the lanes stock, 6.12, 6.1 (all of them unless named): the share of the inlined refcount
  operations of vmlinux, as its DWARF tells them, that the site finder finds. At least 99.5 %
  must be. -v lists every operation.
END
}

# Prints the path of the lane's vmlinux with DWARF.
# shellcheck disable=SC2153 # lane_load sets RELEASE and VERSION
lane_vmlinux() {
	local dir file tmp
	lane_load "$1"
	dir=$cache_dir/vmlinux-$VERSION
	if [ ! -f "$dir/vmlinux" ]; then
		apt_ready no
		tmp=$(mktemp -d "$cache_dir/recall.XXXXXX")
		get_debs "$tmp" "linux-image-$RELEASE-dbg=$VERSION"
		say "unpacking vmlinux"
		# Under several names, all but one of them links: which one differs between versions.
		dpkg-deb --fsys-tarfile "$tmp"/*.deb |
			tar -x -C "$tmp" --wildcards './usr/lib/debug/*vmlinux*'
		file=$(find "$tmp/usr" -type f -name 'vmlinux*')
		[ -n "$file" ] || die "no vmlinux in linux-image-$RELEASE-dbg"
		mv "$file" "$tmp/vmlinux"
		rm -rf "$tmp"/*.deb "${tmp:?}/usr"
		rm -rf "$dir"
		mv "$tmp" "$dir"
	fi
	printf '%s\n' "$dir/vmlinux"
}

main() {
	local verbose=() wanted=() l vmlinux failed=0
	while [ $# -gt 0 ]; do
		case $1 in
		-v) verbose=(-v) ;;
		-h | --help) usage && exit 0 ;;
		stock | 6.12 | 6.1) wanted+=("$1") ;;
		*) usage >&2 && exit "$vm_failed" ;;
		esac
		shift
	done
	[ ${#wanted[@]} -gt 0 ] || wanted=(stock 6.12 6.1)
	mkdir -p "$cache_dir"
	exec 8>"$cache_dir/recall.lock"
	flock 8
	# What a killed run left.
	rm -rf "$cache_dir"/recall.??????
	trap 'rm -rf "$cache_dir"/recall.??????' EXIT
	make -s -C "$repo_dir" BUILD="$build_dir" "$build_dir/recall" >&2
	for l in "${wanted[@]}"; do
		vmlinux=$(lane_vmlinux "$l")
		say "$l: $(basename "$(dirname "$vmlinux")")"
		"$build_dir/recall" "${verbose[@]}" "$vmlinux" || failed=1
	done
	return $failed
}

{ main "$@"; exit; }
