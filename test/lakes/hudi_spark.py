"""hudi_spark.py CONNECTOR JARS: the connector hudi reads tables that Hudi's own writer makes (HudiTables.java), and after each step
what it reads is held against what Spark reads. Run by make check-lakes."""
import glob
import os
import subprocess
import sys
import tempfile

import pyarrow.parquet as pq

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "connectors", "lib"))
import lake_versions  # the path has just been set
from connector_rows import difference, in_order, read_all

OPENED = ["java.lang", "java.lang.invoke", "java.net", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch",
          "sun.nio.cs", "sun.security.action", "sun.util.calendar"]


def check(connector, path, seen):
    """The difference, or None."""
    table = pq.read_table(glob.glob(os.path.join(seen, "*.parquet"))[0])
    columns, rows, fault = read_all(connector, path)
    if fault:
        return fault
    if columns != table.column_names:
        return f"columns {columns} instead of {table.column_names}"
    table, rows = in_order(table, rows, columns)
    return difference(table, columns, rows) or lake_versions.fault(connector, path, path, "columns")


def main(connector, jars):
    counts = {True: 0, False: 0}
    with tempfile.TemporaryDirectory() as directory:
        opened = [word for package in OPENED for word in ("--add-opens", f"java.base/{package}=ALL-UNNAMED")]
        said = tempfile.TemporaryFile("w+", encoding="utf-8")
        writer = subprocess.Popen(["java", "-Xmx1g", *opened, "-cp", f"{jars}/*", os.path.join(here, "HudiTables.java"), directory],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, encoding="utf-8")
        for line in writer.stdout:
            if not line.startswith("STEP\t"):
                continue
            _, what, path, seen = line.rstrip("\n").split("\t")
            found = check(connector, path, seen)
            counts[found is None] += 1
            print(f"{what}: {found or 'agrees'}", flush=True)
            writer.stdin.write("\n")
            writer.stdin.flush()
        if writer.wait() != 0:
            said.seek(0)
            sys.exit("Hudi's writer has failed: " + "".join(line for line in said if "Exception" in line)[:2000])
    print(f"hudi: {counts[True]} steps agree, {counts[False]} differ")
    sys.exit(counts[False] > 0 or counts[True] == 0)


main(*sys.argv[1:])
