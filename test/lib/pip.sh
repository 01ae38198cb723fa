#!/bin/bash
# pip.sh DIRECTORY: the Python packages that DIRECTORY/requirements.txt pins by version and checksum, fetched once into a cache
# outside of the tree ($RIVERGEN_CACHE, by default ~/.cache/rivergen); prints the directory that holds them, for PYTHONPATH.
# The directory's name has the file's checksum in it, so checkouts with other pins do not disturb each other.
set -euo pipefail

source=$1
cache=${RIVERGEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/rivergen}
checksum=$(sha256sum <"$source/requirements.txt" | cut -c1-16)
fetched=$cache/$(basename "$source")-$checksum

if ! [ -d "$fetched" ]; then
	mkdir -p "$cache"
	partial=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$partial"' EXIT
	chmod 0755 "$partial"
	/usr/bin/python3 -m pip install --quiet --no-deps --only-binary :all: --require-hashes --no-warn-script-location \
		--root-user-action ignore --disable-pip-version-check --target "$partial" --requirement "$source/requirements.txt" >&2
	mv -T "$partial" "$fetched" 2>/dev/null || [ -d "$fetched" ] # another check may have been faster
fi
echo "$fetched"
