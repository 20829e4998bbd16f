# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# The debug lane's kernel, from Debian's linux-source, debug.config and fallible-split.patch.
# Sourced by fetch.sh.

# The version to build: of the source that is here, so that no network is needed, or the newest.
debug_version() {
	local have
	have=$(find "$cache_dir" -maxdepth 1 -name 'linux-source-*.deb' | head -n 1)
	if [ "$refresh" = no ] && [ -n "$have" ]; then
		have=${have##*_}
		printf '%s\n' "${have%.deb}"
	else
		apt_ready "$refresh"
		newest_kernel "$(lane_pattern stock)" | cut -d' ' -f1
	fi
}

# Refuses a configuration that lacks a line of debug.config: dependencies change with versions.
check_config() {
	local line lost=()
	while read -r line; do
		grep -qxF "$line" "$1" || lost+=("$line")
	done < <(grep '^CONFIG_' "$vm_dir/debug.config")
	[ ${#lost[@]} = 0 ] || die "debug.config does not hold on this source: ${lost[*]}"
}

configure_debug() {
	local tree=$1
	make -s -C "$tree" tinyconfig
	"$tree/scripts/kconfig/merge_config.sh" -m -O "$tree" "$tree/.config" "$vm_dir/debug.config"
	make -s -C "$tree" olddefconfig
}

# Each step leaves a stamp, and make goes on where it was: what was interrupted is not lost.
debug_step() {
	local work=$1 step=$2 log=$1/$2.log
	shift 2
	[ ! -f "$work/$step.done" ] || return 0
	say "debug: $step (log: $log)"
	"$@" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "debug: $step failed"
	}
	touch "$work/$step.done"
}

patch_debug() { patch -d "$1" -p1 <"$vm_dir/fallible-split.patch"; }

compile_debug() { nice -n 10 make -C "$1" -j"$(nproc)" bzImage modules; }

# What building modules and reading the source of mm/ takes; the rest is 3 GB.
trim_tree() {
	local tree=$1 d
	find "$tree" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '.tmp_*' \) -type f -delete
	for d in Documentation block certs crypto drivers fs init ipc io_uring kernel net rust samples \
		security sound usr virt vmlinux.unstripped; do
		rm -rf "${tree:?}/$d"
	done
	find "$tree/arch" -mindepth 1 -maxdepth 1 -type d ! -name x86 -exec rm -rf {} +
}

collect_debug() {
	local tree=$1 dir=$2 version=$3 release
	release=$(<"$tree/include/config/kernel.release")
	mkdir -p "$dir/modules" "$dir/bin" "$dir/built" "$dir/root/lib/modules/$release"
	cp "$tree/arch/x86/boot/bzImage" "$dir/vmlinuz"
	ln "$tree/vmlinux" "$dir/vmlinux"
	cp "$tree/.config" "$dir/config"
	cp "$tree"/modules.builtin "$tree"/modules.builtin.modinfo "$tree"/modules.order \
		"$dir/root/lib/modules/$release/"
	depmod_of "$dir/root" "$release"
	unpack "$dir/uapi" "$(kept_deb linux-libc-dev "$version")"
	build_hmm_tests "$tree" "$dir/uapi/usr/include" "$dir/bin"
	rm -rf "$dir/uapi"
	write_env "$dir" "$release" "$version" tree
}

fetch_debug() {
	local version name work tree dir deb
	version=$(debug_version)
	name=kernel-debug-$version-$(debug_hash)
	work=$cache_dir/debug-work-$version-$(debug_hash)
	tree=$work/linux dir=$work/kernel
	if ! is_whole "$cache_dir/$name"; then
		# Of another version or configuration, and never finished.
		find "$cache_dir" -maxdepth 1 -name 'debug-work-*' ! -path "$work" -exec rm -rf {} +
		mkdir -p "$work"
		say "debug: building $version; takes 12 minutes or more, once"
		deb=$(kept_deb "$(source_package "$version")" "$version")
		debug_step "$work" unpack unpack_source "$deb" "$tree"
		debug_step "$work" patch patch_debug "$tree"
		debug_step "$work" configure configure_debug "$tree"
		check_config "$tree/.config"
		debug_step "$work" compile compile_debug "$tree"
		rm -rf "$dir"
		debug_step "$work" collect collect_debug "$tree" "$dir" "$version"
		debug_step "$work" trim trim_tree "$tree"
		mv "$tree" "$dir/build"
		rm -rf "${cache_dir:?}/$name"
		mv "$dir" "$cache_dir/$name"
		rm -rf "$work"
	fi
	finish_lane debug "$name"
}
