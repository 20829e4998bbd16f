#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# cost.sh [stock|debug]: what a loop of faults, of forks and of file copies costs under folio-trace,
# followed itself or beside somebody who is, as ratios to the same without a tracer. On the debug
# lane, which has the page_ref tracepoints, beside perf record (-g: with stacks, as ours), trace-cmd
# record and bpftrace on the same tracepoints in the same guest; then exit status 1 if page_ref is
# slower than its aims: followed no slower than perf record, not followed no slower than bpftrace's
# counting.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lane=${1:-stock}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
cache=${FOLIO_TRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/folio-trace}

case $lane in
debug)
	tools/vm/fetch.sh peers
	what=(page_ref peers) options=(--mem 3G --file "$cache/peers:/peers")
	;;
*) what=(boundary inline) options=(--mem 2G) ;;
esac

tools/vm/run.sh --kernel "$lane" --timeout 1200 "${options[@]}" --file tests/bench/guest:/bench-guest \
	-- sh /bench-guest/cost.sh "${what[@]}" | tee "$lines"

awk '
	# One twentieth is what the measure itself differs by.
	function aim(ours, theirs, l) {
		if ((theirs, l) in us && us[ours, l] > us[theirs, l] * 1.05)
			bad = bad sprintf("\nFAIL: %s: %s takes %.2f times as long as %s", l, ours,
				us[ours, l] / us[theirs, l], theirs)
	}
	$1 == "#" || NF != 3 { next }
	!(($1, $2) in us) || $3 < us[$1, $2] { us[$1, $2] = $3 }
	!seen[$1]++ { order[++n] = $1 }
	END {
		split("fault fork copy", loops)
		printf "%-22s", "microseconds (ratio)"
		for (k = 1; k <= 3; k++) printf "%20s", loops[k]
		print ""
		for (i = 1; i <= n; i++) {
			printf "%-22s", order[i]
			for (k = 1; k <= 3; k++)
				printf "%12.0f (%5.2f)", us[order[i], loops[k]],
					us[order[i], loops[k]] / us["off", loops[k]]
			print ""
		}
		for (k = 1; k <= 3; k++) {
			aim("page_ref-tracked", "perf-g", loops[k])
			aim("page_ref-no-stacks", "perf", loops[k])
			aim("page_ref-untracked", "bpftrace", loops[k])
		}
		if (bad) print substr(bad, 2)
		exit bad != ""
	}' "$lines"
