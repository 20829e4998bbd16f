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

write_env() {
	local dir=$1 release=$2 version=$3 headers=$4
	printf 'RELEASE=%q\nVERSION=%q\nHEADERS=%q\n' "$release" "$version" "$headers" >"$dir/env"
}

prepare_debian() {
	local lane=$1 version=$2 release=$3 dir=$4
	mkdir -p "$dir/modules" "$dir/bin" "$dir/built"
	prepare_image "$release" "$version" "$dir"
	write_env "$dir" "$release" "$version" debian
}
