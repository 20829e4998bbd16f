# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# A newer qemu than Debian 12's, in the cache. Sourced by run.sh and fetch.sh.
#
# TCG of 7.2 now and then runs an int3 of the kernel's text patching that another processor has
# removed already: about one boot in a hundred dies of it, and most runs that attach to a busy
# system. With 10.0 not one did. Hardware help does not have that problem, and neither has Debian 13.

first_good_qemu=8

qemu_dir() {
	[ -x "$cache_dir/qemu/usr/bin/qemu-system-x86_64" ] && printf '%s\n' "$cache_dir/qemu"
}

qemu_is_old() {
	local version
	version=$(qemu-system-x86_64 --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
	[ "${version:-0}" -lt "$first_good_qemu" ]
}

# The backport for this machine's release: its libraries are those of the older package.
newest_backport() {
	local release
	# shellcheck disable=SC1091 # what this machine has
	release=$(. /etc/os-release && printf '%s\n' "${VERSION_ID:-}")
	ours apt-cache show qemu-system-x86 |
		awk -v of="~bpo$release+" '$1 == "Version:" && index($2, of) && !n++ { print $2 }'
}

fetch_qemu() {
	local version packages=() p tmp
	version=$(newest_backport)
	[ -n "$version" ] || die "the archive has no newer qemu for this machine"
	for p in $(depends qemu-system-x86 "$version" | grep -E '^qemu-system-(common|data)$'); do
		packages+=("$p=$version")
	done
	tmp=$(mktemp -d "$cache_dir/new.XXXXXX")
	get_debs "$tmp/debs" "qemu-system-x86=$version" "${packages[@]}" \
		"seabios=$(ours apt-cache madison seabios | awk '/bookworm-backports/ && !n++ { print $3 }')"
	unpack "$tmp" "$tmp"/debs/*.deb
	rm -rf "$tmp/debs"
	"$tmp/usr/bin/qemu-system-x86_64" --version >/dev/null ||
		die "qemu $version does not run on this machine"
	rm -rf "$cache_dir/qemu"
	mv "$tmp" "$cache_dir/qemu"
}

# choose_qemu ACCEL: sets qemu_program. What cannot be had is asked for again the next day.
choose_qemu() {
	local none=$cache_dir/qemu-none
	qemu_program=${FOLIO_TRACE_QEMU:-qemu-system-x86_64}
	if [ -n "${FOLIO_TRACE_QEMU:-}" ] || [ "$1" = kvm ] || ! qemu_is_old; then
		return 0
	fi
	if ! qemu_dir >/dev/null && [ -z "$(find "$none" -mtime -1 2>/dev/null)" ]; then
		"$vm_dir/fetch.sh" qemu >&2 || {
			say "going on with this machine's qemu, under which a guest dies now and then"
			touch "$none"
		}
	fi
	! qemu_dir >/dev/null || qemu_program=$(qemu_dir)/usr/bin/qemu-system-x86_64
}
