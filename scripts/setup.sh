#!/usr/bin/env bash
# setup.sh [--build|--list] - installs what is missing to build and check Godwit (Debian 12).
#
# Asks for what is needed (a program, a library, a header), not for package names, so that a
# machine which has them from elsewhere is left alone. Without root or sudo it says what to run.
#   --build   only what the program and its plots need: no test tools, no linters
#   --list    prints the packages that are missing and installs nothing
# Tests of clusters and browsers skip where their programs are missing, so without root, or when
# their installation fails, that is said and no failure.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"

# What is looked for: a kind, a name, the package that brings it.
build_needs() {
    cat <<'TABLE'
program gcc              gcc
header  stdio.h          libc6-dev
program make             make
program autoconf         autoconf
program automake         automake
program pkg-config       pkg-config
library gsl              libgsl-dev
library sqlite3          libsqlite3-dev
library yaml-0.1         libyaml-dev
library jansson          libjansson-dev
library libxxhash        libxxhash-dev
library zlib             zlib1g-dev
library libzstd          libzstd-dev
library liblz4           liblz4-dev
program gnuplot          gnuplot-nox
TABLE
}

check_needs() {
    cat <<'TABLE'
library cmocka           libcmocka-dev
program clang            clang
program clang-format     clang-format
program clang-tidy       clang-tidy
program cppcheck         cppcheck
program mandoc           mandoc
program sqlite3          sqlite3
program python3          python3
program shellcheck       shellcheck
program xz               xz-utils
TABLE
}

# What single tests use, which skip without it.
test_needs() {
    cat <<'TABLE'
program slurmd           slurm-wlm
program munged           munge
program parallel         parallel
program chromium         chromium
program chromedriver     chromium-driver
file    /usr/share/javascript/dygraphs/dygraph.min.js  libjs-dygraphs
TABLE
}

present() {
    case $1 in
    program) PATH=$PATH:/usr/sbin:/sbin command -v "$2" >/dev/null ;;
    file) [ -e "$2" ] ;;
    library) pkg-config --exists "$2" 2>/dev/null ;;
    header) [ -e "/usr/include/$2" ] || echo "#include <$2>" | gcc -E - >/dev/null 2>&1 ;;
    esac
}

# Packages of the table on stdin whose thing is not there, on one line.
missing() {
    local kind name package list=()

    while read -r kind name package; do
        if ! present "$kind" "$name"; then
            list+=("$package")
        fi
    done
    echo "${list[*]}"
}

needs() {
    build_needs
    if [ "$1" != --build ]; then
        check_needs
    fi
}

# Prints how to become root without a question, or fails.
privilege() {
    if [ "$(id -u)" -eq 0 ]; then
        echo env
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        echo sudo
    else
        return 1
    fi
}

install() {
    local as apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)

    if ! command -v apt-get >/dev/null; then
        echo "setup: no apt-get here; please install what brings: $*" >&2
        return 1
    fi
    if ! as=$(privilege); then
        echo "setup: these packages are missing; as root, run:" >&2
        echo "    apt-get update && apt-get install -y --no-install-recommends $*" >&2
        return 1
    fi
    echo "setup: installing $*" >&2
    "$as" "${apt[@]}" update >&2 || echo "setup: apt-get update failed; trying with what is known" >&2
    "$as" "${apt[@]}" install -y --no-install-recommends "$@" >&2
}

what=${1:---full}
packages=$(needs "$what" | missing)
extras=
if [ "$what" != --build ]; then
    extras=$(test_needs | missing)
fi
if [ "$what" = --list ]; then
    echo "${packages:+$packages }$extras"
    exit 0
fi
# shellcheck disable=SC2086  # lists of package names
{
    if [ -n "$packages" ]; then
        install $packages
        packages=$(needs "$what" | missing)
        if [ -n "$packages" ]; then
            echo "setup: still missing after the installation: $packages" >&2
            exit 1
        fi
    fi
    if [ -n "$extras" ]; then
        install $extras || echo "setup: some tests will skip for want of: $extras" >&2
    fi
}
