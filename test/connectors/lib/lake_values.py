"""lake_values.py: what a connector for tables in folders reads, and whether its rows are those of a table of Arrow, in any order."""
import collections
import datetime
import decimal
import json
import math
import re
import struct

import pyarrow as pa
from connector_rows import EPOCH, ask, failure, text_of


def reading(relation, conditions=(), limit=None):
    """What `read` asks for: all columns of the relation."""
    columns = [column["name"] for column in relation["document"].get("columns", [])]
    return {"relation": {"schema": "files", "name": relation["name"], "kind": relation["kind"], "id": relation["id"]},
            "columns": columns, "conditions": list(conditions), "limit": limit, "sample": None}


def read(connector, path, conditions=(), limit=None):
    """The relation, its rows as texts, and the failure or None."""
    frames, _ = ask(connector, path, "discover")
    relation = next((frame for frame in frames if frame["frame"] == "relation"), None)
    if relation is None:
        return None, [], failure(frames)
    frames, rows = ask(connector, path, "read", read=reading(relation, conditions, limit))
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
    if isinstance(plain, bytes):
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
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return re.sub(r"(\.\d*?)0+(?=\+|$)", r"\1", str(value).replace("+00:00", "+00"))


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
    if pa.types.is_time(kind):
        return str(datetime.time.fromisoformat(re.sub(r"\.(\d+)", lambda found: "." + found[1].ljust(6, "0"), text)))
    return text


def difference_of_rows(table, rows):
    """None: they are the same."""
    kinds = [field.type for field in table.schema]
    read_here = collections.Counter(tuple(ours(value, kind) for value, kind in zip(row, kinds)) for row in rows)
    read_there = collections.Counter(zip(*([theirs(value, kind) for value in column]
                                           for column, kind in zip(table.columns, kinds))))
    if read_here == read_there:
        return None
    return f"{next(iter(read_here - read_there), 'nothing')} instead of {next(iter(read_there - read_here), 'nothing')}"
