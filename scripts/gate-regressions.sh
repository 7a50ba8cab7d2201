#!/usr/bin/env bash
# gate-regressions.sh [PATTERN] - does the gate see mistakes, and name them? Applies each line of
# tests/gate/regressions.txt (whose name matches the pattern) to a copy of the tree, builds the
# program, and checks the baseline: exit status 1 and the named curves and metrics are wanted.
#
# Needs gcc or $CC, perl and the libraries of the program; some minutes. Exit status 0: all were
# named.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../tests/support/mutants.sh"

pattern=${1:-.}
export GODWIT_DATADIR=$work
cp -R "$root/scenarios" "$work"
copy_rooms base algorithms workloads models sim results cli <<'MAKEFILE'
LIBS = -lsqlite3 -lgsl -lgslcblas -lyaml -ljansson -lxxhash -lz -lzstd -llz4 -lm -lpthread
godwit: $(objects)
	$(CC) -o $@ $^ $(LIBS)
MAKEFILE

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

build godwit || { cat "$work/log"; exit 3; }
failures=0
while IFS=$'\t' read -r name file change baseline case words; do
    [[ $name == '#'* || ! $name =~ $pattern ]] && continue
    before=$(verdict "$baseline" "$case" "$words")
    if [[ $before != 'NOT SEEN (exit status 0)' ]]; then
        result="CLEAN TREE: $before"
    elif ! mutate "$file" "$change"; then
        result='DOES NOT APPLY'
    elif ! build godwit; then
        result='DOES NOT COMPILE'
    else
        result=$(verdict "$baseline" "$case" "$words")
    fi
    printf '%-32s %s\n' "$name" "$result"
    [[ $result == named* ]] || failures=$((failures + 1))
    grep -F "$case: " "$work/report" | sed 's/^/    /' || true
    mend
    build godwit
done < "$root/tests/gate/regressions.txt"
[ "$failures" -eq 0 ]
