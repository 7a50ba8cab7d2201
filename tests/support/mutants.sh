# mutants.sh - a copy of the tree for seeded mistakes: made, changed, built, mended again.
#
# To be sourced with bash, after which $work is the copy and $root the tree it came from. Needs gcc
# or $CC, perl and the libraries of the program.
#
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/godwit-mutants.XXXXXX")
trap 'rm -rf "$work"' EXIT
mutated=

# copy_rooms ROOM... - into the copy, with a Makefile that compiles them; its rules come on stdin,
# where $(objects) is what the rooms make
copy_rooms() {
    cp -R "${@/#/$root/}" "$work"
    mkdir "$work/pristine"
    cp -R "$root/algorithms" "$work/pristine"
    {
        echo 'CC ?= cc'
        echo 'CFLAGS = -O2 -std=gnu17 -fno-math-errno -ffp-contract=off -I.' \
            "-DGW_VERSION='\"mutant\"' -DGW_DATADIR='\".\"'"
        echo "objects := \$(patsubst %.c,%.o,\$(wildcard ${*/%//*.c}))"
        cat
        # shellcheck disable=SC2016  # expanded by make
        printf '%%.o: %%.c\n\t$(CC) $(CFLAGS) -MMD -c $< -o $@\n'
        # shellcheck disable=SC2016  # expanded by make
        echo '-include $(objects:.o=.d)'
    } >"$work/Makefile"
}

# build TARGET... - what it says is in $work/log
build() {
    make -C "$work" -s -j2 "$@" >"$work/log" 2>&1
}

# mutate FILE CHANGE - applies a perl substitution to the file, or to the one of algorithms/ to which
# its place has moved; $mutated is that one. Fails if it changes none.
mutate() {
    for mutated in "$1" $(cd "$work" && ls algorithms/*.[ch]); do
        perl -0777 -pi -e "$2" "$work/$mutated"
        cmp -s "$work/pristine/$mutated" "$work/$mutated" || return 0
    done
    return 1
}

# mend - takes the last change back
mend() {
    [ -z "$mutated" ] || cp "$work/pristine/$mutated" "$work/$mutated"
    mutated=
}
