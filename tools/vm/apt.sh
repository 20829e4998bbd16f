# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this and what they source
# Debian packages by an apt state of our own, in the cache. Sourced by fetch.sh.

# The suites with the lanes' kernels, with the newer libc that their build tools want, and with a
# newer qemu.
apt_suites=(bookworm bookworm-backports trixie trixie-backports)
apt_dir=$cache_dir/apt

apt_options() {
	printf '%s\n' -o "Dir::State=$apt_dir" -o "Dir::State::lists=$apt_dir/lists" \
		-o Dir::State::status=/dev/null -o "Dir::Cache=$apt_dir/cache" \
		-o "Dir::Etc::sourcelist=$apt_dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o "APT::Sandbox::User=$(id -un)" -o APT::Architecture=amd64 -o APT::Architectures::=amd64 \
		-o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::http::Timeout=30 \
		-o APT::Update::Post-Invoke=true -o APT::Update::Post-Invoke-Success=true
}

ours() {
	local tool=$1 options
	shift
	mapfile -t options < <(apt_options)
	"$tool" "${options[@]}" "$@"
}

# The first Debian archive that this machine's apt is configured for, in either format of sources.
find_mirror() {
	if [ -n "${FOLIO_TRACE_MIRROR:-}" ]; then
		printf '%s\n' "$FOLIO_TRACE_MIRROR"
		return
	fi
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null | awk -F'|' '
		# The origin is known only once the machine has fetched its own lists.
		($1 == "Debian" || $1 ~ /ORIGIN/) && $2 == "main" &&
		$3 ~ /^(stable|oldstable|testing|unstable|sid|bookworm|trixie|forky|duke)$/ {
			print $4; exit
		}'
}

write_sources() {
	local mirror key signed='' suite
	mirror=$(find_mirror)
	[ -n "$mirror" ] ||
		die "no Debian mirror in this machine's apt configuration: set FOLIO_TRACE_MIRROR to one"
	for key in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
		[ ! -f "$key" ] || signed="[signed-by=$key] "
	done
	for suite in "${apt_suites[@]}"; do
		printf 'deb %s%s %s main\n' "$signed" "$mirror" "$suite"
	done >"$apt_dir/sources.list"
}

# apt_ready REFRESH: the lists are there, and young, as the archive drops old versions. A stamp
# says that a whole update went through.
apt_ready() {
	if [ "$1" = no ] && [ "$(cat "$apt_dir/updated" 2>/dev/null)" = "${apt_suites[*]}" ] && [ -n "$(find "$apt_dir/updated" -mtime -1 2>/dev/null)" ]; then
		return 0
	fi
	[ -z "${apt_updated:-}" ] || return 0
	need_tools apt-get apt-cache dpkg dpkg-deb
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	say "reading the package lists of ${apt_suites[*]}"
	write_sources
	rm -f "$apt_dir/updated"
	ours apt-get -qq update >"$apt_dir/update.log" 2>&1 || {
		tail -n 5 "$apt_dir/update.log" >&2
		die "cannot read the package lists"
	}
	printf '%s\n' "${apt_suites[*]}" >"$apt_dir/updated"
	apt_updated=yes
}

# newest_kernel PATTERN: prints "VERSION RELEASE" of the newest cloud kernel whose version matches.
newest_kernel() {
	ours apt-cache show linux-image-cloud-amd64 | awk -v pattern="$1" '
		$1 == "Version:" { version = $2 }
		$1 == "Depends:" && version ~ pattern &&
		match($0, /linux-image-[^ ,]*-cloud-amd64/) {
			print version, substr($0, RSTART + 12, RLENGTH - 12)
		}' | {
		local best='' best_release='' version release
		while read -r version release; do
			if [ -z "$best" ] || dpkg --compare-versions "$version" gt "$best"; then
				best=$version best_release=$release
			fi
		done
		[ -n "$best" ] && printf '%s %s\n' "$best" "$best_release"
	}
}

# newest_version PACKAGE: of all the suites.
newest_version() { ours apt-cache policy "$1" | awk '$1 == "Candidate:" { print $2 }'; }

# depends PACKAGE VERSION: the names that it depends on, one a line.
depends() {
	ours apt-cache show "$1=$2" | awk -F': ' '$1 == "Depends" { print $2; exit }' |
		tr ',' '\n' | sed 's/^ *//; s/ .*//'
}

# kept_deb NAME VERSION: the path of a package that stays in the cache.
kept_deb() {
	local deb=$cache_dir/$1_$2.deb
	if [ ! -f "$deb" ]; then
		get_debs "$cache_dir/new.kept" "$1=$2"
		mv "$cache_dir"/new.kept/*.deb "$deb"
		# One version is enough.
		find "$cache_dir" -maxdepth 1 -name "$1_*.deb" ! -path "$deb" -delete
	fi
	printf '%s\n' "$deb"
}

# get_debs DIR PACKAGE=VERSION…: apt checks size and hash.
get_debs() {
	local dir=$1
	shift
	mkdir -p "$dir"
	say "downloading $*"
	(cd "$dir" && ours apt-get -q download "$@") >"$apt_dir/download.log" 2>&1 || {
		tail -n 5 "$apt_dir/download.log" >&2
		die "cannot download $*"
	}
}
