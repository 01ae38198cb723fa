#!/usr/bin/env python3
"""versitygw ($VERSITYGW), an independent server of S3 that checks signatures and keeps objects as files, on a port of 127.0.0.1. Its
first line on standard output says where, and with which keys. Then it answers commands (commands.py)."""
import os
import socket
import subprocess
import sys
import tempfile
import time

import commands

REGION = "eu-central-1"
KEYS = ["AKIDVERSITY", "vErSiTy+SeCrEt/0123456789"]


def free_port():
    lib = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    return int(subprocess.check_output(["perl", "-I", lib, "-MPorts=free_port", "-e", "print free_port()"]))


def wait_for(port):
    for _ in range(600):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
    sys.exit("versitygw does not listen")


with tempfile.TemporaryDirectory() as directory:
    port = free_port()
    for part in "buckets", "notes":
        os.mkdir(f"{directory}/{part}")
    server = subprocess.Popen(
        [os.environ["VERSITYGW"], "--access", KEYS[0], "--secret", KEYS[1], "--region", REGION, "--port", f"127.0.0.1:{port}", "--quiet",
         "posix", "--sidecar", f"{directory}/notes", f"{directory}/buckets"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        commands.serve({"s3": commands.client("s3", f"http://127.0.0.1:{port}", REGION, *KEYS)}, port=port, owner=KEYS, reader=KEYS)
    finally:
        server.kill()
        server.wait()
