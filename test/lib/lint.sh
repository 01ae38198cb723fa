#!/bin/bash
# make lint: layout, layers, shell, install scripts, links and citations, messages that docs/troubleshooting.md explains, and
# a compile of every C file by two compilers that takes no warning. What was found fine is not looked at again until it,
# or what it depends on, has changed (build/lint).
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
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
# Not laid out by perltidy yet.
by_hand='^test/(connectors/Source|t/136_documents)\.'
mapfile -t perl_files < <(find test -name '*.t' -o -name '*.p[lm]' | grep -vE "$by_hand" | sort)
mapfile -t shell_files < <(find .ci test -name node_modules -prune -o -type f -print0 | xargs -0 grep -lE '^#!.*\b(ba)?sh$' | sort)

# digest WORD...: of these words and of standard input.
digest()
{
	{ cat; echo "$*"; } | sha256sum | cut -c1-16
}

# changed_only NAME KEY NUMBER COMMAND...: COMMAND gets, NUMBER at a time and in parallel, the files on standard input that
# have changed since it found them fine. KEY is what else the outcome depends on: version, configuration, headers.
changed_only()
{
	local known=build/lint/$1 key=$2 number=$3 sums
	shift 3
	sums=$(xargs -d '\n' sha256sum | sed "s/^/$key /")
	mkdir -p build/lint && touch "$known"
	{ grep -vxFf "$known" <<<"$sums" || true; } | sed -E 's/^[^ ]+ [^ ]+  //' | tr '\n' '\0' |
		xargs -0 -r -n "$number" -P "$(nproc)" "$@" || return 1
	echo "$sums" >"$known"
}

# Headers of the server and of libraries are not ours to warn about. gcc has warnings that need the optimizer; clang's
# need its parser only. Not warned about: parameters of callbacks, whose signature is the server's; members left out of an
# initializer, which C sets to zero; and for clang, that Debian's server headers name gcc's printf.
compile_files()
{
	local name=$1 key
	shift
	key=$(find src -name '*.h' -print0 | sort -z | xargs -0 cat test/lib/lint.sh |
		digest "$("$1" --version)" "$("$PG_CONFIG" --version)" "$@")
	changed_only "$name" "$key" 1 "$@" -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter \
		-Wno-missing-field-initializers -D_GNU_SOURCE '-DRG_VERSION="lint"' '-DCONNECTOR_VERSION="lint"' -fPIC -Isrc
}

# Each connector is compiled with the headers of its client library; without them it is passed over.
compile()
{
	local connector flags fine=0
	printf '%s\n' "${c_files[@]}" | compile_files "$1" "$@" -isystem "$("$PG_CONFIG" --includedir-server)" \
		-isystem "$("$PG_CONFIG" --includedir)" || fine=1
	for connector in "${connectors[@]}"; do
		flags=$(make -s -C "$connector" client-flags PG_CONFIG="$PG_CONFIG") || continue
		# shellcheck disable=SC2086 # the flags are words
		printf '%s\n' "$connector"/*.c | compile_files "$1-$(basename "$connector")" "$@" $flags || fine=1
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
	printf '%s\n' "${all_files[@]}" | changed_only layout "$(digest "$version" <.clang-format)" 16 clang-format --dry-run --Werror
}

perl_layout()
{
	printf '%s\n' "${perl_files[@]}" | changed_only perl "$(cat .perltidyrc test/lib/perl_layout.pl | digest)" 12 test/lib/perl_layout.pl
}

shell()
{
	printf '%s\n' "${shell_files[@]}" | changed_only shell "$(cat .shellcheckrc test/lib/common.sh | digest)" 4 shellcheck -x
}

# Lines that do not fit on a screen; sentences of the API's pages are quoted as they are, and
# random requests are chosen from lists.
long_lines()
{
	local long
	long=$(printf '%s\0' "${perl_files[@]}" | grep -zvE '_page\.t$|/(Random|Broken)Request\.pm$' | xargs -0 awk '
		{ gsub(/\t/, "    "); if (length($0) > 150) print FILENAME ":" FNR ": is longer than 150 columns" }')
	[ -z "$long" ] || { echo "$long"; return 1; }
}

# In a Turkish database upper('view') is VİEW: words of ours are folded by the collation C.
folding()
{
	! grep -rnE '\b(upper|lower|initcap)\(' sql/objects | grep -v COLLATE
}

# Where the catalog is distributed by organization, Citus refuses functions that are not IMMUTABLE in ON CONFLICT DO UPDATE.
# What a catalog shows of such rules is checked by test/sql/distribution.sql.
conflicts()
{
	local found
	found=$(find sql/objects src -name '*.sql' -o -name '*.c' | xargs perl -0777 -ne '
		while (/DO UPDATE\s+SET\b(.*?)(?:;|^\t*"?\s*\.|\bRETURNING\b|\z)/msg)
		{
			print "$ARGV: $1() in DO UPDATE: give it as a parameter\n"
				if $1 =~ /\b(now|(?:clock|statement|transaction)_timestamp|timeofday|random|nextval|gen_random_uuid|current_setting)\(/;
		}')
	[ -z "$found" ] || { echo "$found"; return 1; }
}

# A version that is released is installed as it was given out, so a change of sql/tables or sql/objects needs another one.
is_release_unchanged()
{
	local version script
	version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" rivergen.control)
	script=sql/released/rivergen--$version.sql
	[ ! -f "$script" ] || find sql/tables sql/objects -name '*.sql' -printf '%f %p\n' | sort | cut -d' ' -f2 | xargs cat |
		cmp -s - <(tail -n +2 "$script") ||
		{ echo "version $version is released: set the next one in rivergen.control and META.json (sql/upgrade/README.md)"; return 1; }
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
	is_release_unchanged || fine=1
	[ "$(grep -c "\"version\": \"$(sed -n "s/^default_version = '\(.*\)'/\1/p" rivergen.control)\"" META.json)" -eq 2 ] ||
		{ echo "META.json and rivergen.control name different versions"; fine=1; }
	return $fine
}

# A file that long wants to be two rooms; sometimes it is right all the same.
long_files()
{
	find src sql test -type f -not -path 'sql/released/*' \( -name '*.[ch]' -o -name '*.sql' -o -name '*.p[lm]' -o -name '*.t' -o -name '*.sh' \) -print0 |
		xargs -0 wc -l | awk '$1 > 600 && $2 != "total" { print "warning: " $2 " has " $1 " lines" }'
}

# The compiler finds our headers before the server's: one with the path of a server's header would take its place.
shadowed_headers()
{
	local header fine=0
	while read -r header; do
		[ ! -e "$("$PG_CONFIG" --includedir-server)/$header" ] || { echo "src/$header hides a header of PostgreSQL"; fine=1; }
	done < <(cd src && find . -name '*.h' -printf '%P\n')
	return $fine
}

step layout layout
step layers test/lib/layers.pl
step places perl test/lib/places.pl
step headers shadowed_headers
step gcc compile gcc -O2 -c -o /dev/null
step clang compile clang -fsyntax-only -Wno-ignored-attributes
step perl perl_layout
step shell shell
step lines long_lines
step folding folding
step scripts install_scripts
step conflicts conflicts
step links test/lib/links.pl
step messages test/lib/messages.pl
long_files

if [ ${#failed[@]} -gt 0 ]; then
	echo "lint: failed: ${failed[*]}"
	exit 1
fi
echo "lint: ${#all_files[@]} C files are clean"
