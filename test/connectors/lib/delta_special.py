"""delta_special.py DIRECTORY CONNECTOR: tables of Delta Lake that its library in Rust cannot write: the log is written here, the
files by pyarrow, the bitmaps by pyroaring. Prints a line for each: {"step", "verdict", "said"}; where that library can read the
table, its answer must be the same, too."""
import base64
import datetime
import decimal
import json
import os
import struct
import subprocess
import sys
import uuid
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
from pyroaring import BitMap

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import agreement_delta_lake as agreement  # the path has just been set
import connector_rows
import lake_values

directory, connector = sys.argv[1:3]
UTC = datetime.timezone.utc


class Table:
    """A table whose log is written action by action."""

    def __init__(self, name, fields, features=(), partitions=(), configuration=None):
        self.folder = f"{directory}/{name}"
        os.makedirs(f"{self.folder}/_delta_log")
        self.files = 0
        self.protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": list(features),
                         "writerFeatures": list(features)}
        self.metadata = {"id": str(uuid.uuid4()), "format": {"provider": "parquet", "options": {}},
                         "schemaString": json.dumps({"type": "struct", "fields": fields}),
                         "partitionColumns": list(partitions), "configuration": configuration or {}, "createdTime": 1}
        self.commit(0, {"protocol": self.protocol}, {"metaData": self.metadata})

    def commit(self, version, *actions):
        with open(f"{self.folder}/_delta_log/{version:020}.json", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(action) + "\n" for action in actions)

    def add(self, table, values=None, vector=None, stats=None, **options):
        """Writes a file and returns its action."""
        self.files += 1
        path = f"part-{self.files}.parquet"
        pq.write_table(table, f"{self.folder}/{path}", **options)
        action = {"path": path, "partitionValues": values or {}, "size": os.path.getsize(f"{self.folder}/{path}"),
                  "modificationTime": 1, "dataChange": True,
                  "stats": json.dumps({"numRecords": table.num_rows, **(stats or {})})}
        return {"add": {**action, "deletionVector": vector} if vector else action}


def field(name, kind, number=None, stored=None):
    mapped = {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": stored or f"col-{number}"}
    return {"name": name, "type": kind, "nullable": True, "metadata": mapped if number else {}}


def tell(step, table, rows=None, conditions=(), is_read_there=True, error=None):
    """rows: as texts, in any order."""
    relation, found, said = lake_values.read(connector, table.folder, conditions)
    if said or error:
        verdict = "agree" if said and error and error in said else "refused"
    elif rows is not None and sorted(found, key=str) != sorted(rows, key=str):
        verdict, said = "differ", f"{found[:3]} … instead of {rows[:3]} …"
    elif not conditions and relation.get("row_estimate") != len(found):
        verdict, said = "differ", f"{len(found)} rows, {relation.get('row_estimate')} by the log"
    elif is_read_there and not conditions:
        verdict, said = agreement.judge(connector, table.folder)
    else:
        verdict = "agree"
    print(json.dumps({"step": step, "verdict": verdict, "said": None if verdict == "agree" else said}), flush=True)


# ---- column mapping ----

def stored_field(name, kind, number):
    return pa.field(name, kind, metadata={"PARQUET:field_id": str(number)})


def mapped(name, mode):
    """Each structure has fields of ids of its own: sku, weight, which the file has not, and one that was dropped. (The library
    takes fields of structures in maps by their places.)"""
    def item(number):
        return {"type": "struct", "fields": [field("sku", "string", number), field("weight", "long", number + 1)]}

    table = Table(name, [field("id", "long", 1), field("town", "string", 2), field("item", item(30), 3), field("gone", "string", 4),
                         field("list", {"type": "array", "elementType": item(40), "containsNull": True}, 5),
                         field("by_key", {"type": "map", "keyType": "string", "valueType": item(50),
                                          "valueContainsNull": True}, 6)],
                  ["columnMapping"], ["town"], {"delta.columnMapping.mode": mode, "delta.columnMapping.maxColumnId": "99"})

    def stored(number):
        return f"col-{number}" if mode == "name" else f"another{number}"

    def kind(number):
        return pa.struct([stored_field(stored(number), pa.string(), number), stored_field("dropped", pa.int64(), number + 2)])

    def value(number):
        return {stored(number): "s\"1", "dropped": 7}

    schema = pa.schema([stored_field(stored(5), pa.list_(kind(40)), 5), stored_field(stored(1), pa.int64(), 1),
                        stored_field(stored(3), kind(30), 3), stored_field(stored(6), pa.map_(pa.string(), kind(50)), 6)])
    rows = [{stored(1): 1, stored(3): value(30), stored(5): [value(40), None], stored(6): {"a": value(50)}},
            {stored(1): 2, stored(3): None, stored(5): [], stored(6): {}}]
    table.commit(1, table.add(pa.Table.from_pylist(rows, schema=schema), {"col-2": "Köln"}))
    shown = '{"sku":"s\\"1","weight":null}'
    tell(name, table, [["1", "Köln", shown, None, f"[{shown},null]", f'{{"a":{shown}}}'], ["2", "Köln", None, None, "[]", "{}"]],
         is_read_there=False)


def old_names(name):
    """Files that were written before the names of columns could change."""
    table = Table(name, [field("new", "long", 1, "old"), field("old", "string", 2, "other")], ["columnMapping"],
                  configuration={"delta.columnMapping.mode": "name"})
    table.commit(1, table.add(pa.table({"old": [1, 2]})), table.add(pa.table({"OTHER": ["x"], "old": [3]})))
    tell(name, table, [["1", None], ["2", None], ["3", "x"]], is_read_there=False)


# ---- deletion vectors ----

def bitmap_of(rows, is_run=False):
    """As Delta has it: a number, and for each upper half of the rows' numbers a roaring bitmap."""
    parts = {}
    for row in rows:
        parts.setdefault(row >> 32, BitMap()).add(row & 0xFFFFFFFF)
    for part in parts.values():
        if is_run:
            part.run_optimize()
    return struct.pack("<iQ", 1681511377, len(parts)) + b"".join(struct.pack("<I", upper) + part.serialize()
                                                                  for upper, part in sorted(parts.items()))


Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"


def z85(data):
    return base64.b85encode(data + b"\0" * (-len(data) % 4)).decode().translate(str.maketrans(B85, Z85))


def inline(rows, **change):
    data = bitmap_of(rows)
    return {"storageType": "i", "pathOrInlineDv": z85(data), "sizeInBytes": len(data), "cardinality": len(rows), **change}


def in_file(table, rows, prefix="", is_run=False, offset=1, is_broken=False, **change):
    number = uuid.uuid4()
    data = bitmap_of(rows, is_run)
    os.makedirs(f"{table.folder}/{prefix}", exist_ok=True)
    with open(f"{table.folder}/{prefix}/deletion_vector_{number}.bin", "wb") as file:
        file.write(b"\1" + b"x" * (offset - 1) + struct.pack(">I", len(data)) + data)
        file.write(struct.pack(">I", zlib.crc32(data) ^ is_broken))
    return {"storageType": "u", "pathOrInlineDv": prefix + z85(number.bytes), "offset": offset, "sizeInBytes": len(data),
            "cardinality": len(rows), **change}


def vectors():
    count = 150_000
    numbers = pa.table({"n": range(count)})
    sets = {"a few": [0, 7, 65_535, 65_536, count - 1], "each second one": range(0, count, 2),
            "runs": [*range(10, 70_000), *range(131_000, 140_000)], "all": range(count), "none": []}
    for step, (name, deleted) in enumerate(sets.items()):
        table = Table(f"vector_{step}", [field("n", "long")], ["deletionVectors"])
        vector = in_file(table, deleted, "ab" if step % 2 else "", name in ("runs", "all"), 1 + 50 * step)
        table.commit(1, table.add(numbers, vector=vector, row_group_size=30_000))
        left = sorted(set(range(count)) - set(deleted))
        tell(f"deleted rows: {name}", table, [[str(number)] for number in left])
        low = [{"column": "n", "op": "<", "type": "bigint", "value": "50000"}]
        tell(f"deleted rows, with a condition: {name}", table, [[str(number)] for number in left if number < 50_000], low)
    small = pa.table({"n": [1, 2, 3, 4]})
    table = Table("vector_inline", [field("n", "long")], ["deletionVectors"])
    first = table.add(small, vector=inline([1]))
    table.commit(1, first)
    table.commit(2, {"remove": {**first["add"], "deletionTimestamp": 1}},
                 {"add": {**first["add"], "deletionVector": inline([1, 3])}})
    tell("deleted rows in the log, and then others", table, [["1"], ["3"]])
    faults = {"cardinality": (inline([1], cardinality=2), "another number of rows"),
              "sum": (lambda: in_file(table, [1], is_broken=True), "do not have the sum"),
              "size": (lambda: in_file(table, [1], sizeInBytes=99), "fewer bytes"),
              "text": (inline([1], pathOrInlineDv="~~~~~"), "no Z85"), "kind": (inline([1], storageType="x"), "where it is"),
              "absolute": (inline([1], storageType="p", offset=1), "absolute path"),
              "other": (inline([1], pathOrInlineDv=z85(b"\0" * 40)), "portable form"),
              "large": (inline([1], sizeInBytes=1 << 30), "256 MiB"), "cut": (inline([1], sizeInBytes=20), "is broken"),
              "gone": (inline([1], storageType="u", pathOrInlineDv=z85(b"0123456789abcdef"), offset=1), "no longer there")}
    for name, (vector, said) in faults.items():
        table = Table(f"vector_fault_{name}", [field("n", "long")], ["deletionVectors"])
        table.commit(1, table.add(small, vector=vector() if callable(vector) else vector))
        tell(f"a deletion vector whose fault is: {name}", table, error=said)


# ---- types ----

def wider():
    fields = [field("a", "long"), field("b", "integer"), field("c", "double"), field("d", "double"), field("e", "decimal(10,4)"),
              field("f", "decimal(12,2)"), field("g", "timestamp_ntz"),
              field("h", {"type": "array", "elementType": "double", "containsNull": True})]
    table = Table("wider", fields, ["typeWidening", "timestampNtz"])
    day = datetime.date(2024, 2, 29)
    narrow = pa.table({"a": pa.array([1, None], pa.int32()), "b": pa.array([2, 3], pa.int8()), "c": pa.array([0.1, 2], pa.float32()),
                       "d": pa.array([5, 6], pa.int32()), "e": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(5, 2)),
                       "f": pa.array([7, -8], pa.int32()), "g": pa.array([day, None]),
                       "h": pa.array([[0.1, None], None], pa.list_(pa.float32()))})
    wide = narrow.cast(pa.schema([("a", pa.int64()), ("b", pa.int32()), ("c", pa.float64()), ("d", pa.float64()),
                                  ("e", pa.decimal128(10, 4)), ("f", pa.decimal128(12, 2)), ("g", pa.timestamp("us")),
                                  ("h", pa.list_(pa.float64()))]))
    table.commit(1, table.add(narrow), table.add(wide))
    row = ["1", "2", "0.10000000149011612", "5", "1.2500", "7.00", "2024-02-29 00:00:00", "[0.10000000149011612,null]"]
    other = [None, "3", "2", "6", None, "-8.00", None, None]
    tell("wider types", table, [row, other] * 2, is_read_there=False)
    for name, kind, values in (("text", "string", [1]), ("number", "long", ["x"]), ("list", {"type": "array", "elementType": "long"}, [1]),
                               ("structure", {"type": "struct", "fields": [field("x", "long")]}, [1]), ("value", "long", [[1]])):
        table = Table(f"other_{name}", [field("a", kind)])
        table.commit(1, table.add(pa.table({"a": values})))
        tell(f"a file with another type: {name}", table, error="another type in this file")


def times():
    moment = datetime.datetime(2024, 2, 29, 1, 2, 3, 4)
    table = Table("times", [field("at", "timestamp"), field("local", "timestamp_ntz"),
                            field("inner", {"type": "struct", "fields": [field("at", "timestamp")]})], ["timestampNtz"])
    marked = pa.table({"at": pa.array([moment.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")),
                       "local": pa.array([moment], pa.timestamp("us")),
                       "inner": pa.array([{"at": moment}], pa.struct([("at", pa.timestamp("us", "UTC"))]))})
    bare = pa.table({"at": [moment], "local": pa.array([moment], pa.timestamp("us", "UTC")), "inner": [{"at": moment}]})
    table.commit(1, table.add(marked), table.add(bare), table.add(marked, use_deprecated_int96_timestamps=True))
    text = "2024-02-29 01:02:03.000004"
    tell("times with and without a mark", table, [[text + "+00", text, f'{{"at":"{text}+00"}}']] * 3, is_read_there=False)


def partitions():
    kinds = {"s": "string", "i": "integer", "d": "date", "t": "timestamp", "n": "timestamp_ntz", "b": "binary", "o": "boolean",
             "p": "decimal(5,2)", "a b%c": "string"}
    table = Table("partitions", [field("x", "long"), *(field(name, kind) for name, kind in kinds.items())], ["timestampNtz"],
                  list(kinds))
    one = pa.table({"x": [1]})
    forms = ["2024-02-29 01:02:03", "2024-02-29T01:02:03.000000Z", "2024-02-29 01:02:03.0"]
    actions = [table.add(one, {"s": "a%b/c", "i": "-5", "d": "2024-02-29", "t": time, "n": "2024-02-29 01:02:03", "b": "az",
                               "o": "true", "p": "1.50", "a b%c": "%20"}) for time in forms]
    actions.append(table.add(one, {name: None for name in kinds}))
    actions.append(table.add(one, {name: "" for name in kinds}))
    actions.append(table.add(one, {**{name: None for name in kinds}, "b": "\\u00FF\\u0000", "t": "2024-02-29 01:02:03-05:00"}))
    table.commit(1, *actions)
    row = ["1", "a%b/c", "-5", "2024-02-29", None, "2024-02-29 01:02:03", "\\x617a", "true", "1.50", "%20"]
    shown = [row[:4] + [form] + row[5:] for form in (forms[0] + "+00", forms[1], forms[2] + "+00")]
    shown += [["1"] + [None] * 9] * 2
    shown += [["1", None, None, None, "2024-02-29 01:02:03-05:00", None, "\\xff00", None, None, None]]
    tell("values of partitions", table, shown, is_read_there=False)
    for column, kind, value, count in (("i", "integer", "-5", 3), ("d", "date", "2024-02-29", 3), ("i", "integer", "6", 0),
                                       ("t", "timestamp with time zone", "2024-02-29 01:02:03+00", 3), ("o", "boolean", "f", 0)):
        wanted = [{"column": column, "op": "=", "type": kind, "value": value}]
        tell(f"one partition: {column} = {value}", table, shown[:count], wanted)


# ---- files that nobody needs ----

def bounds():
    """Each file is missing but the ones that the condition needs."""
    fields = [field("n", "long", 1), field("d", "date", 2), field("t", "timestamp", 3), field("s", "string", 4),
              field("m", "decimal(9,2)", 5), field("big", "decimal(30,2)", 6), field("part", "string", 7)]
    moment = datetime.datetime(2024, 1, 1, tzinfo=UTC)

    def stored(number):
        return pa.table({"col-1": [number * 10], "col-2": [datetime.date(2024, 1, 1 + number)],
                         "col-3": pa.array([moment + datetime.timedelta(hours=number, microseconds=999)], pa.timestamp("us", "UTC")),
                         "col-4": [f"s{number}" * 20], "col-5": pa.array([decimal.Decimal(number)], pa.decimal128(9, 2)),
                         "col-6": pa.array([decimal.Decimal(number)], pa.decimal128(30, 2))})

    def stats(number):
        least = {"col-1": number * 10, "col-2": f"2024-01-0{1 + number}", "col-3": f"2024-01-01T0{number}:00:00.000Z",
                 "col-4": (f"s{number}" * 20)[:32], "col-5": number, "col-6": number}
        return {"minValues": least, "maxValues": least, "nullCount": {**{name: 0 for name in least}, "col-2": int(number == 2)}}

    conditions = {"number": ("n", "=", "bigint", "10"), "numbers": ("n", "in", "bigint", ["10", "-4"]),
                  "day": ("d", "=", "date", "2024-01-02"), "text": ("s", "=", "text", "s1" * 20),
                  "time that is cut in the log": ("t", "=", "timestamp with time zone", "2024-01-01 01:00:00.000999+00"),
                  "decimal": ("m", "=", "numeric", "1"), "nulls": ("d", "is null", None, None), "partition": ("part", "=", "text", "p1")}
    for number, (name, (column, operation, kind, value)) in enumerate(conditions.items()):
        table = Table(f"bounds_{number}", fields, ["columnMapping"], ["part"], {"delta.columnMapping.mode": "name"})
        actions = [table.add(stored(file), {"col-7": f"p{file}"}, stats=stats(file)) for file in range(4)]
        kept = 2 if name == "nulls" else 1
        for file in range(4):
            if file != kept:
                os.remove(f"{table.folder}/part-{file + 1}.parquet")
        table.commit(1, *actions)
        condition = {"column": column, "op": operation, "type": kind, "value": value}
        if operation == "in":
            condition = {"column": column, "op": operation, "type": kind, "values": value}
        if kind is None:
            condition = {"column": column, "op": operation}
        one = [[str(kept * 10), f"2024-01-0{kept + 1}", f"2024-01-01 0{kept}:00:00.000999+00", f"s{kept}" * 20, f"{kept}.00",
                f"{kept}.00", f"p{kept}"]]
        tell(f"files are passed over: {name}", table, [] if name == "nulls" else one, [condition])
    table = Table("no_bounds", fields, ["columnMapping"], ["part"], {"delta.columnMapping.mode": "name"})
    table.commit(1, table.add(stored(1), {"col-7": "p"}, stats={**stats(2), "minValues": {"col-6": 5}, "maxValues": {"col-6": 5}}))
    tell("decimals that a floating number has not are no bounds", table,
         [["10", "2024-01-02", "2024-01-01 01:00:00.000999+00", "s1" * 20, "1.00", "1.00", "p"]],
         [{"column": "big", "op": "=", "type": "numeric", "value": "1"}])


def conditions():
    """Each operator with each bound, on a table of three files with bounds in the log and in the files themselves."""
    table = Table("conditions", [field("n", "long"), field("m", "decimal(9,2)")])
    actions = []
    for number in range(3):
        low, values = number * 10, list(range(number * 10, number * 10 + 5))
        stored = pa.table({"n": [*values, None], "m": pa.array([decimal.Decimal(value) for value in values] + [None],
                                                              pa.decimal128(9, 2))})
        bounds_of = {"minValues": {"n": low, "m": low}, "maxValues": {"n": low + 4, "m": low + 4}, "nullCount": {"n": 1, "m": 1}}
        actions.append(table.add(stored, stats=bounds_of, row_group_size=2))
    table.commit(1, *actions)
    numbers = [number * 10 + step for number in range(3) for step in range(5)]
    operators = {"=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
                 ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
    wrong = []
    for word, holds in operators.items():
        for value in (-1, 0, 3, 4, 5, 10, 12, 24, 25):
            for column, kind in (("n", "bigint"), ("m", "numeric")):
                wanted = [{"column": column, "op": word, "type": kind, "value": str(value)}]
                _, found, said = lake_values.read(connector, table.folder, wanted)
                if said or sorted(found) != sorted([str(n), f"{n}.00"] for n in numbers if holds(n, value)):
                    wrong.append(f"{column} {word} {value}: {said or found}")
    print(json.dumps({"step": "conditions", "verdict": "differ" if wrong else "agree", "said": wrong[0] if wrong else None}),
          flush=True)


# ---- checkpoints ----

ADD = pa.struct([("path", pa.string()), ("partitionValues", pa.map_(pa.string(), pa.string())), ("size", pa.int64()),
                 ("modificationTime", pa.int64()), ("dataChange", pa.bool_()), ("stats", pa.string())])
ADD_PARSED = pa.struct([*list(ADD)[:5], pa.field("stats_parsed", pa.struct([
    ("numRecords", pa.int64()), ("minValues", pa.struct([("n", pa.int64())])), ("maxValues", pa.struct([("n", pa.int64())])),
    ("nullCount", pa.struct([("n", pa.int64())]))]))])
PROTOCOL = pa.struct([("minReaderVersion", pa.int32()), ("minWriterVersion", pa.int32()),
                      ("readerFeatures", pa.list_(pa.string())), ("writerFeatures", pa.list_(pa.string()))])
METADATA = pa.struct([("id", pa.string()), ("format", pa.struct([("provider", pa.string()),
                                                                 ("options", pa.map_(pa.string(), pa.string()))])),
                      ("schemaString", pa.string()), ("partitionColumns", pa.list_(pa.string())),
                      ("configuration", pa.map_(pa.string(), pa.string())), ("createdTime", pa.int64())])
SIDECAR = pa.struct([("path", pa.string()), ("sizeInBytes", pa.int64()), ("modificationTime", pa.int64())])
KINDS = {"protocol": PROTOCOL, "metaData": METADATA, "add": ADD, "sidecar": SIDECAR,
         "checkpointMetadata": pa.struct([("version", pa.int64())])}


def checkpoint(table, name, actions, **options):
    path = f"{table.folder}/_delta_log/{name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if name.endswith(".json"):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(action) + "\n" for action in actions)
        return
    used = [kind for kind in KINDS if any(kind in action for action in actions)]
    schema = pa.schema([(kind, ADD_PARSED if kind == "add" and "stats_parsed" in str(actions) else KINDS[kind]) for kind in used])
    pq.write_table(pa.Table.from_pylist([{kind: action.get(kind) for kind in used} for action in actions], schema=schema), path,
                   **options)


def begin(name, features=()):
    """Commits of 6 files of one row, of which the second is removed again; only the last of them stay."""
    table = Table(name, [field("n", "long")], features)
    adds = [table.add(pa.table({"n": [number]})) for number in range(6)]
    for number, action in enumerate(adds):
        table.commit(number + 1, action)
    table.commit(7, {"remove": {"path": adds[1]["add"]["path"], "deletionTimestamp": 1, "dataChange": True}})
    described = [{"protocol": table.protocol}, {"metaData": table.metadata}]
    return table, described, adds


def forget_commits(table, last):
    for version in range(last + 1):
        os.remove(f"{table.folder}/_delta_log/{version:020}.json")


def checkpoints():
    rows = [["0"], ["2"], ["3"], ["4"], ["5"]]
    table, described, adds = begin("one_part")
    checkpoint(table, f"{4:020}.checkpoint.parquet", described + adds[:4], compression="zstd", data_page_version="2.0")
    forget_commits(table, 4)
    tell("a checkpoint in one part", table, rows)
    table, described, adds = begin("three_parts")
    for part, actions in enumerate((described, adds[:2], adds[2:4])):
        checkpoint(table, f"{4:020}.checkpoint.{part + 1:010}.{3:010}.parquet", actions)
    checkpoint(table, f"{6:020}.checkpoint.{1:010}.{2:010}.parquet", described)
    forget_commits(table, 4)
    tell("a checkpoint in three parts, and a newer one that is not complete", table, rows)
    for ending in ("parquet", "json"):
        table, described, adds = begin(f"second_version_{ending}", ["v2Checkpoint"])
        for number, actions in enumerate((adds[:2], adds[2:4])):
            checkpoint(table, f"_sidecars/s{number} x.parquet", actions)
        sidecars = [{"sidecar": {"path": place, "sizeInBytes": 1, "modificationTime": 1}}
                    for place in ("s0%20x.parquet", "file:///elsewhere/_delta_log/_sidecars/s1%20x.parquet")]
        checkpoint(table, f"{4:020}.checkpoint.{uuid.uuid4()}.{ending}",
                   [{"checkpointMetadata": {"version": 4}}, *described, *sidecars])
        forget_commits(table, 4)
        tell(f"a checkpoint of version 2 in {ending} with sidecars", table, rows, is_read_there=False)
    table, described, adds = begin("structured")
    for number, action in enumerate(adds):
        bound = {"n": number}
        action["add"].update(stats_parsed={"numRecords": 1, "minValues": bound, "maxValues": bound, "nullCount": {"n": 0}})
        del action["add"]["stats"]
    checkpoint(table, f"{6:020}.checkpoint.parquet", described + adds)
    forget_commits(table, 6)
    tell("statistics as a structure alone", table, rows)
    for number in (0, 2, 3, 5):
        os.remove(f"{table.folder}/part-{number + 1}.parquet")
    tell("they are bounds, too", table, [["4"]], [{"column": "n", "op": "=", "type": "bigint", "value": "4"}])
    table, described, adds = begin("empty_features")
    checkpoint(table, f"{6:020}.checkpoint.parquet",
               [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2, "readerFeatures": []}}, *described[1:], *adds])
    forget_commits(table, 6)
    tell("an empty list of features of version 1 (delta-rs#2360)", table, rows, is_read_there=False)


# ---- tables that change ----

def start(table):
    """A reading of the table that has begun: it waits, as the pipe is full."""
    relation = connector_rows.ask(connector, table.folder, "discover")[0][-2]
    wanted = lake_values.reading(relation)
    run = subprocess.Popen(["/bin/sh", "-c", 'exec "$0" 3<"$1"', connector, table.folder], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
    run.stdin.write(connector_rows.request(connector, table.folder, "read", read=wanted))
    run.stdin.flush()
    while b'"rows"' not in run.stdout.readline():
        pass
    return run


def changes():
    def remove_next(table):
        os.remove(f"{table.folder}/part-2.parquet")

    def commit_again(table):
        table.commit(1, {"remove": {"path": "part-1.parquet"}})

    def commit_more(table):
        table.commit(2, {"remove": {"path": "part-1.parquet"}})

    for number, (change, said) in enumerate(((remove_next, b"relation_changed"), (commit_again, b"relation_changed"),
                                             (commit_more, b'"frame":"end"'))):
        table = Table(f"changing_{number}", [field("n", "long")])
        many = pa.table({"n": range(10**8, 10**8 + 100_000)})
        table.commit(1, table.add(many), table.add(many))
        run = start(table)
        change(table)
        last = run.communicate()[0].splitlines()[-1]
        is_told = said in last
        print(json.dumps({"step": f"while it is read: {change.__name__}", "verdict": "agree" if is_told else "differ",
                          "said": None if is_told else last.decode()}), flush=True)


def places():
    small = pa.table({"n": [1]})
    table = Table("escaped", [field("n", "long")])
    action = table.add(small)
    os.rename(f"{table.folder}/part-1.parquet", f"{table.folder}/a%20b +ü.parquet")
    table.commit(1, {"add": {**action["add"], "path": "a%2520b%20+%C3%BC.parquet"}})
    tell("a path with escapes", table, [["1"]])
    table = Table("colon", [field("n", "long"), field("time", "string")], partitions=["time"])
    action = table.add(small, {"time": "12:"})
    os.makedirs(f"{table.folder}/time=12:")
    os.rename(f"{table.folder}/part-1.parquet", f"{table.folder}/time=12:/part-1.parquet")
    table.commit(1, {"add": {**action["add"], "path": "time=12:/part-1.parquet"}})
    tell("a path with a colon", table, [["1", "12:"]], is_read_there=False)
    for name, path, said in (("elsewhere", "s3://bucket/x.parquet", "not in the table's folder"),
                             ("absolute", "file:///etc/passwd", "not in the table's folder"),
                             ("above", "../escaped/a.parquet", "no longer there"), ("gone", "x.parquet", "no longer there")):
        table = Table(f"place_{name}", [field("n", "long")])
        table.commit(1, {"add": {**action["add"], "path": path}})
        tell(f"a file that is {name}", table, error=said)


mapped("mapping_name", "name")
mapped("mapping_id", "id")
old_names("old_names")
vectors()
wider()
times()
partitions()
bounds()
conditions()
checkpoints()
changes()
places()
