#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# debuginfo.sh [FOLIO-TRACE]: files, lines and inlined functions from debug info: that of a small
# vmlinux and a module made here for tests/golden/debug-lines.data, and, where they are in the
# cache of tools/recall.sh, of real kernels. Ends with one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
ft=$(realpath "${1:-build/folio-trace}")
[[ -x $ft ]] || { echo "debuginfo: $ft is not built" && exit 125; }
static=${ft%/*}/static/folio-trace
data=$PWD/tests/golden/debug-lines.data
release=7.3.4+deb13-cloud-amd64
cache=${FOLIO_TRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/folio-trace}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset DEBUGINFOD_URLS
export DEBUGINFOD_CACHE_PATH=$tmp/cache
passed=0 failed=0 skipped=0

is() { # is NAME STATUS
	if [[ $2 -eq 0 ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "debuginfo: $1: failed"
		head -n 20 "$tmp/out" "$tmp/err"
	fi
}
skip() {
	skipped=$((skipped + 1))
	echo "debuginfo: $1: skipped: $2"
}
# report STATUS ARG...: out and err are kept
report() {
	local want=$1
	shift
	"$ft" report --debug-dir "$tmp/debug" "$@" "$data" >"$tmp/out" 2>"$tmp/err"
	[[ $? -eq $want ]]
}
# refused TEXT ARG...: one line with TEXT, and nothing else
refused() {
	local text=$1
	shift
	report 125 "$@" && [[ ! -s $tmp/out && $(wc -l <"$tmp/err") -eq 1 ]] &&
		grep -q '^folio-trace: ' "$tmp/err" && grep -qF -- "$text" "$tmp/err"
	is "refused: $text" $?
}
knows_lines() { grep -qF 'source    demo_inlined at b.c:3, inlined into twin at b.c:4' "$tmp/out"; }

make_files() {
	local asm='asm volatile(".skip 64, 0x90");'
	cat >"$tmp/a.c" <<END
__attribute__((aligned(4096))) void _stext(void) { $asm }
__attribute__((aligned(4096))) void demo_zap(void) { $asm }
static __attribute__((aligned(4096), used)) void twin(void) { $asm }
END
	cat >"$tmp/demo.h" <<END
static inline __attribute__((always_inline)) void demo_get(void) { $asm }
END
	cat >"$tmp/b.c" <<END
#include "demo.h"
static inline __attribute__((always_inline)) void demo_inlined(void) {
	demo_get(); }
static __attribute__((aligned(4096), used)) void twin(void) { demo_inlined(); }
END
	cat >"$tmp/m.c" <<END
static inline __attribute__((always_inline)) void demo_helper(void) { $asm }
void demo_ioctl(void) { demo_helper(); }
END
	(cd "$tmp" && gcc -g -O1 -fno-toplevel-reorder -fcf-protection=none -c a.c b.c m.c &&
		ld -e 0 --build-id=0x00112233 -Ttext=0xffffffff81000000 -o vmlinux a.o b.o &&
		ld -e 0 --build-id=0x44556677 -Ttext=0xffffffff81000000 -o other a.o b.o &&
		objcopy --strip-debug vmlinux stripped &&
		ld -r --build-id=0xc0ffee0123456789 -o demo-mod.ko m.o)
}

given() {
	report 0 --vmlinux "$tmp/vmlinux" && knows_lines && ! grep -q '^hint' "$tmp/out"
	is "inlined function, by address among two of one name" $?
	report 0 -v --vmlinux "$tmp/vmlinux" &&
		grep -qF 'demo_get at demo.h:1, inlined into' "$tmp/out" &&
		grep -qF '< demo_ioctl+0x5 [demo_mod]' "$tmp/out" &&
		grep -qF '< twin+0x5 (a.c:3)' "$tmp/out"
	is "whole stacks" $?
	"$ft" timeline --vmlinux "$tmp/vmlinux" "$data" >"$tmp/out" 2>"$tmp/err" &&
		grep -qF 'get +1 twin+0x8 (demo_inlined, b.c:3)' "$tmp/out"
	is "timeline" $?
	"$ft" export --vmlinux "$tmp/vmlinux" "$data" >"$tmp/out" 2>"$tmp/err" &&
		grep -qF '"file": "demo.h", "line": 1, "inlined": [{"function": "demo_get", "called_from_file": "b.c", "called_from_line": 3}, {"function": "demo_inlined", "called_from_file": "b.c", "called_from_line": 4}]' "$tmp/out" &&
		tests/schema.sh "$tmp/out" >"$tmp/err"
	is "document" $?
}

wrong() {
	refused 'other is of another build: its build id is 44556677' --vmlinux "$tmp/other"
	refused 'no debug info' --vmlinux "$tmp/stripped"
	refused 'not an ELF file' --vmlinux "$tmp/a.c"
	refused 'No such file' --vmlinux "$tmp/none"
}

# found NAME: the lines are there without --vmlinux
found() {
	report 0 && knows_lines
	is "$1" $?
	rm -rf "$tmp/debug"
}

searched() {
	report 0 && ! grep -q 'source  ' "$tmp/out" &&
		grep -q '^hint .* install the debug info of this kernel, or give --vmlinux' "$tmp/out"
	is "without debug info a hint" $?
	"$ft" report --debug-dir "$tmp" tests/golden/vm-inline-seed-leak-7.3.data >"$tmp/out" &&
		grep -q "^hint .* install linux-image-$release-dbg, or " "$tmp/out"
	is "the hint names the package" $?
	"$ft" report --debug-dir "$tmp" tests/golden/seed-fix.data >"$tmp/out" 2>"$tmp/err" &&
		! grep -q '^hint' "$tmp/out"
	is "no hint where nothing is lost" $?
	mkdir -p "$tmp/debug/.build-id/00"
	ln -s "$tmp/vmlinux" "$tmp/debug/.build-id/00/112233.debug"
	found "by build id"
	mkdir -p "$tmp/debug/boot"
	cp "$tmp/vmlinux" "$tmp/debug/boot/vmlinux-$release"
	found "by name"
	mkdir -p "$tmp/debug/boot" "$tmp/debug/lib/modules/$release"
	cp "$tmp/other" "$tmp/debug/boot/vmlinux-$release"
	report 0 && ! grep -q 'source  ' "$tmp/out" && grep -q '^hint' "$tmp/out"
	is "of that name, but of another build" $?
	cp "$tmp/vmlinux" "$tmp/debug/lib/modules/$release/vmlinux"
	found "by another name"
	mkdir -p "$tmp/debug/lib/modules/$release/extra"
	cp "$tmp/demo-mod.ko" "$tmp/debug/lib/modules/$release/extra"
	report 0 -v && grep -qF '< demo_ioctl+0x5 [demo_mod] (demo_helper, m.c:1)' "$tmp/out"
	is "a module by name" $?
	rm -rf "$tmp/debug"
}

debuginfod() {
	mkdir -p "$tmp/server/buildid/00112233"
	cp "$tmp/vmlinux" "$tmp/server/buildid/00112233/debuginfo"
	export DEBUGINFOD_URLS=file://$tmp/server
	if ldconfig -p | grep -q libdebuginfod.so.1; then
		found "by debuginfod"
	else
		skip debuginfod "libdebuginfod is not installed"
	fi
	if [[ -x $static ]]; then
		"$static" report "$data" >"$tmp/out" 2>"$tmp/err" &&
			grep -q '^hint .*DEBUGINFOD_URLS is set, but ' "$tmp/out"
		is "the static binary says that it has no debuginfod" $?
		"$static" report --vmlinux "$tmp/vmlinux" "$data" >"$tmp/out" 2>"$tmp/err" && knows_lines
		is "lines in the static binary" $?
	else
		skip "the static binary" "it is not built"
	fi
	unset DEBUGINFOD_URLS
}

real() {
	local vmlinux
	vmlinux=$(echo "$cache"/vmlinux-7.3.4-*/vmlinux)
	[[ -f $vmlinux ]] || { skip "a real vmlinux" "tools/recall.sh stock brings it" && return; }
	"$ft" report --vmlinux "$vmlinux" tests/golden/vm-inline-seed-leak-7.3.data \
		>"$tmp/out" 2>"$tmp/err" &&
		grep -q 'source    migrate_vma_split_unmapped_folio at mm/migrate_device.c:[0-9]*, inlined into __migrate_device_pages at mm/migrate_device.c:' "$tmp/out"
	is "the seed's get by its inlined function" $?
}

if ! make_files >"$tmp/err" 2>&1; then
	cat "$tmp/err"
	echo "debuginfo: 0 passed, 1 failed, 0 skipped"
	exit 1
fi
given
wrong
searched
debuginfod
real
echo "debuginfo: $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
