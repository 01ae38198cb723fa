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
mapfile -t c_files < <(find src -name '*.c' | sort)

# Headers of the server and of libraries are not ours to warn about. gcc has warnings that need the optimizer; clang's
# need its parser only. Not warned about: parameters of callbacks, whose signature is the server's; members left out of an
# initializer, which C sets to zero; and for clang, that Debian's server headers name gcc's printf.
compile()
{
	local compiler=$1
	shift
	printf '%s\0' "${c_files[@]}" | xargs -0 -n 1 -P 2 "$compiler" -std=gnu11 -Wall -Wextra -Werror \
		-Wno-unused-parameter -Wno-missing-field-initializers "$@" -D_GNU_SOURCE '-DRG_VERSION="lint"' -fPIC -Isrc \
		-isystem "$("$PG_CONFIG" --includedir-server)" -isystem "$("$PG_CONFIG" --includedir)"
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
	! grep -rnE '\b(upper|lower|initcap)\(' sql/parts | grep -v COLLATE
}

# A file that long wants to be two rooms; sometimes it is right all the same.
long_files()
{
	find src sql/parts test -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.p[lm]' -o -name '*.t' -o -name '*.sh' \) -print0 |
		xargs -0 wc -l | awk '$1 > 600 && $2 != "total" { print "warning: " $2 " has " $1 " lines" }'
}

step layout layout
step layers test/lib/layers.pl
step gcc compile gcc -O2 -c -o /dev/null
step clang compile clang -fsyntax-only -Wno-ignored-attributes
step shell shell_syntax
step folding folding
step messages test/lib/messages.pl
long_files

if [ ${#failed[@]} -gt 0 ]; then
	echo "lint: failed: ${failed[*]}"
	exit 1
fi
echo "lint: ${#all_files[@]} C files are clean"
