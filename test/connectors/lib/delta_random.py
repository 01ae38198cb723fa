"""delta_random.py DIRECTORY CONNECTOR: a table of Delta Lake that its library in Rust changes at random, read whole and under
conditions by it and by the connector after each change. SEED=... chooses the changes. Prints a line for each:
{"step", "verdict", "said"}."""
import datetime
import json
import os
import random
import sys

import pyarrow as pa
from deltalake import DeltaTable, Field, QueryBuilder, write_deltalake
from deltalake.schema import PrimitiveType

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import agreement_delta_lake as agreement  # the path has just been set

STEPS = 15
directory, connector = sys.argv[1:3]
chance = random.Random(int(os.environ.get("SEED", "1")))
folder = f"{directory}/random"
SCHEMA = pa.schema([("id", pa.int64()), ("town", pa.string()), ("day", pa.date32()), ("share", pa.float64()),
                    ("at", pa.timestamp("us", "UTC"))])
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)


def row():
    return {"id": chance.randrange(1000), "town": chance.choice(["a", "b", "ü/%", None]),
            "day": chance.choice([None, datetime.date(2024, 1, 1 + chance.randrange(3))]),
            "share": chance.choice([None, 1.5, float("nan"), chance.random()]),
            "at": START + datetime.timedelta(microseconds=chance.randrange(10**12))}


def rows(count):
    return pa.Table.from_pylist([row() for _ in range(count)], schema=SCHEMA)


def merge(table):
    merged = table.merge(rows(10), "source.id = target.id", "source", "target").when_matched_delete()
    merged.when_not_matched_insert({"id": "source.id", "town": "source.town", "day": "source.day"}).execute()


CHANGES = {
    "append": lambda table: write_deltalake(folder, rows(chance.randrange(1, 40)), mode="append", schema_mode="merge"),
    "delete": lambda table: table.delete(chance.choice([f"id < {chance.randrange(500)}", "town = 'a'", "day IS NULL"])),
    "update": lambda table: table.update({"share": "id + 0.25"}, predicate=f"id > {chance.randrange(1000)}"),
    "merge": merge,
    "checkpoint": lambda table: table.create_checkpoint(),
    "compact": lambda table: table.optimize.compact(),
    "z_order": lambda table: table.optimize.z_order(["id"]),
    "overwrite": lambda table: write_deltalake(folder, rows(20), mode="overwrite", schema_mode="merge"),
    "add_column": lambda table: table.alter.add_columns([Field(f"more_{table.version()}", PrimitiveType("string"))]),
    "vacuum": lambda table: table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False),
}


def conditions():
    number = chance.randrange(1000)
    return [({"column": "id", "op": "<", "type": "bigint", "value": str(number)}, f"id < {number}"),
            ({"column": "day", "op": "=", "type": "date", "value": "2024-01-02"}, "day = '2024-01-02'"),
            ({"column": "town", "op": "=", "type": "text", "value": "a"}, "town = 'a'"),
            ({"column": "at", "op": ">=", "type": "timestamp with time zone", "value": "2024-01-06 00:00:00+00"},
             "at >= '2024-01-06T00:00:00Z'"),
            ({"column": "day", "op": "is null"}, "day IS NULL"), ({"column": "share", "op": "is not null"}, "share IS NOT NULL")]


def judge_conditions():
    query = QueryBuilder().register("t", DeltaTable(folder))
    for condition, statement in conditions():
        _, found, failure = agreement.read(connector, folder, [condition])
        counted = pa.table(query.execute(f"SELECT count(*) AS n FROM t WHERE {statement}").read_all())["n"][0].as_py()
        if failure or len(found) != counted:
            return "differ", f"{statement}: {failure or len(found)} instead of {counted}"
    return "agree", None


write_deltalake(folder, rows(30), partition_by=chance.choice([None, ["day"], ["town", "day"]]))
for step in range(STEPS):
    change = chance.choice(sorted(CHANGES))
    CHANGES[change](DeltaTable(folder))
    verdict, said = agreement.judge(connector, folder)
    if verdict == "agree":
        verdict, said = judge_conditions()
    print(json.dumps({"step": f"{step}: {change}", "verdict": verdict, "said": said}), flush=True)
