#!/usr/bin/env bash
# check.sh - everything that must be true of this tree: builds, lints, tests, sanitizers, the same
# results from every compiler, the commands of README.md, a release that builds.
#
# Installs what is missing first (scripts/setup.sh). All work is in build-check/; each step has
# its log there. Ends with "N passed, N failed" and exit status 0 if nothing failed.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/scripts/common.sh"

work=$root/build-check
passed=0
failed=0
began=$SECONDS

# Counts of automake's summaries in a log: all programs and cases that ran.
count() {
    grep -hE "^# ($1): +[0-9]+$" "$2" 2>/dev/null | awk '{ sum += $3 } END { print sum + 0 }'
}

# step NAME COMMAND... - runs a command, times it, shows the end of its log if it failed.
step() {
    local name=$1 log since=$SECONDS good bad status=0

    shift
    log=$work/${name//[^a-z0-9]/-}.log
    printf '== %-46s ' "$name"
    timeout --kill-after=10 900 "$@" >"$log" 2>&1 </dev/null || status=$?
    good=$(count PASS "$log")
    bad=$(count 'FAIL|ERROR|XPASS' "$log")
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    if [ "$((good + bad))" -eq 0 ]; then
        good=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$bad" -eq 0 ]; then
        printf 'ok      %4d passed  %4d s\n' "$good" "$((SECONDS - since))"
        return 0
    fi
    printf 'FAILED  %4d failed  %4d s\n' "$bad" "$((SECONDS - since))"
    grep -E '^(FAIL|ERROR|XPASS):? |not ok|error:|warning:|\*\*\*' "$log" | tail -n 40 || true
    printf '   ... the end of %s:\n' "$log"
    tail -n 30 "$log"
    return 1
}

finish() {
    printf '== total %d s\n' "$((SECONDS - began))"
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
}

# configure_and_make NAME [CONFIGURE ARGUMENT...] - a build tree of its own below build-check/.
configure_and_make() {
    local tree=$work/$1

    shift
    mkdir -p "$tree"
    cd "$tree"
    "$root/configure" -q "$@"
    make -j "$cores"
}

# check NAME - builds the tests of that tree and runs them; what a failed one said ends the log.
check() {
    make -C "$work/$1" -j "$cores" check || {
        grep -v '^# ' "$work/$1/test-suite.log" | tail -n 25
        return 1
    }
}

# The tests again in another build, without those whose work is the same in every build.
check_short() {
    GODWIT_SHORT=1 check "$1"
}

# The digests of the tree "release" against those of the other trees.
compare_digests() {
    local tree

    "$root/scripts/digest.sh" "$work/release/godwit" >"$work/release.digests"
    cat "$work/release.digests"
    if [ ! -s "$work/release.digests" ]; then
        echo "error: no digests"
        return 1
    fi
    for tree in "$@"; do
        "$root/scripts/digest.sh" "$work/$tree/godwit" 4 >"$work/$tree.digests"
        diff -u "$work/release.digests" "$work/$tree.digests"
    done
}

# A release from the tarball: read-only sources, other build folder, install, uninstall.
release() {
    GODWIT_SHORT=1 make -C "$work/release" -j "$cores" distcheck \
        AM_DISTCHECK_CONFIGURE_FLAGS=--enable-werror
}

export -f configure_and_make check check_short compare_digests release
export root work cores

# in_bash FUNCTION ARGUMENT... - a function of this script as a command, stopping at errors.
in_bash() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    step "$1" bash -euo pipefail -c '"$@"' bash "${@:2}"
}

rm -rf "$work"
mkdir -p "$work"

step 'what is needed is installed' "$root/scripts/setup.sh" || { finish; exit 1; }
cd "$root"
step 'autoreconf' autoreconf -i || { finish; exit 1; }
in_bash 'build, gcc, warnings are errors' configure_and_make release --enable-werror ||
    { finish; exit 1; }

for lint in layers tidy manifest format text purity; do
    step "lint $lint" "$root/scripts/lint-$lint.sh" "$work/release" || true
done
step 'lint deep, clang-tidy and cppcheck' "$root/scripts/lint-deep.sh" || true

in_bash 'tests' check release || true
step 'benchmarks build' make -C "$work/release" godwit-bench || true
step 'commands of README.md' "$root/scripts/check-readme.sh" "$work/release/godwit" || true

if in_bash 'build, address and undefined sanitizers' configure_and_make sanitize \
    --enable-werror --enable-sanitize=address,undefined CFLAGS='-O1 -g'; then
    in_bash 'tests, address and undefined sanitizers' check_short sanitize || true
fi

in_bash 'build, thread sanitizer' configure_and_make thread \
    --enable-werror --enable-sanitize=thread || true
in_bash 'build, gcc -O0' configure_and_make gcc-O0 CFLAGS=-O0 || true
in_bash 'build, gcc -O3 -march=native' configure_and_make gcc-O3 \
    CFLAGS='-O3 -march=native' || true
in_bash 'build, clang, warnings are errors' configure_and_make clang --enable-werror CC=clang || true
in_bash 'same digests from all builds, 1 and 4 workers' \
    compare_digests thread gcc-O0 gcc-O3 clang || true

in_bash 'release builds, tests, installs (distcheck)' release || true

finish
