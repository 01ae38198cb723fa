#!/usr/bin/env python3
"""An independent client of Snowflake's SQL API (snowflake-sql-api, by others) at the simulated service: statements on standard input,
a line each, what came of them on standard output. Its first argument is what the service has said of itself."""
import json
import os
import sys

sys.path[:0] = [os.environ["PYTHON_PEERS"]]
from snowflake_sql_api import SnowflakeClient  # noqa: E402
from snowflake_sql_api.exceptions import SnowflakeError  # noqa: E402

service = json.loads(sys.argv[1])


def client(key):
    made = SnowflakeClient(service["account"], service["user"], private_key=key.encode(), database=service["database"],
                           warehouse=service["warehouse"], role=service["role"], poll_interval=0.05)
    made._transport._base_url = f"http://127.0.0.1:{service['port']}"
    return made


good = client(service["key"])
for line in sys.stdin:
    wanted = json.loads(line)
    try:
        user = client(service["other_key"]) if wanted.get("other_key") else good
        if wanted.get("submit"):
            handle = user.submit(wanted["statement"])
            answer = [handle.status()]
            if wanted.get("cancel"):
                handle.cancel()
            answer.append(handle.result())
        else:
            answer = user.query(wanted["statement"], wanted.get("bindings"))
    except SnowflakeError as error:
        answer = {"error": type(error).__name__, "code": getattr(error, "code", None), "status": getattr(error, "status_code", None)}
    print(json.dumps(answer, default=str), flush=True)
