"""lakes.py DIRECTORY ROWS ROUNDS: the figures of lakes.sh."""
import json
import os
import time

from measured import compare, connector, directory, duckdb, read, rows, run

COMMITS = int(os.environ.get('COMMITS', '10000'))
PARTS = 8


def library(action):
    """The time of the processor for Delta's own library in Rust, without that of Python and of loading it."""
    def measured():
        import deltalake
        import pyarrow
        began = time.process_time()
        action(deltalake, pyarrow)
        return time.process_time() - began
    return measured


def query(path, statement):
    """The rows stay columns of numbers, and no text is made of them."""
    def action(deltalake, pyarrow):
        table = deltalake.DeltaTable(path)
        pyarrow.table(deltalake.QueryBuilder().register('t', table).execute(statement).read_all())
    return library(action)


def write_log(path):
    """A table of one row a commit, without a checkpoint."""
    import deltalake
    import pyarrow
    deltalake.write_deltalake(path, pyarrow.table({'id': [0], 'name': ['x']}))
    for version in range(1, COMMITS):
        bound = {'id': version, 'name': 'x'}
        stats = json.dumps({'numRecords': 1, 'minValues': bound, 'maxValues': bound, 'nullCount': {'id': 0, 'name': 0}})
        add = {'path': f'part-{version:05}-c000.snappy.parquet', 'partitionValues': {}, 'size': 724, 'modificationTime': 1,
               'dataChange': True, 'stats': stats}
        with open(f'{path}/_delta_log/{version:020}.json', 'w') as file:
            file.write(json.dumps({'add': add}) + '\n' + json.dumps({'commitInfo': {'operation': 'WRITE'}}) + '\n')
    return 0


def write_rows(path):
    import deltalake
    import pyarrow
    import pyarrow.compute as compute
    for part in range(PARTS):
        ids = pyarrow.array(range(part * rows // PARTS, (part + 1) * rows // PARTS))
        names = compute.binary_join_element_wise('customer ', compute.subtract(ids, compute.multiply(compute.divide(ids, 1000), 1000))
                                                 .cast('string'), '')
        table = pyarrow.table({'id': ids, 'customer': names, 'price': compute.divide(ids.cast('float64'), 100),
                               'seen': compute.multiply(ids, 1000000).cast(pyarrow.timestamp('us', 'UTC')),
                               'note': compute.binary_join_element_wise('a text that says a little about ', ids.cast('string'), '')})
        deltalake.write_deltalake(path, table, mode='append')
    return 0


def checkpoint(path):
    import deltalake
    deltalake.DeltaTable(path).create_checkpoint()
    return 0


def logs():
    path = os.path.join(directory, 'commits')
    run(lambda: write_log(path))
    described = library(lambda deltalake, _: deltalake.DeltaTable(path).file_uris())
    compare(f'{COMMITS:,} commits: what is in it', connector('delta_lake', path, {'operation': 'discover'}), described, 'delta-rs')
    run(lambda: checkpoint(path))
    compare('the same in a checkpoint', connector('delta_lake', path, {'operation': 'discover'}), described, 'delta-rs')


def scans():
    path = os.path.join(directory, 'rows')
    run(lambda: write_rows(path))
    columns = ['id', 'customer', 'price', 'seen', 'note']
    one = {'column': 'id', 'op': '=', 'type': 'bigint', 'value': str(rows // 2)}
    customer = {'column': 'customer', 'op': '=', 'type': 'text', 'value': 'customer 7'}
    for name, request, statement in [
            ('all', read(path, columns), 'SELECT * FROM {}'),
            ('two columns', read(path, columns[:2]), 'SELECT id, customer FROM {}'),
            ('one row', read(path, ['note'], [one]), f'SELECT note FROM {{}} WHERE id = {rows // 2}'),
            ('one customer', read(path, ['id'], [customer]), "SELECT id FROM {} WHERE customer = 'customer 7'"),
            ('a count', read(path, []), 'SELECT count(*) FROM {}')]:
        compare(f'{rows:,} rows: {name}', connector('delta_lake', path, request), query(path, statement.format('t')), 'delta-rs')
        compare(f'{rows:,} rows: {name}', connector('delta_lake', path, request), duckdb(f'{path}/*.parquet', statement))


logs()
scans()
