# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Splits and migrations that fail because somebody holds the folio.
# shellcheck source=lib.sh
. /vm/lib.sh

traced boundary -- heldwork
traced inline --source inline -- heldwork
until_true 10 nothing_attached
attached >/out/attached
