"""Answers batches of Transact-SQL: sqlglot, which knows the dialect, parses each statement, and SQLite runs it, on tables by
the names of the catalog views. A schema is an attached database of SQLite."""
import sqlite3
import threading

import sqlglot
from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite

import catalog
import wire


class Strict(SQLite):
    """SQLite takes a name in double quotes that it does not know for a text."""

    class Tokenizer(SQLite.Tokenizer):
        IDENTIFIERS = ['`']


class Refused(Exception):
    def __init__(self, number, text):
        super().__init__(text)
        self.number = number


def convert(kind, content, style=0):
    """What CONVERT makes of a value. SQLite holds dates as texts in the form of style 121."""
    if content is None:
        return None
    if kind in ('NVARCHAR', 'VARCHAR', 'NCHAR', 'CHAR'):
        if isinstance(content, bytes):
            return '0x' + content.hex().upper() if style == 1 else content.decode('utf-16-le', 'surrogatepass')
        return repr(content) if isinstance(content, float) and style == 3 else str(content)
    return content


class Engine:
    def __init__(self, definition):
        self.lock = threading.RLock()
        self.known = {}
        self.database = definition['database']
        self.denied = set(definition.get('denied', []))
        self.db = sqlite3.connect(':memory:', check_same_thread=False, isolation_level=None)
        self.db.create_collation('Latin1_General_BIN2', lambda a, b: (wire.wide(a) > wire.wide(b)) - (wire.wide(a) < wire.wide(b)))
        self.functions(definition)
        self.objects = catalog.fill(self.db, definition)

    def functions(self, definition):
        properties = {'ProductVersion': definition.get('version', '16.0.4165.4'), 'EngineEdition': definition.get('edition', 3),
                      'ProductMajorVersion': 16}
        for name, count, function in (
                ('SERVERPROPERTY', 1, properties.get), ('DB_NAME', 0, lambda: self.database), ('TSQL_CONVERT', -1, convert),
                ('TYPE_NAME', 1, catalog.type_name), ('OBJECT_ID', 1, catalog.system_object_id),
                ('TO_STRING', 1, lambda content: content),
                ('HAS_PERMS_BY_NAME', 5, lambda of, kind, right, column, part: int(f'{of}.{column}' not in definition.get(
                    'unreadable', []))),
                ('HAS_DBACCESS', 1, lambda name: int(name not in definition.get('closed', [])))):
            self.db.create_function(name, count, function)

    def translate(self, text):
        """Returns [SQLite's text, is each column a long text?] of each statement; None for a SET."""
        if text not in self.known:
            try:
                self.known[text] = [self.translated(tree) for tree in sqlglot.parse(text, read='tsql') if tree is not None]
            except sqlglot.errors.SqlglotError:
                raise Refused(102, 'Incorrect syntax.')
        return self.known[text]

    def translated(self, tree):
        if isinstance(tree, exp.Use) or \
                isinstance(tree, (exp.Set, exp.Command)) and tree.sql(dialect='tsql').upper().startswith('SET'):
            return None
        if not isinstance(tree, exp.Query):
            raise Refused(102, 'Incorrect syntax.')
        long = [is_long(column.unalias()) for column in tree.selects]
        return tree.transform(for_sqlite).sql(dialect=Strict), long, [column.alias_or_name for column in tree.selects]

    def run(self, text):
        """Yields (columns, rows) of each statement."""
        for statement in self.translate(text):
            if statement is None:
                continue
            sql, long, names = statement
            for name in self.denied:
                if name in sql:
                    raise Refused(229, 'The SELECT permission was denied on the object.')
            try:
                with self.lock:
                    rows = self.db.execute(sql).fetchall()
            except sqlite3.OperationalError as fault:
                text = str(fault)
                number = 208 if 'no such table' in text or 'unknown database' in text else \
                    207 if 'no such column' in text else 195
                raise Refused(number, text)
            yield [(name, kind_of(is_long_text, [row[number] for row in rows]))
                   for number, (name, is_long_text) in enumerate(zip(names, long))], rows


def is_long(tree):
    return isinstance(tree, exp.Convert) and tree.this.sql(dialect='tsql').upper() == 'NVARCHAR(MAX)'


def kind_of(long, values):
    if long:
        return wire.LONG_TEXT
    present = {type(content) for content in values if content is not None}
    return wire.INTEGER if present == {int} else wire.FLOAT if present == {float} else wire.TEXT


def for_sqlite(node):
    """What SQLite has in another way. The parts of what is replaced are not visited again."""
    if isinstance(node, exp.Convert):
        style = node.args.get('style') or exp.Literal.number(0)
        return call('TSQL_CONVERT', exp.Literal.string(node.this.this.name), node.expression, style)
    if isinstance(node, exp.Parameter) and node.sql(dialect='tsql').upper() == '@@VERSION':
        return exp.Literal.string('Microsoft SQL Server 2022')
    if isinstance(node, exp.National):
        return exp.Literal.string(node.this)
    if isinstance(node, exp.Left):
        return call('SUBSTR', text_of(node.this), exp.Literal.number(1), node.expression)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
        return call('TO_STRING', exp.Column(this=node.this))
    return node


def call(name, *arguments):
    return exp.Anonymous(this=name, expressions=[argument.transform(for_sqlite) for argument in arguments])


def text_of(tree):
    """sqlglot wraps the argument of LEFT into a CAST of its own."""
    return tree.this if isinstance(tree, exp.Cast) and isinstance(tree.this, (exp.Convert, exp.Anonymous)) else tree
