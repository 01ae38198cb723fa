"""hudi_tables.py CONNECTOR DIRECTORY: a simulated writer of Hudi. It makes tables of several layouts and changes them step by
step, as Hudi lays its files out. After each step what it means is held against what hudi-rs reads, which certifies the writer, and
against what the connector reads: {"step", "reader", "connector", "rows"}, a line each; both are null, or the difference."""
import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, os.path.dirname(__file__))
import lake_versions  # the path has just been set
from connector_rows import difference, in_order, read_all
from hudi_reader import OWN, read_table

connector, directory = sys.argv[1:]
AVRO = {"int32": "int", "int64": "long", "string": "string", "double": "double"}
COLUMNS = {"id": pa.int64(), "name": pa.string(), "price": pa.decimal128(9, 2), "moment": pa.timestamp("us", "UTC"),
           "tags": pa.list_(pa.string()), "city": pa.string()}


def avro_type(kind):
    if pa.types.is_decimal(kind):
        return {"type": "fixed", "name": "price_fixed", "size": 4, "logicalType": "decimal", "precision": kind.precision,
                "scale": kind.scale}
    if pa.types.is_timestamp(kind):
        return {"type": "long", "logicalType": "timestamp-micros"}
    if pa.types.is_list(kind):
        return {"type": "array", "items": ["null", "string"]}
    return AVRO[str(kind)]


def avro_long(number):
    number, out = number << 1 if number >= 0 else (-number << 1) - 1, b""
    while number > 127:
        number, out = number >> 7, out + bytes([number & 127 | 128])
    return out + bytes([number])


def avro_text(text):
    data = text if isinstance(text, bytes) else text.encode()
    return avro_long(len(data)) + data


def avro_map(items, write):
    head = avro_long(len(items)) if items else b""
    return head + b"".join(avro_text(key) + write(value) for key, value in items.items()) + avro_long(0)


def avro_list(items):
    return (avro_long(len(items)) if items else b"") + b"".join(avro_text(item) for item in items) + avro_long(0)


def container(commit):
    """What an instant says, as an object container of Avro."""
    texts = {"type": "map", "values": "string"}
    fields = [{"name": "extraMetadata", "type": ["null", texts]}, {"name": "version", "type": ["int", "null"]},
              {"name": "operationType", "type": ["null", "string"]}]
    body = avro_long(1) + avro_map(commit["extraMetadata"], avro_text) + avro_long(0) + avro_long(1)
    body += avro_long(1) + avro_text(commit["operationType"])
    if "partitionToReplaceFileIds" in commit:
        groups = {"type": "map", "values": {"type": "array", "items": "string"}}
        fields.append({"name": "partitionToReplaceFileIds", "type": ["null", groups]})
        body += avro_long(1) + avro_map(commit["partitionToReplaceFileIds"], avro_list)
    name = "HoodieReplaceCommitMetadata" if "partitionToReplaceFileIds" in commit else "HoodieCommitMetadata"
    schema = json.dumps({"type": "record", "name": name, "namespace": "org.apache.hudi.avro.model", "fields": fields})
    marker = b"rivergen's marker"[:16]
    return (b"Obj\1" + avro_map({"avro.schema": schema, "avro.codec": "null"}, avro_text) + marker + avro_long(1) +
            avro_long(len(body)) + body + marker)


class Table:
    """A table that is copied on write; rows by group, and where each group is."""

    def __init__(self, name, version=6, hive=True, partitioned=True, dropped=False):
        self.name, self.version, self.hive, self.partitioned, self.dropped = name, version, hive, partitioned, dropped
        self.path = os.path.join(directory, name)
        self.columns = dict(COLUMNS)
        self.is_marked = True  # times in the files, as those of UTC
        self.groups = {}
        self.clock = 20240101000000000
        self.timeline = os.path.join(self.path, ".hoodie", "timeline" if version >= 8 else "")
        os.makedirs(self.timeline)
        self.write_properties()

    def write_properties(self):
        properties = {"table.name": self.name, "table.version": self.version, "table.type": "COPY_ON_WRITE",
                      "timeline.layout.version": 2 if self.version >= 8 else 1, "table.recordkey.fields": "id",
                      "datasource.write.hive_style_partitioning": str(self.hive).lower(),
                      "datasource.write.drop.partition.columns": str(self.dropped).lower(),
                      "table.base.file.format": "PARQUET"}
        if self.partitioned:
            properties["table.partition.fields"] = "city"
            properties["table.keygenerator.class"] = "org.apache.hudi.keygen.SimpleKeyGenerator"
        with open(os.path.join(self.path, ".hoodie", "hoodie.properties"), "w", encoding="ascii") as file:
            file.write("#Properties\n" + "".join(f"hoodie.{name}={value}\n" for name, value in properties.items()))

    def schema(self):
        fields = [{"name": name, "type": ["null", avro_type(kind)], "default": None} for name, kind in self.columns.items()
                  if not (self.dropped and name == "city")]
        return json.dumps({"type": "record", "name": self.name, "fields": fields})

    def place(self, city):
        return "" if not self.partitioned else f"city={city}" if self.hive else city

    def write_file(self, group, place, rows, time):
        """Writes a base file; rows that have not changed keep the time at which they were written."""
        name = f"{group}_0-1-{len(rows)}_{time}.parquet"
        for number, row in enumerate(rows):
            row.setdefault("_hoodie_commit_time", time)
            row.setdefault("_hoodie_commit_seqno", f"{time}_0_{number}")
            row.update({"_hoodie_record_key": str(row["id"]), "_hoodie_partition_path": place, "_hoodie_file_name": name})
        kinds = {own: pa.string() for own in OWN} | self.columns
        if not self.is_marked:
            kinds["moment"] = pa.timestamp("us")
        stored = [column for column in kinds if not (self.dropped and column == "city")]
        os.makedirs(os.path.join(self.path, place), exist_ok=True)
        with open(os.path.join(self.path, place, ".hoodie_partition_metadata"), "w", encoding="ascii") as file:
            file.write(f"commitTime={time}\npartitionDepth={1 if place else 0}\n")
        pq.write_table(pa.table({column: pa.array([row.get(column) for row in rows], kinds[column]) for column in stored}),
                       os.path.join(self.path, place, name))

    def tick(self):
        self.clock += 1000
        return str(self.clock)

    def mark(self, name, content=""):
        with open(os.path.join(self.timeline, name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def begin(self, time, action="commit"):
        self.mark(f"{time}.{action}.requested")
        self.mark(f"{time}.inflight" if action == "commit" else f"{time}.{action}.inflight")

    def complete(self, time, action="commit", replaced=None, operation="UPSERT"):
        commit = {"partitionToWriteStats": {}, "compacted": False, "extraMetadata": {"schema": self.schema()},
                  "operationType": operation}
        if action == "replacecommit":
            commit["partitionToReplaceFileIds"] = replaced
        if self.version < 8:
            self.mark(f"{time}.{action}", json.dumps(commit))
        else:
            self.mark(f"{time}_{int(time) + 500}.{action}", container(commit))

    def upsert(self, rows, group):
        """Writes all rows of a group anew."""
        time = self.tick()
        place = self.place(rows[0]["city"])
        self.begin(time)
        self.write_file(group, place, rows, time)
        self.complete(time)
        self.groups[group] = (place, rows)
        return time

    def replace(self, groups, rows, group, operation):
        """Puts one group in the place of others, or none."""
        time = self.tick()
        self.begin(time, "replacecommit")
        replaced = {}
        for old in groups:
            place, _ = self.groups.pop(old)
            replaced.setdefault(place, []).append(old)
        if rows:
            place = self.place(rows[0]["city"])
            self.write_file(group, place, rows, time)
            self.groups[group] = (place, rows)
        self.complete(time, "replacecommit", replaced, operation)

    def meaning(self):
        kinds = {own: pa.string() for own in OWN} | self.columns
        rows = [row for _, rows in self.groups.values() for row in rows]
        return pa.table({column: pa.array([row.get(column) for row in rows], kind) for column, kind in kinds.items()})


def same(one, other):
    """The difference between two tables of Arrow, whatever the order of their rows."""
    if sorted(one.column_names) != sorted(other.column_names):
        return f"columns {other.column_names} instead of {one.column_names}"
    keys = [("_hoodie_record_key", "ascending")]
    one, other = one.sort_by(keys), other.select(one.column_names).sort_by(keys)
    return None if one.to_pylist() == other.to_pylist() else f"{other.to_pylist()} instead of {one.to_pylist()}"


def report(table, step, is_certified=True):
    meant = table.meaning()
    columns, rows, fault = read_all(connector, table.path)
    if fault is None and sorted(columns) != sorted(meant.column_names):
        fault = f"columns {columns}"
    if fault is None:
        ordered, rows = in_order(meant.select(columns), rows, columns)
        fault = difference(ordered, columns, rows)
    fault = fault or lake_versions.fault(connector, table.path, table.path, "columns")
    reader = None if table.dropped or not is_certified else same(meant, read_table(table.path))
    print(json.dumps({"step": f"{table.name}, {step}", "reader": reader, "connector": fault, "rows": meant.num_rows}), flush=True)


def row(number, city, **more):
    return {"id": number, "name": f"größe {number}" if number % 3 else None, "price": number * 5 // 4, "moment": number * 10**12,
            "tags": ["a", None] if number % 2 else None, "city": city, **more}


def changed(rows, number, **more):
    """The rows with one of them changed, which is then a new one."""
    return [{name: value for name, value in old.items() if not name.startswith("_")} | more if old["id"] == number else dict(old)
            for old in rows]


def live(table):
    south = [row(number, "são paulo") for number in range(4)]
    north = [row(number, "oslo") for number in range(4, 7)]
    table.upsert([row(20, "lima")], "west-0")
    table.upsert(south, "south-0")
    table.upsert(north, "north-0")
    report(table, "created")
    south = changed(south, 2, name="changed")
    table.upsert(south, "south-0")
    report(table, "rows updated")
    south = [dict(old) for old in south if old["id"] != 1]
    table.upsert(south, "south-0")
    report(table, "rows deleted")
    time = table.tick()
    table.begin(time)
    table.write_file("north-0", table.place("oslo"), [row(99, "oslo")], time)
    report(table, "a commit is under way")
    table.write_file("north-9", table.place("oslo"), [row(98, "oslo")], table.tick())
    report(table, "a commit was rolled back and left a file")
    table.columns["note"] = pa.string()
    table.upsert([row(number, "oslo", note="new") for number in (7, 8)], "north-1")
    report(table, "a column was added")
    north = [dict(old) for _, rows in (table.groups["north-0"], table.groups["north-1"]) for old in rows]
    table.replace(["north-0", "north-1"], north, "north-2", "CLUSTER")
    report(table, "files were clustered")
    oldest = sorted(name for name in os.listdir(table.timeline) if name[0] == "2")
    for name in oldest[:3]:
        os.remove(os.path.join(table.timeline, name))
    table.replace(["south-0"], [row(50, "são paulo"), row(51, "são paulo")], "south-1", "INSERT_OVERWRITE")
    report(table, "the oldest instant was archived, and rows overwritten")
    table.replace(["north-2"], [], None, "DELETE_PARTITION")
    report(table, "a partition was deleted")


def evolve(table):
    """Columns get other names, and one goes whose name another one gets. hudi-rs does not know of that."""
    fields = [{"id": number, "name": name} for number, name in enumerate(table.columns)]
    history = [{"version_id": 0, "fields": fields}]
    table.is_marked = False
    os.makedirs(os.path.join(table.path, ".hoodie", ".schema"))
    table.upsert([row(number, "oslo") for number in range(3)], "one-0")
    table.columns = {"title" if name == "name" else name: kind for name, kind in table.columns.items() if name != "price"}
    table.columns["price"] = pa.int64()
    rows = [{"title" if name == "name" else name: value for name, value in old.items() if name != "price"}
            for old in table.groups["one-0"][1]]
    place = table.groups["one-0"][0]
    time = table.upsert([row(8, "oslo", title="new", price=5)], "two-0")
    table.groups["one-0"] = (place, rows)
    ids = {field["name"]: field["id"] for field in fields} | {"title": 1, "price": 20}
    history.append({"version_id": int(time), "fields": [{"id": ids[name], "name": name} for name in table.columns]})
    name = f"{time}.schemacommit" if table.version < 8 else f"{time}_{int(time) + 500}.schemacommit"
    with open(os.path.join(table.path, ".hoodie", ".schema", name), "w", encoding="ascii") as file:
        json.dump({"schemas": history}, file)
    report(table, "columns have other names", False)


live(Table("hive"))
live(Table("plain", hive=False))
live(Table("whole", partitioned=False))
live(Table("dropped", dropped=True))
live(Table("newer", version=8))
live(Table("newest", version=9, hive=False))
evolve(Table("evolved"))
evolve(Table("evolved_newer", version=8))
