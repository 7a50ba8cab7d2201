#!/usr/bin/env bash
# report.sh - pins: `godwit report` end to end: the page and its figures, the same bytes for the same
# database, no dates, a page without scripts, every link of the page is there, the commands of the page
# give the same runs again, refusals. Does not pin: how it looks and what a browser does with it
# (tests/browser/report.sh), how texts are escaped (tests/unit/test_html.c, test_report.c).
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"

command -v gnuplot >/dev/null || skip "gnuplot is not installed"

cat >small.yaml <<'END_OF_FILE'
name: small
warmup: 1s
cooldown: 1s
host: {suspend: 0s, resume: 0s}
devices: {source: {kind: servers, servers: 4}, target: {kind: servers, servers: 4}}
vm: {disks: [{size: 64MiB}]}
workload: {kind: open, rate: 100/s, read_share: 0%, block: 64KiB}
migration: {architecture: dbt, downtime_goal: 300ms, downtime_most: 300ms}
sweep:
  over: {migration.architecture: [dbt, mirror], workload.rate: [20/s, 200/s]}
  replications: 3
END_OF_FILE

# report DATABASE FOLDER OPTION... - it is made, and says where it is
report() {
    local database=$1 folder=$2
    shift 2
    if ! "$GODWIT" report "$database" -o "$folder" "$@" >stdout.txt 2>stderr.txt; then
        fail "report $database: $(cat stderr.txt)"
        return 1
    fi
    [ "$(cat stdout.txt)" = "$folder/report.html" ] || fail "report says: $(cat stdout.txt)"
}

# holds FILE PATTERN
holds() {
    grep -qF -- "$2" "$1" || fail "$1: no '$2'"
}

"$GODWIT" sweep run small.yaml --db "it's.db" 2>/dev/null >&2 || fail "the sweep failed: $?"
report "it's.db" one
page=one/report.html
for section in summary verdicts figures cards scenarios runs; do
    holds "$page" "<section id=\"$section\">"
done
holds "$page" "default-src 'none'"
holds "$page" "All 12 runs completed."
holds "$page" "Mashtizadeh et al."
holds "$page" "12 of 12 runs done; planned by <code>godwit sweep run small.yaml</code>"
[ "$(grep -c '<figure id' "$page")" -gt 3 ] || fail "few figures in the page"
for picture in one/figures/*.svg; do
    for suffix in gp tsv; do
        [ -s "${picture%.svg}.$suffix" ] || fail "no ${picture%.svg}.$suffix"
    done
done
while read -r link; do
    [ -e "one/$link" ] || fail "the page points to $link, which is not there"
done < <(grep -o 'href="figures/[^"]*"' "$page" | sed 's/.*"\(.*\)"/\1/')
if grep -qE "$(date -u +%Y)-[01][0-9]" "$page"; then
    fail "there is a date in the page"
fi
if grep -oE '(src|href)="[^"#d][^"]*"' "$page" | grep -v '"figures/'; then
    fail "the page points elsewhere"
fi

report "it's.db" two
cmp one/report.html two/report.html || fail "two reports of one database differ"
report "it's.db" plain --no-scripts
! grep -q '<script' plain/report.html || fail "--no-scripts: there is a script"
! grep -q 'script-src' plain/report.html || fail "--no-scripts: the policy allows scripts"
GODWIT_DYGRAPHS=/nonexistent report "it's.db" without
cmp plain/report.html without/report.html || fail "without dygraphs the page is not the plain one"

# The commands of the page, as a reader would copy them.
if command -v sqlite3 >/dev/null; then
    grep -A1 '^<pre>sqlite3' "$page" | sed -n 's/^<pre>//; s/<\/pre>.*//; p' |
        sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#39;/'/g; s/&amp;/\&/g" |
        sed -n '1,2p' >again.sh
    sed -i "s|^godwit|'$GODWIT'|; 2s|\$| --db again.db|" again.sh
    if ! bash again.sh >again.txt 2>&1; then
        fail "the commands of the page: $(cat again.sh again.txt)"
    fi
    sqlite3 "it's.db" "SELECT run_id, digest FROM run" | sort >known.txt
    sqlite3 again.db "SELECT run_id, digest FROM run" | sort >repeated.txt
    [ -s repeated.txt ] || fail "the commands of the page ran nothing"
    [ -z "$(comm -13 known.txt repeated.txt)" ] || fail "the commands of the page make other runs"
fi

# One study of several.
"$GODWIT" run small.yaml --set migration.architecture=cold --db "it's.db" >/dev/null || fail "run: $?"
report "it's.db" all --no-scripts
report "it's.db" part --no-scripts --study small
holds all/report.html "All 13 runs completed."
holds part/report.html "All 12 runs completed."

# A run of two studies has the parameters of one: its scenario knows the others.
"$GODWIT" run small.yaml --set migration.downtime_goal=100ms,300ms --set workload.rate=200/s \
    --db two.db >/dev/null || fail "run: $?"
"$GODWIT" run small.yaml --set migration.architecture=dbt,mirror --set workload.rate=20/s,200/s \
    --db two.db >/dev/null || fail "run: $?"
report two.db two-studies --no-scripts
page=two-studies/report.html
holds "$page" "All 5 runs completed."
holds "$page" "rate=20/s, downtime_goal=300ms"
holds "$page" "<strong>IO Mirroring</strong> in both cells"
! grep -qE 'takes , |goal=(<|,)' "$page" || fail "a parameter without a value in the page"
[ "$(grep -c '	DBT	' two-studies/figures/migration-time-vs-rate.tsv)" = 2 ] ||
    fail "not two points of DBT: $(cat two-studies/figures/migration-time-vs-rate.tsv)"
"$GODWIT" plot two.db --figure migration-time-vs-rate --formats svg -o plotted >/dev/null || fail "plot: $?"
cmp two-studies/figures/migration-time-vs-rate.tsv plotted/migration-time-vs-rate.tsv ||
    fail "plot and report draw different points"
grep -q '1 of 2 values of migration.downtime_goal' "$page" || fail "a panel of one point is shown"

# Runs that crashed are said at the top, and only of the study that they belong to.
if command -v sqlite3 >/dev/null; then
    sqlite3 two.db "INSERT INTO study VALUES('dead', 'x', '[]', ''), ('alive', 'x', '[]', '');
        INSERT INTO study_run SELECT 'alive', row_number() OVER (), run_id FROM run;
        INSERT INTO study_run SELECT 'dead', row_number() OVER (), run_id FROM run;
        INSERT INTO study_run VALUES('dead', 99, 'gone');
        INSERT INTO failure VALUES('gone', 'it died', 'godwit run x', 1)"
    report two.db dead --no-scripts --study dead
    report two.db alive --no-scripts --study alive
    holds dead/report.html "<strong>1 run crashed or took too long and has no result</strong>"
    holds dead/report.html "it died"
    ! grep -q 'crashed or took' alive/report.html || fail "the crash of another study is shown"
fi

verb=report
refuses 2 "no study 'smal'" "it's.db" --study smal
refuses 2 "0 databases given, wanted one"
refuses 2 "2 databases given, wanted one" a.db b.db
refuses 2 "no such" missing.db
refuses 2 "did you mean '--output'" "it's.db" --outptu x
mkdir shut && chmod a-w shut
if [ ! -w shut ]; then
    refuses 3 "shut/x" "it's.db" -o shut/x
fi
: >file
refuses 3 "file" "it's.db" -o file

exit $((failures > 0))
