"""agreement_delta_lake.py CONNECTOR FOLDER: compares what the connector delta_lake reads of all Delta tables below the folder
with what deltalake (Delta's own library in Rust) reads of them: columns, partitions and all rows, in any order. Prints each
difference, and counts. Run by make check-agreement."""
import collections
import datetime
import decimal
import json
import math
import os
import re
import struct
import sys

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from connector_rows import EPOCH, ask, failure, text_of  # the path has just been set


def reading(relation, conditions=()):
    """What `read` asks for: all columns of the relation."""
    columns = [column["name"] for column in relation["document"].get("columns", [])]
    return {"relation": {"schema": "files", "name": relation["name"], "kind": relation["kind"], "id": relation["id"]},
            "columns": columns, "conditions": list(conditions), "limit": None, "sample": None}


def read(connector, path, conditions=()):
    """The relation, its rows as texts, and the failure or None."""
    frames, _ = ask(connector, path, "discover")
    relation = next((frame for frame in frames if frame["frame"] == "relation"), None)
    if relation is None:
        return None, [], failure(frames)
    frames, rows = ask(connector, path, "read", read=reading(relation, conditions))
    return relation, [[text_of(value) for value in row.split(b"\t")] for row in rows], \
        None if frames[-1]["frame"] == "end" else failure(frames)


def moment(text):
    """Microseconds since 1970; years that Python does not have stay texts."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:\+00)?", text)
    if not found:
        return text
    time = datetime.datetime(*(int(part) for part in found.groups()[:6]))
    return (time - EPOCH) // datetime.timedelta(microseconds=1) + int((found[7] or "").ljust(6, "0"))


def number(value, single):
    if math.isnan(value):
        return "NaN"
    return struct.unpack("f", struct.pack("f", value))[0] if single and math.isfinite(value) else value


def theirs(value, kind):
    """A value of Arrow in the form that both sides are compared in."""
    if not value.is_valid:
        return None
    if pa.types.is_timestamp(kind):
        return value.value if kind.unit == "us" else value.value // 1000
    if pa.types.is_nested(kind):
        return json.dumps(nested(value.as_py(), kind), sort_keys=True)
    plain = value.as_py()
    if pa.types.is_floating(kind):
        return number(plain, pa.types.is_float32(kind))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return "\\x" + plain.hex()
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return plain
    return plain if pa.types.is_decimal(kind) else str(plain)


def nested(value, kind):
    """What the connector writes as JSON."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: nested(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return {key if isinstance(key, str) else shown(nested(key, kind.key_type)): nested(item, kind.item_type)
                for key, item in value}
    if pa.types.is_list(kind) or pa.types.is_list_view(kind) or pa.types.is_large_list(kind):
        return [nested(item, kind.value_type) for item in value]
    if pa.types.is_floating(kind):
        return number(value, pa.types.is_float32(kind)) if math.isfinite(value) else str(value)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or isinstance(value, str):
        return value
    if pa.types.is_decimal(kind):
        return float(value)
    return "\\x" + value.hex() if isinstance(value, bytes) else str(value)


def shown(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def floats_in(value, kind):
    """JSON of ours, with its numbers in the precision that the type has."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: floats_in(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return {shown(float(key)) if pa.types.is_floating(kind.key_type) else key: floats_in(item, kind.item_type)
                for key, item in value.items()}
    if isinstance(value, list):
        return [floats_in(item, kind.value_type) for item in value]
    if pa.types.is_floating(kind) and not isinstance(value, str):
        return number(float(value), pa.types.is_float32(kind))
    return float(value) if pa.types.is_decimal(kind) else value


def ours(text, kind):
    if text is None:
        return None
    if pa.types.is_timestamp(kind):
        return moment(text)
    if pa.types.is_nested(kind):
        return json.dumps(floats_in(json.loads(text), kind), sort_keys=True)
    if pa.types.is_floating(kind):
        return number(float(text), pa.types.is_float32(kind))
    if pa.types.is_integer(kind):
        return int(text)
    if pa.types.is_decimal(kind):
        return decimal.Decimal(text)
    if pa.types.is_boolean(kind):
        return text == "true"
    return text


def difference(table, relation, rows, partitions):
    columns = [column["name"] for column in relation["document"].get("columns", [])]
    if columns != table.column_names:
        return f"columns {columns} instead of {table.column_names}"
    if relation["document"].get("partition_key", "") != ", ".join(partitions):
        return f"partitions {relation['document'].get('partition_key')} instead of {partitions}"
    if len(rows) != table.num_rows or relation.get("row_estimate", len(rows)) != len(rows):
        return f"{len(rows)} rows, {relation.get('row_estimate')} by the log, instead of {table.num_rows}"
    kinds = [field.type for field in table.schema]
    read_here = collections.Counter(tuple(ours(value, kind) for value, kind in zip(row, kinds)) for row in rows)
    read_there = collections.Counter(zip(*([theirs(value, kind) for value in column]
                                           for column, kind in zip(table.columns, kinds))))
    if read_here == read_there:
        return None
    return f"{next(iter(read_here - read_there))} instead of {next(iter(read_there - read_here))}"


def judge(connector, path):
    """agree, differ, refused by both, refused, or read although deltalake cannot; and what to say of it."""
    said = None
    try:
        source = DeltaTable(path)
        partitions = source.metadata().partition_columns
        table = pa.table(QueryBuilder().register("t", source).execute("SELECT * FROM t").read_all())
    except Exception as fault:  # pylint: disable=broad-except
        said = (str(fault).splitlines() or [""])[0]
    relation, rows, error = read(connector, path)
    if error:
        return ("refused" if said is None else "refused by both"), error
    if said is not None:
        return "read although deltalake cannot", said
    found = difference(table, relation, rows, partitions)
    return ("differ", found) if found else ("agree", None)


def main(connector, folder):
    counts = collections.Counter()
    for place, folders, _ in sorted(os.walk(folder)):
        if "_delta_log" in folders:
            verdict, said = judge(connector, place)
            counts[verdict] += 1
            if said:
                print(f"{os.path.basename(place)}: {verdict}: {said[:400]}")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
