# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# complete.bash FILE WORD…: what bash makes of the words and a tab, with the completion in FILE; one
# a line.
# shellcheck source=../../tools/completion/folio-trace.bash
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
$(complete -p folio-trace | sed 's/.*-F \([^ ]*\).*/\1/') folio-trace "${COMP_WORDS[COMP_CWORD]}" \
	"${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
