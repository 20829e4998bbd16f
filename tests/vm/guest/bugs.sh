# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Bugs of the stock kernel, none injected: `harmless', that leave it running; `zap', after which a
# count is below 0; `overrun', which writes where it should not; `fork', which panics.
# shellcheck source=lib.sh
. /vm/lib.sh

trace() { folio-trace run --source inline "$@"; }

device=/dev/nvme0n1

# again NAME CMD…: if a traced program did not see its bug, does it when nobody looks?
again() {
	again_name=$1
	shift
	grep -q '^\(lost=0\|zapped=0\)' "/out/$again_name.txt" || return 0
	status "$again_name.untraced" "$@"
}

harmless() {
	umount /disk
	insmod /modules/mixedmap.ko
	traced softoff -- sh -c "softoff $device 4096 8; softoff $device 16384 8"
	traced mixedmap -- sh -c 'mixedmap whole; mixedmap part'
	dmesg | grep 'Bad rss-counter' >/out/rss
	traced race -- thpmig race 6 auto --until-lost 1 --max-tries 120
	again race thpmig race 50 auto --until-lost 1 --max-tries 1000
}

# The kernel overruns arrays of its own.
overrun() {
	for delay in 0 20000 5000; do
		traced ptreclaim -- ptreclaim 40 $delay
		grep -q '^lost=0' /out/ptreclaim.txt || break
	done
	again ptreclaim ptreclaim 40 20000
}

zap() {
	zapmig --hold /tmp/held &
	until_true 10 test -S /tmp/held
	traced zapmig -- zapmig /tmp/held
}

capture=/disk/forkmig.data

size() { stat -c %s $capture 2>/dev/null || echo 0; }
grew() { [ "$(size)" -gt "$grew_from" ]; }
commits() { sed -n 's/.*transactions (\([0-9]*\) requested).*/\1/p' /proc/fs/jbd2/nvme0n1-*/info; }
committed() { [ "$(commits)" -ge $((commits_then + 2)) ]; }

# on_disk: the capture up to now: it is written in a moment that comes after, and so is what asks the
# file system to commit that. The file system is the recorder's alone.
on_disk() {
	until_true 100 test -e /tmp/started
	grew_from=$(size)
	until_true 20 grew
	grew_from=$(size)
	until_true 20 grew
	commits_then=$(commits)
	until_true 20 committed
}

# Should it not panic, the status is there.
fork() {
	status whole forkmig whole
	cp /out/whole.* /disk/
	sync
	(on_disk && : >/tmp/go) &
	trace -o $capture -- sh -c ': >/tmp/started; exec forkmig split /tmp/go' >/disk/forkmig.txt 2>&1
	echo $? >/disk/forkmig.status
	sync
}

insmod /modules/test_hmm.ko
"$1"
