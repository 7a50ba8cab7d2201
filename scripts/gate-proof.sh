#!/usr/bin/env bash
# gate-proof.sh PROGRAM [CHECKS] - how often `godwit check` cries without cause and how often it sees
# one: a table by tests/gate/gate_proof.c, of 1,000 checks unless told otherwise (some minutes).
#
# Exit status 0: as docs/gate.md promises.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:?usage: gate-proof.sh PROGRAM [CHECKS]}
GODWIT_DATADIR=$root exec "$program" "${2:-1000}"
