#!/usr/bin/env bash
# bans.sh - pins that the lints see what they are there for: each sin below must be found.
#
# Does not pin the wording beyond a few letters, nor that clean code passes: check.sh does that.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -p "$place"/{algorithms,base,build,sim,scripts}
cp "${GW_SOURCE_DIR:-.}"/scripts/* "$place/scripts/" 2>/dev/null || true
cd "$place"

failed=0

# expect LINT TEXT - the lint must fail and say TEXT.
expect() {
    local output

    if output=$("scripts/lint-$1.sh" build 2>&1); then
        echo "lint-$1 found nothing"
        failed=1
    elif ! grep -qF -- "$2" <<<"$output"; then
        echo "lint-$1 did not say '$2'"
        failed=1
    fi
}

{
    echo '/* other.c - not its name. */'
    echo '#include "sim/kernel.h"'
    echo '#include <math.h>'
    echo '#include <sqlite3.h>'
    echo '#include <stdio.h>'
    echo '#include <yaml.h>'
    echo '// a comment to the end of the line'
    echo '/* TO''DO nothing */'
    printf '\tint tab; \n'
    echo 'const char *fine = "// rand( time( strcpy("; /* atoi( */'
    echo 'int a(void) { return rand(); }'
    echo 'int b(void) { return atoi("1"); }'
    echo 'void c(char *to) { strcpy(to, "x"); sprintf(to, "x"); }'
    echo 'long d(void) { return time(0); }'
    echo 'void e(void) { printf("x"); exit(1); }'
    echo 'void'
    echo 'long_one(void)'
    echo '{'
    for _ in $(seq 80); do echo '    e();'; done
    echo '}'
    for _ in $(seq 600); do echo 'extern int more;'; done
} >algorithms/sin.c
echo '#include <yaml.h>' >sim/sin.c
echo 'void f(void) { popen("gnuplot -p", "w"); }' >>sim/sin.c
echo 'size_t needs_stddef(void);' >base/alone.h

expect tidy "sin.c:1: the first line must read '/* sin.c - what it is'"
expect tidy 'no licence line'
expect tidy "sin.c:7: '//' comment"
expect tidy 'sin.c:8: an open end'
expect tidy 'sin.c:9: tab'
expect tidy 'sin.c:9: trailing space'
expect tidy "sin.c:11: ' rand(' is banned"
expect tidy "sin.c:12: ' atoi(' is banned"
expect tidy "sin.c:13: ' strcpy(' is banned"
expect tidy "sin.c:14: ' time(' is banned"
expect tidy "sin.c:15: ' printf(' is banned"
expect tidy "sin.c:15: ' exit(' is banned"
expect tidy 'function of 82 lines, at most 70'
expect tidy 'lines, at most 600'
expect tidy 'sin.c: more than one file has this name'
expect tidy 'a header does not compile alone'
if scripts/lint-tidy.sh 2>&1 | grep -q 'sin.c:10:'; then
    echo 'lint-tidy looks into strings or comments'
    failed=1
fi

expect layers 'sin.c:2: algorithms/ may include'
expect layers 'sin.c:3: <math.h> is not for this file'
expect layers 'sin.c:4: <sqlite3.h> is not for this file'
expect layers 'sin.c:5: algorithms/ sees no file'
expect layers 'yaml.h in more than one file'
expect layers 'gnuplot is started by results/gnuplot.c alone'

cat >impure.c <<'SIN'
#include <math.h>
#include <stdio.h>
#include <time.h>
double gw_sin(double x) { return puts("x") + log(x) + (double)time(0); }
SIN
"${CC:-gcc}" -c -o impure.o impure.c
for room in base algorithms workloads models sim; do
    ar cr "build/lib$room.a" impure.o
done
expect purity 'algorithms/impure.o calls puts'
expect purity 'models/impure.o calls log'
expect purity 'sim/impure.o calls time'

touch Makefile.am
mkdir -p tests scenarios
expect manifest 'algorithms/sin.c is not in Makefile.am'

exit "$failed"
