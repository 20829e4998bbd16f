#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# check.sh [--fix]: the quick checks, well under a minute: format, layering, purity of the core,
# shell scripts, the manual, options in step, file lengths. --fix formats first. Exit 1 on a finding;
# what is not installed is skipped and counted.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125

passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
skip() {
	skipped=$((skipped + 1))
	echo "check: $1: skipped: $2"
}
# fail NAME FINDINGS: what was found, indented
fail() {
	failed=$((failed + 1))
	echo "check: $1:"
	while read -r line; do echo "  $line"; done <<<"$2"
}
verdict() { # verdict NAME FINDINGS
	if [[ -z $2 ]]; then ok; else fail "$1" "$2"; fi
}

# Files of the tree, new ones too, without what git ignores.
files() {
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "$@"
	else
		find . -path ./build -prune -o -type f -print | sed 's|^\./||' |
			while read -r f; do
				for glob in "$@"; do
					# shellcheck disable=SC2053
					[[ $f == $glob ]] && echo "$f" && break
				done
			done
	fi | sort -u | while read -r f; do [[ -f $f ]] && echo "$f"; done
}

mapfile -t c_files < <(files 'bpf/*.[ch]' 'src/*.[ch]' 'include/*.[ch]' 'tests/*.[ch]')
mapfile -t shell_files < <(
	files '*.sh' '.ci/*'
	files 'tools/*' 'tests/*' | while read -r f; do
		head -c 64 "$f" | head -n 1 | grep -aqE '^#!.*[/ ](ba|da)?sh( |$)' && echo "$f"
	done
)
mapfile -t shell_files < <(printf '%s\n' "${shell_files[@]}" | sort -u)

check_format() {
	local tool out f
	tool=$(command -v clang-format-14 || command -v clang-format) ||
		{ skip format "clang-format is not installed (tools/setup.sh)" && return; }
	[[ $fix ]] && "$tool" -i "${c_files[@]}"
	out=$("$tool" --dry-run -Werror --ferror-limit=1 "${c_files[@]}" 2>&1 |
		sed -n 's/^\([^ :]*:[0-9]*\):.*clang-format-violations.*/\1/p' | sort -u)
	if [[ $out ]]; then
		while IFS=: read -r f _; do
			"$tool" "$f" | diff -u --label "$f" --label "$f, formatted" "$f" - | head -n 12
		done <<<"$out" | head -n 60
	fi
	verdict "format (tools/check.sh --fix mends it)" "$out"
}

# One way down: stages, contracts, circles. The check is checked, too.
check_layers() {
	verdict "layering" "$(tools/layers.sh)"
	verdict "layering finds what is wrong" "$(tools/layers.sh --self-test)"
}

# The core prints nothing, reads no clock, knows no libbpf and keeps no globals.
check_core() {
	local lib=build/libfolio-core.a
	local outside='^(v?f?d?printf|__v?f?d?printf_chk|f?puts|f?putc|putchar|perror|fwrite|fopen(64)?|fflush|std(in|out|err)|clock_gettime|gettimeofday|time|localtime(_r)?|getenv|secure_getenv|open(at)?(64)?|__open(64)?_2|socket|system|popen|fork|exec[vl].*|exit|_exit|get[e]?[ug]id|lib_?bpf.*|bpf_.*|btf_.*)$'
	command -v nm >/dev/null || { skip "pure core" "binutils is not installed" && return; }
	[[ -f $lib ]] || { skip "pure core" "$lib is not built" && return; }
	verdict "pure core" "$(
		nm -A --undefined-only "$lib" 2>/dev/null | awk -v deny="$outside" \
			'$NF ~ deny { sub(/^[^:]*:/, ""); print $1, "uses", $NF }'
		objdump -t "$lib" 2>/dev/null | awk \
			'/file format/ { file = $1 } $0 ~ / O (\.data|\.bss|\.tdata|\.tbss|\*COM\*)\t/ { print file, "keeps a global:", $NF }'
	)"
}

# Names of kernel functions are for the hook and holder tables only.
check_naming() {
	local names
	names=$(sed -nE 's/.*HOOK\(([a-z_0-9]*_[a-z_0-9]*),.*/"\1"/p' include/hooks.h &&
		grep -ohE '"[a-z_0-9]*_[a-z_0-9]*"' src/core/folio/holder_table.c)
	verdict "naming knows no kernel function" "$(
		grep -nF "$names" src/core/attribution/*.c src/core/folio/holders.c src/core/query/holders_at.c
	)"
}

check_shell() {
	command -v shellcheck >/dev/null || { skip shellcheck "not installed" && return; }
	verdict shellcheck "$(shellcheck -x -P SCRIPTDIR -f gcc "${shell_files[@]}" 2>&1)"
}

check_manual() {
	command -v mandoc >/dev/null || { skip manual "mandoc is not installed (tools/setup.sh)" && return; }
	verdict "the manual's form" "$(mandoc -T lint -W warning tools/man/*)"
}

check_options() {
	local ft=build/folio-trace
	[[ -x $ft ]] || { skip options "$ft is not built" && return; }
	# what an older one says of itself is of no use
	make -s "$ft" >/dev/null 2>&1 || { skip options "$ft cannot be built anew" && return; }
	command -v zsh >/dev/null || skip "options of zsh's completion" "zsh is not installed (tools/setup.sh)"
	verdict "options of help, manual, completion and README in step" "$(tools/options.sh $ft)"
}

check_lengths() {
	verdict "a file has at most 450 lines" "$(
		{ printf '%s\n' "${c_files[@]}" "${shell_files[@]}" && files '*.py'; } |
			while read -r f; do
				n=$(wc -l <"$f")
				((n > 450)) && echo "$f: $n"
			done
	)"
	verdict "a function has at most 60 lines" "$(awk '
		FNR == 1 { start = 0 }
		/^\{/ { start = FNR }
		/^\}/ { if (start && FNR - start > 60) print FILENAME ":" start ": " FNR - start; start = 0 }
		' "${c_files[@]}")"
}

# anchors FILE: its headings as a link names them
anchors() {
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# dead_links FILE: relative links without a file, or whose heading is not in it
dead_links() {
	local line link target
	grep -noE '\]\([^):]+\)' "$1" | sed 's/^\([0-9]*\):](\(.*\))$/\1 \2/' | while read -r line link; do
		target=$(dirname "$1")/${link%%#*}
		[[ ${link%%#*} ]] || target=$1
		if [[ ! -f $target ]]; then
			echo "$1:$line: there is no $link"
		elif [[ $link == *#* ]] && ! anchors "$target" | grep -qxF -- "${link#*#}"; then
			echo "$1:$line: $target has no heading #${link#*#}"
		fi
	done
}

check_texts() {
	verdict "nothing at the top but what belongs there" "$(git ls-files 2>/dev/null |
		grep -vE '^(bpf|src|include|tools|tests|docs|\.[^/]*)/' |
		grep -vE '^(\.[^/]*|COPYING|Makefile|VERSION|(README|CHANGELOG|CONTRIBUTING)\.md)$')"
	verdict "README.md has at most 200 lines" "$(awk 'END { if (NR > 200) print NR }' README.md)"
	verdict "links" "$(files '*.md' | while read -r f; do dead_links "$f"; done)"
	verdict "licence line" "$(for f in "${c_files[@]}"; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier:' || echo "$f"
	done)"
	verdict "white space at the end of a line" "$(
		files '*.[ch]' '*.sh' '*.py' '*.md' 'Makefile' '*.json' | grep -v '^tests/golden/' |
			while read -r f; do grep -nHE '[[:space:]]+$' "$f"; done | head -n 20
	)"
}

fix=
case ${1-} in
--fix) fix=1 ;;
'') ;;
*) echo "usage: tools/check.sh [--fix]" >&2 && exit 125 ;;
esac

check_format
check_layers
check_core
check_naming
check_shell
check_manual
check_options
check_lengths
check_texts
echo "check: $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
