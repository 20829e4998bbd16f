# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# bash completion of folio-trace. tools/check.sh holds its words and --help in step.

# The options of a command, one line each.
_folio_trace_options() {
	local gate='--expect --bisect --allow-inconclusive --format --strict --verbose'
	local filter='--order --kind --pfn --comm'
	local lines='--vmlinux --debug-dir'
	local tracing='--source --exact --fast --sites --stack-depth --settle --buffer-size --kernel-btf
		--max-folios --spool-size --ready-file --pid-file --timings'

	case $1 in
	run) echo "--output --json --ignore-command-status $gate $lines $tracing" ;;
	record) echo "--output --pid --all --duration --order --pfn $tracing" ;;
	report) echo "--format --strict --verbose $filter $lines" ;;
	timeline) echo "--verbose $filter $lines" ;;
	export) echo "--format --events --addresses --schema --output $filter $lines" ;;
	expect) echo "--counts --waive --until --output" ;;
	check) echo "$gate $lines" ;;
	why) echo "--format --verbose $filter $lines" ;;
	diff) echo "--format --verbose $filter" ;;
	doctor) echo "--json --kernel-btf --clean --verbose" ;;
	esac
	echo --help --usage
}

_folio_trace_commands() {
	echo run record report timeline export expect check why diff doctor help version
}

# _folio_trace_values COMMAND OPTION: its words; fails if it takes something else
_folio_trace_values() {
	case $1$2 in
	run--format | report--format | check--format) echo text ktap junit ;;
	export--format) echo json ndjson ;;
	why--format | diff--format) echo text json ;;
	export--schema) echo json ndjson expect why diff doctor ;;
	export--events) echo bad all ;;
	*--source) echo boundary inline page_ref auto page_ref,inline ;;
	*--kind) echo anon file shmem ksm hugetlb device_private device_coherent fs_dax \
		device_generic p2pdma zero movable typed ;;
	*) return 1 ;;
	esac
}

_folio_trace() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} i words
	[[ $cur == = ]] && cur=
	[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 || ($command == help && $COMP_CWORD -eq 2) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_folio_trace_commands)" -- "$cur")
		return
	fi
	# the command behind -- has a completion of its own
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
			else
				mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
			fi
			return
		fi
	done
	if words=$(_folio_trace_values "$command" "$prev"); then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_folio_trace_options "$command")" -- "$cur")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -F _folio_trace folio-trace
