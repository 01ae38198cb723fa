#!/bin/bash
# What HTTP costs: requests per second and latency of four calls of /api/v1 through nginx, PostgREST and rivergen.http,
# beside plain PostgREST that reads a table of the same rows, and that calls the function behind the list itself. The
# load comes from wrk on the same machine. SECONDS_EACH bounds a measurement (default 10). Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

build_and_install
"$root/test/lib/packages.sh" wrk # which neither building nor testing needs
postgrest=$("$root/test/lib/peers.sh")
remove_work_at_exit
make_work
tar -C "$root" -cf - test src/gateway | as_postgres tar -C "$work" -xf -
# Where the user that runs it can reach it.
as_postgres tee "$work/postgrest" <"$postgrest" >/dev/null
as_postgres chmod 0700 "$work/postgrest"
as_postgres mkdir -p "$work/tap" "$work/ports"
as_postgres env PATH="$bindir:$PATH" PERL5LIB="$work/test/lib:$pgxs_dir/src/test/perl" TESTDIR="$work/tap" \
	PG_TEST_PORT_DIR="$work/ports" PG_REGRESS="$pgxs_dir/src/test/regress/pg_regress" PG_CONFIG="$PG_CONFIG" TMPDIR="$work" POSTGREST="$work/postgrest" \
	perl "$work/test/bench/http.pl" || { tail -n 20 "$work"/tap/tmp_check/log/regress_log_http >&2; exit 1; }
