#!/bin/bash
# make lint: layout, layers, messages that README explains, and a compile of every C file by two compilers that takes no warning.
set -uo pipefail
cd "$(dirname "$0")/../.."
PG_CONFIG=${PG_CONFIG:-pg_config}
failed=()
step()
{
	local name=$1
	shift
	"$@" || failed+=("$name")
}

mapfile -t all_files < <(find src test -name '*.[ch]' | sort)
mapfile -t connectors < <(find src/connectors -mindepth 2 -name Makefile -printf '%h\n' | sort)
mapfile -t c_files < <(find src -name '*.c' | grep -vFf <(printf '%s/\n' "${connectors[@]}") | sort)

# Headers of the server and of libraries are not ours to warn about. gcc has warnings that need the optimizer; clang's
# need its parser only. Not warned about: parameters of callbacks, whose signature is the server's; members left out of an
# initializer, which C sets to zero; and for clang, that Debian's server headers name gcc's printf.
compile_files()
{
	xargs -0 -n 1 -P 2 "$@" -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers \
		-D_GNU_SOURCE '-DRG_VERSION="lint"' '-DCONNECTOR_VERSION="lint"' -fPIC -Isrc
}

# Each connector is compiled with the headers of its client library; without them it is passed over.
compile()
{
	local connector flags fine=0
	printf '%s\0' "${c_files[@]}" | compile_files "$@" -isystem "$("$PG_CONFIG" --includedir-server)" \
		-isystem "$("$PG_CONFIG" --includedir)" || fine=1
	for connector in "${connectors[@]}"; do
		flags=$(make -s -C "$connector" client-flags PG_CONFIG="$PG_CONFIG") || continue
		# shellcheck disable=SC2086 # the flags are words
		printf '%s\0' "$connector"/*.c | compile_files "$@" $flags || fine=1
	done
	return $fine
}

# Versions of clang-format differ in layout; the one of Debian 12 decides, also where CI runs.
layout()
{
	local version
	version=$(clang-format --version | sed -E 's/.*version ([0-9]+).*/\1/')
	if [ "$version" -ne 14 ] && [ -z "${CI:-}" ]; then
		echo "lint: skipped layout: it is clang-format 14 that decides, and this is $version"
		return 0
	fi
	clang-format --dry-run --Werror "${all_files[@]}"
}

shell_syntax()
{
	local script fine=0
	while read -r script; do
		bash -n "$script" || fine=1
	done < <(find .ci test -name '*.sh' -o -path '.ci/run')
	return $fine
}

# In a Turkish database upper('view') is VİEW: words of ours are folded by the collation C.
folding()
{
	! grep -rnE '\b(upper|lower|initcap)\(' sql/objects | grep -v COLLATE
}

# sql/upgrade/README.md: tables in their final form, everything else replaceable, one number a file, released scripts as
# they were given out, and one version.
install_scripts()
{
	local fine=0
	! grep -nE '\b(ADD|DROP|RENAME) (COLUMN|CONSTRAINT|TO)\b' sql/tables/*.sql || fine=1
	! grep -nE '^\s*CREATE (FUNCTION|VIEW|PROCEDURE|TABLE|SEQUENCE)' sql/objects/*.sql || fine=1
	! find sql/tables sql/objects -name '*.sql' -printf '%f\n' | cut -d_ -f1 | sort | uniq -d | grep . || fine=1
	if [ -f sql/released/SHA256SUMS ]; then
		(cd sql/released && sha256sum --quiet --strict -c SHA256SUMS) || fine=1
	fi
	[ "$(grep -c "\"version\": \"$(sed -n "s/^default_version = '\(.*\)'/\1/p" rivergen.control)\"" META.json)" -eq 2 ] ||
		{ echo "META.json and rivergen.control name different versions"; fine=1; }
	return $fine
}

# A file that long wants to be two rooms; sometimes it is right all the same.
long_files()
{
	find src sql test -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.p[lm]' -o -name '*.t' -o -name '*.sh' \) -print0 |
		xargs -0 wc -l | awk '$1 > 600 && $2 != "total" { print "warning: " $2 " has " $1 " lines" }'
}

step layout layout
step layers test/lib/layers.pl
step gcc compile gcc -O2 -c -o /dev/null
step clang compile clang -fsyntax-only -Wno-ignored-attributes
step shell shell_syntax
step folding folding
step scripts install_scripts
step messages test/lib/messages.pl
long_files

if [ ${#failed[@]} -gt 0 ]; then
	echo "lint: failed: ${failed[*]}"
	exit 1
fi
echo "lint: ${#all_files[@]} C files are clean"
