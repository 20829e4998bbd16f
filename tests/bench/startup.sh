#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# startup.sh [LANE…]: where the time goes until all is armed, and until all is removed again, in a
# guest of each lane (stock 6.12 6.1), with the sources boundary and inline.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
for lane in "${@:-stock 6.12 6.1}"; do
	for l in $lane; do
		echo "== $l"
		tools/vm/run.sh --kernel "$l" --timeout 300 --file tests/bench/guest:/bench-guest \
			-- sh /bench-guest/startup.sh boundary inline
	done
done
