#!/usr/bin/env bash
# report.sh - pins: reports of a storage study, a memory study and a study of hostile texts in a real
# browser; see report_test.py for what is looked at. Skipped without Chromium, its driver, Python or
# gnuplot. SCREENSHOTS=FOLDER leaves pictures there.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../support/cli.sh"
long_form

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    skip "chromium is not installed"
driver=$(command -v chromedriver) || skip "chromedriver is not installed"
command -v python3 >/dev/null || skip "python3 is not installed"
command -v gnuplot >/dev/null || skip "gnuplot is not installed"
dygraphs=${GODWIT_DYGRAPHS:-/usr/share/javascript/dygraphs}
[ -e "$dygraphs/dygraph.min.js" ] || echo "libjs-dygraphs is not installed: no curves to point at" >&2

# godwit ARGUMENT... - it works, and what it prints is of no interest
godwit() {
    "$GODWIT" "$@" >stdout.txt 2>stderr.txt || fail "godwit $*: $(cat stderr.txt)"
}

# look REPORT OPTION... - the report in the browser
look() {
    local report=$1
    shift
    python3 "$tree/tests/browser/report_test.py" --browser "$chromium" --driver "$driver" \
        ${SCREENSHOTS:+--screenshots "$SCREENSHOTS"} "$@" "$report" ||
        fail "$report: see above"
}

godwit run atc11/uniform-writes --set migration.architecture=dbt,mirror,snapshot \
    --set workload.rate=100/s,400/s --set migration.downtime_goal=5s -n 2 --db storage.db
godwit report storage.db -o storage
look storage/report.html

godwit run kvmforum18/throttle --set migration.throttle=none,auto-converge -n 2 --db memory.db
godwit report memory.db -o memory
look memory/report.html
godwit report memory.db -o plain --no-scripts
look plain/report.html

# Texts that would do harm, as far as the parser lets them through, and the rest into the file.
cat >hostile.yaml <<'END_OF_FILE'
name: "<img src=x onerror=pwned=1>"
warmup: 1s
cooldown: 1s
sample_interval: 10ms
devices: {source: {kind: servers, servers: 4}, target: {kind: servers, servers: 4}}
vm: {name: "\"'`<b>vm</b>", disks: [{size: 64MiB}]}
workload: {kind: open, rate: 100/s, read_share: 0%, block: 64KiB}
migration: {architecture: mirror}
END_OF_FILE
"$GODWIT" run hostile.yaml -n 2 --db hostile.db >stdout.txt 2>stderr.txt || {
    echo "the parser refuses hostile names: $(head -1 stderr.txt)" >&2
    sed -i 's/^name: .*/name: tame/; s/name: "[^,]*", disks/name: tame, disks/' hostile.yaml
    godwit run hostile.yaml -n 2 --db hostile.db
}
python3 - <<'END_OF_FILE'
import sqlite3
database = sqlite3.connect("hostile.db")
evil = "</script><script>pwned=1</script><img src=x onerror=pwned=2>`\"'\n\x02 --> ]]>"
database.execute("UPDATE run SET scenario = ?, vm = ?, reason = ?, verify_note = ?, engine_version = ?",
                 (evil + "SCENARIO", evil + "VM", evil + "REASON", evil, evil + "ENGINE"))
database.execute("UPDATE run SET verified = 0, architecture = ? WHERE replication = 1",
                 (evil + "ARCHITECTURE",))
database.execute("INSERT OR REPLACE INTO parameter SELECT run_id, 0, ?, ? || replication FROM run",
                 (evil + "NAME", evil + "VALUE"))
database.execute("UPDATE phase SET phase = ?", (evil + "PHASE",))
database.execute("INSERT INTO study(study, plan_hash, arguments, created_utc) VALUES(?, 'x', ?, '')",
                 (evil + "STUDY", '["</script><b>ARGUMENT"]'))
database.execute("INSERT INTO failure(run_id, error, repro) VALUES('f', ?, ?)", (evil + "ERROR", evil + "REPRO"))
database.execute("INSERT INTO config(hash, canonical) VALUES('h', ?)",
                 ('{"</script><b>KEY": "</pre><img src=x onerror=pwned=3>"}',))
database.execute("UPDATE run SET config_hash = 'h' WHERE replication = 1")
database.execute("DROP TABLE seal")
database.execute("PRAGMA user_version = 3")
database.commit()
END_OF_FILE
godwit report hostile.db -o hostile
set --
for word in SCENARIO VM REASON ENGINE ARCHITECTURE NAME VALUE STUDY ERROR REPRO; do
    set -- "$@" --hostile "onerror=pwned=2>\`\"'"$'\n'"� --> ]]>$word"
done
look hostile/report.html "$@" --hostile '</script><b>ARGUMENT' --hostile '</script><b>KEY'

exit $((failures > 0))
