#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# layers.sh [ROOT]: one way down. Prints every include that goes up or sideways, with file, line and
# what to do, and every circle of files that include each other; exit 1 if there is one.
# --self-test plants one of each kind in a copy, and wants them found.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125

# A stage is a folder. It may include its own files, the stages of the same tree with a lower level,
# the trees in `also', and of include/ the contracts that its tree reads or fills.
stages="
stage                  level  also                          contracts
bpf                    1      -                             bpf
src/sitefinder         1      -                             sitefinder
src/core/util          1      -                             core
src/core/index         2      -                             core
src/core/format        3      -                             core
src/core/ledger        4      -                             core
src/core/folio         5      -                             core
src/core/verdict       6      -                             core
src/core/attribution   6      -                             core
src/core/query         7      -                             core
src/core/diff          7      -                             core
src/core/compare       7      -                             core
src/core/expect        7      -                             core
src/core               8      -                             core
src/capture/kernel     1      -                             capture
src/capture/attach     2      src/sitefinder                capture
src/capture/sites      3      src/sitefinder                capture
src/capture/record     4      src/sitefinder                capture
src/capture/run        5      src/sitefinder                capture
src/expect             1      src/core/util                 expect
src/render             1      -                             render
src/render/timeline    2      -                             render
src/render/text        3      -                             render
src/render/json        3      -                             render
src/render/tests       4      -                             render
src/debuginfo          1      -                             debuginfo
src/cli                1      src/capture,src/debuginfo     all
src                    2      src/cli                       all"

contracts="
bpf        ctl files hooks programs site wire
sitefinder site
core       capture comparison diff error expect folio function hash hooks model names owner pack pairs query reason run why wire
capture    capture ctl error files hash hooks owner pack programs site wire
expect     error expect model pairs reason
render     diff error expect folio function hash hooks lines model names owner query reason render run why wire
debuginfo  error hash lines model"

# Of bpf/ and src/, every include in quotes, and of libbpf: file, line, name.
includes() {
	find bpf src -name '*.[ch]' -print0 | sort -z |
		xargs -0 grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<bpf/)' |
		sed -E 's/^([^:]*):([0-9]+):[^<"]*[<"]([^>"]*)[>"].*/\1 \2 \3/'
}

# A line for each include that is not allowed.
# shellcheck disable=SC2016 # awk's
wrong_includes() {
	includes | awk -v stages="$stages" -v contracts="$contracts" '
		function folder(path) { return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : "" }
		function tree(stage) { return match(stage, /^[^\/]*\/[^\/]*/) ? substr(stage, 1, RLENGTH) : stage }
		function listed(path, list,    part, n) {
			for (n = split(list, part, ","); n; n--)
				if (index(path "/", part[n] "/") == 1) return 1
			return 0
		}
		# what is wrong with from including name, or nothing
		function wrong(from, name,    to) {
			if (!(from in level))
				return "the folder " from " is no stage: add it to tools/layers.sh, with its level"
			if (name ~ /^bpf\//) {
				if (from !~ /^(bpf|src\/capture\/.*|src\/cli)$/)
					return "only bpf/, src/capture and src/cli know libbpf: leave it to capture"
				return ""
			}
			if (name ~ /^[a-z_]*\.skel\.h$/) {
				if (from !~ /^src\/capture\//)
					return "the skeleton is for src/capture: leave it to capture"
				return ""
			}
			if (name !~ /\//) {
				if (from == "bpf" && (getline to <("bpf/" name)) >= 0) {
					close("bpf/" name)
					return ""
				}
				sub(/\.h$/, "", name)
				if (reads[from] != "all" && !index(set[reads[from]] " ", " " name " "))
					return "no contract of " from ": pass in what it needs, or add it to tools/layers.sh"
				return ""
			}
			to = "src/" folder(name)
			if (to == from || listed(to, also[from]))
				return ""
			if (tree(to) != tree(from))
				return "of another tree, which " tree(from) " knows by the contracts of include/ only"
			if (!(to in level) || level[to] > level[from])
				return to " stands above " from ": move what is needed down, or pass it in"
			if (level[to] == level[from])
				return to " stands beside " from ": move what both need below them"
			return ""
		}
		BEGIN {
			for (i = split(stages, row, "\n"); i; i--) {
				split(row[i], f, " ")
				level[f[1]] = f[2] + 0
				also[f[1]] = f[3]
				reads[f[1]] = f[4]
			}
			for (i = split(contracts, row, "\n"); i; i--) {
				split(row[i], f, " ")
				set[f[1]] = row[i]
			}
		}
		{
			what = wrong(folder($1), $3)
			if (what != "") printf "%s:%s: includes %s: %s\n", $1, $2, $3, what
		}'
}

# Files that include each other; a source and its header count as one.
# shellcheck disable=SC2016
circles() {
	includes | awk '$3 ~ /\// && $3 !~ /^bpf\// {
		sub(/\.[ch]$/, "", $1)
		sub(/\.h$/, "", $3)
		if ($1 != "src/" $3) print $1, "src/" $3
	}' | tsort 2>&1 >/dev/null |
		sed -n 's/^tsort: \(src.*\)/\1: in a circle of includes: give the types a header of their own, or pass a callback/p'
}

findings() {
	wrong_includes
	circles
}

# In a copy of bpf/ and src/: a wrong include at the end of a file, and what must be said of it.
plant_and_look() {
	local rows file name what found status=0
	rows="
src/core/index/sites.c|core/verdict/judge.h|src/core/verdict stands above src/core/index
src/core/verdict/judge.c|core/attribution/class.h|src/core/attribution stands beside src/core/verdict
src/render/names.c|capture/attach/session.h|of another tree
src/core/util/arena.c|bpf/libbpf.h|only bpf/, src/capture and src/cli know libbpf
src/cli/view.c|folio_trace.skel.h|the skeleton is for src/capture
src/expect/file.c|wire.h|no contract of src/expect
src/core/new/file.c|model.h|the folder src/core/new is no stage"
	mkdir src/core/new
	while IFS='|' read -r file name what; do
		[[ $file ]] || continue
		case $name in
		bpf/*) echo "#include <$name>" >>"$file" ;;
		*) echo "#include \"$name\"" >>"$file" ;;
		esac
	done <<<"$rows"
	echo '#include "core/util/user.h"' >>src/core/util/strings.h
	echo '#include "core/util/strings.h"' >src/core/util/user.h
	found=$(findings)
	while IFS='|' read -r file name what; do
		[[ $file ]] || continue
		what="$file:$(wc -l <"$file"): includes $name: $what"
		grep -qF -- "$what" <<<"$found" || { echo "self-test: not found: $what" && status=1; }
	done <<<"$rows"
	grep -qF 'src/core/util/strings: in a circle' <<<"$found" ||
		{ echo "self-test: not found: a circle" && status=1; }
	return $status
}

self_test() {
	local copy status
	copy=$(mktemp -d) || return
	cp -r bpf src "$copy" && (cd "$copy" && plant_and_look)
	status=$?
	rm -rf "$copy"
	return $status
}

case ${1-} in
--self-test) self_test ;;
-*) echo "usage: tools/layers.sh [--self-test | ROOT]" >&2 && exit 125 ;;
*)
	[[ -z ${1-} ]] || cd "$1" || exit 125
	list=$(findings)
	[[ -z $list ]] || { echo "$list" && exit 1; }
	;;
esac
