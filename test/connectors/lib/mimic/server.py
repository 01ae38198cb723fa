"""A server whose protocol is mysql-mimic's, and whose catalog is an old one: tables of SQLite, with the columns that MySQL 5.6
has. Statements are translated by sqlglot. Reads the statements of SQLite that fill it as one line of JSON from standard
input, prints the port that it listens on, and lives until standard input ends."""
import asyncio
import json
import logging
import os
import sqlite3
import sys

sys.path[:0] = [os.environ['PYTHON_PEERS']]

import sqlglot  # noqa: E402
from mysql_mimic import MysqlServer  # noqa: E402
from mysql_mimic.auth import IdentityProvider, NativePasswordAuthPlugin, User  # noqa: E402
from mysql_mimic.errors import ErrorCode, MysqlError  # noqa: E402
from mysql_mimic.results import ResultColumn  # noqa: E402
from mysql_mimic.session import BaseSession  # noqa: E402
from mysql_mimic.types import ColumnType  # noqa: E402
from mysql_mimic.variables import SessionVariables, GlobalVariables  # noqa: E402
from sqlglot import exp  # noqa: E402

CATALOG = {
    'schemata': 'schema_name',
    'tables': 'table_schema table_name table_type engine table_rows data_length index_length create_options table_comment '
              'table_collation',
    'columns': 'table_schema table_name column_name ordinal_position column_default is_nullable collation_name column_type '
               'extra privileges column_comment',
    'statistics': 'table_schema table_name non_unique index_name seq_in_index column_name collation sub_part index_type '
                  'index_comment',
    'key_column_usage': 'constraint_schema constraint_name table_schema table_name column_name ordinal_position '
                        'referenced_table_schema referenced_table_name referenced_column_name',
    'referential_constraints': 'constraint_schema constraint_name update_rule delete_rule table_name',
    'table_constraints': 'constraint_schema constraint_name table_schema table_name constraint_type',
    'views': 'table_schema table_name view_definition check_option security_type',
    'partitions': 'table_schema table_name partition_name partition_method partition_expression subpartition_method '
                  'subpartition_expression',
}
KNOWN = ('sql_mode', 'time_zone', 'sql_select_limit')


def make_catalog(filling):
    database = sqlite3.connect(':memory:', check_same_thread=False)
    database.execute("ATTACH ':memory:' AS information_schema")
    for table, columns in CATALOG.items():
        database.execute(f"CREATE TABLE information_schema.{table} ({', '.join(columns.split())})")
    for table, columns in CATALOG.items():
        database.executemany(
            "INSERT INTO information_schema.columns (table_schema, table_name, column_name) VALUES ('information_schema', ?, ?)",
            [(table.upper(), column.upper()) for column in columns.split()])
    database.executescript(filling)
    return database


def translated(node):
    """Texts that are written as their bytes."""
    if isinstance(node, exp.Introducer):
        node = node.expression
    if isinstance(node, exp.HexString):
        return exp.Literal.string(bytes.fromhex(node.name).decode())
    return node


class Session(BaseSession):
    def __init__(self, database):
        self.catalog = database
        self.variables = SessionVariables(GlobalVariables())
        self.username = self.database = None

    async def handle_query(self, sql, attrs):
        tree = sqlglot.parse_one(sql, read='mysql')
        if isinstance(tree, exp.Set):
            if not any(name in sql for name in KNOWN) and 'TRANSACTION' not in sql:
                raise MysqlError('Unknown system variable', ErrorCode.UNKNOWN_SYSTEM_VARIABLE)
            return None
        if not isinstance(tree, exp.Query):
            return ([], ['level', 'code', 'message']) if sql.startswith('SHOW') else None
        if sql == 'SELECT VERSION()':
            return [('5.6.51-log',)], ['VERSION()']
        try:
            answer = self.catalog.execute(tree.transform(translated).sql('sqlite'))
        except sqlite3.Error as fault:
            raise MysqlError(str(fault), ErrorCode.PARSE_ERROR) from fault
        return ([tuple(None if value is None else str(value) for value in row) for row in answer],
                [ResultColumn(column[0], ColumnType.VARCHAR) for column in answer.description])


class Users(IdentityProvider):
    def get_plugins(self):
        return [NativePasswordAuthPlugin()]

    async def get_user(self, username):
        return User(name=username, auth_plugin='mysql_native_password',
                    auth_string=NativePasswordAuthPlugin.create_auth_string('pass-word'))


async def main():
    logging.disable()  # each end of a connection is one to this library
    database = make_catalog(json.loads(sys.stdin.readline()))
    server = MysqlServer(session_factory=lambda: Session(database), identity_provider=Users())
    await server.start_server(host='127.0.0.1', port=0)
    print(server._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
