#!/bin/bash
# Files beside DuckDB with one thread: what is in a file of 1,000,000 rows (of CSV 100 MB), all its rows as text, those of one
# condition, a count; the same of 1,000 CSV files in partitions. In turns; each line has the least time of the processor that
# both took in one run, and the most memory of a process. The formats are those whose connectors are installed. SIZE=100000 rows make it quick.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

build_and_install >/dev/null
python_peers=$("$root/test/lib/pip.sh" "$root/test/peers/files")
remove_work_at_exit
make_work
env "PYTHONPATH=$python_peers" "CONNECTORS=$("$PG_CONFIG" --pkglibdir)/rivergen" \
	"PROTOCOL=$(sed -n 's/.*WIRE_PROTOCOL[ =]*\([0-9][0-9]*\).*/\1/p' "$root/src/wire/wire.h" | head -1)" \
	/usr/bin/python3 "$root/test/bench/files.py" "$work" "${SIZE:-1000000}" "${ROUNDS:-3}"
