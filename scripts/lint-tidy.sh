#!/usr/bin/env bash
# lint-tidy.sh - sizes, banned names, first lines, unique file names, headers that stand alone.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"
cd "$root"

mapfile -t files < <(c_files "${rooms[@]}" tests)
mapfile -t headers < <(c_files "${rooms[@]}" | grep '\.h$')

while IFS= read -r line; do
    finding "$line"
done < <(awk -f scripts/lint-tidy.awk "${files[@]}")

while IFS= read -r name; do
    finding "$name: more than one file has this name: $(find "${rooms[@]}" tests -name "$name" \
        2>/dev/null | tr '\n' ' ')- give each idea its own"
done < <(printf '%s\n' "${files[@]##*/}" | LC_ALL=C sort | uniq -d)

if [ ${#headers[@]} -gt 0 ] &&
    ! ${CC:-gcc} -std=gnu17 -I. -fsyntax-only -x c "${headers[@]}"; then
    finding "a header does not compile alone: include what it uses"
fi

conclude
