# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# The guest's initramfs. Sourced by run.sh, whose options it reads.

# The guest's helper, compiled when its source has changed. Static: the guest has no libraries.
guest_helper() {
	local bin
	bin=$build_dir/vm/guest-$(sha256sum "$vm_dir/guest.c" | cut -c1-16)
	if [ ! -x "$bin" ]; then
		mkdir -p "$build_dir/vm"
		gcc -O2 -Wall -Wextra -static -o "$bin.$$" "$vm_dir/guest.c"
		mv "$bin.$$" "$bin"
	fi
	printf '%s\n' "$bin"
}

busybox_static() {
	local b
	for b in /bin/busybox /usr/bin/busybox /sbin/busybox.static /usr/bin/busybox-static; do
		if [ -x "$b" ] && ! ldd "$b" >/dev/null 2>&1; then
			printf '%s\n' "$b"
			return
		fi
	done
	die "no static busybox: run tools/setup.sh"
}

# module_closure NAME…: paths below the module root, dependencies first, each once.
module_closure() {
	local moddir=$kernel_dir/root/lib/modules/$RELEASE name
	for name in "$@"; do
		awk -v want="${name//-/_}" '
			{ sub(/:$/, "", $1); n = $1; sub(/.*\//, "", n); sub(/\.ko.*/, "", n); gsub(/-/, "_", n) }
			n == want { for (i = NF; i >= 1; i--) print $i; found = 1 }
			END { exit !found }' "$moddir/modules.dep" || {
			say "$RELEASE has no module $name"
			return 1
		}
	done | awk '!seen[$0]++'
}

unpack_module() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}

is_module() { grep -qx "CONFIG_$1=m" "$kernel_dir/config"; }

# Modules that the bench itself needs, where they are not built in, and those of --module.
add_kernel_modules() {
	local root=$1 wanted=() m file
	[ -n "$kernel_dir" ] || return 0
	if is_module VIRTIO_PCI; then wanted+=(virtio_pci); fi
	if is_module VIRTIO_CONSOLE; then wanted+=(virtio_console); fi
	if [ -n "$disk" ] && is_module EXT4_FS; then wanted+=(ext4); fi
	if [ -n "$disk" ] && is_module BLK_DEV_NVME; then wanted+=(nvme); fi
	for m in "${extra_modules[@]}"; do
		is_builtin "$m" || wanted+=("$m")
	done
	[ ${#wanted[@]} -gt 0 ] || return 0
	mkdir -p "$root/bench/modules"
	module_closure "${wanted[@]}" >"$tmp/modules" || exit "$vm_failed"
	while read -r m; do
		file=${m##*/}
		file=${file%%.ko*}.ko
		unpack_module "$kernel_dir/root/lib/modules/$RELEASE/$m" >"$root/bench/modules/$file"
		printf '%s\n' "$file" >>"$root/bench/modules/order"
	done <"$tmp/modules"
}

is_builtin() {
	sed 's/-/_/g' "$kernel_dir/root/lib/modules/$RELEASE/modules.builtin" |
		grep -q "/${1//-/_}\.ko\$"
}

# A directory of tests/modules is for all lanes unless its file LANES says for which.
module_is_for_lane() {
	[ ! -f "$1/LANES" ] || tr -s ' \t' '\n' <"$1/LANES" | grep -qxF "$lane"
}

# A module that does not build is missing in /modules, which its own test will notice.
add_our_modules() {
	local root=$1 dir ko
	mkdir -p "$root/modules"
	[ -n "$kernel_dir" ] || return 0
	for dir in "$repo_dir"/tests/modules/*/; do
		[ -f "$dir/Kbuild" ] || [ -f "$dir/Makefile" ] || continue
		module_is_for_lane "${dir%/}" || continue
		if ko=$("$vm_dir/build-module.sh" --kernel "$lane" "${dir%/}"); then
			cp "$ko" "$root/modules/"
		else
			say "without the module $(basename "$dir")"
		fi
	done
	find "$kernel_dir/modules" -name '*.ko' -exec cp {} "$root/modules/" \; 2>/dev/null || true
	add_hmm_of_tree "$root"
}

# lib/ is built without function entries, and the kernel refuses probes in functions that have
# none. Outside of the tree test_hmm is a module like any other, as it is for Debian's kernels.
add_hmm_of_tree() {
	local root=$1 lib=$kernel_dir/build/lib src=$tmp/test_hmm ko
	[ -f "$lib/test_hmm.c" ] || return 0
	mkdir "$src"
	cp "$lib/test_hmm.c" "$lib/test_hmm_uapi.h" "$src/"
	echo 'obj-m := test_hmm.o' >"$src/Kbuild"
	ko=$("$vm_dir/build-module.sh" --kernel "$lane" "$src")
	cp "$ko" "$root/modules/"
}

add_programs() {
	local root=$1 f
	f=$(busybox_static)
	cp "$f" "$root/bin/busybox"
	f=$(guest_helper)
	cp "$f" "$root/bench/guest"
	[ ! -x "$build_dir/static/folio-trace" ] || cp "$build_dir/static/folio-trace" "$root/bin/"
	for f in ${kernel_dir:+"$kernel_dir"/bin/*} "$build_dir"/workloads/*; do
		[ ! -f "$f" ] || [ ! -x "$f" ] || cp "$f" "$root/usr/local/bin/"
	done
}

# SRC[:DST]; a DST that ends in / is a directory.
add_file() {
	local root=$1 src=${2%%:*} dst=
	[[ $2 != *:* ]] || dst=${2#*:}
	[ -e "$src" ] || die "--file: there is no $src"
	case $dst in
	'') dst=/$(basename "$src") ;;
	*/) dst=$dst$(basename "$src") ;;
	esac
	mkdir -p "$root/$(dirname "$dst")"
	cp -aLT "$src" "$root/$dst"
}

make_initramfs() {
	local root=$tmp/root f
	mkdir -p "$root"/{bin,dev,proc,sys,bench,usr/local/bin}
	cp "$vm_dir/init.sh" "$root/init"
	chmod 755 "$root/init"
	add_programs "$root"
	add_kernel_modules "$root"
	add_our_modules "$root"
	for f in "${files[@]}"; do
		add_file "$root" "$f"
	done
	printf '%s\0' "${argv[@]}" >"$root/bench/argv"
	[ -z "$out" ] || touch "$root/bench/want-out"
	[ -z "$disk" ] || touch "$root/bench/disk"
	(cd "$root" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) >"$tmp/initrd"
	rm -rf "$root"
}
