"""agreement_iceberg.py CONNECTOR FOLDER: compares what the connector iceberg reads of all Iceberg tables below the folder with
what pyiceberg reads of them: columns and all rows, in any order. Prints each difference, and counts. Run by make
check-agreement."""
import collections
import glob
import json
import os
import sys

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import StaticTable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import lake_values  # the path has just been set


HINTED = ("v{}.metadata.json", "v{}.gz.metadata.json", "v{}.metadata.json.gz", "{}.metadata.json", "{}")


class Moved(PyArrowFileIO):
    """Files below the location that a table was written to lie below the folder that it was copied to."""
    def new_input(self, location):
        place, folder = self.properties["moved.from"], self.properties["moved.to"]
        location = location.removeprefix("./")
        return super().new_input(folder + location[len(place):] if location.startswith(place + "/") else location)


def metadata_of(folder):
    """The metadata file that counts."""
    hint = f"{folder}/metadata/version-hint.text"
    if os.path.exists(hint):
        with open(hint, encoding="ascii") as file:
            name = file.read().strip()
        return next(path for path in (f"{folder}/metadata/{form.format(name)}" for form in HINTED) if os.path.exists(path))
    files = glob.glob(f"{folder}/metadata/*.metadata.json")
    return max(files, key=lambda name: json.load(open(name, encoding="utf-8"))["last-updated-ms"])


def open_table(folder):
    path = metadata_of(folder)
    with open(path, encoding="utf-8") as file:
        location = json.load(file)["location"].rstrip("/").removeprefix("./")
    return StaticTable.from_metadata(path, {"py-io-impl": f"{Moved.__module__}.Moved" if Moved.__module__ != "__main__"
                                            else "agreement_iceberg.Moved", "moved.from": location, "moved.to": folder})


def difference(table, relation, rows):
    columns = [column["name"] for column in relation["document"].get("columns", [])]
    if columns != table.column_names:
        return f"columns {columns} instead of {table.column_names}"
    if len(rows) != table.num_rows:
        return f"{len(rows)} rows instead of {table.num_rows}"
    return lake_values.difference_of_rows(table, rows)


def judge(connector, folder):
    """agree, differ, refused by both, refused, or read although pyiceberg cannot; and what to say of it."""
    said = None
    try:
        table = open_table(folder).scan().to_arrow()
    except Exception as fault:  # pylint: disable=broad-except
        said = (str(fault).splitlines() or [""])[0]
    relation, rows, error = lake_values.read(connector, folder)
    if error:
        return ("refused" if said is None else "refused by both"), error
    if said is not None:
        return "read although pyiceberg cannot", said
    found = difference(table, relation, rows)
    return ("differ", found) if found else ("agree", None)


def main(connector, folder):
    counts = collections.Counter()
    for place, folders, _ in sorted(os.walk(folder)):
        if "metadata" in folders:
            verdict, said = judge(connector, place)
            counts[verdict] += 1
            if said:
                print(f"{os.path.basename(place)}: {verdict}: {said[:400]}")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main(*sys.argv[1:])
