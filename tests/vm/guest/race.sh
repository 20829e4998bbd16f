# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The leak of stock 7.3 with nothing injected: a zap races the migration.
# shellcheck source=lib.sh
. /vm/lib.sh

insmod /modules/test_hmm.ko
traced plain -- thpmig plain 5
traced race -- thpmig race 16 auto --until-lost 5 --max-tries 160
# Does this kernel lose any, when nobody looks?
if ! grep -q '^lost=[1-9]' /out/race.txt; then
	status untraced thpmig race 50 auto --until-lost 5 --max-tries 1000
fi
until_true 10 nothing_attached
attached >/out/attached
