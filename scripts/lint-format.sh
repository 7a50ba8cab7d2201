#!/usr/bin/env bash
# lint-format.sh - the layout of the C files is what clang-format 14 makes of them.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"
cd "$root"

mapfile -t files < <(c_files "${rooms[@]}" tests)

# It complains line by line; one finding a file is enough.
while IFS= read -r path; do
    finding "$path: layout differs: run 'make format'"
done < <("${CLANG_FORMAT:-clang-format}" --dry-run "${files[@]}" 2>&1 |
    sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: warning: code should be clang-formatted.*/\1/p' | uniq)

conclude
