"""An independent client, python-tds: connects as told by the one argument, runs the statements of standard input, one a line,
and prints the rows of each, or the number of the server's error."""
import json
import logging
import os
import sys

sys.path.insert(0, os.environ['PYTHON_PEERS'])

import pytds  # noqa: E402

logging.disable()  # it warns where the machine is slow
told = json.loads(sys.argv[1])
try:
    with pytds.connect(**{'dsn': '127.0.0.1', 'autocommit': True, 'login_timeout': 20, 'timeout': 20, **told}) as connection:
        with connection.cursor() as cursor:
            for statement in sys.stdin:
                cursor.execute(json.loads(statement))
                print(json.dumps(cursor.fetchall() if cursor.description else None))
except (pytds.Error, TimeoutError) as fault:
    cause = fault.__cause__ or fault  # it asks for a database again until the time is over
    print(json.dumps({'error': getattr(cause, 'msg_no', 0) or str(cause)}))
