#!/usr/bin/env python3
"""dynalite, an independent server of DynamoDB that keeps tables in memory and checks no signatures, on a port of 127.0.0.1. Its first
line on standard output says where, and with which keys. Then it answers commands (commands.py)."""
import os
import subprocess
import sys

import commands

KEYS = ["AKIDDYNALITE", "dYnA/lItE+0123456789"]

server = subprocess.Popen(
    ["node", f"{os.environ['PEERS']}/dynalite/node_modules/dynalite/cli.js", "--host", "127.0.0.1", "--port", "0", "--createTableMs", "0",
     "--updateTableMs", "0", "--deleteTableMs", "0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
try:
    line = server.stdout.readline()
    if "listening" not in line:
        sys.exit("dynalite does not start")
    port = int(line.rsplit(":", 1)[1])
    commands.serve({"dynamodb": commands.client("dynamodb", f"http://127.0.0.1:{port}", "us-east-1", *KEYS)}, port=port, owner=KEYS,
                   reader=KEYS)
finally:
    server.kill()
    server.wait()
