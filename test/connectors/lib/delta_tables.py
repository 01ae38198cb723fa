"""delta_tables.py DIRECTORY CONNECTOR: tables of Delta Lake that Delta's own library in Rust makes and changes step by step, read
by it and by the connector after each step. Prints a line for each: {"step", "folder", "verdict", "said"}."""
import datetime
import decimal
import json
import os
import random
import shutil
import sys

import pyarrow as pa
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import agreement_delta_lake  # the path has just been set
import lake_versions

directory, connector = sys.argv[1:3]
chance = random.Random(int(os.environ.get("SEED", "1")))
UTC = datetime.timezone.utc
SCHEMA = pa.schema([
    pa.field("id", pa.int64(), nullable=False), ("town", pa.string()), ("price", pa.decimal128(9, 2)), ("day", pa.date32()),
    ("at", pa.timestamp("us", "UTC")), ("local", pa.timestamp("us")), ("share", pa.float64()), ("small", pa.int16()),
    ("bytes", pa.binary()), ("good", pa.bool_()), ("tags", pa.list_(pa.string())),
    ("item", pa.struct([("sku", pa.string()), ("sizes", pa.map_(pa.string(), pa.float32()))]))])


def maybe(value):
    return None if chance.random() < 0.15 else value


def row(number):
    moment = datetime.datetime(2024, 1, 1) + datetime.timedelta(microseconds=chance.randrange(10**14))
    return {"id": number, "town": maybe(chance.choice(["Köln", "a b", "x/y=z", "100%", "Ünna"])),
            "price": maybe(decimal.Decimal(chance.randrange(-10**6, 10**6)) / 100), "day": maybe(moment.date()),
            "at": maybe(moment.replace(tzinfo=UTC)), "local": maybe(moment), "share": maybe(chance.random() * 1e6),
            "small": maybe(chance.randrange(-9, 9)), "bytes": maybe(bytes([chance.randrange(256), 0])),
            "good": maybe(chance.random() < 0.5), "tags": maybe([maybe("t\t\"1"), "ü\\"]),
            "item": maybe({"sku": maybe(f"s{number}"), "sizes": maybe([("w", 1.5), ("h", maybe(0.1))])})}


def rows(first, count, schema=SCHEMA):
    return pa.Table.from_pylist([row(number) for number in range(first, first + count)], schema=SCHEMA).cast(schema)


def tell(step, folder):
    """Keeps the state as a folder of its own, which later steps do not change."""
    kept = f"{directory}/{step}"
    shutil.copytree(folder, kept)
    verdict, said = agreement_delta_lake.judge(connector, kept)
    said = said or lake_versions.fault(connector, kept, folder)
    print(json.dumps({"step": step, "folder": kept, "verdict": verdict, "said": said}), flush=True)


def partitioned():
    folder = f"{directory}/orders"
    write_deltalake(folder, rows(1, 40), partition_by=["town", "small"], name="orders", description="all orders",
                    configuration={"delta.checkpointInterval": "1000", "delta.logRetentionDuration": "interval 0 days"})
    tell("created", folder)
    write_deltalake(folder, rows(100, 20), mode="append")
    tell("appended", folder)
    table = DeltaTable(folder)
    table.delete("id < 10")
    tell("rows_deleted", folder)
    table.update({"price": "price + 1"}, predicate="id > 110")
    tell("rows_updated", folder)
    table.alter.add_columns([Field("note", PrimitiveType("string")), Field("weight", PrimitiveType("double"))])
    tell("columns_added", folder)
    table.create_checkpoint()
    tell("checkpoint", folder)
    more = rows(105, 10).append_column("note", pa.array([f"n{number}" for number in range(10)]))
    table.merge(more, "target.id = source.id", "source", "target").when_matched_update(
        {"note": "source.note", "price": "source.price"}).when_not_matched_insert(
            {"id": "source.id", "town": "source.town", "note": "source.note"}).execute()
    lake_versions.forget(folder)  # the library removes what is older than the checkpoint
    tell("merged", folder)
    table.optimize.compact()
    tell("compacted", folder)
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    tell("vacuumed", folder)
    table.create_checkpoint()
    table.cleanup_metadata()
    write_deltalake(folder, more.slice(0, 3), mode="append", schema_mode="merge")
    tell("commits_cleaned", folder)
    table = DeltaTable(folder)
    table.alter.set_column_metadata("note", {"comment": "free text"})
    table.alter.add_constraint({"dear": "id > 0"})
    tell("constraint", folder)


def unpartitioned():
    folder = f"{directory}/lines"
    write_deltalake(folder, rows(1, 5000), configuration={"delta.dataSkippingNumIndexedCols": "2"})
    tell("many_rows", folder)
    write_deltalake(folder, rows(6000, 10).drop_columns(["tags", "good"]), mode="append", schema_mode="merge")
    tell("columns_left_out", folder)
    DeltaTable(folder).optimize.z_order(["day", "id"])
    tell("z_order", folder)
    DeltaTable(folder).restore(0)
    tell("restored", folder)
    wider = rows(7000, 10).append_column("extra", pa.array([[{"a": 1}]] * 10))
    write_deltalake(folder, wider, mode="overwrite", schema_mode="overwrite")
    tell("overwritten", folder)
    write_deltalake(folder, rows(8000, 10), mode="overwrite", predicate="id >= 7005", schema_mode="merge")
    tell("part_overwritten", folder)
    DeltaTable(folder).delete()
    tell("emptied", folder)


def many_commits():
    folder = f"{directory}/steps"
    schema = pa.schema([("id", pa.int64()), ("day", pa.date32())])
    for number in range(12):
        write_deltalake(folder, rows(number * 10, 2).select(["id", "day"]).cast(schema), mode="append", partition_by=["day"])
        if number in (3, 7):
            DeltaTable(folder).create_checkpoint()
    os.remove(f"{folder}/_delta_log/_last_checkpoint")
    tell("no_hint", folder)
    with open(f"{folder}/_delta_log/_last_checkpoint", "w", encoding="ascii") as hint:
        hint.write('{"version":3,"size":1}')
    tell("old_hint", folder)


partitioned()
unpartitioned()
many_commits()
