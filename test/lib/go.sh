#!/bin/bash
# go.sh DIRECTORY: the Go programs that DIRECTORY/go.mod names as tools, or else the program in DIRECTORY, built once from
# modules that go.sum pins by checksum, into a cache outside of the tree ($RIVERGEN_CACHE, by default ~/.cache/rivergen);
# prints the directory that holds them. The toolchain is fetched, too. Files below DIRECTORY/added are added to the modules:
# a module lacks what its authors make before they build it. The directory's name has the checksum of the files in
# it, so checkouts with other pins do not disturb each other.
set -euo pipefail

source=$(cd "$1" && pwd)
cache=${RIVERGEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/rivergen}
lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
toolchain=$lib/../peers/go
checksum=$(find "$source" "$toolchain" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum| sha256sum | cut -c1-16)
fetched=$cache/$(basename "$source")-$checksum

if ! [ -d "$fetched" ]; then
	go=$("$lib/pip.sh" "$toolchain")/go
	partial=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$partial"' EXIT
	chmod 0755 "$partial"
	programs=.
	! grep -q '^tool' "$source/go.mod" || programs=tool
	with_go()
	{
		env GOROOT="$go" GOTOOLCHAIN=local GOENV=off GOFLAGS='-mod=readonly -buildvcs=false' CGO_ENABLED=0 \
			GOMODCACHE="$cache/go/modules" GOCACHE="$cache/go/build" "$go/bin/go" "$@" >&2
	}
	place=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$partial" "$place"' EXIT
	cp -r "$source/." "$place/"
	cd "$place"
	while read -r added; do
		module=${added#added/}
		with_go mod download
		mkdir -p "copies/$module"
		cp -r --no-preserve=mode "$cache/go/modules/$module/." "$added/." "copies/$module/"
		with_go mod edit -replace "$(sed 's/!\(.\)/\u\1/g; s/@.*//' <<<"$module")=./copies/$module"
	done < <(find added -name '*@*' -type d 2>/dev/null)
	with_go build -p "$(nproc)" -trimpath -ldflags='-s -w' -o "$partial/" "$programs"
	mv -T "$partial" "$fetched" 2>/dev/null || [ -d "$fetched" ] # another check may have been faster
fi
echo "$fetched"
