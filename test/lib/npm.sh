#!/bin/bash
# npm.sh DIRECTORY: the packages that DIRECTORY/package-lock.json pins by version and checksum, fetched once into a cache
# outside of the tree ($RIVERGEN_CACHE, by default ~/.cache/rivergen); prints the directory that holds node_modules.
# The directory's name has the lock's checksum in it, so checkouts with other pins do not disturb each other.
set -euo pipefail

source=$1
cache=${RIVERGEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/rivergen}
checksum=$(sha256sum <"$source/package-lock.json" | cut -c1-16)
fetched=$cache/$(basename "$source")-$checksum

if ! [ -d "$fetched" ]; then
	mkdir -p "$cache"
	partial=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$partial"' EXIT
	chmod 0755 "$partial"
	cp "$source/package.json" "$source/package-lock.json" "$partial/"
	(cd "$partial" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) >&2
	mv -T "$partial" "$fetched" 2>/dev/null || [ -d "$fetched" ] # another check may have been faster
fi
echo "$fetched"
