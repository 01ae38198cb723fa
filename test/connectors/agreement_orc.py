"""agreement_orc.py CONNECTOR FOLDER: compares what the connector orc reads of all ORC files below the folder with what pyarrow
reads of them, value by value (of long files 5,000 rows). Prints each difference, and counts. Run by make check-agreement."""
import os
import sys

import pyarrow as pa
from pyarrow import orc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from connector_rows import difference, read_all  # the path has just been set


def judge(connector, path):
    """agree, differ, refused by both, refused, or read although pyarrow cannot; and what to say of it."""
    try:
        table = orc.ORCFile(path).read()
    except (pa.ArrowException, OSError) as fault:
        table, said = None, str(fault).splitlines()[0]
    columns, rows, fault = read_all(connector, path)
    if fault:
        return ("refused by both" if table is None else "refused"), fault
    if table is None:
        return "read although pyarrow cannot", said
    found = difference(table, columns, rows)
    return ("differ", found) if found else ("agree", None)


def main(connector, folder):
    counts = {}
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith(".orc"):
                verdict, said = judge(connector, os.path.join(place, name))
                counts[verdict] = counts.get(verdict, 0) + 1
                if said:
                    print(f"{name}: {verdict}: {said}")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))


main(*sys.argv[1:])
