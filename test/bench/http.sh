#!/bin/bash
# What HTTP costs: requests per second and latency of four calls of /api/v1 through nginx, PostgREST and rivergen.http,
# beside plain PostgREST that reads a table of the same rows, and that calls the function behind the list itself. The
# load comes from wrk on the same machine. SECONDS_EACH bounds a measurement (default 10). Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

# Only this needs wrk: neither building nor testing does.
install_wrk()
{
	command -v wrk >/dev/null && return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "wrk is missing. Install it as root: apt-get install --no-install-recommends wrk" >&2
		return 1
	fi
	echo "installing wrk"
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends wrk </dev/null >/dev/null
}

build_and_install
install_wrk
remove_work_at_exit
make_work
tar -C "$root" -cf - test src/gateway | as_postgres tar -C "$work" -xf -
as_postgres mkdir -p "$work/tap" "$work/ports"
as_postgres env PATH="$bindir:$PATH" PERL5LIB="$work/test/lib:$pgxs_dir/src/test/perl" TESTDIR="$work/tap" \
	PG_TEST_PORT_DIR="$work/ports" PG_REGRESS="$pgxs_dir/src/test/regress/pg_regress" PG_CONFIG="$PG_CONFIG" TMPDIR="$work" \
	perl "$work/test/bench/http.pl" || { tail -n 20 "$work"/tap/tmp_check/log/regress_log_http >&2; exit 1; }
