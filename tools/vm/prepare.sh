# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# From Debian packages to a kernel directory of the cache. Sourced by fetch.sh.

unpack() {
	local into=$1 deb
	shift
	for deb in "$@"; do
		dpkg-deb -x "$deb" "$into"
	done
}

# The image is one package up to 6.12 and three or more after.
image_packages() {
	local image=linux-image-$1 version=$2 parts
	parts=$(depends "$image" "$version" | grep -E '^linux-(base|binary|modules)-.' || true)
	grep -q '^linux-binary-' <<<"$parts" || parts=$image
	awk -v v="$version" '{ print $0 "=" v }' <<<"$parts"
}

prepare_image() {
	local release=$1 version=$2 dir=$3 packages moddir
	mapfile -t packages < <(image_packages "$release" "$version")
	get_debs "$dir/debs" "${packages[@]}"
	unpack "$dir/root" "$dir"/debs/*.deb
	rm -rf "$dir/debs"
	if [ -f "$dir/root/boot/vmlinuz-$release" ]; then
		mv "$dir/root/boot/vmlinuz-$release" "$dir/vmlinuz"
	else
		mv "$dir/root/usr/lib/modules/$release/vmlinuz" "$dir/vmlinuz"
	fi
	# Older packages have /lib/modules; depmod and we want one place.
	if [ -d "$dir/root/usr/lib/modules" ]; then
		ln -s usr/lib "$dir/root/lib"
	fi
	moddir=$dir/root/lib/modules/$release
	[ -f "$moddir/config" ] || mv "$dir/root/boot/config-$release" "$moddir/config"
	cp "$moddir/config" "$dir/config"
	depmod_of "$dir/root" "$release"
}

# depmod is in sbin, which is not in every user's PATH.
depmod_of() { PATH=$PATH:/usr/sbin:/sbin depmod -b "$1" "$2"; }

# The build tools among the headers may want a newer libc than this machine has: those run under
# one of their own, with the machine's other libraries.
wrap_build_tools() {
	local dir=$1 libc=$1/libc/usr/lib/x86_64-linux-gnu f rel
	find "$dir/build/usr/lib" -type f -perm /111 | while read -r f; do
		if ! ldd "$f" 2>&1 | grep -q 'GLIBC_.* not found'; then
			continue
		fi
		if [ ! -d "$libc" ]; then
			get_debs "$dir/debs" "libc6=$(newest_version libc6)"
			unpack "$dir/libc" "$dir"/debs/*.deb
			rm -rf "$dir/debs"
		fi
		# Relative: the directory is renamed when it is whole.
		rel=$(realpath --relative-to "${f%/*}" "$libc")
		mv "$f" "$f.elf"
		cat >"$f" <<-END
			#!/bin/sh
			l=\${0%/*}/$rel
			exec "\$l/ld-linux-x86-64.so.2" --library-path "\$l" "\$0.elf" "\$@"
		END
		chmod +x "$f"
	done
}

prepare_headers() {
	local release=$1 version=$2 dir=$3 headers=linux-headers-$1 packages
	mapfile -t packages < <(depends "$headers" "$version" |
		grep -E '^linux-(headers-.*-common|kbuild-.*)$')
	[ ${#packages[@]} = 2 ] || die "unknown layout of $headers: ${packages[*]}"
	get_debs "$dir/debs" "$headers=$version" "${packages[@]/%/=$version}"
	unpack "$dir/build" "$dir"/debs/*.deb
	rm -rf "$dir/debs"
	rm -f "$dir/build/usr/src/$headers/vmlinux"
	wrap_build_tools "$dir"
}

write_env() {
	local dir=$1 release=$2 version=$3 headers=$4
	printf 'RELEASE=%q\nVERSION=%q\nHEADERS=%q\nFORMAT=%q\n' \
		"$release" "$version" "$headers" "$cache_format" >"$dir/env"
}

prepare_debian() {
	local version=$1 release=$2 dir=$3
	mkdir -p "$dir/modules" "$dir/bin" "$dir/built"
	prepare_image "$release" "$version" "$dir"
	prepare_headers "$release" "$version" "$dir"
	write_env "$dir" "$release" "$version" debian
	prepare_hmm "$version" "$dir"
}
