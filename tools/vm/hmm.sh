# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# test_hmm.ko and hmm-tests, from the source package of the lane's kernel. Sourced by fetch.sh.

# The few files that are needed, of 1.5 GB. The archive is read to its end all the same, as a
# compressed one has no index.
hmm_files=('*/lib/test_hmm*' '*/mm/gup_test.h' '*/tools/testing/selftests/*.h'
	'*/tools/testing/selftests/mm/*.[ch]' '*/tools/include/*' '*/arch/x86/include/uapi/asm/*')

source_package() { printf 'linux-source-%s\n' "$(grep -oE '^[0-9]+\.[0-9]+' <<<"$1")"; }

# unpack_source DEB INTO [PATTERN…]
unpack_source() {
	local deb=$1 into=$2
	shift 2
	mkdir -p "$into"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		xz -dcT0 | tar -C "$into" -x --strip-components=1 --wildcards "$@"
}

# build_hmm_module KERNEL-DIR SOURCE
build_hmm_module() {
	local dir=$1 src=$2 work=$1/new.test_hmm
	mkdir -p "$work"
	cp "$src"/lib/test_hmm.c "$src"/lib/test_hmm_uapi.h "$work/"
	echo 'obj-m := test_hmm.o' >"$work/Kbuild"
	kbuild "$dir" "$work" "$work/.log" || {
		cat "$work/.log" >&2
		die "test_hmm does not build"
	}
	mv "$work/test_hmm.ko" "$dir/modules/"
	rm -rf "$work"
}

# build_hmm_tests SOURCE UAPI-HEADERS INTO: with the kernel's own user headers, as the machine's
# are older. The sources beside hmm-tests.c differ from version to version.
build_hmm_tests() {
	local src=$1 uapi=$2 into=$3 mm=$1/tools/testing/selftests/mm sources=() f
	for f in hmm-tests.c vm_util.c thp_settings.c hugepage_settings.c; do
		[ ! -f "$mm/$f" ] || sources+=("$mm/$f")
	done
	gcc -static -w -O2 -U_FORTIFY_SOURCE -D_GNU_SOURCE= -I"$src" -I"$src/tools/testing/selftests" \
		-isystem "$uapi" -isystem "$uapi/x86_64-linux-gnu" \
		-I"$src/tools/include/uapi" -I"$src/tools/include" \
		"${sources[@]}" -lrt -lpthread -lm -o "$into/hmm-tests"
}

# Needs device private memory, which Debian's cloud kernels have since 7.
prepare_hmm() {
	local version=$1 dir=$2 deb
	grep -qx CONFIG_DEVICE_PRIVATE=y "$dir/config" || return 0
	deb=$(kept_deb "$(source_package "$version")" "$version")
	say "unpacking test_hmm and hmm-tests of $version"
	unpack_source "$deb" "$dir/src" "${hmm_files[@]}"
	deb=$(kept_deb linux-libc-dev "$version")
	unpack "$dir/uapi" "$deb"
	build_hmm_module "$dir" "$dir/src"
	build_hmm_tests "$dir/src" "$dir/uapi/usr/include" "$dir/bin"
	rm -rf "$dir/src" "$dir/uapi"
}
