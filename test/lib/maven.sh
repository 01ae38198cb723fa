#!/bin/bash
# maven.sh DIRECTORY: the jars that DIRECTORY/pom.xml names with all that they need, held against DIRECTORY/SHA256SUMS, fetched
# once into a cache outside of the tree ($RIVERGEN_CACHE, by default ~/.cache/rivergen); prints the directory that holds them,
# for java -cp 'DIRECTORY/*'. The directory's name has the pins' checksum in it, so checkouts with other pins do not disturb
# each other. `maven.sh DIRECTORY pin` fetches and writes SHA256SUMS anew: for whoever changes pom.xml.
set -euo pipefail

source=$1
cache=${RIVERGEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/rivergen}

fetch()
{
	mvn --quiet --batch-mode -Dstyle.color=never --file "$source/pom.xml" -Dmaven.repo.local="$cache/maven" \
		org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
		-DoutputDirectory="$1" -DincludeScope=runtime >&2
}

if [ "${2:-}" = pin ]; then
	partial=$(mktemp -d)
	trap 'rm -rf "$partial"' EXIT
	fetch "$partial"
	(cd "$partial" && LC_ALL=C sha256sum -- *.jar) >"$source/SHA256SUMS"
	exit
fi

checksum=$(cat "$source/pom.xml" "$source/SHA256SUMS" | sha256sum | cut -c1-16)
fetched=$cache/$(basename "$source")-$checksum
if ! [ -d "$fetched" ]; then
	mkdir -p "$cache"
	sums=$(cd "$source" && pwd)/SHA256SUMS
	partial=$(mktemp -d "$cache/partial.XXXXXX")
	trap 'rm -rf "$partial"' EXIT
	chmod 0755 "$partial"
	fetch "$partial"
	(cd "$partial" && sha256sum --quiet --strict -c "$sums" && [ "$(find . -name '*.jar' | wc -l)" -eq "$(wc -l <"$sums")" ]) >&2 ||
		{ echo "The jars of $source are not those of SHA256SUMS." >&2; exit 1; }
	mv -T "$partial" "$fetched" 2>/dev/null || [ -d "$fetched" ] # another check may have been faster
fi
echo "$fetched"
