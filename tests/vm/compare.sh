#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The debug lane, which has the page_ref tracepoints: what the inline source sees beside what they see,
# over hmm-tests and the stress, folio by folio as multisets of (operation, delta, function).
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! has_lane debug; then
	skip "page_ref beside inline" "the debug kernel is not built: tools/vm/fetch.sh debug"
	finish
fi
if [[ -z ${FOLIO_TRACE_COMPARE:-} ]]; then
	skip "page_ref beside inline" "not all differences are explained yet: sites before a static key, which the \
kernel refuses, and a few in a hundred thousand (FOLIO_TRACE_COMPARE=1 runs it)"
	finish
fi
on debug
guest=("${1:-2}")
boot --timeout 1800 --mem 2G --numa 2 --disk 512M
for w in hmm stress; do
	"$ft" export "$out/$w.data" >"$out/$w.json"
	same $w.status 0 && doc "$out/$w.json" 'd["verdict"] == "pass" and not bad' \
		'd["loss"]["missed"] == d["loss"]["ring"] == d["loss"]["conservation_errors"] == 0' \
		'd["comparison"]["matched"] > 10000'
	is "$w: pass, nothing lost" $?
	doc "$out/$w.json" 'd["comparison"]["differing"] == 0 and not d["comparison"]["differences"]'
	ok=$?
	is "$w: $(sed -n 's/^compared *//p' "$out/$w.txt")" $ok
done
[[ ! -s $out/attached ]]
is "nothing stays attached" $?
finish
