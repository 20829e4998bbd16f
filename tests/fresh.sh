#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# fresh.sh [--demo] [SUITE…]: all tests but those in guests, or tools/demo.sh, in a minimal root of
# each Debian release (or of SUITE), as on a machine that has nothing yet: debootstrap,
# tools/setup.sh, a clone of this checkout with what is not committed. The roots and their packages
# stay in the cache. Needs root; all mounts are in a namespace of its own. Ends with one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
# shellcheck disable=SC2034 # for say
me=fresh
# shellcheck source=../tools/vm/lib.sh
. tools/vm/lib.sh
# shellcheck source=../tools/vm/apt.sh
. tools/vm/apt.sh

suites=(bookworm trixie)
# The release that this machine runs sees the tests anyway; make test-long has both.
here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
fresh_dir=$cache_dir/fresh
logs=$build_dir/test/logs
new=$fresh_dir/new.$$ # a root in the making
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
namespace=(setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc)
# In seconds. The tests take about five minutes, the demo two; several times that beside guests, which
# come first (tools/test.sh).
make_limit=2400 test_limit=3600 demo_limit=900
passed=0 failed=0 skipped=0

finish() {
	echo "fresh: $passed passed, $failed failed, $skipped skipped"
	[[ $failed -eq 0 ]]
	exit
}

# Why this machine cannot make a root; empty if it can.
obstacle() {
	if [[ $(id -u) -ne 0 ]]; then
		echo "needs root"
	elif ! command -v debootstrap >/dev/null || [[ ! -f $keyring ]]; then
		echo "debootstrap or Debian's keys are not installed (tools/setup.sh)"
	elif ! "${namespace[@]}" mount -t tmpfs tmpfs /mnt 2>/dev/null; then
		echo "this container must not mount"
	elif ! git rev-parse HEAD >/dev/null 2>&1; then
		echo "this is not a git checkout"
	elif [[ -z $(find_mirror) ]]; then
		echo "no Debian mirror in apt's configuration: set FOLIO_TRACE_MIRROR"
	fi
}

# in_root SECONDS ROOT CMD…: without this machine's environment
in_root() {
	local limit=$1 root=$2 v keep=()
	shift 2
	for v in http_proxy https_proxy no_proxy; do
		[[ ! -v $v ]] || keep+=("$v=${!v}")
	done
	timeout --kill-after=10 "$limit" chroot "$root" /usr/bin/env -i HOME=/root USER=root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${keep[@]}" "$@" </dev/null
}

make_root() { # SUITE ROOT
	local archives=$fresh_dir/archives-$1 mirror
	mirror=$(find_mirror)
	mkdir -p "$archives/partial" "$new"
	timeout --kill-after=10 "$make_limit" debootstrap --variant=minbase --force-check-gpg \
		--keyring="$keyring" --cache-dir="$archives" "$1" "$new" "$mirror" &&
		mount --bind "$archives" "$new/var/cache/apt/archives" &&
		mount -t proc proc "$new/proc" &&
		mount -t tmpfs tmpfs "$new/mnt" &&
		cp tools/setup.sh "$new/mnt" &&
		in_root "$make_limit" "$new" /mnt/setup.sh &&
		in_root "$make_limit" "$new" apt-get -q autoclean || return
	umount "$new/mnt" "$new/proc" "$new/var/cache/apt/archives" &&
		mv "$new" "$2"
}

# find_root SUITE: sets root, which is made if tools/setup.sh is another than that of the one in the
# cache. The lock on a root says that it is in use.
find_root() {
	local old
	root=$fresh_dir/$1-$(sha256sum tools/setup.sh | cut -c1-12)
	exec 8>"$fresh_dir/lock"
	flock -w "$make_limit" 8 || return
	if [[ ! -d $root ]]; then
		for old in "$fresh_dir/$1"-* "$fresh_dir"/new.*; do
			[[ ! -d $old ]] || flock -n "$old" rm -rf --one-file-system "$old"
		done
		make_root "$1" "$root" >"$logs/fresh-$1-root" 2>&1 || {
			tail -n 20 "$logs/fresh-$1-root"
			return 1
		}
	fi
	exec 7<"$root"
	flock -s 7
	exec 8>&-
}

# What the tests write goes to memory; the root stays as it is.
mount_root() {
	local d
	mount --bind "$root" "$root" && mount -o remount,bind,ro "$root" || return
	for d in root tmp run var/tmp; do
		mount -t tmpfs tmpfs "$root/$d" || return
	done
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev"
}

clone() { # DIR
	local f
	git clone -q --no-checkout "$repo_dir" "$1" || return
	git ls-files -coz --exclude-standard | while read -r -d '' f; do
		[[ ! -e $f && ! -L $f ]] || printf '%s\0' "$f"
	done | tar -c --null -T - | tar -x --no-same-owner -C "$1" && git -C "$1" reset -q
}

run_tests() { # SUITE
	local status=0 log=$logs/fresh-$1 line
	in_root "$test_limit" "$root" /root/folio-trace/tools/test.sh --no-vm --no-fresh >"$log" 2>&1 ||
		status=$?
	grep -v '^ ' "$log" | head -n -1 | sed 's/^/  /'
	line=$(tail -n 1 "$log")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + BASH_REMATCH[3]))
		[[ $status -eq 0 || ${BASH_REMATCH[2]} -gt 0 ]] || failed=$((failed + 1))
	else
		failed=$((failed + 1))
		line="died or took longer than $test_limit s, status $status"
	fi
	[[ $status -eq 0 ]] || tail -n 60 "$log"
	echo "fresh: $1: $line"
}

run_demo() { # SUITE
	local status=0 log=$logs/fresh-$1-demo
	in_root "$demo_limit" "$root" /root/folio-trace/tools/demo.sh >"$log" 2>&1 || status=$?
	tail -n 3 "$log"
	if [[ $status -eq 0 ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 60 "$log"
		echo "fresh: $1: the demo failed, status $status"
	fi
}

one() { # SUITE
	local cache
	SECONDS=0
	find_root "$1" || { failed=$((failed + 1)) && echo "fresh: $1: no root" && return; }
	echo "fresh: $1: root ready after $SECONDS s"
	SECONDS=0
	cache=$root/root/.cache/folio-trace
	if ! { mount_root && clone "$root/root/folio-trace" && mkdir -p "$cache" &&
		mount --bind "$cache_dir" "$cache"; }; then
		failed=$((failed + 1))
		echo "fresh: $1: cannot mount or clone"
		return
	fi
	if [[ $demo ]]; then
		run_demo "$1"
	else
		mount -o remount,bind,ro "$cache"
		run_tests "$1"
	fi
	echo "fresh: $1: $SECONDS s"
}

# The namespace, and all that is mounted or runs in it, goes with the process that made it. The lock
# on a root in the making is free when the last of its processes is gone.
# shellcheck disable=SC2317 # called by the trap
clean_up() {
	kill -KILL "$child" 2>/dev/null
	wait
	[[ ! -d $new ]] || flock -w 10 "$fresh_dir/lock" rm -rf --one-file-system "$new"
}

# The namespace is in the background: this shell heeds signals while it waits, and a command there
# would ignore SIGINT.
outside() {
	local reason suite
	reason=$(obstacle)
	if [[ $reason ]]; then
		for suite in "${suites[@]}"; do
			echo "fresh: $suite: skipped: $reason"
			skipped=$((skipped + 1))
		done
		finish
	fi
	mkdir -p "$fresh_dir" "$logs"
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	env --default-signal=INT,QUIT "${namespace[@]}" \
		"$repo_dir/tests/fresh.sh" --inside "$new" ${demo:+--demo} "${suites[@]}" &
	child=$!
	wait "$child"
}

main() {
	local inside='' suite
	demo=
	while [[ ${1-} == -* ]]; do
		case $1 in
		--inside)
			inside=1 new=$2
			shift
			;;
		--demo) demo=1 ;;
		*) echo "usage: tests/fresh.sh [--demo] [SUITE…]" >&2 && exit 125 ;;
		esac
		shift
	done
	if [[ $# -gt 0 ]]; then
		suites=("$@")
	elif [[ ! ${FOLIO_TRACE_LONG:-} ]]; then
		read -ra suites <<<"${suites[*]//$here/}"
	fi
	if [[ ! $inside ]]; then
		outside
		return
	fi
	for suite in "${suites[@]}"; do
		one "$suite"
	done
	finish
}

# Read as a whole: bash reads a script as it goes.
{ main "$@"; exit; }
