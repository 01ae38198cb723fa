"""client.py PORT USER PASSWORD: the driver of another house reads the statements of standard input; the rows as JSON lines."""
import json
import sys
import warnings

warnings.simplefilter("ignore")

from cassandra.auth import PlainTextAuthProvider  # noqa: E402
from cassandra.cluster import Cluster, NoHostAvailable  # noqa: E402

cluster = Cluster(["127.0.0.1"], port=int(sys.argv[1]), protocol_version=4, connect_timeout=60, schema_metadata_enabled=False,
                  auth_provider=PlainTextAuthProvider(sys.argv[2], sys.argv[3]))
try:
    session = cluster.connect()
except NoHostAvailable as refused:
    print(json.dumps({"refused": [type(each).__name__ for each in refused.errors.values()]}))
    sys.exit()
session.default_fetch_size = 7
for line in sys.stdin:
    text, values = json.loads(line)
    try:
        print(json.dumps([list(row) for row in session.execute(text, values)]))
    except Exception as fault:
        print(json.dumps({"fault": type(fault).__name__}))
cluster.shutdown()
