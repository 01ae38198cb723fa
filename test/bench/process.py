"""process.py FILE COMMAND…: runs the command with the file as standard input; prints seconds, seconds of the processor, and its most memory
in MB."""
import os
import resource
import subprocess
import sys
import time

began = time.monotonic()
with open(sys.argv[1], "rb") as given, open(os.devnull, "wb") as nowhere:
    status = subprocess.run(sys.argv[2:], stdin=given, stdout=nowhere, check=False).returncode
taken = time.monotonic() - began
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
if status != 0:
    sys.exit(f"{sys.argv[2]} has failed")
print(f"{taken:.2f} {usage.ru_utime + usage.ru_stime:.2f} {usage.ru_maxrss // 1024}")
