"""lakes_iceberg.py DIRECTORY ROWS ROUNDS: the figures of lakes.sh for Iceberg."""
import glob
import json
import os
import time

from measured import compare, connector, directory, duckdb, read, rows, run

SNAPSHOTS = int(os.environ.get('SNAPSHOTS', '1000'))
PARTS = 8
COLUMNS = ['id', 'customer', 'price', 'seen', 'note']


def newest(path):
    return max(glob.glob(f'{path}/metadata/*.metadata.json'))


def catalog():
    from pyiceberg.catalog.sql import SqlCatalog
    made = SqlCatalog('bench', uri=f'sqlite:///{directory}/catalog.db', warehouse=f'file://{directory}')
    made.create_namespace_if_not_exists('bench')
    return made


def library(path, action):
    """The time of the processor for pyiceberg, without that of loading it."""
    def measured():
        import pyarrow  # noqa: F401, it is loaded before the clock runs
        from pyiceberg.table import StaticTable
        import pyiceberg.io.pyarrow  # noqa: F401
        began = time.process_time()
        action(StaticTable.from_metadata(newest(path)))
        return time.process_time() - began
    return measured


def write_snapshots(path):
    """A table of as many appends of one row, each with a manifest of its own; written at once, which takes seconds."""
    import pyarrow
    import pyarrow.parquet
    from pyiceberg.conversions import to_bytes
    from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestEntry, ManifestEntryStatus, write_manifest,
                                    write_manifest_list)
    from pyiceberg.typedef import Record
    from pyiceberg.types import LongType
    table = catalog().create_table('bench.snapshots', pyarrow.schema([('id', pyarrow.int64()), ('name', pyarrow.string())]),
                                   location=f'file://{path}')
    os.makedirs(f'{path}/data')
    kind = table.schema().as_arrow()
    document = json.loads(table.metadata.model_dump_json())
    manifests, listed = [], f'file://{path}/metadata/list.avro'
    for number in range(1, SNAPSHOTS + 1):
        name = f'{path}/data/{number:05}.parquet'
        pyarrow.parquet.write_table(pyarrow.table({'id': [number], 'name': ['x']}, schema=kind), name)
        bound = to_bytes(LongType(), number)
        file = DataFile.from_args(content=DataFileContent.DATA, file_path=f'file://{name}', file_format=FileFormat.PARQUET,
                                  partition=Record(), record_count=1, file_size_in_bytes=os.path.getsize(name),
                                  lower_bounds={1: bound}, upper_bounds={1: bound})
        output = table.io.new_output(f'file://{path}/metadata/m{number}.avro')
        with write_manifest(2, table.spec(), table.schema(), output, number, 'deflate') as writer:
            writer.add_entry(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=number, sequence_number=number,
                                                     file_sequence_number=number, data_file=file))
        manifests.append(writer.to_manifest_file())
        manifests[-1].sequence_number = number
        document['snapshots'].append({'snapshot-id': number, 'sequence-number': number, 'timestamp-ms': number,
                                      'manifest-list': listed, 'schema-id': 0, 'summary': {'operation': 'append'}})
    with write_manifest_list(2, table.io.new_output(listed), SNAPSHOTS, SNAPSHOTS - 1, SNAPSHOTS, 'deflate') as writer:
        writer.add_manifests(manifests)
    document['current-snapshot-id'] = document['last-sequence-number'] = SNAPSHOTS
    document['last-updated-ms'] += 1
    document['refs'] = {'main': {'snapshot-id': SNAPSHOTS, 'type': 'branch'}}
    with open(f'{path}/metadata/00001-a.metadata.json', 'w', encoding='utf-8') as file:
        json.dump(document, file)
    return 0


def write_rows(path):
    import pyarrow
    import pyarrow.compute as compute
    table = None
    for part in range(PARTS):
        ids = pyarrow.array(range(part * rows // PARTS, (part + 1) * rows // PARTS))
        names = compute.binary_join_element_wise('customer ', compute.subtract(ids, compute.multiply(compute.divide(ids, 1000), 1000))
                                                 .cast('string'), '')
        made = pyarrow.table({'id': ids, 'customer': names, 'price': compute.divide(ids.cast('float64'), 100),
                              'seen': compute.multiply(ids, 1000000).cast(pyarrow.timestamp('us', 'UTC')),
                              'note': compute.binary_join_element_wise('a text that says a little about ', ids.cast('string'), '')})
        table = table or catalog().create_table('bench.rows', made.schema, location=f'file://{path}')
        table.append(made)
    return 0


def snapshots():
    path = os.path.join(directory, 'snapshots')
    run(lambda: write_snapshots(path))
    label = f'{SNAPSHOTS:,} snapshots'
    compare(f'{label}: what is in it', connector('iceberg', path, {'operation': 'discover'}),
            library(path, lambda table: table.schema()), 'pyiceberg')
    one = {'column': 'id', 'op': '=', 'type': 'bigint', 'value': str(SNAPSHOTS // 2)}
    compare(f'{label}: one row', connector('iceberg', path, read(path, ['name'], [one])),
            library(path, lambda table: table.scan(f'id = {SNAPSHOTS // 2}', ('name',)).to_arrow()), 'pyiceberg')
    compare(f'{label}: all rows', connector('iceberg', path, read(path, ['id', 'name'])),
            library(path, lambda table: table.scan().to_arrow()), 'pyiceberg')


def scans():
    path = os.path.join(directory, 'rows')
    run(lambda: write_rows(path))
    half = rows // 2
    questions = [
        ('all', read(path, COLUMNS), lambda table: table.scan().to_arrow(), 'SELECT * FROM {}'),
        ('two columns', read(path, COLUMNS[:2]), lambda table: table.scan(selected_fields=('id', 'customer')).to_arrow(),
         'SELECT id, customer FROM {}'),
        ('one row', read(path, ['note'], [{'column': 'id', 'op': '=', 'type': 'bigint', 'value': str(half)}]),
         lambda table: table.scan(f'id = {half}', ('note',)).to_arrow(), f'SELECT note FROM {{}} WHERE id = {half}'),
        ('one customer', read(path, ['id'], [{'column': 'customer', 'op': '=', 'type': 'text', 'value': 'customer 7'}]),
         lambda table: table.scan("customer = 'customer 7'", ('id',)).to_arrow(),
         "SELECT id FROM {} WHERE customer = 'customer 7'"),
        ('a count', read(path, []), lambda table: table.scan().count(), 'SELECT count(*) FROM {}')]
    for name, request, action, statement in questions:
        compare(f'{rows:,} rows: {name}', connector('iceberg', path, request), library(path, action), 'pyiceberg')
        compare(f'{rows:,} rows: {name}', connector('iceberg', path, request), duckdb(f'{path}/data/**/*.parquet', statement))


snapshots()
scans()
