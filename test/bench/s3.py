#!/usr/bin/env python3
"""The work of s3.sh. `serve NUMBER KIND` is the simulated service, a process of its own that ends with its standard input. The memory of a
connector is at least what this process had when it started it, about 20 MB."""
import bisect
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = b"id,name,price\n" + b"".join(b"%d,name %d,%d.5\n" % (i, i, i) for i in range(40))
PAGE = ('<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>{more}</IsTruncated>'
        "{token}{objects}</ListBucketResult>")
OBJECT = ("<Contents><Key>{}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>\"e\"</ETag>"
          f"<Size>{len(CONTENT)}</Size></Contents>")


def keys_of(number, kind):
    return sorted(f"parts/{i:06}.csv" if kind == "parts" else f"{i // 19:05}/{i:06}.csv" for i in range(number))


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    keys = []
    requests = 0

    def log_message(self, *arguments):
        pass

    def page(self, query):
        most = int(query.get("max-keys", 1000))
        prefix = query.get("prefix", "")
        first = int(query.get("continuation-token", bisect.bisect_left(self.keys, prefix)))
        page = [key for key in self.keys[first:first + most] if key.startswith(prefix)]
        more = len(page) == most and first + most < len(self.keys)
        return PAGE.format(more=str(more).lower(), objects="".join(map(OBJECT.format, page)),
                           token=f"<NextContinuationToken>{first + most}</NextContinuationToken>" if more else "").encode()

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        Service.requests += 1
        if parts.path == "/requests":
            body, status, Service.requests = str(Service.requests - 1).encode(), 200, 0
        elif "list-type" in query:
            body, status = self.page(query), 200
        else:
            first, last = map(int, re.match(r"bytes=(\d+)-(\d+)", self.headers["Range"]).groups())
            body, status = CONTENT[first:last + 1], 206
        self.send_response(status)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(number, kind):
    Service.keys = keys_of(number, kind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


def request(port, known):
    return json.dumps({
        "protocol": 2, "operation": "discover", "type": "s3", "scope": {}, "known": known,
        "endpoint": {"host": "127.0.0.1", "port": port, "addresses": ["127.0.0.1"], "database": "bucket", "path": "/",
                     "tls": {"mode": "disable"}, "options": {}},
        "credentials": {"access_key_id": "a", "secret_access_key": "b"},
        "limits": {"connection_timeout": 10, "query_timeout": 300, "connections": 5, "document_bytes": 16777216}}) + "\n"


def requests_of(port):
    return int(urllib.request.urlopen(f"http://127.0.0.1:{port}/requests").read())


def tell(what, port, begin, used, before=0):
    print(f"{what}: {time.monotonic() - begin:.2f} s, processor {used.ru_utime + used.ru_stime - before:.2f} s, "
          f"{used.ru_maxrss // 1024} MB, {requests_of(port)} requests", flush=True)


def discover(what, port, known):
    requests_of(port)
    begin = time.monotonic()
    connector = subprocess.Popen([os.environ["CONNECTOR"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"LC_ALL": "C.UTF-8"})
    connector.stdin.write(request(port, known).encode())
    connector.stdin.close()
    frames = [json.loads(line) for line in connector.stdout]
    tell(what, port, begin, os.wait4(connector.pid, 0)[2])
    relations = [[frame["id"], frame["signature"]] for frame in frames if frame["frame"] == "relation"]
    return {"signature": frames[-1]["signature"], "relations": relations}


def list_by_boto3(port):
    import boto3
    from botocore.config import Config
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="a",
                          aws_secret_access_key="b", config=Config(s3={"addressing_style": "path"}))
    requests_of(port)
    used = resource.getrusage(resource.RUSAGE_SELF)
    begin, before = time.monotonic(), used.ru_utime + used.ru_stime
    sum(len(page["Contents"]) for page in client.get_paginator("list_objects_v2").paginate(Bucket="bucket"))
    tell("a listing by boto3", port, begin, resource.getrusage(resource.RUSAGE_SELF), before)


def measure(number, kind):
    server = subprocess.Popen([sys.executable, __file__, "serve", str(number), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(server.stdout.readline())
    print(f"{number} objects, {kind}")
    known = discover("a first discovery", port, {"signature": None, "relations": []})
    discover("an unchanged bucket", port, known)
    subprocess.run([sys.executable, __file__, "boto3", str(port)], check=True)
    server.stdin.close()
    server.wait()


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]), sys.argv[3])
elif sys.argv[1] == "boto3":
    list_by_boto3(int(sys.argv[2]))
else:
    measure(int(sys.argv[1]), "parts")
    measure(int(sys.argv[2]), "relations")
