#!/bin/bash
# What the sandbox costs each start of a connector: a program that does nothing, started by itself and through the built
# rivergen-run, in turn. ROUNDS=20 is quick.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

build_and_install
remove_work_at_exit
make_work
${CC:-cc} -O2 -std=gnu11 -D_GNU_SOURCE "$root/test/bench/sandbox.c" -o "$work/sandbox"
run="$("$PG_CONFIG" --pkglibdir)/rivergen/rivergen-run"
for network in none plain dial; do
	printf '%s: ' "$network"
	as_postgres "$work/sandbox" "$run" "${ROUNDS:-300}" /bin/true "--rule=network:$network"
done
