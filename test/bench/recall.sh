#!/bin/bash
# How many of the tables that questions need schema_context finds by the question's text alone, beside BM25 with foreign keys
# (recall/recall.py): in a corpus that recall/corpus.py makes, and in Spider where SPIDER names a directory with its tables.json
# and dev.json. MISSES=10 shows questions whose tables are not all found. Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$port" -U postgres "$@"
}

recall()
{
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$root/test/bench/recall/recall.py" "$@"
}

# measure NAME CORPUS
measure()
{
	echo "$1:"
	on_server -c "CREATE DATABASE $1"
	on_server -d "$1" -c 'CREATE EXTENSION rivergen' -c "SELECT rivergen.quick_start('Bench')" >/dev/null
	recall sql "$2" | on_server -d "$1" -f - | recall score "$2"
}

build_and_install
remove_work_at_exit
make_work
port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)"
measure generated generated
if [ -n "${SPIDER:-}" ]; then
	measure spider "$(realpath "$SPIDER")"
fi
