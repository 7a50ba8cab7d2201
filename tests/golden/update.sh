#!/usr/bin/env bash
# update.sh - rewrites the golden curves from the test program given as $1: what `make
# golden-update` runs. The difference is to be reviewed like code.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
GW_SOURCE_DIR=$root GW_GOLDEN_UPDATE=1 "${1:?usage: update.sh PROGRAM, tests/golden/test_golden}"
git -C "$root" --no-pager diff --stat -- tests/golden || true
