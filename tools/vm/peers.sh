# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# The tools that tests/bench compares with, and their libraries, for a guest: perf, trace-cmd and
# bpftrace of Debian 13, in the cache. Sourced by fetch.sh.

peers=(bpftrace linux-perf trace-cmd)

peers_dir() {
	[ -x "$cache_dir/peers/usr/bin/bpftrace" ] && printf '%s\n' "$cache_dir/peers"
}

# What apt would install on an empty machine, as PACKAGE=VERSION; without what only packages need.
peers_closure() {
	ours apt-get -s --no-install-recommends install "${peers[@]}" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' |
		grep -vE '^(dpkg|debconf|ucf|procps|tzdata|tar|perl|perl-base|perl-modules.*|media-types|netbase|sensible-utils|init-system-helpers|openssl-.*|readline-common|.*python3.*-(minimal|stdlib)|python3.*|libtext-.*|gcc-.*)='
}

fetch_peers() {
	local packages tmp
	mapfile -t packages < <(peers_closure)
	[ ${#packages[@]} -gt 3 ] || die "the archive lacks one of ${peers[*]}"
	tmp=$(mktemp -d "$cache_dir/new.XXXXXX")
	get_debs "$tmp/debs" "${packages[@]}"
	for deb in "$tmp"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$tmp" -x --no-same-owner --exclude='./usr/share/*' \
			--exclude='./etc/*' --exclude='./var/*'
	done
	rm -rf "$tmp/debs"
	ln -s usr/bin usr/lib usr/lib64 "$tmp"
	mv "$tmp" "$cache_dir/new.peers"
	rm -rf "$cache_dir/peers"
	mv "$cache_dir/new.peers" "$cache_dir/peers"
}
