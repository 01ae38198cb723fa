"""Parses the statements of the JSON list on standard input, in the dialect of the argument; prints those that it refuses."""
import json
import os
import sys

sys.path.insert(0, os.environ["PYTHON_PEERS"])

import sqlglot  # noqa: E402

for statement in json.load(sys.stdin):
    try:
        parsed = sqlglot.parse(statement, read=sys.argv[1])
        if len(parsed) != 1 or isinstance(parsed[0], sqlglot.exp.Command):
            print(f"not one statement: {statement}")
    except sqlglot.errors.SqlglotError as error:
        print(f"{error}: {statement}")
