#!/usr/bin/env python3
"""Simulated services before an OpenSearch: each on a port of its own, checks credentials and answers as this service does where
OpenSearch differs. Its first line of output names the ports. It ends with its input."""
import base64
import json
import re
import sqlite3
import sys
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPSTREAM = int(sys.argv[1])
PASSWORD = "swordfish \"quoted\" 😀"
API_KEY = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"
TOKEN = "dGhpcyBpcyBub3QgYSByZWFsIHRva2Vu"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


# What a header Authorization may say, and who that is.
USERS = {
    "Basic " + encoded("reader:" + PASSWORD): "reader",
    "Basic " + encoded("limited:" + PASSWORD): "limited",
    "Basic " + encoded("plain:plain word"): "reader",
    "ApiKey " + encoded(API_KEY): "reader",
    "Bearer " + TOKEN: "reader",
}


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, kind, reason, **headers):
        super().__init__(reason)
        self.status = status
        self.headers = headers
        cause = {"type": kind, "reason": reason}
        self.body = {"error": {"root_cause": [cause], **cause}, "status": status}


def forbidden(path):
    return Refusal(403, "security_exception", f"action for [{path}] is unauthorized for user [limited]")


class Front(BaseHTTPRequestHandler):
    """OpenSearch behind a proxy that knows users."""
    protocol_version = "HTTP/1.1"
    product = None

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        try:
            self.check_user()
            status, body = self.answer(self.rfile.read(length))
            self.send(status, body)
        except ConnectionError:
            self.close_connection = True
        except Refusal as refusal:
            self.send(refusal.status, json.dumps(refusal.body).encode(), **refusal.headers)

    do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = handle_any

    def log_message(self, *arguments):
        pass

    def send(self, status, body, **headers):
        self.send_response(status)
        if self.product:
            self.send_header("X-elastic-product", self.product)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def check_user(self):
        self.user = USERS.get(self.headers.get("Authorization"))
        if self.user is None:
            raise Refusal(401, "security_exception", "unable to authenticate user")
        if self.user == "limited" and (self.path.split("?")[0] in ("/", "/_stats/docs,store") or "wide" in self.path):
            raise forbidden(self.path)

    def upstream(self, method, path, body=b""):
        connection = HTTPConnection("127.0.0.1", UPSTREAM)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        return answer.status, told

    # SQL, which is a plugin of the one service and a part of the other.
    sql_path = "/_plugins/_sql"
    sql_words = ("schema", "datarows")

    def answer(self, body):
        path = self.path.split("?")[0]
        if path == self.sql_path:
            return 200, json.dumps(self.run_sql(json.loads(body))).encode()
        if path == self.sql_path + "/close":
            return 200, json.dumps({"succeeded": cursors.pop(json.loads(body)["cursor"], None) is not None}).encode()
        return self.upstream(self.command, self.path, body)

    def run_sql(self, asked):
        if "cursor" in asked:
            rows, size = cursors.pop(asked["cursor"])
            return self.page_of({}, rows, size)
        try:
            columns, rows = Tables(self).run(asked["query"])
        except sqlite3.Error as fault:
            raise Refusal(400, "parsing_exception", f"line 1:8: {fault}") from fault
        return self.page_of({self.sql_words[0]: columns}, rows, asked["fetch_size"])

    def page_of(self, told, rows, size):
        told[self.sql_words[1]] = rows[:size]
        if len(rows) > size:
            told["cursor"] = f"cursor {len(rows)} {id(rows)}"
            cursors[told["cursor"]] = rows[size:], size
        return told


# The rows that are still to come, by their cursors.
cursors = {}


class Tables:
    """The indices of the upstream as tables of SQLite, each filled when a query names it."""

    def __init__(self, front):
        self.front = front
        self.types = {"_id": "keyword"}
        self.database = sqlite3.connect(":memory:")

    def load(self, index):
        status, told = self.front.upstream("GET", f"/{index}/_mapping")
        if status != 200:
            return
        fields = json.loads(told)[index]["mappings"].get("properties", {})
        plain = {name: field["type"] for name, field in fields.items() if "type" in field}
        self.types.update({name: "datetime" if kind == "date" else kind for name, kind in plain.items()})
        hits = json.loads(self.front.upstream("GET", f"/{index}/_search?size=10000")[1])["hits"]["hits"]
        names = ["_id", *plain]
        self.database.execute(f"CREATE TABLE {index} ({', '.join(json.dumps(name) for name in names)})")
        self.database.executemany(
            f"INSERT INTO {index} VALUES ({', '.join('?' * len(names))})",
            [[hit["_id"], *(self.held(hit["_source"].get(name)) for name in plain)] for hit in hits])

    @staticmethod
    def held(value):
        return json.dumps(value) if isinstance(value, (list, dict)) else value

    def run(self, text):
        for index in re.findall(r"\bFROM\s+(\w+)", text, re.IGNORECASE):
            self.load(index)
        if not re.match(r"\s*SELECT\b", text, re.IGNORECASE):
            raise sqlite3.Error("mismatched input")
        cursor = self.database.execute(text)
        columns = [{"name": column[0], "type": self.types.get(column[0], "long")} for column in cursor.description]
        return columns, [list(row) for row in cursor]


class Elasticsearch(Front):
    """Version 8: another greeting, other words for points in time, SQL in the service itself."""
    product = "Elasticsearch"
    number = "8.15.3"
    flavor = "default"
    sql_path = "/_sql"
    sql_words = ("columns", "rows")

    def greeting(self):
        told = json.loads(self.upstream("GET", "/")[1])
        return 200, json.dumps({
            "name": told["name"], "cluster_name": "docker-cluster", "cluster_uuid": told["cluster_uuid"],
            "version": {"number": self.number, "build_flavor": self.flavor, "build_type": "docker", "build_snapshot": False,
                        "lucene_version": "9.11.1", "minimum_wire_compatibility_version": "7.17.0",
                        "minimum_index_compatibility_version": "7.0.0"},
            "tagline": "You Know, for Search"}).encode()

    def answer(self, body):
        path, _, query = self.path.partition("?")
        if path == "/":
            return self.greeting()
        if re.fullmatch(r"/[^/]+/_pit", path) and self.command == "POST":
            status, told = self.upstream("POST", path[:-4] + "_search/point_in_time?" + query, b"")
            return status, re.sub(rb'"pit_id"', b'"id"', told)
        if path == "/_pit" and self.command == "DELETE":
            told = {"pit_id": [json.loads(body)["id"]]}
            return self.upstream("DELETE", "/_search/point_in_time", json.dumps(told).encode())
        if "point_in_time" in path:
            raise Refusal(400, "illegal_argument_exception", f"no handler found for uri [{self.path}]")
        return super().answer(body)


class Elasticsearch9(Elasticsearch):
    number = "9.1.0"


class Serverless(Elasticsearch):
    number = "8.11.0"
    flavor = "serverless"

    def answer(self, body):
        if self.path.startswith(("/_stats", "/_cat")):
            raise Refusal(410, "api_not_available_exception",
                          f"Request for uri [{self.path}] exists but is not available when running in serverless mode")
        return super().answer(body)


class Elasticsearch6(Elasticsearch):
    """No way to resolve names, no points in time, mappings below the name of a type."""
    product = None
    number = "6.8.23"

    def answer(self, body):
        path = self.path.split("?")[0]
        if path.startswith("/_resolve") or path.endswith("/_pit"):
            raise Refusal(405, "method_not_allowed", f"Incorrect HTTP method for uri [{self.path}]")
        status, told = super().answer(body)
        if status == 200 and path.endswith("/_mapping"):
            told = json.dumps({index: {"mappings": {"doc": value["mappings"]} if value["mappings"] else {}}
                               for index, value in json.loads(told).items()}).encode()
        return status, told


class Busy(Elasticsearch):
    """Refuses every second request."""
    count = 0

    def answer(self, body):
        Busy.count += 1
        if Busy.count % 2:
            raise Refusal([429, 503][Busy.count // 2 % 2], "es_rejected_execution_exception", "queue is full", **{"Retry-After": "0"})
        return super().answer(body)


ports = {}
for service in (Front, Elasticsearch, Elasticsearch9, Serverless, Elasticsearch6, Busy):
    server = ThreadingHTTPServer(("127.0.0.1", 0), service)
    server.daemon_threads = True
    ports[service.__name__.lower()] = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"ports": ports, "password": PASSWORD, "api_key": API_KEY, "token": TOKEN}), flush=True)
sys.stdin.read()
