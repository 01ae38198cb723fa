#!/bin/bash
# make check-sources: the postgresql connector against servers of every version that it reads (test/sources pins them;
# about 550 MB, fetched once), and what reads buckets against a server that takes minutes to build. Prints a line for each.
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

# An independent server of S3, for the tests that moto serves otherwise.
check_buckets()
{
	local built python_peers
	built=$("$root/test/lib/go.sh" "$root/test/sources/versitygw") && python_peers=$("$root/test/lib/pip.sh" "$root/test/peers/python") ||
		return 1
	cp "$built/versitygw" "$work/versitygw"
	as_postgres mkdir "$work/python_peers"
	tar -C "$python_peers" -cf - . | as_postgres tar -C "$work/python_peers" -xf -
	as_postgres env VERSITYGW="$work/versitygw" PYTHON_PEERS="$work/python_peers" TMPDIR="$work" PG_CONFIG="$PG_CONFIG" \
		prove "$work/test/sources/s3.t" "$work/test/connectors/storage_broker.t" >"$root/build/sources/versitygw.log" 2>&1
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
mkdir -p "$root/build/sources"
if check_buckets; then
	echo "versitygw: passed"
else
	echo "versitygw: FAILED"
	failed=1
fi
exit $failed
