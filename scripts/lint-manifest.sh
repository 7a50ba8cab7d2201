#!/usr/bin/env bash
# lint-manifest.sh - every source, test, scenario and script stands in Makefile.am, so that a
# release has it and a test is run.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"
cd "$root"

listed() {
    sed -E 's/\\$//; s/^[a-z_A-Z0-9]+ *\+?= *//' Makefile.am | tr -s ' \t' '\n' | LC_ALL=C sort -u
}

present() {
    c_files "${rooms[@]}" tests
    find scenarios tests scripts -type f ! -name '*.[ch]' ! -name '*.log' ! -name '*.trs'
}

# A test program is listed without its .c; folders of data may be listed as a whole.
while IFS= read -r path; do
    finding "$path is not in Makefile.am: add it to its list, one a line"
done < <(LC_ALL=C comm -13 <(listed) <(present | sed -E '\,^tests/support/,!s,^(tests/.*/test_[^/]*)\.c$,\1,' |
    LC_ALL=C sort -u))

conclude
