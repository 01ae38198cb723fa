#!/usr/bin/env python3
"""A simulated Snowflake: its SQL API v2 on a port of 127.0.0.1, over DuckDB. Statements are read by sqlglot as Snowflake's, and only
what it reads is answered. Its first line on standard output says where, and has keys and tokens that it takes; it ends with standard
input. It verifies the signature and the claims of tokens, sends results in tiny partitions, answers 202 before a statement is done,
cancels, throttles, and takes a token back. POST /control says what it has and how it behaves, and tells what it was asked."""
import base64
import gzip
import hashlib
import json
import logging
import os
import re
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path[:0] = [os.environ["PYTHON_PEERS"], os.path.dirname(os.path.abspath(__file__))]
import duckdb  # noqa: E402
import sqlglot  # noqa: E402
from catalog import Catalog, Refused, no_object, quoted  # noqa: E402
from cryptography.exceptions import InvalidSignature  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: E402
from sqlglot import exp  # noqa: E402
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers  # noqa: E402

ACCOUNT, USER, DATABASE, ROLE, WAREHOUSE = "ACME-SHOP", "READER", "SHOP", "ANALYST", "SMALL"
PASSPHRASE = "the passphrase"
TOKENS = {"PROGRAMMATIC_ACCESS_TOKEN": "pat-secret-token", "OAUTH": "oauth-secret-token"}
logging.getLogger("sqlglot").setLevel(logging.ERROR)
engine = duckdb.connect()
engine.execute(f"ATTACH ':memory:' AS {quoted(DATABASE)}")
engine.execute("SET TimeZone = 'UTC'")
catalog = Catalog(DATABASE, engine)
lock = threading.RLock()
asked, statements = [], {}
USUAL = {"partition_rows": 2, "polls": 0, "throttle": 0, "throttle_status": 429, "retry_after": "0", "skew": 0, "slow": None,
         "refuse_tokens": 0, "cut": 0, "lose_answers": 0, "together": 0, "latency": 0}
rule = dict(USUAL)
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(which, encryption=serialization.NoEncryption()):
    return which.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def fingerprint():
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


# ---- who asks ----

def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def check_jwt(token):
    """As Snowflake's manual has it: RS256, iss ACCOUNT.USER.SHA256:…, sub ACCOUNT.USER, an hour at most."""
    invalid = Refused("390144", "08001", "JWT token is invalid. [b5b5b5b5-0000]", 401)
    try:
        head, claims, signature = token.split(".")
        key.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        head, claims = json.loads(decoded(head)), json.loads(decoded(claims))
        now = time.time() + rule["skew"]
        fine = (head.get("alg") == "RS256" and claims["sub"] == f"{ACCOUNT}.{USER}"
                and claims["iss"] == f"{ACCOUNT}.{USER}.{fingerprint()}"
                and claims["iat"] <= now + 30 and now < claims["exp"] <= claims["iat"] + 3600)
    except (ValueError, KeyError, InvalidSignature):
        raise invalid from None
    if not fine:
        raise invalid
    if rule["refuse_tokens"] > 0:
        rule["refuse_tokens"] -= 1
        raise Refused("390114", "08001", "Authentication token has expired.  The user must authenticate again.", 401)


def check_token(headers):
    kind = headers.get("X-Snowflake-Authorization-Token-Type", "OAUTH")
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise Refused("390101", "08001", "Authorization header not found in the request data.", 401)
    if kind == "KEYPAIR_JWT":
        check_jwt(token)
    elif TOKENS.get(kind) != token:
        code = "390303" if kind == "OAUTH" else "394400"
        code = "390318" if token == "an expired token" else code
        raise Refused(code, "08001", "Invalid access token.", 401)


# ---- statements ----

def parse(text):
    try:
        trees = sqlglot.parse(text, read="snowflake")
    except sqlglot.errors.SqlglotError as error:
        place = (getattr(error, "errors", None) or [{"line": 1, "col": 1}])[0]
        raise Refused("001003", "42000", f"SQL compilation error:\nsyntax error line {place['line'] or 1} at position "
                      f"{max((place['col'] or 1) - 1, 0)} unexpected 'something'.") from None
    if len(trees) != 1:
        raise Refused("000008", "0A000", f"Actual statement count {len(trees)} did not match the desired statement count 1.")
    return trees[0]


WIRE = {"BIGINT": "FIXED", "INTEGER": "FIXED", "HUGEINT": "FIXED", "SMALLINT": "FIXED", "TINYINT": "FIXED", "DOUBLE": "REAL",
        "FLOAT": "REAL", "VARCHAR": "TEXT", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIME": "TIME", "TIMESTAMP": "TIMESTAMP_NTZ",
        "TIMESTAMP_NS": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ", "BLOB": "BINARY", "JSON": "VARIANT"}


def told_type(name, engine_type, declared):
    if declared is not None:
        return {"name": name, **declared.data_type()}
    told = {"name": name, "type": WIRE.get(engine_type, "TEXT"), "nullable": True, "precision": None, "scale": None, "length": None}
    numbers = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", engine_type)
    if numbers:
        told |= {"type": "FIXED", "precision": int(numbers[1]), "scale": int(numbers[2])}
    elif told["type"] == "FIXED":
        told |= {"precision": 38 if engine_type == "HUGEINT" else 18, "scale": 0}
    elif told["type"].startswith("TIME"):
        told |= {"precision": 0, "scale": 9}
    return told


def on_the_wire(place, kind):
    """How SQL API writes values, as an expression of the engine."""
    if kind.startswith("TIMESTAMP"):
        n = f"epoch_ns(CAST({place} AS TIMESTAMP_NS))" if kind == "TIMESTAMP_NTZ" else f"(CAST(epoch_us({place}) AS HUGEINT) * 1000)"
        text = (f"CASE WHEN {n} >= 0 THEN '' ELSE '-' END || CAST(abs({n}) // 1000000000 AS VARCHAR) || '.' || "
                f"lpad(CAST(abs({n}) % 1000000000 AS VARCHAR), 9, '0')")
        return text + (" || ' 1560'" if kind == "TIMESTAMP_TZ" else "")
    if kind == "DATE":
        return f"CAST({place} - DATE '1970-01-01' AS VARCHAR)"
    if kind == "TIME":
        n = f"epoch_us({place})"
        return f"CAST({n} // 1000000 AS VARCHAR) || '.' || lpad(CAST({n} % 1000000 * 1000 AS VARCHAR), 9, '0')"
    if kind == "BINARY":
        return f"hex({place})"
    return f"CAST({place} AS VARCHAR)"


def declared_columns(tree):
    """The columns of the one table that is read, by name."""
    tables = list(tree.find_all(exp.Table))
    if len(tables) != 1:
        return {}
    relation = catalog.relations.get((tables[0].db, tables[0].name))
    return {each.name: each for each in relation.columns} if relation else {}


def check_objects(tree, body):
    with_names = {each.alias for each in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name in with_names or not table.name:
            continue
        schema = table.db or body.get("schema") or ""
        if (table.catalog or body.get("database")) != DATABASE or (schema, table.name) not in catalog.relations \
                or schema in catalog.hidden:
            raise no_object(f"{table.catalog}.{table.db}.{table.name}")
        if catalog.relations[(schema, table.name)].told.get("denied"):
            raise Refused("003001", "42501", "SQL access control error:\nInsufficient privileges to operate on table 'X'.")
        if body.get("warehouse") != WAREHOUSE:
            raise Refused("000606", "57P03", "No active warehouse selected in the current session.  Select an active warehouse "
                          "with the 'use warehouse' command.")
        table.set("db", exp.to_identifier(schema, quoted=True))
        table.set("catalog", exp.to_identifier(DATABASE, quoted=True))


def run_select(tree, body):
    tree = normalize_identifiers(tree, dialect="snowflake")
    check_objects(tree, body)
    declared = declared_columns(tree)
    sql = tree.sql(dialect="duckdb")
    values = [body["bindings"][str(number + 1)]["value"] for number in range(len(body.get("bindings") or {}))]
    try:
        shape = engine.execute("DESCRIBE " + sql, values).fetchall()
        types = [told_type(each[0], str(each[1]), declared.get(each[0])) for each in shape]
        names = [f"c{number}" for number in range(len(shape))]
        columns = ", ".join(f"{on_the_wire(name, each['type'])}" for name, each in zip(names, types))
        rows = engine.execute(f"SELECT {columns} FROM ({sql}) AS t({', '.join(names)})", values).fetchall()
    except duckdb.Error as error:
        message = str(error)
        if "Binder Error" in message and "not found" in message:
            column = [each for each in tree.find_all(exp.Column)][-1]
            raise Refused("000904", "42000", "SQL compilation error: error line 1 at position "
                          f"{body['statement'].upper().find(column.name)}\ninvalid identifier '{column.name}'") from None
        raise Refused("100038", "22018", "Numeric value 'a value' is not recognized: " + message) from None
    return types, [list(row) for row in rows]


def run(body):
    """(columns, rows) of a statement."""
    if body.get("role") not in (None, ROLE):
        raise Refused("390189", "08004", "Role 'X' specified in the connect string does not exist or not authorized.", 401)
    text = body["statement"]
    if body.get("warehouse") not in (None, WAREHOUSE):
        raise Refused("390201", "08004", "The requested warehouse does not exist or not authorized.")
    tree = parse(text)
    if isinstance(tree, exp.Show) or text.startswith("SHOW EXTERNAL TABLES "):
        shown = catalog.show(text)
        if shown is None:
            raise Refused("001003", "42000", "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'SHOW'.")
        names = list(shown[0]) if shown else ["name"]
        return ([{"name": name, "type": "TEXT", "nullable": True, "length": 16777216} for name in names],
                [[row[name] for name in names] for row in shown])
    if text == "SELECT CURRENT_VERSION()":
        return [{"name": "CURRENT_VERSION()", "type": "TEXT", "nullable": True, "length": 100}], [["9.31.1"]]
    if not isinstance(tree, (exp.Select, exp.Union, exp.Subquery, exp.With)):
        asked.append(["CHANGED", text])
        return [{"name": "number of rows deleted", "type": "FIXED", "precision": 19, "scale": 0}], [["0"]]
    return run_select(tree, body)


class Statement:
    def __init__(self, body):
        self.handle, self.body = str(uuid.uuid4()), body
        self.polls, self.result, self.state = rule["polls"], None, "running"

    def is_slow(self):
        return rule["slow"] is not None and self.body["statement"].startswith(rule["slow"])

    def ask(self):
        """True when it is done. It runs for as many questions as are to be told so."""
        if self.state == "cancelled":
            raise Refused("000604", "57014", "SQL execution canceled")
        if self.state == "running" and (self.polls > 0 or self.is_slow()):
            self.polls -= 1
            return False
        if self.result is None:
            with lock:
                self.result = run(self.body)
            self.state = "done"
        return True

    def answer(self):
        types, rows = self.result
        size = rule["partition_rows"]
        parts = [rows[start:start + size] for start in range(0, len(rows), size)] or [[]]
        info = [{"rowCount": len(part), "uncompressedSize": len(json.dumps(part)), "compressedSize": 10} for part in parts]
        return {"resultSetMetaData": {"numRows": len(rows), "format": "jsonv2", "partitionInfo": info, "rowType": types},
                "data": parts[0], "code": "090001", "statementStatusUrl": f"/api/v2/statements/{self.handle}?requestId=x",
                "requestId": "x", "sqlState": "00000", "statementHandle": self.handle,
                "message": "Statement executed successfully.", "createdOn": 1700000000000}

    def part(self, number):
        size = rule["partition_rows"]
        rows = self.result[1][number * size:(number + 1) * size]
        return {"data": rows}


requests_seen = {}
under_way, have_met = [], threading.Event()


def meet_another():
    """A request is refused unless two have been under way at once, by its end."""
    under_way.append(True)
    if len(under_way) > 1:
        have_met.set()
    met = have_met.wait(10)
    under_way.pop()
    if not met:
        raise Refused("390001", "XX000", "It is alone.", 400)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_):
        pass

    def send(self, status, content, packs=False, headers=()):
        body = json.dumps(content).encode()
        if packs:
            body = gzip.compress(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if packs:
            self.send_header("Content-Encoding", "gzip")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if rule["cut"] > 0 and status == 200 and self.path != "/control":
            rule["cut"] -= 1
            body = body[:len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)
        self.wfile.flush()

    def refuse(self, refused, handle=None):
        content = {"code": refused.code, "message": str(refused), "sqlState": refused.state}
        if handle:
            content["statementHandle"] = handle
        self.send(refused.status, content)

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + rule["skew"])

    def control(self, body):
        with lock:
            if "rule" in body:
                rule.update(USUAL)
                rule.update(body["rule"])
            for told in body.get("create", []):
                catalog.create(told)
            for name, comment in body.get("schemas", {}).items():
                catalog.add_schema(name, comment)
            for name in ("primary", "unique", "imported"):
                getattr(catalog, name).extend(body.get(name, []))
            catalog.hidden.update(body.get("hide", []))
            catalog.lies = body.get("lies", catalog.lies)
            seen = list(asked)
            if body.get("forget"):
                asked.clear()
        self.send(200, {"asked": seen})

    def check(self):
        check_token(self.headers)
        if not self.headers.get("User-Agent"):
            raise Refused("391903", "0A000", "The User-Agent header is missing.", 400)
        if self.headers.get("Accept") not in ("application/json", "*/*"):
            raise Refused("391902", "0A000", "Unsupported Accept header null is specified.", 415)

    def throttled(self):
        if rule["throttle"] == 0:
            return False
        rule["throttle"] -= 1
        headers = [("Retry-After", rule["retry_after"])] if rule["retry_after"] is not None else []
        self.send(rule["throttle_status"], {"code": "390001", "message": "Too many requests"}, headers=headers)
        return True

    def begin(self, query, body):
        kind = "async" if query.get("async") == "true" else "sync"
        asked.append(["POST", body["statement"], kind, {name: body.get(name) for name in
                     ("database", "schema", "warehouse", "role", "timeout", "parameters", "bindings")}, query.get("retry", "")])
        if rule["together"] and "IN TABLE" in body["statement"]:
            meet_another()
        statement = requests_seen.get(query.get("requestId"))
        if statement is None:
            statement = Statement(body)
            statements[statement.handle] = statement
            requests_seen[query.get("requestId")] = statement
        if rule["lose_answers"] > 0:
            rule["lose_answers"] -= 1
            self.close_connection = True
            return
        self.tell(statement, kind == "async")

    def tell(self, statement, is_async=False):
        try:
            done = not is_async and statement.ask()
        except Refused as refused:
            self.refuse(refused, statement.handle)
            return
        if done:
            self.send(200, statement.answer())
        else:
            self.send(202, {"code": "333334" if is_async else "333333", "message": "Asynchronous execution in progress.",
                            "statementHandle": statement.handle,
                            "statementStatusUrl": f"http://elsewhere.example.com/api/v2/statements/{statement.handle}"})

    def go_on(self, method, path, query):
        handle, _, action = path.partition("/")
        statement = statements.get(handle)
        asked.append([method, "cancel" if action else "partition " + query["partition"] if "partition" in query else "poll", handle])
        if statement is None:
            raise Refused("000709", "02000", f"Statement {handle} not found", 404)
        if action == "cancel" and method == "POST":
            statement.state = "cancelled"
            self.send(200, {"code": "090001", "message": "Statement canceled successfully.", "statementHandle": handle})
        elif "partition" in query:
            number = int(query["partition"])
            if number >= len(statement.answer()["resultSetMetaData"]["partitionInfo"]):
                raise Refused("391910", "22023", "Invalid partition.", 400)
            self.send(200, statement.part(number), packs=True)
        else:
            self.tell(statement)

    def handle_any(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        query = dict(each.split("=", 1) for each in query.split("&") if each)
        try:
            if path == "/control":
                self.control(json.loads(body))
                return
            self.check()
            time.sleep(rule["latency"])
            if self.throttled():
                asked.append(["THROTTLED"])
            elif path == "/api/v2/statements" and method == "POST":
                self.begin(query, json.loads(body))
            elif path.startswith("/api/v2/statements/"):
                self.go_on(method, path[len("/api/v2/statements/"):], query)
            else:
                self.send(404, {"message": "no such path"})
        except Refused as refused:
            self.refuse(refused)

    def do_GET(self):
        self.handle_any("GET")

    def do_POST(self):
        self.handle_any("POST")


class Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_):
        """A client that goes away is no fault."""


server = Server(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({
    "port": server.server_address[1], "key": pem(key), "other_key": pem(other_key), "passphrase": PASSPHRASE,
    "encrypted_key": pem(key, serialization.BestAvailableEncryption(PASSPHRASE.encode())), "tokens": TOKENS, "account": ACCOUNT,
    "user": USER, "database": DATABASE, "role": ROLE, "warehouse": WAREHOUSE}), flush=True)
sys.stdin.read()
os._exit(0)
