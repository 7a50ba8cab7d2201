# cli.sh - what the tests of the program share: counted failures, a work folder of their own.
#
# To be sourced first. Leaves the test in an empty folder, $work, which goes away at its end; $tree
# is the source tree. A test ends with `exit $((failures > 0))`.
#
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
set -u
failures=0
verb=

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# skip WHY - ends the test as one that could not be made here
skip() {
    echo "SKIP: $*" >&2
    exit 77
}

# long_form - skips a test whose work is the same in every build when GODWIT_SHORT is set, as
# check.sh does where the tests run a second and a third time
long_form() {
    [ -z "${GODWIT_SHORT:-}" ] || skip "part of the long form; GODWIT_SHORT is set"
}

# exits CODE ARGUMENT... - godwit, with $verb if that is set, exits with CODE; stdout.txt and
# stderr.txt have what it said
exits() {
    local code=$1 got=0
    shift
    set -- ${verb:+"$verb"} "$@"
    "$GODWIT" "$@" >stdout.txt 2>stderr.txt || got=$?
    [ "$got" = "$code" ] || fail "godwit $*: exit code $got instead of $code: $(cat stderr.txt)"
}

# ask DATABASE SQL - the first cell, empty without a row; changes are kept
ask() {
    python3 -c 'import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA foreign_keys = 1")
row = database.execute(sys.argv[2]).fetchone()
database.commit()
print(row[0] if row else "")' "$@"
}

# unseal DATABASE - makes a file that a test edits one of the version that had no seals, so that its
# rows are taken as they are
unseal() {
    ask "$1" 'DROP TABLE seal' >/dev/null && ask "$1" 'PRAGMA user_version = 3' >/dev/null
}

# refuses CODE PATTERN ARGUMENT... - godwit, with $verb if that is set, exits with CODE and says
# PATTERN on stderr alone; $refusal has what it said
refuses() {
    local code=$1 pattern=$2 got=0
    shift 2
    set -- ${verb:+"$verb"} "$@"
    refusal=$("$GODWIT" "$@" 2>&1 >stdout.txt) || got=$?
    [ "$got" = "$code" ] || fail "godwit $*: exit code $got instead of $code: $refusal"
    [ ! -s stdout.txt ] || fail "godwit $*: wrote to stdout"
    grep -qF -- "$pattern" <<<"$refusal" || fail "godwit $*: no '$pattern' in: $refusal"
}

# What a test made unwritable goes too.
leave() {
    chmod -R u+w "$work"
    rm -rf "$work"
}

# shellcheck disable=SC2034  # used by the tests that source this file
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap leave EXIT
cd "$work" || exit 1
