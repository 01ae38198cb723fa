#!/bin/bash
# make check-lakes: connectors of lakes against tables that the formats' own writers make, which are parts of Spark. Needs Java 17,
# 300 MB of jars that maven.sh fetches once, and minutes.
set -euo pipefail
. "$(dirname "$0")/common.sh"

build_and_install
PYTHONPATH=$("$root/test/lib/pip.sh" "$root/test/peers/python") /usr/bin/python3 "$root/test/lakes/hudi_spark.py" \
	"$root/build/connectors/bin/hudi" "$("$root/test/lib/maven.sh" "$root/test/peers/hudi-spark")"
