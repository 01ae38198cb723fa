#!/bin/bash
# make check-sanitize: unit tests and connectors, built with AddressSanitizer and UBSan into a directory of their own
# (build/sanitized), and the connectors' own tests with these. The server side has make valgrind.
#
# AddressSanitizer reserves terabytes of addresses, so a sanitized program has no limit on its address space: the tests see
# SANITIZED and leave such limits away, and a resident size bounds it instead. Connectors are not asked for leaks: they end
# soon, and do not free what they use until then.
set -uo pipefail
. "$(dirname "$0")/common.sh"

sanitizers=(-fsanitize="address,undefined" -fno-sanitize-recover=all -fno-omit-frame-pointer)
built=$root/build/sanitized

# The environment of a connector is empty, so its options are built in. Reports go to files: what a connector says is a
# test's affair.
options()
{
	cat <<-OPTIONS
		extern const char *__asan_default_options(void);

		const char *
		__asan_default_options(void)
		{
			return "detect_leaks=0:hard_rss_limit_mb=1024:log_path=$work/reports/asan:exitcode=99";
		}
	OPTIONS
}

build_connectors()
{
	local connector
	mkdir -p "$built"
	options >"$built/options.c"
	"${CC:-cc}" -c -o "$built/options.o" "$built/options.c" || return 1
	for connector in "$root"/src/connectors/*/Makefile; do
		build_connector "$(dirname "$connector")" library && build_connector "$(dirname "$connector")" all || return 1
	done
}

build_connector()
{
	"$make" -s -C "$1" "$2" PG_CONFIG="$PG_CONFIG" BUILD="$built" CFLAGS="-O1 -g ${sanitizers[*]}" LDFLAGS="$built/options.o"
}

# Where the user that runs the tests can reach them.
lay_connectors()
{
	as_postgres mkdir "$work/reports" "$work/connectors" && tar -C "$built/bin" -cf - . | as_postgres tar -C "$work/connectors" -xf -
}

connector_tests()
{
	local tests=()
	mapfile -t tests < <(find "$work/test/connectors" -name '*.t' -not -name small.t | sort)
	as_postgres env CONNECTORS="$work/connectors" SANITIZED=1 TMPDIR="$work" PG_CONFIG="$PG_CONFIG" \
		PERL5LIB="$work/test/lib:$pgxs_dir/src/test/perl" prove --jobs 2 "${tests[@]}"
}

build_and_install || exit 1
remove_work_at_exit
make_work
failed=()
"$make" -s -C "$root/test/unit" check SANITIZE=1 PG_CONFIG="$PG_CONFIG" | sed '/^ok /d' || failed+=("unit tests")
build_connectors && lay_connectors || exit 1
tar -C "$root" -cf - docs src test | as_postgres tar -C "$work" -xf -
connector_tests || failed+=(connectors)
# A connector that failed and a test that expected a failure look alike.
if compgen -G "$work/reports/*" >/dev/null; then
	mkdir -p "$root/build/check" && cp -r "$work/reports" "$root/build/check/"
	head -n 30 "$work"/reports/*
	failed+=("reports in build/check/reports")
fi
[ ${#failed[@]} -eq 0 ] || { printf 'check-sanitize: failed:'; printf ' [%s]' "${failed[@]}"; echo; exit 1; }
echo "check-sanitize: passed"
