#!/bin/bash
# Tables of lakes beside their own libraries and DuckDB: a log of Delta Lake of COMMITS=10000 commits, a table of Iceberg of
# SNAPSHOTS=1000 snapshots, and of each a table of SIZE=2000000 rows in 8 files: all rows as text, some columns, conditions, a
# count. In turns; each line has the least time of the processor that both took in one run, and the most memory of a process.
# SIZE=10000000 takes 2 GB of disk.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

build_and_install >/dev/null
python_peers=$("$root/test/lib/pip.sh" "$root/test/peers/python"):$("$root/test/lib/pip.sh" "$root/test/peers/files")
remove_work_at_exit
make_work
measure()
{
	mkdir "$work/$1"
	env "PYTHONPATH=$python_peers" "CONNECTORS=$("$PG_CONFIG" --pkglibdir)/rivergen" PYTHONDONTWRITEBYTECODE=1 \
		"PROTOCOL=$(sed -n 's/.*WIRE_PROTOCOL[ =]*\([0-9][0-9]*\).*/\1/p' "$root/src/wire/wire.h" | head -1)" \
		/usr/bin/python3 "$root/test/bench/$1.py" "$work/$1" "${SIZE:-2000000}" "${ROUNDS:-3}"
}

measure lakes
measure lakes_iceberg
