#!/bin/bash
# How connectors are built (src/connectors/connector.mk): toys beside the real ones, in a copy that is removed at the end.
set -uo pipefail
. "$(dirname "$0")/common.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/rivergen.XXXXXX")
trap 'rm -rf "$work"' EXIT
tar -C "$root" -cf - Makefile rivergen.control src/mistakes.mk src/wire src/connectors | tar -C "$work" -xf - || exit 1
rooms=$work/src/connectors
fine=0
is()
{
	[ "$2" = "$3" ] && return
	printf 'not ok: %s\n  it is      %s\n  it must be %s\n' "$1" "$2" "$3"
	fine=1
}

toy()
{
	mkdir "$rooms/$1"
	printf '%s\n' "$2" 'include ../connector.mk' >"$rooms/$1/Makefile"
	cat >"$rooms/$1/main.c" <<-TOY
		#include "connectors/common/run.h"
		#include "connectors/$1/own.h"
		static void test(Request *request) { (void) request; }
		int main(void) { return connector_run(&(Connector){.name = OWN, .version = CONNECTOR_VERSION, .test = test}); }
	TOY
	echo "#define OWN \"$1\"" >"$rooms/$1/own.h"
}

build()
{
	"$make" -s -C "$work" PG_CONFIG="$PG_CONFIG" "$@" 2>&1
}

mkdir "$rooms/shared"
echo 'int shared = 1;' >"$rooms/shared/shared.c"
toy toy_one $'NAME = toy_one\nALSO = toy_alias toy_other\nUSES = shared'
toy toy_two $'NAME = toy_two\nUSES = shared'
toy toy_lacking $'NAME = toy_lacking\nHEADERS = stdio.h toy/absent.h\nDEBIAN = libtoy-dev'
toy toy_module $'NAME = toy_module\nPKG = toy\nDEBIAN = libtoy-dev'

before=$(cd "$work" && find src | sort)
is 'a connector whose library is missing is skipped in one line' "$(build -j4 connectors PKG_CONFIG=false | grep toy | sort)" \
	"skipping the connector toy_lacking: toy/absent.h not found (package libtoy-dev)
skipping the connector toy_module: toy not found (package libtoy-dev)"
is 'nothing is made among the sources' "$(cd "$work" && find src | sort)" "$before"
is 'what is built' "$(cd "$work/build/connectors" && ls -d libconnector.a bin/toy*)" $'bin/toy_one\nbin/toy_two\nlibconnector.a'
is 'what is up to date is not built again' "$(build connectors --debug=b PKG_CONFIG=false | grep -c 'Must remake target.*build/')" 0
is 'hello names what the table has' "$(echo '{}' | "$work/build/connectors/bin/toy_one" | head -n 1 | grep -o '"capabilities":.*')" '"capabilities":["test"]}'
touch "$rooms/toy_one/own.h"
is 'a changed header counts' "$(build connectors --debug=b PKG_CONFIG=false | grep -c 'Must remake target.*toy_one/main.o')" 1

build -C "$rooms/toy_one" install DESTDIR="$work/there" pkglibdir=/lib >/dev/null
is 'further types' "$(cd "$work/there/lib/rivergen" && ls)" $'toy_alias\ntoy_one\ntoy_other'

# pkg-config as a distribution has it, for one module.
cat >"$work/pkg-config" <<'SCRIPT'
#!/bin/sh
case $1 in
	--cflags) echo -DTOY=1 ;;
	--libs) echo -lm ;;
	--exists) [ "$2" = toy ] ;;
esac
SCRIPT
chmod 755 "$work/pkg-config"
commands=$("$make" -n -C "$rooms/toy_module" PG_CONFIG="$PG_CONFIG" PKG_CONFIG="$work/pkg-config" CFLAGS=-Og CPPFLAGS=-DDISTRIBUTION LDFLAGS=-Wl,-O1)
is 'modules and flags of a distribution' "$(grep -c -- '-DTOY=1 .*-DDISTRIBUTION -Og -c .*toy_module/main.c' <<<"$commands") $(grep -c -- '-Og.* -Wl,-O1 .*-lm' <<<"$commands")" '1 1'
is 'no flag of ours is forced on them' "$(grep -ciE -- '-Werror( |$)|FORTIFY' <<<"$commands")" 0

toy toy_mistaken 'NAME = toy_mistaken'
echo 'int undeclared(void) { return surely_not_declared(); }' >>"$rooms/toy_mistaken/main.c"
build -C "$rooms/toy_mistaken" >/dev/null && is 'a call without a declaration ends the build' built refused
rm -r "$rooms/toy_mistaken" "$work/build/connectors/toy_mistaken"
is 'so it does in the extension and in rivergen-run' "$("$make" -n -B -C "$root" PG_CONFIG="$PG_CONFIG" src/rivergen.o \
	src/process/rivergen-run | grep -c -- '-Werror=implicit-function-declaration .* -o ')" 2

build -C "$rooms/toy_one" clean
is 'a clean connector' "$(cd "$work/build/connectors" && ls -d toy_* bin/toy*)" $'bin/toy_two\ntoy_two'
exit $fine
