#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# manual.sh [FOLIO-TRACE]: what `make install' puts where, the examples of the manual pages, what bash
# and zsh complete, and that tools/options.sh sees an option that is missing anywhere. Ends with one
# counted line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 125
me=manual
# shellcheck source=lib/commands.sh
. tests/lib/commands.sh
share=$tmp/root/usr/share

installing() {
	local f
	try 0 make -s DESTDIR="$tmp/root" PREFIX=/usr install && [[ -x $tmp/root/usr/bin/folio-trace ]]
	is "make install" $?
	for f in include/*.schema.json; do
		cmp -s "$f" "$share/folio-trace/$(basename "$f")"
		is "$f is installed" $?
	done
	for f in tools/pairs/*.json; do
		cmp -s "$f" "$share/folio-trace/pairs/$(basename "$f")"
		is "$f is installed" $?
	done
	grep -q 'read /usr/share/folio-trace/fleet.sql' "$share/man/man1/folio-trace.1" &&
		[[ -r $share/folio-trace/fleet.sql ]]
	is "the manual knows where fleet.sql is" $?
	[[ $(find "$tmp/root" -type f ! -perm 755 ! -perm 644) == '' ]]
	is "all can read it" $?
	for f in folio-trace.1 folio-trace-data.5 folio-trace-expect.5; do
		[[ -r $share/man/man${f##*.}/$f ]]
		is "$f is installed" $?
	done
}

# blocks PAGE: its literal blocks, each ended by a line with a form feed
blocks() {
	awk '/^\.Bd -literal/ { inside = 1; next } /^\.Ed/ { inside = 0; print "\f" } inside' "$1" |
		sed 's/\\e/\\/g'
}

# example BLOCK: its lines in a shell, in a directory with captures; `run' is for the tests in a
# guest. Status 1 is that of check and diff for captures that differ.
example() {
	local script
	script=$(grep -vE '^folio-trace run ' <<<"$1" | sed "s|/usr/share|$share|")
	[[ $script ]] || return
	(cd "$tmp/examples" && PATH=$(dirname "$ft"):$PATH bash -o pipefail -c "$script") \
		>"$tmp/out" 2>"$tmp/err"
	[[ $? -le 1 && -s $tmp/out && ! -s $tmp/err ]]
	is "${script//$'\n'/; }" $?
}

examples() {
	local page block
	mkdir "$tmp/examples"
	cp "$data/vm-seed-fix-7.3.data" "$tmp/examples/good.data"
	cp "$data/vm-seed-leak-7.3.data" "$tmp/examples/bad.data"
	for page in man1/folio-trace.1 man5/folio-trace-data.5; do
		while IFS= read -r -d $'\f' block; do
			[[ $block == *'folio-trace '* && $block != *'#!/bin/sh'* ]] || continue
			example "$block"
		done < <(blocks "$share/man/$page")
	done
	[[ -s $tmp/examples/hmm.expect && -s $tmp/examples/folio-trace.schema.json ]]
	is "the examples write what they name" $?
	blocks "$share/man/man5/folio-trace-expect.5" | tr -d '\f' >"$tmp/examples/expect.json"
	tests/schema.sh "$tmp/examples/expect.json" >"$tmp/err"
	is "the example of an expectation conforms to its schema" $?
	try 0 "$ft" check --expect "$tmp/examples/expect.json" "$tmp/examples/good.data" && [[ ! -s $tmp/err ]] &&
		grep -q '^waiver, __migrate_device_pages: .*: matches nothing any more' "$tmp/out"
	is "a good run is as it expects" $?
	try 0 "$ft" check --expect "$tmp/examples/expect.json" "$tmp/examples/bad.data" &&
		grep -q '^PASS: .*, 1 folio waived' "$tmp/out" &&
		sed '/"waivers"/,/]/d; s/^  ],/  ]/' "$tmp/examples/expect.json" >"$tmp/unwaived.json" &&
		try 1 "$ft" check --expect "$tmp/unwaived.json" "$tmp/examples/bad.data" &&
		grep -q '^rule "put back after a failed split" .*fails' "$tmp/out"
	is "a bad run's folio is waived; without waiver the rule fails" $?
}

# completes WORDS WANTED: bash has WANTED among its answers
bash_completes() {
	# shellcheck disable=SC2086
	bash tests/lib/complete.bash "$share/bash-completion/completions/folio-trace" ${1% } \
		${2+"$2"} >"$tmp/out" 2>"$tmp/err" && grep -qxF -- "$3" "$tmp/out" && [[ ! -s $tmp/err ]]
	is "bash: $1$2: $3" $?
}

zsh_completes() { # zsh_completes LINE COMPLETED
	timeout 300 zsh -f tests/lib/complete.zsh "$share/zsh/site-functions" "$1" >"$tmp/out" 2>"$tmp/err"
	[[ $(tr -d '\r' <"$tmp/out") == "<$2>" ]] || { cat "$tmp/out"; false; }
	is "zsh: $1: $2" $?
}

completing() {
	bash_completes 'folio-trace' ru run
	bash_completes 'folio-trace' '' doctor
	bash_completes 'folio-trace help' di diff
	bash_completes 'folio-trace check' --exp --expect
	bash_completes 'folio-trace export --format' nd ndjson
	bash_completes 'folio-trace export --format' = json
	bash_completes 'folio-trace report --kind =' device_p device_private
	bash_completes 'folio-trace check --expect =' "$tmp/examples/hm" "$tmp/examples/hmm.expect"
	bash_completes 'folio-trace report' "$tmp/examples/g" "$tmp/examples/good.data"
	bash_completes 'folio-trace run --json x --' basena basename
	if ! command -v zsh >/dev/null; then
		skip "zsh completes" "zsh is not installed (tools/setup.sh)"
		return
	fi
	zsh_completes 'folio-trace ru' 'folio-trace run '
	zsh_completes 'folio-trace check --exp' 'folio-trace check --expect='
	zsh_completes 'folio-trace export --format=nd' 'folio-trace export --format=ndjson '
	zsh_completes 'folio-trace export --schema=do' 'folio-trace export --schema=doctor '
	zsh_completes "folio-trace report $tmp/examples/g" "folio-trace report $tmp/examples/good.data "
	zsh_completes 'folio-trace run --json x -- basena' 'folio-trace run --json x -- basename '
}

# out_of_step FILE SED-SCRIPT LINE: with this change tools/options.sh prints LINE
out_of_step() {
	rm -rf "$tmp/step"
	mkdir -p "$tmp/step/tools"
	cp -r tools/man tools/completion "$tmp/step/tools/"
	cp -r README.md docs "$tmp/step/"
	sed -i "$2" "$tmp/step/$1"
	tools/options.sh "$ft" "$tmp/step" >"$tmp/out" 2>"$tmp/err"
	grep -qF -- "$3" "$tmp/out"
	is "$1 with '$2' is out of step" $?
}

stepping() {
	tools/options.sh "$ft" >"$tmp/err" 2>&1 && [[ ! -s $tmp/err ]]
	is "options are in step" $?
	out_of_step tools/man/folio-trace.1 '/^.It Fl -bisect/d' "folio-trace run --bisect: is not in the manual's"
	out_of_step tools/man/folio-trace.1 's/^.It Fl -counts/&\n.It Fl -frob/' "folio-trace expect --frob: is in the manual's only"
	out_of_step tools/man/folio-trace.1 '/^.Ss diff/d' "has no section 'diff'"
	out_of_step tools/completion/folio-trace.bash 's/--waive//' "folio-trace expect --waive: is not in the bash's"
	out_of_step tools/completion/folio-trace.bash 's/ doctor help/ help/' 'doctor'
	out_of_step README.md 's/run --expect/run --expects/' 'README.md: folio-trace run has no --expects'
	out_of_step docs/ci.md 's/run --bisect/run --bisects/' 'docs/ci.md: folio-trace run has no --bisects'
	command -v zsh >/dev/null || { skip "zsh's options" "zsh is not installed (tools/setup.sh)" && return; }
	out_of_step tools/completion/_folio-trace "/'--counts/s/'--counts[^']*'//" "folio-trace expect --counts: is not in the zsh's"
}

installing
examples
completing
stepping
finish
