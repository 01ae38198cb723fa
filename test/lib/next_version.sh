#!/bin/bash
# next_version.sh DIRECTORY: writes a made version `next` of the extension and the upgrade to it into DIRECTORY, by the way
# that a real release goes (sql/upgrade/README.md), for t/114_upgrade.t: a table gets a column, a function a parameter, a
# view a column, and one function is new. And the upgrade from a made version `previous`, for t/115_version_gap.t, which makes
# a catalog of that version out of one of today.
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=$1
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" rivergen.control)

# Those that were made of another version would be a way to `next`, too.
rm -f "$directory"/rivergen--*--next.sql "$directory"/rivergen--previous--*.sql

warning() { printf '%s\n' "\\echo Use \"$1\" to load this file. \\quit"; }

# What a developer would have changed in sql/tables and sql/objects.
tables()
{
	sed '/^CREATE TABLE rivergen_catalog.workspace (/,/^);/s/^\tPRIMARY KEY/\tnote text,\n\tPRIMARY KEY/' "$1"
}

objects()
{
	sed -e '/CREATE OR REPLACE FUNCTION/s/rivergen\.sealing_key()/rivergen.sealing_key(purpose text DEFAULT NULL)/' \
		-e 's/rivergen\.sealing_key()/rivergen.sealing_key(text)/' "$1"
	if [ "$(basename "$1")" = 900_dump.sql ]; then
		echo "CREATE OR REPLACE FUNCTION rivergen.workspace_note(id bigint) RETURNS text LANGUAGE sql STABLE"
		echo "RETURN (SELECT note FROM rivergen_catalog.workspace WHERE workspace_id = id);"
	fi
}

in_order()
{
	local name
	for name in $(find sql/tables sql/objects -name '*.sql' -printf '%f\n' | sort); do
		if [ -f "sql/objects/$name" ]; then
			objects "sql/objects/$name"
		elif [ "$1" = all ]; then
			tables "sql/tables/$name"
		fi
	done
}

{
	warning 'ALTER EXTENSION rivergen UPDATE'
	cat sql/upgrade/before.sql
	find sql/objects -name '*.sql' | sort | xargs cat
} >"$directory/rivergen--previous--$version.sql"
{ warning 'CREATE EXTENSION rivergen'; in_order all; } >"$directory/rivergen--next.sql"
{
	warning 'ALTER EXTENSION rivergen UPDATE'
	cat sql/upgrade/before.sql
	echo 'ALTER TABLE rivergen_catalog.workspace ADD COLUMN note text;'
	echo 'DROP FUNCTION rivergen.sealing_key();'
	in_order objects
} >"$directory/rivergen--$version--next.sql"
