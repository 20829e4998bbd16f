# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# What the scripts of the VM bench share. Sourced.
#
# The cache, FOLIO_TRACE_CACHE or ~/.cache/folio-trace:
#   lane-LANE        (lane-debug-HASH) the name of the lane's kernel directory; written last, so it means "complete"
#   kernel-VERSION/  all that belongs to one version of one kernel: nothing is shared between two
#     env            RELEASE=… VERSION=… HEADERS=… (which build tree) FORMAT=…
#     vmlinuz        the image
#     root/          its modules, as packaged, with modules.dep
#     modules/       test_hmm.ko, where the lane has device private memory
#     bin/           programs for the guest: hmm-tests
#     build/         headers and build tools of the same version
#     built/         our own modules, by content
#   qemu/            a newer qemu than Debian 12's, unpacked
#   apt/             an apt state of its own; the machine's is never touched

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo_dir=$(cd "$vm_dir/../.." && pwd)
build_dir=${FOLIO_TRACE_BUILD:-$repo_dir/build}
cache_dir=${FOLIO_TRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/folio-trace}

say() { printf '%s: %s\n' "${me:-vm}" "$*" >&2; }

# The status of the bench's own failures, apart from any that a command is likely to have.
readonly vm_failed=125 vm_timed_out=124 vm_panicked=123

die() {
	say "$*"
	exit "$vm_failed"
}

need_tools() {
	local t
	for t in "$@"; do
		command -v "$t" >/dev/null || die "$t is missing: run tools/setup.sh"
	done
}

lanes=(stock 6.1 6.12 debug)

is_lane() {
	local l
	for l in "${lanes[@]}"; do
		[ "$l" != "$1" ] || return 0
	done
	return 1
}

debug_hash() { cat "$vm_dir/debug.config" "$vm_dir/fallible-split.patch" | sha256sum | cut -c1-12; }

# Goes up when what is in a kernel directory changes, so that those of an older checkout are made
# anew.
cache_format=1

is_whole() { grep -qsx "FORMAT=$cache_format" "$1/env"; }

# The debug kernel is made of files of this repository: once they change, it is another one.
lane_file() {
	case $1 in
	debug) printf '%s/lane-debug-%s\n' "$cache_dir" "$(debug_hash)" ;;
	*) printf '%s/lane-%s\n' "$cache_dir" "$1" ;;
	esac
}

# Prints the lane's kernel directory, if it is complete.
lane_dir() {
	local file name
	file=$(lane_file "$1")
	[ -f "$file" ] || return 1
	name=$(<"$file")
	[ -n "$name" ] && is_whole "$cache_dir/$name" || return 1
	printf '%s\n' "$cache_dir/$name"
}

# Sets lane, kernel_dir, RELEASE, VERSION, HEADERS; fetches what is not there yet.
lane_load() {
	lane=$1
	is_lane "$lane" || die "no kernel '$lane': stock, 6.1, 6.12, debug, or the path of a vmlinuz"
	if ! kernel_dir=$(lane_dir "$lane"); then
		"$vm_dir/fetch.sh" "$lane" >&2 || die "cannot get the $lane kernel"
		kernel_dir=$(lane_dir "$lane") || die "the $lane kernel is incomplete after fetching"
	fi
	# shellcheck source=/dev/null
	. "$kernel_dir/env"
}

# tmp_dir PREFIX: a temporary directory that goes with the shell that made it.
tmp_dir() { mktemp -d "${TMPDIR:-/tmp}/folio-trace-$1.XXXXXX"; }

# A hash of the contents and names of the files below a directory, and of further words.
content_hash() {
	local dir=$1
	shift
	{
		printf '%s\n' "$@"
		(cd "$dir" && find . -type f ! -name '.*' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
	} | sha256sum | cut -c1-16
}
