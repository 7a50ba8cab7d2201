#!/usr/bin/env bash
# lint-text.sh - the manual page and the scripts: mandoc is content, bash parses, shellcheck (where
# it is installed) finds nothing.
#
# SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/common.sh"
cd "$root"

mapfile -t scripts < <(find . -maxdepth 1 -name '*.sh'; find scripts tests -name '*.sh'; echo .ci/run
    echo scripts/hooks/pre-commit)

if command -v mandoc >/dev/null && ! mandoc -T lint -W warning docs/godwit.1; then
    finding "docs/godwit.1: see above"
fi
for script in "${scripts[@]}"; do
    if ! bash -n "$script"; then
        finding "$script: bash does not parse it"
    fi
    if ! head -12 "$script" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later'; then
        finding "$script: no licence line: add '# SPDX-License-Identifier: GPL-3.0-or-later'"
    fi
done
if command -v shellcheck >/dev/null && ! shellcheck -x -P SCRIPTDIR:scripts -S warning "${scripts[@]}"; then
    finding "scripts: see above"
fi

conclude
