#!/bin/bash
# What the tests validate the OpenAPI document with, as test/http/validator pins it by version and checksum. Fetched into
# build/validator once; prints the directory.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
source=$root/test/http/validator
fetched=$root/build/validator

if ! cmp -s "$source/package-lock.json" "$fetched/package-lock.json"; then
	mkdir -p "$fetched"
	cp "$source/package.json" "$fetched/"
	(cd "$fetched" && rm -rf node_modules && cp "$source/package-lock.json" . &&
		npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) >&2 || {
		rm -f "$fetched/package-lock.json"
		exit 1
	}
fi
cp "$source/validate.mjs" "$fetched/"
echo "$fetched"
