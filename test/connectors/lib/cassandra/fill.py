"""fill.py PORT: runs the statements of standard input at a Cassandra, as its administrator.

Each line is JSON: a text, or a list of a text and lists of the values of its %s. The driver has nothing to do with the
connector.
"""
import json
import sys
import time
import warnings

warnings.simplefilter("ignore")

from cassandra.auth import PlainTextAuthProvider  # noqa: E402
from cassandra.cluster import Cluster, NoHostAvailable, ExecutionProfile, EXEC_PROFILE_DEFAULT  # noqa: E402
from cassandra.concurrent import execute_concurrent_with_args  # noqa: E402


def connect(port):
    """The administrator is made a moment after the server listens."""
    for _ in range(300):
        cluster = Cluster(
            ["127.0.0.1"], port=port, protocol_version=4, schema_metadata_enabled=False, token_metadata_enabled=False,
            auth_provider=PlainTextAuthProvider("cassandra", "cassandra"),
            execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(request_timeout=60)})
        try:
            return cluster, cluster.connect()
        except NoHostAvailable:
            cluster.shutdown()
            time.sleep(0.2)
    sys.exit("Cassandra refuses its administrator")


cluster, session = connect(int(sys.argv[1]))
for line in sys.stdin:
    statement = json.loads(line)
    try:
        if isinstance(statement, str):
            session.execute(statement)
        else:
            prepared = session.prepare(statement[0])
            execute_concurrent_with_args(session, prepared, statement[1:], concurrency=50)
    except Exception as fault:
        print(f"{statement!r}"[:300], fault)
        sys.exit(1)
cluster.shutdown()
