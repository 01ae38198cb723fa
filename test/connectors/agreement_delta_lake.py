"""agreement_delta_lake.py CONNECTOR FOLDER: compares what the connector delta_lake reads of all Delta tables below the folder
with what deltalake (Delta's own library in Rust) reads of them: columns, partitions and all rows, in any order. Prints each
difference, and counts. Run by make check-agreement."""
import collections
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from lake_values import difference_of_rows, read  # the path has just been set


def difference(table, relation, rows, partitions):
    columns = [column["name"] for column in relation["document"].get("columns", [])]
    if columns != table.column_names:
        return f"columns {columns} instead of {table.column_names}"
    if relation["document"].get("partition_key", "") != ", ".join(partitions):
        return f"partitions {relation['document'].get('partition_key')} instead of {partitions}"
    if len(rows) != table.num_rows or relation.get("row_estimate", len(rows)) != len(rows):
        return f"{len(rows)} rows, {relation.get('row_estimate')} by the log, instead of {table.num_rows}"
    return difference_of_rows(table, rows)


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
