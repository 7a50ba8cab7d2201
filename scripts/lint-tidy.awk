# lint-tidy.awk - what a line of C can be wrong with, one pass over all files.
#
# Prints file:line: finding; replacement. Strings and comments are blanked before code is judged.
#
# SPDX-License-Identifier: GPL-3.0-or-later

function say(text) { printf "%s:%d: %s\n", FILENAME, FNR, text }

function ban(pattern, replacement) {
    if (match(code, pattern)) {
        say("'" substr(code, RSTART, RLENGTH) "' is banned: " replacement)
    }
}

# The line without strings, character constants and block comments.
function blank(line,    out, start, end) {
    gsub(/\\\\/, "", line)
    gsub(/\\"/, "", line)
    gsub(/'[^']*'/, "' '", line)
    gsub(/"[^"]*"/, "\"\"", line)
    out = ""
    while (line != "") {
        if (in_comment) {
            end = index(line, "*/")
            if (end == 0) { return out }
            line = substr(line, end + 2)
            in_comment = 0
        }
        start = index(line, "/*")
        if (start == 0) { return out line }
        out = out substr(line, 1, start - 1)
        line = substr(line, start + 2)
        in_comment = 1
    }
    return out
}

function finish_file() {
    if (file == "") { return }
    if (lines > 600) {
        printf "%s:%d: %d lines, at most 600: one file, one idea; split it\n", file, lines, lines
    }
    if (!spdx) {
        printf "%s:1: no licence line: add ' * SPDX-License-Identifier: GPL-3.0-or-later'\n", file
    }
}

FNR == 1 {
    finish_file()
    file = FILENAME
    spdx = in_comment = body = 0
    room = file
    sub(/\/.*/, "", room)
    name = file
    sub(/.*\//, "", name)
    if (index($0, "/* " name " - ") != 1) {
        say("the first line must read '/* " name " - what it is'")
    }
}

{
    lines = FNR
    if (FNR < 40 && /SPDX-License-Identifier: GPL-3.0-or-later/) { spdx = 1 }
    if (/\t/) { say("tab: use spaces") }
    if (/[ \r]$/) { say("trailing space: remove it") }
    if (/(TODO|FIXME)/) { say("an open end in the code: mend it, or write it in the tracker") }
    code = blank($0)
    if (code ~ /\/\//) { say("'//' comment: write /* ... */") }
    if (code ~ /^ *# *if 0/) { say("'#if 0': delete it, git remembers") }
}

# A function: its braces stand alone in the first column.
/^\{$/ { body = FNR }
/^\}$/ && body {
    if (FNR - body + 1 > 70) {
        say("function of " (FNR - body + 1) " lines, at most 70: name the parts")
    }
    body = 0
}

code ~ /[a-z]/ {
    ban("(^|[^a-z_0-9])s?(rand|random)(_r)? *\\(", "draw from a gw_stream (base/random.h)")
    ban("(^|[^a-z_0-9])(str(cpy|cat)|stpcpy|v?sprintf|gets) *\\(", "snprintf with a size")
    ban("(^|[^a-z_0-9])ato(i|l|ll|f) *\\(", "the parsers of base/ report bad input")
    ban("(^|[^a-z_0-9])strtok *\\(", "strspn and strcspn")
    ban("(^|[^a-z_0-9])alloca *\\(", "calloc, or a size known from geometry")
    ban("(^|[^a-z_0-9])(src|dst) *[;,)=\\[-]", "source, target")
    if (room !~ /^(tests|results|cli|live)$/) {
        ban("(^|[^a-z_0-9])(time|clock|gettimeofday) *\\(", "agenda->now_ns or the clock port")
    }
    if (room != "tests") {
        ban("(^|[^a-z_0-9])assert *\\(", "gw_assert (base/error.h): on in every build")
    }
    if (room != "tests" && file != "base/error.c") {
        ban("(^|[^a-z_0-9])abort *\\(", "gw_assert for a bug, gw_fail for the rest")
    }
    if (room != "tests" && room != "cli" && file != "base/error.c") {
        ban("(^|[^a-z_0-9])(v?printf|puts|putchar|perror) *\\(", "only cli/ prints; use gw_fail")
        ban("(^|[^a-z_0-9])(std(out|err))", "only cli/ knows the console; take a FILE * or gw_fail")
        ban("(^|[^a-z_0-9])_?exit *\\(", "return false with gw_fail; only cli/ ends the program")
    }
}

END { finish_file() }
