# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# stress.sh SOURCE ROUNDS: every way that references come and go, and both CPUs at the same folios,
# ROUNDS times in one traced command.
# shellcheck source=lib.sh
. /vm/lib.sh

# Runs as the command.
if [ "$1" = work ]; then
	cd /disk || exit
	i=0
	while [ $((i += 1)) -le "$2" ]; do
		for w in "contend 30 /disk" "anonwork 2" "filework /disk" hugework "gupwork --hold 1 /disk" \
			"swapwork 1 /disk" "nodework 1" "forker 3 2"; do
			# shellcheck disable=SC2086 # words
			$w >/dev/null || {
				status=$?
				echo "${w%% *}: $status"
				[ $status -eq 4 ] || exit $status
			}
		done
	done
	exit 0
fi

echo 16 >/proc/sys/vm/nr_hugepages
dd if=/dev/zero of=/disk/swap bs=1M count=96 2>/dev/null
chmod 600 /disk/swap
mkswap /disk/swap >/dev/null
swapon /disk/swap
folio-trace run --source "$1" -o /out/stress.data -- sh /vm/stress.sh work "$2" \
	>/out/stress.txt 2>/out/stress.err
echo $? >/out/stress.status
until_true 10 nothing_attached
attached >/out/attached
