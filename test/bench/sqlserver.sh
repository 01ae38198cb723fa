#!/bin/bash
# The discovery of a simulated SQL Server (test/connectors/lib/tds) with 1,000 tables x 20 columns beside other clients of it:
# tsql and python-tds reading the same catalog views, tds_fdw's IMPORT FOREIGN SCHEMA. In turns; each line is a ratio to tsql in
# the same run. The server's own time, which is that of Python, is in all of them. Then the connector's memory. SIZE=100 makes it
# small.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

tables=${SIZE:-1000}
rounds=${ROUNDS:-3}
build_and_install >/dev/null
PYTHON_PEERS=$("$root/test/lib/pip.sh" "$root/test/peers/python")
export PYTHON_PEERS PYTHONDONTWRITEBYTECODE=1
remove_work_at_exit
make_work
port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)"
. "$root/test/bench/turns.sh"

# Twenty columns of nine types, three indexes, a foreign key, a check, comments.
definition()
{
	/usr/bin/python3 -c "
import json
columns = ([['id', 'bigint', {'not_null': 1, 'identity': 1}], ['parent', 'bigint'], ['code', 'varchar(20)', {'not_null': 1}]]
    + [[f'text_{i}', 'nvarchar(40)', {'default': \"('none')\", 'comment': 'what is said'}] for i in range(4)]
    + [[f'number_{i}', 'int', {'not_null': 1, 'default': '((7))'}] for i in range(4)]
    + [[f'amount_{i}', 'decimal(12,2)'] for i in range(2)]
    + [['born', 'date'], ['at', 'datetime2(3)'], ['seen', 'datetimeoffset(3)'], ['state', 'varchar(10)'], ['body', 'nvarchar(max)'],
       ['photo', 'varbinary(max)'], ['extra', 'xml']])
tables = [{'schema': 'dbo', 'name': f'table_{i}', 'comment': 'one of many', 'columns': columns, 'row_count': 1000,
    'indexes': [{'name': f'table_{i}_key', 'primary': 1, 'columns': ['id']},
        {'name': f'code_{i}', 'unique': 1, 'constraint': 1, 'columns': ['code']},
        {'name': f'by_state_{i}', 'columns': ['state', 'at DESC']}],
    'foreign_keys': [{'name': f'to_parent_{i}', 'columns': ['parent'], 'references': ['dbo', f'table_{max(i - 1, 1)}', ['id']]}],
    'checks': [[f'positive_{i}', '([number_1]>(0))']]} for i in range(1, $tables + 1)]
print(json.dumps({'database': 'shop', 'encryption': 'off', 'users': {'reader': {'password': 'bench-password'}}, 'relations': tables}))
"
}

# It ends with its standard input.
coproc SIMULATED { exec /usr/bin/python3 "$root/test/connectors/lib/tds/server.py"; }
definition >&"${SIMULATED[1]}"
read -r tds_port <&"${SIMULATED[0]}"

as_postgres "$bindir/createdb" -h "$work/server.sock" -p "$port" -U postgres app
load_wrapper tds_fdw
on_server >/dev/null <<-SQL
	CREATE EXTENSION rivergen;
	SELECT rivergen.quick_start('Bench');
	CREATE SERVER remote FOREIGN DATA WRAPPER tds_fdw OPTIONS (servername '127.0.0.1', port '$tds_port', database 'shop', tds_version '7.4');
	CREATE USER MAPPING FOR postgres SERVER remote OPTIONS (username 'reader', password 'bench-password');
SQL

# All columns of the catalog views, a statement a line.
mapfile -t statements < <(PYTHONPATH=$root/test/connectors/lib/tds /usr/bin/python3 -c "
import catalog
for view, names in catalog.VIEWS.items():
    if view not in ('all_columns', 'databases'):
        print(f'SELECT {\", \".join(names.split())} FROM sys.{view}')")

plain_client()
{
	printf '%s\ngo\n' "${statements[@]}" | tsql -H 127.0.0.1 -p "$tds_port" -U reader -P bench-password -o q
}

python_tds()
{
	printf '"%s"\n' "${statements[@]}" | /usr/bin/python3 "$root/test/connectors/lib/tds/client.py" \
		"{\"port\": $tds_port, \"user\": \"reader\", \"password\": \"bench-password\", \"database\": \"shop\"}"
}

import_schema()
{
	on_server -c 'SET client_min_messages = error; BEGIN; CREATE SCHEMA imported; IMPORT FOREIGN SCHEMA dbo FROM SERVER remote INTO imported; ROLLBACK'
}

connector()
{
	ask_connector sqlserver "\"operation\": \"discover\", \"type\": \"sqlserver\", \"endpoint\": {\"host\": \"127.0.0.1\", \"port\": $tds_port, \"addresses\": [\"127.0.0.1\"], \"database\": \"shop\", \"tls\": {\"mode\": \"disable\"}, \"options\": {}}, \"credentials\": {\"username\": \"reader\", \"password\": \"bench-password\"}, \"scope\": {}, \"limits\": {\"connection_timeout\": 30, \"query_timeout\": 300, \"connections\": 5, \"document_bytes\": 16777216}"
}

first_discovery()
{
	discover_first "jsonb_build_object('type', 'sqlserver', 'host', '127.0.0.1', 'port', $tds_port, 'database_name', 'shop',
		'metadata', '{\"tls\": {\"mode\": \"disable\"}}'::jsonb,
		'credentials', jsonb_build_object('username', 'reader', 'password', 'bench-password'))"
}

take_turns plain_client connector first_discovery again python_tds import_schema
echo "A simulated SQL Server, $tables tables x 20 columns; the shortest of $rounds"
report plain_client "a: the catalog views, by tsql"
report connector "the connector by itself"
report first_discovery "discover, first time, stored"
report again "discover again, nothing changed"
report python_tds "the same views, by python-tds"
report import_schema "tds_fdw: IMPORT FOREIGN SCHEMA (columns only)"
report_memory 32
