# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# Programs that make file systems, and the FUSE server of one, with the libraries that they need, for
# a guest: bin/ and lib/ in the cache, of Debian 13. Sourced by fetch.sh.

mkfs_packages=(xfsprogs btrfs-progs squashfs-tools erofs-utils fuse2fs e2fsprogs)
mkfs_programs=(mkfs.xfs mkfs.btrfs mksquashfs mkfs.erofs fuse2fs mke2fs)

mkfs_dir() {
	[ -f "$cache_dir/mkfs/lib/libgcc_s.so.1" ] && printf '%s\n' "$cache_dir/mkfs"
}

# What apt would install on an empty machine, as PACKAGE=VERSION; without what other programs of
# these packages need.
mkfs_closure() {
	ours apt-get -s --no-install-recommends install "${mkfs_packages[@]}" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' |
		grep -vE '^(dpkg|debconf|tzdata|tar|perl.*|media-types|netbase|openssl-.*|libssl.*|readline-common|.*python3.*|libicu.*|libglib.*|libdbus.*|libdb5.*|gcc-.*|libsqlite3.*)='
}

# shared_of ELF…: the libraries that they ask for
shared_of() { readelf -d "$@" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u; }

# copy_libraries FROM TO: what the programs in TO/bin need, and what that needs
copy_libraries() {
	local from=$1 to=$2 name path added=yes
	while [ "$added" = yes ]; do
		added=no
		while read -r name; do
			[ ! -e "$to/lib/$name" ] || continue
			path=$(find "$from" -name "$name" -print -quit)
			[ -n "$path" ] || die "no library $name among ${mkfs_packages[*]}"
			cp -L "$path" "$to/lib/$name"
			added=yes
		done < <(shared_of "$to"/bin/* "$to"/lib/*)
	done
}

fetch_mkfs() {
	local packages tmp deb program path
	need_tools readelf
	mapfile -t packages < <(mkfs_closure)
	[ ${#packages[@]} -gt 6 ] || die "the archive lacks one of ${mkfs_packages[*]}"
	tmp=$(mktemp -d "$cache_dir/new.XXXXXX")
	get_debs "$tmp/debs" "${packages[@]}"
	mkdir -p "$tmp/mkfs/bin" "$tmp/mkfs/lib"
	for deb in "$tmp"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$tmp" -x --no-same-owner --exclude='./usr/share/*' \
			--exclude='./etc/*' --exclude='./var/*'
	done
	for program in "${mkfs_programs[@]}"; do
		path=$(find "$tmp/usr" "$tmp/sbin" "$tmp/bin" -name "$program" -print -quit 2>/dev/null || true)
		[ -n "$path" ] || die "no program $program among ${mkfs_packages[*]}"
		cp -L "$path" "$tmp/mkfs/bin/"
	done
	# libc asks for it when a thread is cancelled
	cp -L "$(find "$tmp/usr" -name libgcc_s.so.1 -print -quit)" "$tmp/mkfs/lib/"
	copy_libraries "$tmp" "$tmp/mkfs"
	rm -rf "$cache_dir/mkfs"
	mv "$tmp/mkfs" "$cache_dir/mkfs"
	rm -rf "$tmp"
}
