"""connector_rows.py: what a connector of files answers, and whether its rows are those of a table of Arrow, value by value."""
import datetime
import decimal
import json
import math
import os
import re
import struct
import subprocess

import pyarrow as pa

MOST_ROWS = 5000
ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
EPOCH = datetime.datetime(1970, 1, 1)
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def request(connector, path, operation, **more):
    """The line that asks about a file or a folder. The executable is called like its type."""
    return json.dumps({"protocol": 2, "operation": operation, "type": os.path.basename(connector), "credentials": {},
                       "known": None, "endpoint": {"path": "organizations/1/" + os.path.basename(path), "options": {}},
                       "scope": {"schema": None, "exclude": []},
                       "limits": {"connection_timeout": 30, "query_timeout": 300, "connections": 1,
                                  "document_bytes": 1 << 24, "row_bytes": 1 << 28}, **more}).encode() + b"\n"


def ask(connector, path, operation, **more):
    """The frames of the answer, and its rows."""
    answer = subprocess.run(["/bin/sh", "-c", 'exec "$0" 3<"$1"', connector, path],
                            input=request(connector, path, operation, **more), stdout=subprocess.PIPE, check=False).stdout
    frames, rows, at = [], [], 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        frame = json.loads(answer[at:end])
        frames.append(frame)
        at = end + 1
        if frame["frame"] == "rows":
            rows += answer[at:at + frame["bytes"]].split(b"\n")[:-1]
            at += frame["bytes"]
    return frames, rows


def text_of(value):
    if value == b"\\N":
        return None
    return re.sub(r"\\(.)", lambda found: ESCAPED.get(found[1], found[1]), value.decode())


def nested(value, kind):
    """What the connector writes as JSON."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: nested(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return {str(key): nested(item, kind.item_type) for key, item in value}
    if pa.types.is_list(kind):
        return [nested(item, kind.value_type) for item in value]
    if pa.types.is_floating(kind):
        return value if math.isfinite(value) else str(value)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return value
    return "\\x" + value.hex() if pa.types.is_binary(kind) else str(value)


def moment(text):
    """Microseconds since 1970; None where Python has no such year."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:\+00)?", text)
    if not found:
        return None
    time = datetime.datetime(*(int(part) for part in found.groups()[:6]))
    return (time - EPOCH) // datetime.timedelta(microseconds=1) + int((found[7] or "").ljust(6, "0"))


def is_same(theirs, kind, ours):
    if ours is None or not theirs.is_valid:
        return ours is None and not theirs.is_valid
    if pa.types.is_nested(kind):
        return nested(theirs.as_py(), kind) == json.loads(ours)
    if pa.types.is_timestamp(kind):
        time = moment(ours)
        return time is None or (time == theirs.value * 10**6 // PER_SECOND[kind.unit] and ours.endswith("+00") == bool(kind.tz))
    value = theirs.as_py()
    if pa.types.is_floating(kind):
        number = float(ours)
        if pa.types.is_float32(kind):
            number = struct.unpack("f", struct.pack("f", number))[0]
        return number == value or (math.isnan(number) and math.isnan(value))
    if pa.types.is_decimal(kind):
        return decimal.Decimal(ours) == value
    if pa.types.is_boolean(kind):
        return ours == ("true" if value else "false")
    return ours == ("\\x" + value.hex() if pa.types.is_binary(kind) else str(value))


def difference(table, columns, rows):
    if columns != table.column_names:
        return f"columns {columns} instead of {table.column_names}"
    if len(rows) != table.num_rows:
        return f"{len(rows)} rows instead of {table.num_rows}"
    values = [row.split(b"\t") for row in rows]
    for number, column in enumerate(table.columns):
        for row in range(0, table.num_rows, max(1, table.num_rows // MOST_ROWS)):
            ours = text_of(values[row][number])
            if not is_same(column[row], column.type, ours):
                return f"row {row}, {columns[number]}: {ours!r} instead of {column[row]}"
    return None


def in_order(table, rows, columns):
    """Both in the order of the first column that tells all rows apart, as texts."""
    values = [row.split(b"\t") for row in rows]
    for number, name in enumerate(columns):
        if name in table.column_names and len({row[number] for row in values}) == len(values):
            rows = [row for _, row in sorted(zip((row[number] for row in values), rows))]
            order = sorted(range(table.num_rows), key=lambda row: str(table[name][row].as_py()).encode())
            return table.take(pa.array(order, pa.int64())), rows
    return table, rows


def read_all(connector, path):
    """The names of the columns and the rows of the first relation, or the failure."""
    frames, _ = ask(connector, path, "discover")
    relation = next((frame for frame in frames if frame["frame"] == "relation"), None)
    columns, rows = [], []
    if relation:
        columns = [column["name"] for column in relation["document"].get("columns", [])]
        wanted = {word: relation[word] for word in ("schema", "name", "kind", "id")}
        frames, rows = ask(connector, path, "read", read={"relation": wanted, "columns": columns, "conditions": [], "limit": None,
                                                          "sample": None})
    return columns, rows, None if frames[-1]["frame"] == "end" else failure(frames)


def failure(frames):
    return " ".join(frames[-1][word] for word in ("message", "detail") if frames[-1].get(word))
