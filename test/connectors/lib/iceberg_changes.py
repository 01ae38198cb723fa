"""iceberg_changes.py DIRECTORY CONNECTOR: tables of Iceberg that pyiceberg makes and changes step by step, read by it and by the
connector after each step, all rows and those of conditions. Prints a line for each: {"step", "folder", "verdict", "said"}."""
import datetime
import decimal
import json
import logging
import os
import random
import shutil
import struct
import sys
import uuid
import zlib

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry, ManifestEntryStatus,
                                ManifestWriterV2, write_manifest_list)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.transforms import (BucketTransform, DayTransform, IdentityTransform, MonthTransform, TruncateTransform)
from pyiceberg.typedef import Record
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType, IntegerType,
                             ListType, LongType, MapType, NestedField, StringType, StructType, TimestampType, TimestamptzType,
                             TimeType, UUIDType)
from pyroaring import BitMap

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import agreement_iceberg  # the path has just been set
import lake_versions
import lake_values

logging.disable(logging.WARNING)
directory, connector = sys.argv[1:3]
chance = random.Random(int(os.environ.get("SEED", "1")))
UTC = datetime.timezone.utc
catalog = SqlCatalog("test", uri=f"sqlite:///{directory}/catalog.db", warehouse=f"file://{directory}")
catalog.create_namespace("shop")

ITEM = StructType(NestedField(17, "sku", StringType(), required=True), NestedField(18, "share", FloatType()),
                  NestedField(19, "sizes", MapType(20, StringType(), 21, IntegerType(), value_required=False)))
SCHEMA = Schema(
    NestedField(1, "id", LongType(), required=True), NestedField(2, "town", StringType()), NestedField(3, "small", IntegerType()),
    NestedField(4, "real", FloatType()), NestedField(5, "double", DoubleType()), NestedField(6, "price", DecimalType(9, 2)),
    NestedField(7, "day", DateType()), NestedField(8, "clock", TimeType()), NestedField(9, "local", TimestampType()),
    NestedField(10, "at", TimestamptzType()), NestedField(11, "key", UUIDType()), NestedField(12, "four", FixedType(4)),
    NestedField(13, "bytes", BinaryType()), NestedField(14, "good", BooleanType()), NestedField(15, "item", ITEM),
    NestedField(16, "tags", ListType(22, StringType(), element_required=False)))


def maybe(value):
    return None if chance.random() < 0.15 else value


def row(number):
    moment = datetime.datetime(2024, 1, 1) + datetime.timedelta(microseconds=chance.randrange(10**14))
    return {"id": number, "town": maybe(chance.choice(["Köln", "a b", "x/y=z", "100%", "Ünna", "a town with a long name"])),
            "small": maybe(chance.randrange(-4, 4)), "real": maybe(chance.random() * 100), "double": maybe(chance.random() * 1e6),
            "price": maybe(decimal.Decimal(chance.randrange(-10**6, 10**6)) / 100), "day": maybe(moment.date()),
            "clock": maybe(moment.time()), "local": maybe(moment), "at": maybe(moment.replace(tzinfo=UTC)),
            "key": maybe(uuid.UUID(int=chance.getrandbits(128)).bytes), "four": maybe(bytes([chance.randrange(256), 0, 1, 255])),
            "bytes": maybe(bytes([chance.randrange(256), 0])), "good": maybe(chance.random() < 0.5),
            "item": maybe({"sku": f"s{number}", "share": maybe(0.1), "sizes": maybe([("w", 1), ("h", maybe(2))])}),
            "tags": maybe([maybe("t\t\"1"), "ü\\"])}


def renamed(value, fields, first):
    """A row or an item with the names that its fields have now. first: the fields when they were made."""
    if value is None:
        return None
    names = {field.field_id: field.name for field in first}
    named = {}
    for field in fields:
        part = value.get(names.get(field.field_id))
        named[field.name] = renamed(part, field.field_type.fields, ITEM.fields) if field.field_id == 15 else part
    return named


def rows(table, first, count, **change):
    """Rows with the columns that the table has, as Arrow."""
    made = [{**renamed(row(number), table.schema().fields, SCHEMA.fields), **change} for number in range(first, first + count)]
    return pa.Table.from_pylist(made, schema=table.schema().as_arrow())


# ---- what is compared ----

OPERATORS = {"=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
             ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


def condition(column, values):
    """A condition on the column, and which values fulfil it."""
    kind = column.get("pg_type", "text")
    choices = ["is null", "is not null"] + (["="] if kind == "text" else list(OPERATORS)) * 2
    op = chance.choice(choices)
    present = [value for value in values if value is not None]
    if op.startswith("is") or not present or kind in ("jsonb", "bytea", "time without time zone"):
        op = op if op.startswith("is") else "is null"
        return {"column": column["name"], "op": op}, lambda value: (value is None) == (op == "is null")
    chosen = chance.choice(present)
    order = comparable(kind)
    return {"column": column["name"], "op": op, "type": kind, "value": chosen}, \
        lambda value: value is not None and OPERATORS[op](order(value), order(chosen))


def comparable(kind):
    if kind in ("integer", "bigint"):
        return int
    if kind in ("real", "double precision"):
        return float
    if kind == "numeric":
        return decimal.Decimal
    if kind.startswith("timestamp"):
        return lake_values.moment
    return lambda value: value == "true" if kind == "boolean" else value


def judge_conditions(folder):
    """Rows of conditions are those among all rows that fulfil them."""
    relation, everything, error = lake_values.read(connector, folder)
    columns = relation["document"]["columns"]
    if error:
        return str(error)
    by_id = [column["name"] for column in columns].index("id")
    for number in range(7):
        chosen = [by_id] if number < 3 else chance.sample(range(len(columns)), chance.choice([1, 1, 2]))
        made = [condition(columns[place], [row[place] for row in everything]) for place in chosen]
        wanted = [row for row in everything if all(holds(row[place]) for place, (_, holds) in zip(chosen, made))]
        conditions = [told for told, _ in made]
        _, found, error = lake_values.read(connector, folder, conditions=conditions)
        if error or found != wanted:
            return f"{conditions}: {len(found)} rows instead of {len(wanted)}, {error}"
    _, found, _ = lake_values.read(connector, folder, limit=3)
    return None if found == everything[:3] else f"a limit of 3: {len(found)} rows"


def tell(step, folder):
    """Keeps the state as a folder of its own, which later steps do not change."""
    kept = f"{directory}/{step}"
    shutil.copytree(folder, kept)
    verdict, said = agreement_iceberg.judge(connector, kept)
    if verdict == "agree":
        said = judge_conditions(kept) or lake_versions.fault(connector, kept, folder)
        verdict = "differ" if said else verdict
    print(json.dumps({"step": step, "folder": kept, "verdict": verdict, "said": said}), flush=True)


# ---- tables that pyiceberg changes ----

def evolution():
    table = catalog.create_table("shop.evolution", SCHEMA)
    folder = f"{directory}/shop/evolution"
    tell("created", folder)
    table.append(rows(table, 1, 40))
    tell("appended", folder)
    with table.update_schema() as update:
        update.add_column("note", StringType(), doc="free text")
        update.add_column(("item", "weight"), DoubleType())
    tell("columns_added", folder)
    table.append(rows(table, 100, 20))
    with table.update_schema() as update:
        update.update_column("small", field_type=LongType())
        update.update_column("real", field_type=DoubleType())
        update.update_column("price", field_type=DecimalType(18, 2))
        update.update_column(("item", "share"), field_type=DoubleType())
    tell("widened", folder)
    table.append(rows(table, 200, 20))
    with table.update_schema() as update:
        update.rename_column("town", "place")
        update.rename_column("item.sku", "article")
        update.rename_column("day", "town")
    tell("renamed", folder)
    with table.update_schema() as update:
        update.delete_column("good")
        update.delete_column(("item", "sizes"))
        update.move_first("tags")
        update.move_after("id", "price")
    tell("dropped_and_moved", folder)
    with table.update_schema() as update:
        update.add_column("good", StringType())
        update.rename_column("note", "item2")
    table.append(rows(table, 300, 10, good="again"))
    tell("name_used_again", folder)
    table.delete("id <= 110 and id > 5")
    tell("rows_deleted", folder)
    table.overwrite(rows(table, 400, 10), overwrite_filter="id > 210")
    tell("part_overwritten", folder)
    whole = table.scan().to_arrow()
    table.overwrite(whole)
    tell("compacted", folder)
    table.delete()
    tell("emptied", folder)


def partitions():
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "town"), PartitionField(3, 1001, IdentityTransform(), "small"))
    table = catalog.create_table("shop.parts", SCHEMA, partition_spec=spec)
    folder = f"{directory}/shop/parts"
    table.append(rows(table, 1, 60))
    tell("partitioned", folder)
    table.dynamic_partition_overwrite(rows(table, 70, 4))
    tell("parts_overwritten", folder)
    with table.update_spec() as update:
        update.remove_field("town")
        update.add_field("day", MonthTransform(), "month")
        update.add_field("id", BucketTransform(4), "bucket")
    table.append(rows(table, 100, 30))
    tell("partitions_changed", folder)
    with table.update_spec() as update:
        update.remove_field("month")
        update.add_field("local", DayTransform(), "local_day")
        update.add_field("town", TruncateTransform(2), "start")
    with table.update_schema() as update:
        update.update_column("small", field_type=LongType())
        update.rename_column("small", "little")
    table.append(rows(table, 200, 10))
    tell("source_of_partitions_renamed", folder)
    table.delete("id < 20")
    tell("parts_deleted", folder)


def first_version():
    table = catalog.create_table("shop.first", SCHEMA, properties={"format-version": "1"},
                                 partition_spec=PartitionSpec(PartitionField(7, 1000, IdentityTransform(), "day")))
    folder = f"{directory}/shop/first"
    table.append(rows(table, 1, 20))
    table.append(rows(table, 100, 5))
    tell("first_version", folder)
    with table.update_spec() as update:
        update.remove_field("day")
    with table.update_schema() as update:
        update.delete_column("town")
    table.append(rows(table, 200, 5))
    tell("first_version_changed", folder)


# ---- files that others have written ----

def data_file(path, count, file_format=FileFormat.PARQUET, partition=Record(), **more):
    return DataFile.from_args(content=DataFileContent.DATA, file_path=path, file_format=file_format, partition=partition,
                              record_count=count, file_size_in_bytes=os.path.getsize(path.removeprefix("file://")), **more)


def add_file(table, file):
    with table.transaction() as transaction:
        with transaction.update_snapshot().fast_append() as append:
            append.append_data_file(file)
    table.refresh()


def write_stored(folder, name, stored, write=pyarrow.parquet.write_table):
    os.makedirs(f"{folder}/data", exist_ok=True)
    write(stored, f"{folder}/data/{name}")
    return f"file://{folder}/data/{name}"


def without_ids(stored):
    return stored.cast(pa.schema([field.remove_metadata() for field in stored.schema])).replace_schema_metadata()


def mapped():
    """Files without ids, of Parquet and ORC, whose columns a mapping of names finds."""
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "name", StringType()), NestedField(3, "at", TimestamptzType()),
                    NestedField(4, "price", DecimalType(9, 2)))
    table = catalog.create_table("shop.mapped", schema)
    folder = f"{directory}/shop/mapped"
    kind = table.schema().as_arrow()
    table.append(pa.Table.from_pylist([{"id": number, "name": f"n{number}"} for number in range(5)], schema=kind))
    with table.transaction() as transaction:
        transaction.set_properties({"schema.name-mapping.default": json.dumps(
            [{"field-id": 1, "names": ["id", "old_id"]}, {"field-id": 2, "names": ["name"]}, {"field-id": 3, "names": ["at"]},
             {"field-id": 4, "names": ["price"]}])})
    stored = pa.table({"price": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)), "old_id": [10, 11],
                       "name": ["ä", None], "at": pa.array([1, 10**15], pa.timestamp("us", "UTC"))})
    add_file(table, data_file(write_stored(folder, "plain.parquet", stored), 2))
    tell("mapped_names", folder)
    add_file(table, data_file(write_stored(folder, "plain.orc", stored, pyarrow.orc.write_table), 2, FileFormat.ORC))
    tell("mapped_names_of_orc", folder)


def constants():
    """Files without a column that is their partition, and columns with defaults."""
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "town", StringType()), NestedField(3, "day", DateType()))
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "t"), PartitionField(3, 1001, IdentityTransform(), "d"))
    table = catalog.create_table("shop.constants", schema, partition_spec=spec)
    folder = f"{directory}/shop/constants"
    for number, part in enumerate([Record("Köln", 19000), Record(None, -1), Record("x", None)]):
        stored = pa.table({"id": [number, number + 10]}, schema=pa.schema([pa.field("id", pa.int64(), metadata={"PARQUET:field_id": "1"})]))
        add_file(table, data_file(write_stored(folder, f"{number}.parquet", stored), 2, partition=part))
    tell("constants", folder)
    document = json.loads(table.metadata.model_dump_json())
    document["format-version"] = 3
    document["next-row-id"] = 0
    fields = document["schemas"][document["current-schema-id"]]["fields"]
    for kind, default in (("int", 7), ("string", "none"), ("timestamptz", "2024-05-06T07:08:09.5+00:00"), ("boolean", True),
                          ("decimal(9, 2)", "1.50"), ("binary", "00ff"), ("uuid", "f79c3e09-677c-4bbd-a479-3f349cb785e7")):
        number = len(fields) + 1
        fields.append({"id": number, "name": f"c{number}", "type": kind, "required": False, "initial-default": default})
    document["last-column-id"] = len(fields)
    write_metadata(folder, document)
    tell("defaults", folder)


# ---- deletes, which pyiceberg reads and does not write ----

def write_metadata(folder, document):
    document["last-updated-ms"] += 1
    name = f"{folder}/metadata/{len(os.listdir(folder + '/metadata')):05d}-{uuid.uuid4()}.metadata.json"
    with open(name, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return StaticTable.from_metadata(name)


class DeleteManifest(ManifestWriterV2):
    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


class VectorManifest(DeleteManifest):
    """One of the third version of the format, which has more fields."""
    def new_writer(self):
        return AvroOutputFile(output_file=self._output_file, file_schema=self._with_partition(3),
                              record_schema=self._with_partition(3), schema_name="manifest_entry", metadata=self._meta)


def commit_deletes(table, folder, files, version=2):
    """Adds a snapshot with these files of deletes, in a metadata file of its own."""
    snapshot = table.metadata.current_snapshot()
    number = snapshot.snapshot_id + 1
    sequence = table.metadata.last_sequence_number + 1
    manifest = f"file://{folder}/metadata/deletes-{number}.avro"
    kind = DeleteManifest if version == 2 else VectorManifest
    with kind(table.spec(), table.schema(), table.io.new_output(manifest), number, "null") as writer:
        for file in files:
            writer.add_entry(ManifestEntry.from_args(_table_format_version=version, status=ManifestEntryStatus.ADDED,
                                                     snapshot_id=number, data_file=file))
    manifests = snapshot.manifests(table.io) + [writer.to_manifest_file()]
    path = f"file://{folder}/metadata/snap-{number}.avro"
    with write_manifest_list(2, table.io.new_output(path), number, snapshot.snapshot_id, sequence, "deflate") as listed:
        listed.add_manifests(manifests)
    document = json.loads(table.metadata.model_dump_json())
    document["format-version"] = version
    document["last-sequence-number"] = sequence
    document["current-snapshot-id"] = number
    if version == 3:
        document["next-row-id"] = 0
    document["snapshots"].append({"snapshot-id": number, "parent-snapshot-id": snapshot.snapshot_id, "sequence-number": sequence,
                                  "timestamp-ms": document["last-updated-ms"] + 1, "manifest-list": path, "schema-id": 0,
                                  "summary": {"operation": "delete"}})
    document["refs"] = {"main": {"snapshot-id": number, "type": "branch"}}
    return write_metadata(folder, document)


def delete_file(path, count, **more):
    return DataFile.from_args(partition=Record(), record_count=count, file_path=path,
                              file_size_in_bytes=os.path.getsize(path.removeprefix("file://")),
                              **{"content": DataFileContent.POSITION_DELETES, "file_format": FileFormat.PARQUET, **more})


def positions_file(folder, name, deleted):
    """deleted: pairs of a path and a position."""
    fields = [pa.field("file_path", pa.string(), False, {"PARQUET:field_id": "2147483546"}),
              pa.field("pos", pa.int64(), False, {"PARQUET:field_id": "2147483545"})]
    paths, numbers = zip(*sorted(deleted))
    stored = pa.Table.from_arrays([pa.array(paths), pa.array(numbers)], schema=pa.schema(fields))
    return delete_file(write_stored(folder, name, stored), len(paths))


def paths_of(table):
    return [task.file.file_path for task in table.scan().plan_files()]


def deletes():
    table = catalog.create_table("shop.deletes", SCHEMA, properties={"write.parquet.row-group-limit": "10"})
    folder = f"{directory}/shop/deletes"
    for first in (1, 100, 200):
        table.append(rows(table, first, 35))
    files = paths_of(table)
    deleted = [(path, chance.randrange(35)) for path in files[:2] for _ in range(9)]
    table = commit_deletes(table, folder, [positions_file(folder, "deletes1.parquet", set(deleted))])
    tell("positions_deleted", folder)
    more = [(path, 34) for path in files] + deleted[:3] + [(f"file://{folder}/data/none.parquet", 1)]
    table = commit_deletes(table, folder, [positions_file(folder, "deletes2.parquet", set(more))])
    tell("more_positions_deleted", folder)


def vector_file(folder, name, vectors):
    """A file of Puffin with a deletion vector for each path; and what the manifest says of each."""
    content, blobs, told = b"PFA1", [], []
    for path, numbers in vectors.items():
        high = sorted({number >> 32 for number in numbers})
        bitmaps = b"".join(struct.pack("<I", key) + made(BitMap([n & 0xFFFFFFFF for n in numbers if n >> 32 == key])).serialize()
                           for key in high)
        vector = bytes.fromhex("d1d33964") + struct.pack("<Q", len(high)) + bitmaps
        blob = struct.pack(">I", len(vector)) + vector + struct.pack(">I", zlib.crc32(vector))
        blobs.append({"type": "deletion-vector-v1", "fields": [2147483645], "snapshot-id": -1, "sequence-number": -1,
                      "offset": len(content), "length": len(blob),
                      "properties": {"referenced-data-file": path, "cardinality": str(len(numbers))}})
        told.append((path, len(content), len(blob), len(numbers)))
        content += blob
    footer = json.dumps({"blobs": blobs}).encode()
    content += b"PFA1" + footer + struct.pack("<II", len(footer), 0) + b"PFA1"
    with open(f"{folder}/data/{name}", "wb") as file:
        file.write(content)
    return told


def made(bitmap):
    if chance.random() < 0.7:
        bitmap.run_optimize()
    return bitmap


def vectors():
    kind = pa.schema([pa.field("id", pa.int64()), pa.field("half", pa.int64())])
    table = catalog.create_table("shop.vectors", kind)
    folder = f"{directory}/shop/vectors"
    for first in (0, 150000):
        table.append(pa.table({"id": range(first, first + 150000), "half": [n // 2 for n in range(150000)]}, schema=kind))
    few = sorted(chance.sample(range(150000), 40))
    many = [number for number in range(150000) if number % 3 or 70000 < number < 80000]
    told = vector_file(folder, "deleted.puffin", dict(zip(paths_of(table), (few, many))))
    commit_deletes(table, folder, [
        delete_file(f"file://{folder}/data/deleted.puffin", count, file_format=FileFormat.PUFFIN, _table_format_version=3,
                    referenced_data_file=path, content_offset=offset, content_size_in_bytes=size)
        for path, offset, size, count in told], 3)
    tell("vectors", folder)


# ---- what is not read ----

def small(name):
    kind = pa.schema([pa.field("id", pa.int64())])
    table = catalog.create_table(f"shop.{name}", kind)
    table.append(pa.table({"id": range(5)}, schema=kind))
    return table, f"{directory}/shop/{name}"


def refusals():
    table, folder = small("equality")
    deletes_of = pa.table({"id": [1]})
    commit_deletes(table, folder, [delete_file(write_stored(folder, "equality.parquet", deletes_of), 1, equality_ids=[1],
                                               content=DataFileContent.EQUALITY_DELETES)])
    tell("equality_deletes", folder)
    table, folder = small("avro")
    add_file(table, data_file(write_stored(folder, "x.avro", deletes_of), 1, FileFormat.AVRO))
    tell("file_of_avro", folder)
    table, folder = small("no_ids")
    add_file(table, data_file(write_stored(folder, "x.parquet", deletes_of), 1))
    tell("file_without_ids", folder)
    table, folder = small("elsewhere")
    add_file(table, data_file(write_stored(f"{directory}/shop/elsewhere2", "x.parquet", deletes_of), 1))
    tell("file_elsewhere", folder)
    table, folder = small("upwards")
    add_file(table, data_file(write_stored(f"{folder}/../other", "x.parquet", deletes_of), 1))
    tell("file_upwards", folder)
    table, folder = small("other_type")
    other = pa.table({"id": ["x"]}, schema=pa.schema([pa.field("id", pa.string(), metadata={"PARQUET:field_id": "1"})]))
    add_file(table, data_file(write_stored(folder, "x.parquet", other), 1))
    tell("file_of_another_type", folder)
    table, folder = small("incomplete")
    os.remove(paths_of(table)[0].removeprefix("file://"))
    tell("file_missing", folder)
    table, folder = small("vector")
    path, offset, size, _ = vector_file(folder, "x.puffin", {paths_of(table)[0]: [1, 3]})[0]
    with open(f"{folder}/data/x.puffin", "r+b") as stored:
        stored.seek(offset + 20)
        stored.write(b"\xff")
    commit_deletes(table, folder, [delete_file(f"file://{folder}/data/x.puffin", 2, file_format=FileFormat.PUFFIN,
                                               _table_format_version=3, referenced_data_file=path, content_offset=offset,
                                               content_size_in_bytes=size)], 3)
    tell("vector_broken", folder)


if __name__ == "__main__":
    evolution()
    partitions()
    first_version()
    mapped()
    constants()
    deletes()
    vectors()
    refusals()
