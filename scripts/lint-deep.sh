#!/usr/bin/env bash
# lint-deep.sh [FILE...] - clang-tidy and cppcheck over the given C files, or over all of them.
#
# Slow (minutes), so it runs in check.sh and not at every commit.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"
cd "$root"

flags=(-std=gnu17 -I. '-DGW_DATADIR="/"' '-DGW_VERSION="0"')

if [ $# -gt 0 ]; then
    files=("$@")
else
    mapfile -t files < <(c_files "${rooms[@]}" | grep '\.c$')
fi

# clang-tidy takes the compiler's flags behind the files; a file that is fine prints nothing. The
# analyzer gives a function up after so many states: its default of 225000 takes twice as long, and
# found nothing more when this was set (2026-11).
depth=(--extra-arg=-Xclang --extra-arg=-analyzer-config
    --extra-arg=-Xclang --extra-arg=max-nodes=100000)
export CLANG_TIDY=${CLANG_TIDY:-clang-tidy}
if ! printf '%s\n' "${files[@]}" | xargs -P "$cores" -I '{}' \
    bash -c '"$CLANG_TIDY" --quiet --warnings-as-errors="*" "$@" 2>/dev/null' \
    clang-tidy "${depth[@]}" '{}' -- "${flags[@]}"; then
    finding "clang-tidy: see above"
fi

if ! cppcheck -j "$cores" --quiet --error-exitcode=1 --inline-suppr --std=c11 \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    --suppressions-list=scripts/cppcheck.txt "${flags[@]:1}" "${files[@]}"; then
    finding "cppcheck: see above"
fi

conclude
