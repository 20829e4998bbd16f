#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# options.sh [FOLIO-TRACE [ROOT]]: prints what differs between the options that `folio-trace COMMAND
# --help' has, those of folio-trace(1), and those of the two completions, for every command, and
# options in README.md and docs/ that no command has. Nothing: all are in step. ROOT is where
# README.md, docs/ and tools/ are.
set -uo pipefail
ft=$(realpath "${1:-build/folio-trace}")
cd "${2:-$(dirname "${BASH_SOURCE[0]}")/..}" || exit 125
man=tools/man/folio-trace.1
# shellcheck source=completion/folio-trace.bash
. tools/completion/folio-trace.bash

# long ones, one a line
sorted() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }

in_help() { "$ft" "$1" --help | grep -E '^ +(-.|--)' | sorted; }

# section NAME: the lines of a .Ss of the manual
section() { awk -v name="$1" '/^\.S[sh] / { inside = $0 == ".Ss " name } inside' "$man"; }

# The options of a section, and of those that it refers to.
in_manual() {
	local text other
	text=$(section "$1")
	while read -r other; do
		text+=$'\n'$(section "$other")
	done < <(sed -n 's/^\.Sx \(.*[^ ,.:]\)\( [,.:]\)*$/\1/p' <<<"$text")
	{
		grep -E '^\.It' <<<"$text" | grep -oE 'Fl -[a-z-]+' | sed 's/Fl -/--/'
		echo --help --usage
	} | sorted
}

in_bash() { _folio_trace_options "$1" | sorted; }

# What zsh itself makes of its file.
in_zsh() {
	zsh -f -c 'compdef() { }; source <(sed "/^_folio_trace \"/d" tools/completion/_folio-trace)
		_folio_trace_options "$1"; print -l -- $folio_options' zsh "$1" | sed 's/[=[].*//' | sorted
}

# in_text FILE COMMAND: a text shows some of them, in commands up to their --, the README in a table, too
in_text() {
	{
		grep -oE "folio-trace $2( [^|\`]*)?" "$1" | sed 's/ -- .*//'
		[[ $2 != run ]] || sed -n '/^| option of .run/,/^$/p' "$1" | cut -d '|' -f 2
	} | sorted
}

compare() { # compare COMMAND WHERE
	diff <(in_help "$1") <("in_$2" "$1") | sed -n \
		"s/^< \(.*\)/folio-trace $1 \1: is not in the $2's/p; s/^> \(.*\)/folio-trace $1 \1: is in the $2's only/p"
}

commands=$("$ft" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  *[a-z].*/\1/p')
diff <(sort <<<"$commands") <(_folio_trace_commands | tr ' ' '\n' | sort) | sed -n 's/^[<>]/command/p'
grep -qF "names=($(_folio_trace_commands))" tools/completion/_folio-trace ||
	echo "tools/completion/_folio-trace: other commands than bash's"
for command in $commands; do
	grep -qx ".Ss $command" "$man" || echo "$man: has no section '$command'"
	[[ $command == help || $command == version ]] && continue
	compare "$command" manual
	compare "$command" bash
	! command -v zsh >/dev/null || compare "$command" zsh
	for text in README.md docs/*.md; do
		comm -13 <(in_help "$command") <(in_text "$text" "$command") |
			sed "s|^\(.*\)|$text: folio-trace $command has no \1|"
	done
done
