#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# parsers.sh FILE...: whether others can read our test results. *.xml is held against tests/junit.xsd
# by xmllint, anything else is given to the KTAP parser of kunit and, as the output of a test, to the
# runner of kselftest, both from the kernel's source package that the VM bench keeps in its cache.
# Ends with one counted line; what is not installed or not fetched is skipped and counted.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 125
passed=0 failed=0 skipped=0
# shellcheck source=../../tools/vm/lib.sh
. tools/vm/lib.sh
# shellcheck source=../../tools/vm/hmm.sh
. tools/vm/hmm.sh

is() {
	if [[ $2 -eq 0 ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "parsers: $1: failed"
	fi
}
skip() {
	skipped=$((skipped + 1))
	echo "parsers: $1: skipped: $2"
}

# The parsers of the newest source package that is there: unpacked once, beside it.
find_kernel_parsers() {
	local deb
	deb=$(find "$cache_dir" -maxdepth 1 -name 'linux-source-*.deb' 2>/dev/null | sort -V | tail -n 1)
	[[ $deb ]] || return
	parsers=${deb%.deb}-parsers
	[[ -d $parsers ]] && return
	rm -rf "$parsers.new"
	unpack_source "$deb" "$parsers.new" '*/tools/testing/kunit/*.py' \
		'*/tools/testing/selftests/kselftest/*' && mv "$parsers.new" "$parsers"
}

# kunit FILE: no errors, and as many tests as the plan has, at every level
kunit() {
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$parsers/tools/testing/kunit python3 - "$1" <<'PYTHON'
import io
import sys

import kunit_parser
from kunit_printer import Printer

with open(sys.argv[1], encoding="utf-8", errors="replace") as f:
    lines = f.read().splitlines()
said = io.StringIO()
test = kunit_parser.parse_run_tests(lines, Printer(output=said))
plan = next(int(line[3:]) for line in lines if line.startswith("1.."))
nested = next((line.split("..")[1] for line in lines if line.startswith("    1..")), None)
wrong = []
if test.counts.errors:
    wrong.append(f"{test.counts.errors} errors")
if len(test.subtests) != plan:
    wrong.append(f"{len(test.subtests)} tests, {plan} planned")
if nested and len(test.subtests[0].subtests) != int(nested):
    wrong.append(f"{len(test.subtests[0].subtests)} subtests, {nested} planned")
if any(line.startswith("not ok") for line in lines) and test.ok_status():
    wrong.append("a failure is not seen")
if wrong:
    sys.exit(f"{said.getvalue()}\n{sys.argv[1]}: {', '.join(wrong)}")
PYTHON
}

# kselftest FILE: a test that prints this, and exits as `run' does
kselftest() {
	local dir status=0 result
	grep -q '^not ok' "$1" && status=1
	grep -qvE '^(KTAP|1\.\.|ok .* # SKIP)' "$1" || status=4
	dir=$(mktemp -d)
	mkdir "$dir/folio"
	cp -r "$parsers/tools/testing/selftests/kselftest" "$dir/"
	printf '#!/bin/sh\ncat "%s"\nexit %d\n' "$(realpath "$1")" $status >"$dir/folio/gate.sh"
	chmod +x "$dir/folio/gate.sh"
	(cd "$dir/folio" && sh -c 'BASE_DIR=$1 && . "$BASE_DIR/kselftest/runner.sh" &&
		ktap_print_header && ktap_set_plan 1 && run_many ./gate.sh' sh "$dir") 2>&1 | cat >"$dir/out" # it opens its stdout by name
	result=('^ok 1 .*gate.sh$' '^not ok 1 .*gate.sh' '' '' '^ok 1 .*gate.sh # SKIP')
	grep -qE -- "${result[status]}" "$dir/out" && kunit "$dir/out" && grep -qF '# 1..' "$dir/out"
	status=$?
	[[ $status -eq 0 ]] || tail -n 5 "$dir/out"
	rm -rf "$dir"
	return $status
}

parsers=
find_kernel_parsers
for file in "$@"; do
	label=$(basename "$file")
	if [[ $file == *.xml ]]; then
		if ! command -v xmllint >/dev/null; then
			skip "$label" "xmllint is not installed (tools/setup.sh)"
			continue
		fi
		xmllint --noout --nonet --schema tests/junit.xsd "$file" 2>&1 | grep -v 'validates$'
		is "$label, JUnit's schema" "${PIPESTATUS[0]}"
	elif [[ -z $parsers ]]; then
		skip "$label" "no linux-source package is in the cache (tools/vm/fetch.sh stock)"
	else
		kunit "$file"
		is "$label, kunit's parser" $?
		kselftest "$file"
		is "$label, kselftest's runner" $?
	fi
done
echo "parsers: $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
