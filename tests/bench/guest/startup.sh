# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# startup.sh SOURCE…: what --timings says of each, and what the kernel alone takes to tell its
# symbols, which the inline source cannot do without.
for source in "$@"; do
	folio-trace record --source "$source" --timings -o /tmp/startup.data -- true 2>&1 |
		sed -n "s/^folio-trace: \(start-up\|removal\)/$source: \1/p"
done
now() { read -r up _ </proc/uptime && echo "${up%.*}${up#*.}0"; }
before=$(now)
cat /proc/kallsyms >/dev/null
echo "cat /proc/kallsyms: $(($(now) - before)) ms"
