# Sourced by mysql.sh and sqlserver.sh, which have $work, $rounds and a cluster `server` with a database app: ways to read the same
# source take turns, and each is compared with the first one.

on_server()
{
	as_postgres "$bindir/psql" -XAtq -v ON_ERROR_STOP=1 -h "$work/server.sock" -p "$port" -U postgres -d app "$@"
}

# A foreign data wrapper of Debian's packages, also for a server that is not the one that they were installed for.
load_wrapper()
{
	local major library
	major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
	library=/usr/lib/postgresql/$major/lib/$1
	on_server >/dev/null <<-SQL
		CREATE FUNCTION $1_handler() RETURNS fdw_handler AS '$library', '$1_handler' LANGUAGE C STRICT;
		CREATE FUNCTION $1_validator(text[], oid) RETURNS void AS '$library', '$1_validator' LANGUAGE C STRICT;
		CREATE FOREIGN DATA WRAPPER $1 HANDLER $1_handler VALIDATOR $1_validator;
	SQL
}

protocol=$(sed -n 's/.*WIRE_PROTOCOL[ =]*\([0-9][0-9]*\).*/\1/p' "$root/src/wire/wire.h" | head -1)

# ask_connector TYPE MEMBERS: of the request, without the protocol's version.
ask_connector()
{
	"$("$PG_CONFIG" --pkglibdir)/rivergen/$1" <<<"{\"protocol\": $protocol, $2}"
}

# A new source of this definition (SQL of jsonb, without a name), discovered.
discover_first()
{
	number=$((${number:-0} + 1))
	on_server -c "SELECT rivergen.data_source_create($1 || jsonb_build_object('name', 'bench $number', 'schema_auto_refresh', false))" \
		-c 'SELECT rivergen.discover_schema(max(id)) FROM rivergen.data_sources'
}

again()
{
	on_server -c 'SELECT rivergen.discover_schema(max(id), refresh => true) FROM rivergen.data_sources'
}

# Runs a command and appends its time, in milliseconds, to the file of its name.
timed()
{
	local began=$EPOCHREALTIME
	"$1" >"$work/out" || { head "$work/out"; return 1; }
	echo $((($(tr -d . <<<"$EPOCHREALTIME") - $(tr -d . <<<"$began")) / 1000)) >>"$work/times.$1"
}

take_turns()
{
	local round peer
	for ((round = 0; round < rounds; round++)); do
		for peer in "$@"; do timed "$peer"; done
	done
}

least() { sort -n "$work/times.$1" | head -n 1; }

# report COMMAND LABEL: its shortest time, as a multiple of that of plain_client.
report()
{
	perl -e '($label, $taken, $a) = @ARGV; printf "%-52s %6d ms  %5.2f\n", $label, $taken, $taken / $a' "$2" "$(least "$1")" \
		"$(least plain_client)"
}

# Of one more first discovery; the bar is the connector's, in MB.
report_memory()
{
	as_postgres perl - "$(head -1 "$work/server/postmaster.pid")" "$work/memory.done" "$1" <"$root/test/bench/memory.pl" >"$work/memory" &
	local watcher=$!
	first_discovery >/dev/null
	as_postgres touch "$work/memory.done"
	wait "$watcher"
	cat "$work/memory"
}
