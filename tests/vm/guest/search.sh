# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Memory of the command that an untraced process holds at its end.
# shellcheck source=lib.sh
. /vm/lib.sh

mkdir /thp /hugetlb
mount -t tmpfs -o huge=always none /thp
mount -t hugetlbfs none /hugetlb
echo 4 >/proc/sys/vm/nr_hugepages

# Nothing is left.
traced clean -- true

# mapped NAME FILE BYTES BYTES-OF-THE-OTHER...: each of the others maps so much of the file
mapped() {
	mapped_name=$1 mapped_file=$2 mapped_size=$3
	shift 3
	mapped_ready=
	for mapped_bytes; do
		outsider map "$mapped_file" "$mapped_bytes" "/tmp/$mapped_name.$mapped_bytes" &
		mapped_ready="$mapped_ready /tmp/$mapped_name.$mapped_bytes"
		echo "$! $mapped_bytes"
	done >"/out/$mapped_name.others"
	# shellcheck disable=SC2086 # words
	traced "$mapped_name" -- outsider make "$mapped_file" "$mapped_size" $mapped_ready
	while read -r mapped_pid _; do
		kill "$mapped_pid"
	done <"/out/$mapped_name.others"
	wait
	rm "$mapped_file"
}

mapped small /tmp/small 65536 32768
mapped thp /thp/thp 2097152 2097152 32768
mapped hugetlb /hugetlb/hugetlb 2097152 2097152

mkfifo /tmp/pipe
outsider keep /tmp/pipe /tmp/kept &
echo $! >/out/pipe.others
traced pipe -- outsider splice /tmp/pipe /tmp/kept
kill "$(cat /out/pipe.others)"
wait

outsider listen /tmp/socket /tmp/listens &
echo $! >/out/socket.others
traced socket --settle 1 -- outsider send /tmp/socket /tmp/sent /tmp/listens
kill "$(cat /out/socket.others)"
wait

# Its child is of the command, too, but what it holds is to be found.
traced ring --settle 1 -- outsider ring
pkill outsider

until_true 10 nothing_attached
attached >/out/attached
