# Sourced by check.sh: the isolation specs, on a cluster of their own with workers and the fake connector. Two workers
# only, so that specs can tell which of them serves whom.

isolation_configuration()
{
	quiet_configuration
	cat <<-CONFIGURATION
		rivergen.connector_directory = '$work/isolation.connectors'
		rivergen.max_workers = 2
		rivergen.max_workers_per_organization = 2
		race.gates = '$work/isolation.gates'
		autovacuum = off
	CONFIGURATION
}

isolation_connectors()
{
	as_postgres mkdir "$work/isolation.connectors" "$work/isolation.gates"
	as_postgres cp "$work/test/lib/fake-connector" "$work/isolation.connectors/other"
	as_postgres cp "$work/test/lib/fake-rows.pl" "$work/isolation.connectors/other.rows"
	echo "$work/isolation.connectors/other.rows" | as_postgres tee "$work/isolation.connectors/other.files" >/dev/null
	as_postgres chmod 0755 "$work/isolation.connectors/other"
}

isolation_database()
{
	as_postgres "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -h "$work/isolation.sock" -p "$1" -d postgres -o /dev/null \
		-c "SET client_min_messages = warning" -c "CREATE EXTENSION rivergen" -c "SELECT rivergen.quick_start('Acme')" \
		-f "$work/test/isolation/helpers.sql"
}

# pg_isolation_regress exists where the server's development files have it.
isolation_tests()
{
	local port specs=() status=0
	port=$(free_port)
	mapfile -t specs < <(cd "$work/test/isolation/specs" && ls -1 -- *.spec | sed 's/\.spec$//')
	[ -n "${SPECS:-}" ] && read -ra specs <<<"$SPECS"
	isolation_connectors && new_cluster isolation "$port" "$(isolation_configuration)" && isolation_database "$port" || return 1
	as_postgres mkdir "$work/isolation.output"
	as_postgres env PGISOLATIONTIMEOUT=60 "$pgxs_dir/src/test/isolation/pg_isolation_regress" --bindir="$bindir" \
		--inputdir="$work/test/isolation" --outputdir="$work/isolation.output" --host="$work/isolation.sock" --port="$port" \
		--user=postgres --dbname=postgres --use-existing "${specs[@]}" || status=1
	if [ "$status" -ne 0 ]; then
		cat "$work/isolation.output/regression.diffs" 2>/dev/null
		keep "$work/isolation.output" "$work/isolation.log"
	fi
	stop_cluster isolation
	return $status
}
