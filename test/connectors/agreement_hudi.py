"""agreement_hudi.py CONNECTOR FOLDER: compares what the connector hudi reads of all tables of Hudi below the folder with what
hudi-rs reads of them, value by value; of tables that are merged on read, of their base files. Prints each difference, and counts.
Run by make check-agreement."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from connector_rows import difference, in_order, read_all  # the path has just been set
from hudi_reader import read_table


def judge(connector, path):
    """agree, differ, refused by both, refused, or read although hudi-rs cannot; and what to say of it."""
    try:
        table, said = read_table(path), None
    except BaseException as fault:  # hudi-rs panics, too
        table, said = None, str(fault).splitlines()[0]
    columns, rows, fault = read_all(connector, path)
    if fault:
        return ("refused by both" if table is None else "refused"), fault
    if table is None:
        return "read although hudi-rs cannot", said
    if sorted(columns) != sorted(table.column_names):
        return "differ", f"columns {columns} instead of {table.column_names}"
    table, rows = in_order(table.select(columns), rows, columns)
    found = difference(table, columns, rows)
    return ("differ", found) if found else ("agree", None)


def main(connector, folder):
    counts = {}
    for place, folders, _ in os.walk(folder):
        folders.sort()
        if os.path.exists(os.path.join(place, ".hoodie", "hoodie.properties")):
            folders.clear()
            verdict, said = judge(connector, place)
            counts[verdict] = counts.get(verdict, 0) + 1
            if said:
                print(f"{os.path.basename(place)}: {verdict}: {said}")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))


main(*sys.argv[1:])
