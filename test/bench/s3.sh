#!/bin/bash
# A bucket of 100,000 objects, served by a simulated S3 on 127.0.0.1: as parts of one table, and as relations each (OBJECTS=2000 of
# them). Time, time of the processor, memory and requests of a first discovery and of one of an unchanged bucket, beside a listing by boto3.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

build_and_install >/dev/null
python_peers=$("$root/test/lib/pip.sh" "$root/test/peers/python")
env "PYTHONPATH=$python_peers" "CONNECTOR=$("$PG_CONFIG" --pkglibdir)/rivergen/s3" PYTHONDONTWRITEBYTECODE=1 \
	/usr/bin/python3 "$root/test/bench/s3.py" "${PARTS:-100000}" "${OBJECTS:-2000}"
