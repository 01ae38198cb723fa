"""server.py: a simulated Cassandra, for what a real one does not do when it is asked to.

The first line of standard input is its definition as JSON, each further one an order that changes it; each is answered by a
line of JSON. It ends with standard input. An order {"drop": true} closes all connections. Members, all of which may be absent:

  authenticator    the class that the server names; null: it asks for no user
  users            name: password
  tables           [{keyspace, name, columns: [[name, kind, position, order, type]], rows: [[value]]}]: a value is a text, a
                   number, null, or {"hex": bytes}
  sizes            [[keyspace, table, token, token, bytes of a partition, partitions]]; without it there is no such table
  types            [{keyspace, name, fields: [[name, type]]}]
  certificate, key of its TLS; without them it has none
  version          the only version that it speaks
  chunk            how many bytes it sends at a time
  page             the most rows of a page
  empty_pages      a page without rows comes before each other one
  endless          the last page of a table is followed by the first one
  additions        frames have a tracing id, warnings and a payload
  login_error, startup_error  the number of the error that ends a login, or answers the first frame
  class_challenge  what it answers to a first AUTH_RESPONSE
  faults           [[part of a statement, "error", number] | [part, "close"] | [part, "silence"] | [part, "bytes", hexadecimal]
                   | [part, "long", most rows of a page that is not longer than it may be]]
"""
import contextlib
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
import uuid

PLAIN = {"text": 0x0D, "ascii": 0x01, "int": 0x09, "bigint": 0x02, "boolean": 0x04, "uuid": 0x0C, "timestamp": 0x0B,
         "inet": 0x10, "blob": 0x03, "double": 0x07}
definition = {}
asked = []
links = []
lock = threading.Lock()


# ---- values ----

def string(text):
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def value(data):
    return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data


def option(kind):
    match = re.fullmatch(r"(list|set|map)<(\w+)(?:, (\w+))?>", kind)
    if match:
        code = {"list": 0x20, "map": 0x21, "set": 0x22}[match[1]]
        return struct.pack(">H", code) + option(match[2]) + (option(match[3]) if match[3] else b"")
    if kind in PLAIN:
        return struct.pack(">H", PLAIN[kind])
    return struct.pack(">H", 0) + string("org.example." + kind)


def encode(kind, given):
    if given is None:
        return None
    if isinstance(given, dict) and "hex" in given:
        return bytes.fromhex(given["hex"])
    if isinstance(given, list):
        return struct.pack(">i", len(given)) + b"".join(value(encode("text", each)) for each in given)
    if isinstance(given, dict):
        return struct.pack(">i", len(given)) + b"".join(
            value(encode("text", each)) for pair in given.items() for each in pair)
    if kind == "int":
        return struct.pack(">i", int(given))
    if kind in ("bigint", "timestamp"):
        return struct.pack(">q", int(given))
    if kind == "boolean":
        return bytes([bool(given)])
    if kind == "uuid":
        return uuid.UUID(given).bytes
    if kind == "inet":
        return socket.inet_aton(given)
    return str(given).encode()


def order_of(kind, data):
    return int.from_bytes(data, "big", signed=True) if kind in ("int", "bigint", "timestamp") else data


# ---- what there is ----

def system_tables():
    tables, types = definition.get("tables", []), definition.get("types", [])
    keyspaces = sorted({each["keyspace"] for each in tables} | {"system", "system_schema", "shop"})
    node = "8d5ed9f4-7764-4dbd-bad8-43fddce94b7c"
    yield "system", "local", [
        ("key", "text"), ("cluster_name", "text"), ("release_version", "text"), ("data_center", "text"), ("rack", "text"),
        ("partitioner", "text"), ("tokens", "set<text>"), ("host_id", "uuid"), ("rpc_address", "inet"),
        ("broadcast_address", "inet"), ("schema_version", "uuid"), ("native_protocol_version", "text")], [
        ["local", "simulated", definition.get("release", "4.1.3"), "dc1", "r1",
         "org.apache.cassandra.dht.Murmur3Partitioner", ["0"], node, "127.0.0.1", "127.0.0.1", node, "4"]]
    yield "system", "peers", [("peer", "inet"), ("rpc_address", "inet"), ("schema_version", "uuid")], []
    if definition.get("sizes") is not None:
        yield "system", "size_estimates", [
            ("keyspace_name", "text"), ("table_name", "text"), ("range_start", "text"), ("range_end", "text"),
            ("mean_partition_size", "bigint"), ("partitions_count", "bigint")], definition["sizes"]
    yield "system_schema", "keyspaces", [
        ("keyspace_name", "text"), ("durable_writes", "boolean"), ("replication", "map<text, text>")], [
        [name, True, {"class": "SimpleStrategy"}] for name in keyspaces]
    yield "system_schema", "tables", [
        ("keyspace_name", "text"), ("table_name", "text"), ("comment", "text"), ("default_time_to_live", "int"),
        ("compaction", "map<text, text>"), ("flags", "set<text>")], [
        [each["keyspace"], each["name"], each.get("comment", ""), 0, {"class": "org.example.Tidy"},
         each.get("flags", ["compound"])] for each in tables]
    yield "system_schema", "columns", [
        ("keyspace_name", "text"), ("table_name", "text"), ("column_name", "text"), ("kind", "text"), ("position", "int"),
        ("clustering_order", "text"), ("type", "text")], [
        [each["keyspace"], each["name"], *column] for each in tables for column in each["columns"]]
    yield "system_schema", "views", [
        ("keyspace_name", "text"), ("view_name", "text"), ("comment", "text"), ("default_time_to_live", "int"),
        ("compaction", "map<text, text>"), ("base_table_name", "text"), ("include_all_columns", "boolean"),
        ("where_clause", "text")], []
    yield "system_schema", "indexes", [
        ("keyspace_name", "text"), ("table_name", "text"), ("index_name", "text"), ("kind", "text"),
        ("options", "map<text, text>")], []
    yield "system_schema", "types", [
        ("keyspace_name", "text"), ("type_name", "text"), ("field_names", "list<text>"), ("field_types", "list<text>")], [
        [each["keyspace"], each["name"], [field[0] for field in each["fields"]], [field[1] for field in each["fields"]]]
        for each in types]


def find_table(keyspace, name):
    for each in definition.get("tables", []):
        if (each["keyspace"], each["name"]) == (keyspace, name):
            return [(column[0], column[4]) for column in each["columns"]], each.get("rows", [])
    for table_keyspace, table, columns, rows in system_tables():
        if (table_keyspace, table) == (keyspace, name):
            return columns, rows
    return None


def names(text):
    return [name.replace('""', '"') for pair in re.findall(r'"((?:[^"]|"")*)"|([\w*]+)', text) for name in pair if name]


def restrict(columns, rows, clause, values):
    """The rows that a clause of comparisons with bound values or texts in quotes leaves."""
    values = list(values)
    for part in re.split(r" AND ", clause or ""):
        match = re.match(r"(\S.*?) (=|>=|<=|IN) (.*)", part.strip())
        if not match:
            continue
        number = [column[0] for column in columns].index(names(match[1])[0])
        kind = columns[number][1]
        given = [values.pop(0) if each == "?" else each.strip("'").encode()
                 for each in re.findall(r"\?|'[^']*'", match[3])]
        wanted = [order_of(kind, each) for each in given]
        holds = {"=": lambda one: one == wanted[0], "IN": lambda one: one in wanted, ">=": lambda one: one >= wanted[0],
                 "<=": lambda one: one <= wanted[0]}[match[2]]
        rows = [row for row in rows if row[number] is not None and holds(order_of(kind, row[number]))]
    return rows


# ---- answers ----

class Refusal(Exception):
    pass


def select(text, values, page_size, paging):
    match = re.match(r"SELECT (.*?) FROM (\S+)(?: WHERE (.*?))?(?: LIMIT (\d+))?;?$", text.strip(), re.S)
    found = match and find_table(*(names(match[2].replace('"."', '" "')) + [""])[:2])
    if not found:
        raise Refusal(0x2200, "unconfigured table")
    columns, rows = found
    rows = [[encode(columns[number][1], each) for number, each in enumerate(row)] for row in rows]
    rows = restrict(columns, rows, match[3], values)[:int(match[4]) if match[4] else None]
    has_empty = definition.get("empty_pages", False) and not match[2].startswith("system.")
    chosen = names(match[1])
    chosen = list(range(len(columns))) if chosen == ["*"] else [[c[0] for c in columns].index(name) for name in chosen]
    begin, is_empty = struct.unpack(">i?", paging) if paging else (0, has_empty)
    size = min(page_size or 5000, definition.get("page", 5000))
    page = [] if is_empty else rows[begin:begin + size]
    after = begin + len(page)
    has_more = is_empty or after < len(rows)
    if definition.get("endless") and match[2].startswith('"'):
        has_more, after = True, 0
    state = struct.pack(">i?", after, not is_empty and has_empty)
    body = struct.pack(">iii", 2, 1 | (2 if has_more else 0), len(chosen))
    body += (value(state) if has_more else b"") + string("k") + string("t")
    body += b"".join(string(columns[number][0]) + option(columns[number][1]) for number in chosen)
    return body + struct.pack(">i", len(page)) + b"".join(value(row[number]) for row in page for number in chosen)


class Connection:
    def __init__(self, link):
        self.link = link
        self.is_known = definition.get("authenticator") is None

    def receive(self, length):
        data = b""
        while len(data) < length:
            more = self.link.recv(length - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def write(self, data):
        size = definition.get("chunk") or len(data)
        for start in range(0, len(data), size):
            self.link.sendall(data[start:start + size])

    def send(self, stream, opcode, body, version=4):
        flags = 0
        if definition.get("additions") and opcode not in (0x02, 0x03, 0x10):
            flags = 0x0E
            body = (bytes(16) + struct.pack(">H", 2) + string("a warning") + string("another") +
                    struct.pack(">H", 1) + string("key") + value(b"payload") + body)
        self.write(struct.pack(">BBhBi", 0x80 | version, flags, stream, opcode, len(body)) + body)

    def refuse(self, stream, number, message, version=4):
        self.send(stream, 0, struct.pack(">i", number) + string(message), version)

    def log_in(self, stream, body):
        challenge = definition.get("class_challenge")
        if challenge is not None and not getattr(self, "is_challenged", False):
            self.is_challenged = True
            return self.send(stream, 0x0E, value(challenge.encode()))
        if definition.get("login_error"):
            return self.refuse(stream, definition["login_error"], "secret words of the server")
        given = body[4:].split(b"\0")
        with lock:
            asked.append(["login", given[1].decode() if len(given) > 1 else "", body[4:].hex()])
        if len(given) == 3 and definition.get("users", {}).get(given[1].decode()) == given[2].decode():
            self.is_known = True
            return self.send(stream, 0x10, value(None))
        return self.refuse(stream, 0x0100, "Provided username and/or password are incorrect")

    def query(self, stream, body):
        length = struct.unpack_from(">i", body)[0]
        text = body[4:4 + length].decode()
        flags = body[6 + length]
        at, values = 7 + length, []

        def take():
            nonlocal at
            size = struct.unpack_from(">i", body, at)[0]
            at += 4 + max(size, 0)
            return body[at - size:at] if size >= 0 else None

        if flags & 1:
            count = struct.unpack_from(">H", body, at)[0]
            at += 2
            values = [take() for _ in range(count)]
        page_size = struct.unpack_from(">i", body, at)[0] if flags & 4 else 0
        at += 4 if flags & 4 else 0
        paging = take() if flags & 8 else None
        with lock:
            asked.append([text, [each.hex() if each is not None else None for each in values], page_size])
        for part, what, *more in definition.get("faults", []):
            if part not in text:
                continue
            if what == "error":
                return self.refuse(stream, more[0], "secret words of the server")
            if what == "close":
                raise ConnectionError
            if what == "silence":
                return time.sleep(3600)
            if what == "bytes":
                return self.write(bytes.fromhex(more[0]))
            if what == "long" and page_size > more[0]:
                return self.send(stream, 8, bytes(17 * 1024 * 1024))
        try:
            return self.send(stream, 8, select(text, values, page_size, paging))
        except Refusal as refusal:
            return self.refuse(stream, *refusal.args)

    def serve(self):
        while True:
            version, _, stream, opcode, length = struct.unpack(">BBhBi", self.receive(9))
            only = definition.get("version", 4)
            if version != only:
                self.refuse(stream, 0x000A, f"Invalid or unsupported protocol version ({version})", only)
                raise ConnectionError
            body = self.receive(length)
            if opcode == 0x05:
                options = {"CQL_VERSION": ["3.4.6"], "COMPRESSION": []}
                self.send(stream, 0x06, struct.pack(">H", len(options)) + b"".join(
                    string(name) + struct.pack(">H", len(each)) + b"".join(map(string, each))
                    for name, each in options.items()))
            elif opcode == 0x01 and definition.get("startup_error"):
                self.refuse(stream, definition["startup_error"], "secret words of the server")
            elif opcode == 0x01 and not self.is_known:
                self.send(stream, 0x03, string(definition["authenticator"]))
            elif opcode in (0x01, 0x0B):
                self.send(stream, 0x02, b"")
            elif opcode == 0x0F:
                self.log_in(stream, body)
            elif opcode == 0x07 and self.is_known:
                self.query(stream, body)
            else:
                self.refuse(stream, 0x000A, "Unexpected message")


def serve(link):
    try:
        if definition.get("certificate") and link.recv(1, socket.MSG_PEEK) == b"\x16":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(definition["certificate"], definition["key"])
            link = context.wrap_socket(link, server_side=True)
        Connection(link).serve()
    except (OSError, struct.error):
        pass
    finally:
        link.close()


def accept(listener):
    while True:
        link, _ = listener.accept()
        links.append(link)
        threading.Thread(target=serve, args=(link,), daemon=True).start()


definition.update(json.loads(sys.stdin.readline()))
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, args=(server,), daemon=True).start()
print(server.getsockname()[1], flush=True)
for line in sys.stdin:
    with lock:
        order = json.loads(line)
        if order.pop("drop", False):
            for each in links:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            links.clear()
        definition.update(order)
        print(json.dumps({"asked": asked}), flush=True)
        asked.clear()
