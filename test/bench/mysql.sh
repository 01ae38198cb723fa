#!/bin/bash
# The discovery of a MariaDB with 1,000 tables x 20 columns beside what else reads a schema: the plain client with the same
# views of information_schema, mariadb-dump, SQLAlchemy's inspector, mysql_fdw's IMPORT FOREIGN SCHEMA. In turns; each line is
# a ratio to the plain client in the same run. Then the connector's memory. SIZE=100 makes it small.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

tables=${SIZE:-1000}
rounds=${ROUNDS:-5}
build_and_install >/dev/null
"$root/test/lib/packages.sh" mariadb-client >/dev/null
python_peers=$("$root/test/lib/pip.sh" "$root/test/peers/bench")
remove_work_at_exit
make_work
port=$(free_port)
mariadb_port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)"
PATH=$PATH:/usr/sbin
. "$root/test/bench/turns.sh"

on_mariadb()
{
	as_postgres mariadb --no-defaults --socket="$work/mariadb/socket" --user=root "$@"
}

start_mariadb()
{
	local options=(--no-defaults "--datadir=$work/mariadb/data" "--tmpdir=$work/mariadb") until=$((SECONDS + 60))
	as_postgres mkdir "$work/mariadb"
	as_postgres mariadb-install-db "${options[@]}" --auth-root-authentication-method=normal --skip-test-db >"$work/mariadb.log" 2>&1
	# shellcheck disable=SC2016 # the inner shell's own
	as_postgres setsid bash -c 'echo $$ >"$0/server.process"; exec "$@"' "$work/mariadb" mariadbd "${options[@]}" \
		--bind-address=127.0.0.1 "--port=$mariadb_port" "--socket=$work/mariadb/socket" --innodb-buffer-pool-size=256M \
		--innodb-flush-log-at-trx-commit=0 --sync-frm=0 --table-open-cache=4000 </dev/null >>"$work/mariadb.log" 2>&1 &
	until on_mariadb -e 'SELECT 1' >/dev/null 2>&1; do
		[ $SECONDS -le $until ] || { cat "$work/mariadb.log" >&2; return 1; }
		sleep 0.05
	done
}

# Twenty columns of ten types, four indexes, a foreign key, a check, comments.
table()
{
	cat <<-SQL
		CREATE TABLE table_$1 (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, parent bigint unsigned, code varchar(20) NOT NULL,
			$(printf "text_%s varchar(40) DEFAULT 'none' COMMENT 'what is said', " 1 2 3 4)
			$(printf "number_%s int NOT NULL DEFAULT 7, " 1 2 3 4) $(printf "amount_%s decimal(12,2), " 1 2)
			born date, at datetime(3), seen timestamp NULL DEFAULT current_timestamp ON UPDATE current_timestamp,
			state enum('new', 'open', 'done') NOT NULL DEFAULT 'new', body text, photo blob, extra json,
			UNIQUE KEY code_key (code), KEY by_state (state, at), CONSTRAINT positive_$1 CHECK (number_1 > 0),
			CONSTRAINT to_parent_$1 FOREIGN KEY (parent) REFERENCES table_$(($1 > 1 ? $1 - 1 : 1)) (id) ON DELETE CASCADE)
			COMMENT 'one of many';
	SQL
}

start_mariadb
on_mariadb -e "CREATE DATABASE bench CHARACTER SET utf8mb4; CREATE USER reader IDENTIFIED BY 'bench-password';
	GRANT SELECT, SHOW VIEW ON bench.* TO reader"
for ((i = 1; i <= tables; i++)); do table "$i"; done | on_mariadb bench
as_postgres "$bindir/createdb" -h "$work/server.sock" -p "$port" -U postgres app
on_server >/dev/null <<-SQL
	CREATE EXTENSION rivergen;
	SELECT rivergen.quick_start('Bench');
SQL
load_wrapper mysql_fdw
on_server >/dev/null <<-SQL
	CREATE SERVER remote FOREIGN DATA WRAPPER mysql_fdw OPTIONS (host '127.0.0.1', port '$mariadb_port');
	CREATE USER MAPPING FOR postgres SERVER remote OPTIONS (username 'reader', password 'bench-password');
	-- The types of enum columns, which its import wants beforehand.
	SELECT format('CREATE TYPE table_%s_state_t AS ENUM (''new'', ''open'', ''done'')', i) FROM generate_series(1, $tables) i \gexec
SQL

as_reader=(--no-defaults --host=127.0.0.1 "--port=$mariadb_port" --user=reader --password=bench-password)
plain_client()
{
	local view sql=
	for view in tables:table_schema columns:table_schema key_column_usage:table_schema referential_constraints:constraint_schema \
		statistics:table_schema check_constraints:constraint_schema views:table_schema partitions:table_schema; do
		sql+="SELECT * FROM information_schema.${view%:*} WHERE ${view#*:} = 'bench';"
	done
	mariadb "${as_reader[@]}" --batch -e "$sql"
}

dump()
{
	mariadb-dump "${as_reader[@]}" --no-data --skip-lock-tables --no-tablespaces bench
}

inspector()
{
	PYTHONPATH=$python_peers /usr/bin/python3 -c "
import sqlalchemy
inspector = sqlalchemy.inspect(sqlalchemy.create_engine('mysql+pymysql://reader:bench-password@127.0.0.1:$mariadb_port/bench'))
for what in ('columns', 'pk_constraint', 'foreign_keys', 'indexes', 'unique_constraints', 'check_constraints', 'table_comment'):
    getattr(inspector, 'get_multi_' + what)()
"
}

import_schema()
{
	on_server -c 'SET client_min_messages = error; BEGIN; CREATE SCHEMA imported; IMPORT FOREIGN SCHEMA bench FROM SERVER remote INTO imported; ROLLBACK'
}

connector()
{
	ask_connector mysql "\"operation\": \"discover\", \"type\": \"mariadb\", \"endpoint\": {\"host\": \"127.0.0.1\", \"port\": $mariadb_port, \"addresses\": [\"127.0.0.1\"], \"database\": \"bench\", \"tls\": {\"mode\": \"prefer\"}, \"options\": {}}, \"credentials\": {\"username\": \"reader\", \"password\": \"bench-password\"}, \"scope\": {}, \"limits\": {\"connection_timeout\": 30, \"query_timeout\": 300, \"connections\": 5, \"document_bytes\": 16777216}"
}

first_discovery()
{
	discover_first "jsonb_build_object('type', 'mariadb', 'host', '127.0.0.1', 'port', $mariadb_port, 'database_name', 'bench',
		'credentials', jsonb_build_object('username', 'reader', 'password', 'bench-password'))"
}

take_turns plain_client connector first_discovery again dump inspector import_schema

echo "MariaDB, $tables tables x 20 columns; the shortest of $rounds"
report plain_client "a: information_schema, by the plain client"
report connector "the connector by itself"
report first_discovery "discover, first time, stored"
report again "discover again, nothing changed"
report dump "mariadb-dump --no-data"
report inspector "SQLAlchemy's inspector"
report import_schema "mysql_fdw: IMPORT FOREIGN SCHEMA (columns only)"

report_memory 32
