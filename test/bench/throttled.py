"""throttled.py CONNECTOR [TABLES]: what a service costs that asks for fewer requests. A simulated service of DynamoDB answers after
some milliseconds, and refuses: no request; a share of them, by chance; what is more than so many a second. Discovery by the connector,
over some connections, beside boto3, which asks one after the other: requests, those that were refused, seconds, and seconds of the
processor."""
import asyncio
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import time

# A child process goes on with what its parent has. Since 3.14 Python would start it from the beginning.
FORK = multiprocessing.get_context("fork")
LATENCY = 0.005  # seconds
REFUSAL = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "Rate exceeded"}).encode()
KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
connector, tables = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
names = [f"table{number:05}" for number in range(tables)]


class Service:
    """share: of the requests that are refused; rate: most requests of a second."""

    def __init__(self, share=0.0, rate=0):
        self.share, self.rate = share, rate
        self.asked = self.refused = 0
        self.tokens, self.at = float(rate), time.monotonic()
        self.chance = random.Random(1)

    def refuses(self):
        if self.rate == 0:
            return self.chance.random() < self.share
        now = time.monotonic()
        self.tokens = min(self.rate / 10, self.tokens + (now - self.at) * self.rate)
        self.at = now
        self.tokens -= 1 if self.tokens >= 1 else 0
        return self.tokens < 1

    def answer(self, operation, body):
        if operation == "ListTables":
            after = body.get("ExclusiveStartTableName")
            first = names.index(after) + 1 if after else 0
            page = names[first:first + body.get("Limit", 100)]
            return {"TableNames": page} | ({"LastEvaluatedTableName": page[-1]} if page and page[-1] != names[-1] else {})
        if operation == "DescribeTable":
            return {"Table": {"TableName": body["TableName"], "TableStatus": "ACTIVE", "KeySchema": KEY, "ItemCount": 100000,
                              "TableSizeBytes": 10**8, "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}
        if operation == "Scan":
            return {"Items": [{"id": {"S": str(number)}, "n": {"N": "1"}} for number in range(25)], "LastEvaluatedKey": {"id": {"S": "x"}}}
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.split("content-length:")[1].split("\r\n")[0])
                body = json.loads(await reader.readexactly(length))
                operation = head.split("x-amz-target: dynamodb_20120810.")[1].split("\r\n")[0]
                operation = {name.lower(): name for name in ("ListTables", "DescribeTable", "DescribeTimeToLive", "Scan")}[operation]
                refuses = self.refuses()
                self.asked += 1
                self.refused += refuses
                await asyncio.sleep(LATENCY)
                content = REFUSAL if refuses else json.dumps(self.answer(operation, body)).encode()
                writer.write(b"HTTP/1.1 %d X\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s"
                             % (400 if refuses else 200, len(content), content))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def run(service, pipe):
    async def main():
        server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        pipe.send((service.asked, service.refused))
        server.close()
        os._exit(0)
    asyncio.run(main())


def by_connector(port, connections):
    request = {
        "protocol": 2, "operation": "discover", "type": "dynamodb",
        "endpoint": {"host": "127.0.0.1", "port": port, "addresses": ["127.0.0.1"], "database": "us-east-1", "tls": {"mode": "disable"}},
        "credentials": {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "a secret"}, "scope": {},
        "limits": {"connection_timeout": 60, "query_timeout": 300, "connections": connections, "document_bytes": 10**7}}
    run = subprocess.run([connector], input=json.dumps(request).encode() + b"\n", capture_output=True, check=True)
    frames = [json.loads(line) for line in run.stdout.splitlines()]
    found = sum(frame["frame"] == "relation" for frame in frames)
    return "" if found == tables else f", {found} tables: {frames[-1].get('message', 'others were skipped')}"


CLIENT = """
import boto3, sys
client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE",
                      aws_secret_access_key="a secret")
for page in client.get_paginator("list_tables").paginate():
    for name in page["TableNames"]:
        client.describe_table(TableName=name)
        client.describe_time_to_live(TableName=name)
        for segment in range(8):
            client.scan(TableName=name, Limit=25, Segment=segment, TotalSegments=8)
"""


def by_client(port, _):
    run = subprocess.run([sys.executable, "-c", CLIENT, str(port)], capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else ", " + run.stderr.splitlines()[-1][:100]


def measure(name, way, connections, **how):
    ours, theirs = FORK.Pipe()
    server = FORK.Process(target=run, args=(Service(**how), theirs))
    server.start()
    port = ours.recv()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    fault = way(port, connections)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    ours.send("end")
    asked, refused = ours.recv()
    server.join()
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name}: {asked} requests, {refused} refused, {seconds:.1f} s, processor {processor:.2f} s{fault}", flush=True)


CASES = (("no refusal", {}), ("1 % refused", {"share": 0.01}), ("5 % refused", {"share": 0.05}), ("100 a second", {"rate": 100}),
         ("400 a second", {"rate": 400}))
for what, how in CASES:
    for count in 1, 5, 20:
        measure(f"{what}, {count} connections", by_connector, count, **how)
    measure(f"{what}, boto3", by_client, 1, **how)
