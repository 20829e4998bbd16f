#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# docs.sh [FOLIO-TRACE]: README.md and docs/: the commands that need no kernel work as they stand
# there, and what is shown as the output for a golden capture is that. Ends with one counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=docs
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh

# blocks FILE: its code blocks (indented by four). Before each stands a line with the command on a
# golden capture that the paragraph before it names, or `-'; a form feed ends it.
blocks() {
	awk '
		function close_block() { if (inside) print "\f"; inside = 0; blank = "" }
		/^    / {
			if (!inside) print command == "" ? "-" : command
			inside = 1
			command = ""
			print blank substr($0, 5)
			blank = ""
			next
		}
		/^$/ { if (inside) blank = blank "\n"; ended = 1; next }
		{
			close_block()
			if (ended) command = ""
			ended = 0
			if (match($0, /`folio-trace [a-z]+ tests\/golden\/[^`]*`/))
				command = substr($0, RSTART + 1, RLENGTH - 2)
		}
		END { close_block() }' "$1"
}

# The captures that the documents speak of.
captures() {
	local name
	mkdir -p "$tmp/examples/tools"
	cp tools/fleet.sql "$tmp/examples/tools/"
	for name in good1 good2 without; do
		cp "$data/vm-inline-seed-fix-7.3.data" "$tmp/examples/$name.data"
	done
	for name in bad with all shell; do
		cp "$data/vm-inline-seed-leak-7.3.data" "$tmp/examples/$name.data"
	done
	cp "$data/vm-inline-why-7.3.data" "$tmp/examples/host.data"
}

# commands BLOCK: those that need no root, in a directory with captures. Status 1 is that of check and
# diff for captures that differ.
commands() {
	local script
	script=$(grep -v '^sudo ' <<<"$1")
	[[ $script == 'folio-trace '* || $script == 'for '* ]] || return
	(cd "$tmp/examples" && PATH=$(dirname "$ft"):$PATH bash -o pipefail -c "$script") \
		>"$tmp/out" 2>"$tmp/err"
	[[ $? -le 1 && ! -s $tmp/err ]] && [[ -s $tmp/out || $script == *' -o '* ]]
	is "$file: ${script//$'\n'/; }" $?
	commands_run=$((commands_run + 1))
}

# prints COMMAND BLOCK: each line of BLOCK is in its output, where from an ellipsis on it may go on
prints() {
	local line words status=0
	read -ra words <<<"$1"
	"$ft" "${words[@]:1}" >"$tmp/out" 2>"$tmp/err"
	[[ $? -le 1 && ! -s $tmp/err ]] || status=1
	while IFS= read -r line; do
		[[ $line && $line != *( )… ]] || continue
		if [[ $line == *…* ]]; then
			awk -v head="${line%%…*}" 'index($0, head) == 1 { found = 1 } END { exit !found }' "$tmp/out"
		else
			grep -qxF -- "$line" "$tmp/out"
		fi || {
			echo "$me: $file: $1 does not print: $line"
			status=1
		}
	done <<<"$2"
	is "$file: $1" $status
	outputs=$((outputs + 1))
}

shopt -s extglob
commands_run=0 outputs=0
captures
for file in README.md docs/*.md; do
	while IFS= read -r -d $'\f' block; do
		block=${block#$'\n'}
		golden=${block%%$'\n'*}
		block=${block#*$'\n'}
		if [[ $golden == - ]]; then
			commands "${block%$'\n'}"
		else
			prints "$golden" "${block%$'\n'}"
		fi
	done < <(blocks "$file")
done
[[ $commands_run -ge 10 && $outputs -ge 5 ]]
is "$commands_run blocks of commands and $outputs of outputs are found" $?
finish
