"""iceberg_tables.py DIRECTORY: a table of Iceberg that pyiceberg makes and changes step by step. Prints a line for each step:
{"step", "folder", "columns": [[name, type, required, id]], "partition", "rows"}, as pyiceberg reads the table."""
import json
import shutil
import sys

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import (DoubleType, IntegerType, ListType, LongType, MapType, NestedField, StringType, StructType,
                             TimestamptzType)

directory = sys.argv[1]
catalog = SqlCatalog("test", uri=f"sqlite:///{directory}/catalog.db", warehouse=f"file://{directory}")
catalog.create_namespace("shop")

ITEM = StructType(NestedField(4, "sku", StringType(), required=True),
                  NestedField(5, "tags", ListType(6, StringType(), element_required=False)))
SCHEMA = Schema(NestedField(1, "id", LongType(), required=True), NestedField(2, "when", TimestamptzType()),
                NestedField(3, "item", ITEM), NestedField(7, "count", IntegerType()),
                NestedField(8, "labels", MapType(9, StringType(), 10, LongType(), value_required=False)),
                identifier_field_ids=[1])
table = catalog.create_table("shop.orders", SCHEMA, properties={"comment": "all orders"},
                             partition_spec=PartitionSpec(PartitionField(7, 1000, IdentityTransform(), "count")))


def shown(kind):
    if isinstance(kind, StructType):
        return "struct<" + ", ".join(f"{field.name}: {shown(field.field_type)}" for field in kind.fields) + ">"
    if isinstance(kind, ListType):
        return f"list<{shown(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{shown(kind.key_type)}, {shown(kind.value_type)}>"
    return str(kind)


def term(field):
    name = table.schema().find_column_name(field.source_id)
    transform = str(field.transform)
    if transform == "identity":
        return name
    if "[" in transform:
        return transform.replace("[", "(").replace("]", f", {name})")
    return f"{transform}s({name})"


def tell(step):
    table.refresh()
    folder = f"{directory}/{step}"
    shutil.copytree(f"{directory}/shop/orders", folder)
    columns = [[field.name, shown(field.field_type.element_type if isinstance(field.field_type, ListType) else field.field_type),
                field.required, str(field.field_id)] for field in table.schema().fields]
    print(json.dumps({"step": step, "folder": folder, "columns": columns, "rows": table.scan().count(),
                      "partition": ", ".join(term(field) for field in table.spec().fields) or None}))


def rows(first, count):
    numbers = range(first, first + count)
    kind = table.schema().as_arrow()
    return pa.Table.from_pylist([{"id": number, "when": 1_700_000_000_000_000 + number * 10**11,
                                  "item": {"sku": f"s{number}", "tags": ["x"]}, "count": number} for number in numbers],
                                schema=kind)


tell("created")
table.append(rows(1, 5))
tell("filled")
with table.update_schema() as update:
    update.add_column("note", StringType(), doc="free text")
    update.add_column(("item", "weight"), DoubleType())
tell("columns_added")
with table.update_schema() as update:
    update.update_column("count", field_type=LongType())
    update.rename_column("count", "pieces")
tell("widened_and_renamed")
with table.update_schema() as update:
    update.delete_column("labels")
    update.move_first("note")
tell("dropped_and_moved")
table.delete("id <= 2")
tell("rows_deleted")
with table.update_spec() as update:
    update.remove_field("count")
    update.add_field("id", BucketTransform(16), "bucket_of_id")
    update.add_field("note", TruncateTransform(4), "start_of_note")
    update.add_field("when", DayTransform(), "day")
tell("partitions_changed")
