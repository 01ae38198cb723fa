"""files.py DIRECTORY ROWS ROUNDS: the figures of files.sh. $CONNECTORS and $PROTOCOL say which connectors, and how to speak."""
import os
import time

from measured import compare, connector, directory, read, rows, run

PARTS = 1000
TABLE = f"""SELECT i AS id, 'customer ' || i % 1000 AS customer, (i * 37 % 100000)::decimal(12,2) / 100 AS price,
    date '2020-01-01' + (i % 1500)::int AS day, timestamp '2020-01-01' + to_seconds(i) AS seen, i % 2 = 0 AS paid,
    'a text that says a little about ' || i AS note FROM range({rows}) x(i)"""
COLUMNS = ['id', 'customer', 'price', 'day', 'seen', 'paid', 'note']


def duckdb_of(statement):
    """The time of the processor for DuckDB itself, without that of Python and of loading it."""
    def action():
        import duckdb
        connection = duckdb.connect(config={'threads': 1})
        began = time.process_time()
        connection.execute(statement).fetchall()
        return time.process_time() - began
    return action


def pyarrow_of(path, columns, filters=None):
    """The same for pyarrow with one thread, which leaves the rows as columns of numbers, and makes no text of them."""
    def action():
        import pyarrow
        from pyarrow import parquet
        pyarrow.set_cpu_count(1)
        began = time.process_time()
        parquet.read_table(path, columns=columns, filters=filters, use_threads=False)
        return time.process_time() - began
    return action


def compare_all(label, kind, path, source):
    equal = {'column': 'customer', 'op': '=', 'type': 'text', 'value': 'customer 7'}
    compare(f'{label}: what is in it', connector(kind, path, {'operation': 'discover'}), duckdb_of(f'DESCRIBE FROM {source}'))
    compare(f'{label}: all rows', connector(kind, path, read(path, COLUMNS)),
            duckdb_of(f"COPY (FROM {source}) TO '/dev/null' (FORMAT csv, DELIMITER '\t', HEADER false)"))
    compare(f'{label}: one customer', connector(kind, path, read(path, ['id'], [equal])),
            duckdb_of(f"SELECT id FROM {source} WHERE customer = 'customer 7'"))
    compare(f'{label}: a count', connector(kind, path, read(path, [])), duckdb_of(f'SELECT count(*) FROM {source}'))


def fill(statement):
    run(duckdb_of(statement))


def partitions():
    path = os.path.join(directory, 'parts')
    for part in range(PARTS):
        os.makedirs(f'{path}/part={part}')
        with open(f'{path}/part={part}/x.csv', 'w') as file:
            file.write('id,customer\n' + ''.join(f'{i},customer {i % 1000}\n' for i in range(part * 1000, part * 1000 + 1000)))
    source = f"read_csv('{path}/*/*.csv', hive_partitioning = true, sample_size = -1)"
    compare('1,000 CSV files: what is in them', connector('csv', path, {'operation': 'discover'}), duckdb_of(f'DESCRIBE FROM {source}'))
    compare('1,000 CSV files: all rows', connector('csv', path, read(path, ['id', 'customer', 'part'])),
            duckdb_of(f"COPY (FROM {source}) TO '/dev/null' (FORMAT csv)"))
    one = {'column': 'part', 'op': '=', 'type': 'bigint', 'value': '7'}
    compare('1,000 CSV files: one partition', connector('csv', path, read(path, ['id'], [one])),
            duckdb_of(f'SELECT id FROM {source} WHERE part = 7'))


def compare_both(label, path, names, source, request, statement, filters=None):
    ours = connector('parquet', path, request)
    compare(label, ours, duckdb_of(statement.format(source)))
    compare(label, ours, pyarrow_of(path, names, filters), 'pyarrow')


def columnar():
    """A footer of 1,000 columns, and a file of ten times as many rows."""
    wide, long = (os.path.join(directory, f'{name}.parquet') for name in ('wide', 'long'))
    fill(f"COPY (SELECT {', '.join(f'i + {n} AS column_{n}' for n in range(1000))} FROM range(1000) x(i)) TO '{wide}' (FORMAT parquet)")
    compare('parquet, 1,000 columns: what is in it', connector('parquet', wide, {'operation': 'discover'}),
            duckdb_of(f"DESCRIBE FROM read_parquet('{wide}')"))
    fill(f"COPY ({TABLE.replace(f'range({rows})', f'range({10 * rows})')}) TO '{long}' (FORMAT parquet)")
    label, source = f'parquet, {10 * rows:,} rows', f"read_parquet('{long}')"
    text = "COPY (SELECT {} FROM {{0}}) TO '/dev/null' (FORMAT csv, DELIMITER '\t', HEADER false)"
    equal = {'column': 'id', 'op': '=', 'type': 'bigint', 'value': str(5 * rows)}
    compare_both(f'{label}: all', long, COLUMNS, source, read(long, COLUMNS), text.format('*'))
    compare_both(f'{label}: two columns', long, ['id', 'customer'], source, read(long, ['id', 'customer']), text.format('id, customer'))
    compare_both(f'{label}: one row', long, ['note'], source, read(long, ['note'], [equal]),
                 f'SELECT note FROM {{0}} WHERE id = {5 * rows}', [('id', '==', 5 * rows)])


FORMATS = {'csv': ('(FORMAT csv, HEADER)', "read_csv('{0}', sample_size = -1)"),
           'json': ('(FORMAT json)', "read_json('{0}', sample_size = -1)"),
           'parquet': ('(FORMAT parquet)', "read_parquet('{0}')")}
for kind, (how, source) in FORMATS.items():
    if os.path.exists(f"{os.environ['CONNECTORS']}/{kind}"):
        path = os.path.join(directory, f'rows.{kind}')
        fill(f"COPY ({TABLE}) TO '{path}' {how}")
        compare_all(f'{kind}, {os.path.getsize(path) / 1e6:.0f} MB', kind, path, source.format(path))
partitions()
if os.path.exists(f"{os.environ['CONNECTORS']}/parquet"):
    columnar()
