#!/usr/bin/env bash
# gate-regressions.sh [PATTERN] - does the gate see mistakes, and name them? Applies each line of
# tests/gate/regressions.txt (whose name matches the pattern) to a copy of the tree, builds the
# program, and checks the baseline: exit status 1 and the named curves and metrics are wanted.
#
# Needs gcc or $CC, perl and the libraries of the program; some minutes. Exit status 0: all were
# named.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
pattern=${1:-.}
work=$(mktemp -d "${TMPDIR:-/tmp}/godwit-regressions.XXXXXX")
trap 'rm -rf "$work"' EXIT

mkdir "$work/pristine"
cp -R "$root"/{base,algorithms,workloads,models,sim,results,cli,scenarios} "$work"
cp -R "$root/algorithms" "$work/pristine"
export GODWIT_DATADIR=$work

cat > "$work/Makefile" <<'MAKEFILE'
CC ?= cc
CFLAGS = -O2 -std=gnu17 -fno-math-errno -ffp-contract=off -I. -DGW_VERSION='"regression"' \
	-DGW_DATADIR='"."'
LIBS = -lsqlite3 -lgsl -lgslcblas -lyaml -ljansson -lxxhash -lz -lzstd -llz4 -lm -lpthread
objects := $(patsubst %.c,%.o,$(wildcard base/*.c algorithms/*.c workloads/*.c models/*.c \
	sim/*.c results/*.c cli/*.c))
godwit: $(objects)
	$(CC) -o $@ $^ $(LIBS)
%.o: %.c
	$(CC) $(CFLAGS) -MMD -c $< -o $@
-include $(objects:.o=.d)
MAKEFILE

build() {
    make -C "$work" -s -j2 godwit > "$work/log" 2>&1
}

# named CASE WORDS - all words stand in the sentence of the case
named() {
    local word

    for word in ${2//,/ }; do
        grep -F "$1: " "$work/report" | grep -qF "$word" || return 1
    done
}

# verdict BASELINE CASE WORDS - what the gate made of the mistake
verdict() {
    local code=0

    "$work/godwit" check --baseline "$root/tests/baselines/$1.json" "$2" > "$work/report" 2>&1 || code=$?
    if [ "$code" != 1 ]; then
        echo "NOT SEEN (exit status $code)"
    elif ! named "$2" "$3"; then
        echo "NOT NAMED ($3)"
    else
        echo "named: $3"
    fi
}

build || { cat "$work/log"; exit 3; }
failures=0
while IFS=$'\t' read -r name file change baseline case words; do
    [[ $name == '#'* || ! $name =~ $pattern ]] && continue
    before=$(verdict "$baseline" "$case" "$words")
    perl -0777 -pi -e "$change" "$work/$file"
    if [[ $before != 'NOT SEEN (exit status 0)' ]]; then
        result="CLEAN TREE: $before"
    elif cmp -s "$work/pristine/$file" "$work/$file"; then
        result='DOES NOT APPLY'
    elif ! build; then
        result='DOES NOT COMPILE'
    else
        result=$(verdict "$baseline" "$case" "$words")
    fi
    printf '%-32s %s\n' "$name" "$result"
    [[ $result == named* ]] || failures=$((failures + 1))
    grep -F "$case: " "$work/report" | sed 's/^/    /' || true
    cp "$work/pristine/$file" "$work/$file"
    build
done < "$root/tests/gate/regressions.txt"
[ "$failures" -eq 0 ]
