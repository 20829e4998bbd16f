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
on debug
guest=("${1:-2}")
boot --timeout 900 --mem 2G --numa 2 --disk 512M
# An operation at the edge of a lifetime, whose tracepoint's program found the memory's next owner, is off in
# the sums of both.
for w in hmm stress; do
	"$ft" export "$out/$w.data" >"$out/$w.json"
	same $w.status 0 && doc "$out/$w.json" 'd["verdict"] == "pass" and not bad' \
		'd["loss"]["ring"] == d["loss"]["missed_probes"] == 0' \
		'd["loss"]["missed"] == d["loss"]["missed_refs"]' \
		'd["loss"]["conservation_errors"] <= d["comparison"]["missed"] + d["comparison"]["edge"]' \
		'd["comparison"]["missed"] <= d["loss"]["missed_refs"]'
	is "$w: pass, nothing lost but what is counted" $?
	doc "$out/$w.json" 'd["comparison"]["matched"] > 10000' \
		'd["comparison"]["unexplained"] == 0' \
		'd["comparison"]["refused"] == 0'
	ok=$?
	sed -n '/^compared/,/^[^ ]/{s/^compared/        /;/^ /p}' "$out/$w.txt"
	is "$w: page_ref and inline agree, or it is known why not" $ok
	# the callers of an out-of-line copy that is refused are probed instead
	doc "$out/$w.json" 'all(x["function"] not in ("folio_put", "put_page", "try_get_folio") for x in
		d["comparison"]["differences"])'
	is "$w: nothing is left of out-of-line copies that are refused themselves" $?
done
[[ ! -s $out/attached ]]
is "nothing stays attached" $?
finish
