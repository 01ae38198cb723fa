"""A simulated server of MongoDB's protocol (OP_MSG): validators, views, time series, replica sets, rights and logins by SCRAM, which
the other peers do not have. It keeps documents in memory; MongoDB's own client fills and certifies it.

The command `behave` of the database admin changes what it does:
  hidden: collections that may not be read; nameless: options of collections may not be listed; refuse: an error of `find`;
  lose: so many commands later the member that serves is gone; hosts: the members that hello names; raw: bytes instead of answers.
The command `told` says which commands it was given, and how many cursors are open.
"""
import asyncio
import base64
import hashlib
import hmac
import os
import ssl
import struct
import uuid

import bson

ITERATIONS = 4096


class Refusal(Exception):
    def __init__(self, code, name):
        super().__init__(name)
        self.code = code


class Login:
    """SCRAM-SHA-256 (RFC 7677)."""

    def __init__(self, username, password):
        self.username = username
        self.salt = os.urandom(28)  # as long as the server makes it; clients take no other
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, ITERATIONS)
        client = hmac.digest(salted, b"Client Key", "sha256")
        self.stored = hashlib.sha256(client).digest()
        self.server = hmac.digest(salted, b"Server Key", "sha256")

    def first(self, state, payload):
        bare = payload.decode().split(",", 2)[2]
        fields = dict(part.split("=", 1) for part in bare.split(","))
        state["user"] = fields["n"]
        state["nonce"] = fields["r"] + base64.b64encode(os.urandom(18)).decode()
        said = f"r={state['nonce']},s={base64.b64encode(self.salt).decode()},i={ITERATIONS}"
        state["message"] = bare + "," + said
        return said.encode()

    def final(self, state, payload):
        text, proof = payload.decode().rsplit(",p=", 1)
        message = (state["message"] + "," + text).encode()
        signature = hmac.digest(self.stored, message, "sha256")
        key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature))
        if state["user"] != self.username or hashlib.sha256(key).digest() != self.stored:
            raise Refusal(18, "Authentication failed.")
        return b"v=" + base64.b64encode(hmac.digest(self.server, message, "sha256"))


class Store:
    def __init__(self, username, password):
        self.login = Login(username, password)
        self.databases = {}
        self.behaviour = {}
        self.told = []
        self.cursors = {}
        self.members = []
        self.tls, self.subject = None, None

    def collection(self, database, name, **options):
        listed = self.databases.setdefault(database, {})
        if name not in listed:
            listed[name] = {"options": dict(options), "uuid": uuid.uuid4(), "documents": [],
                            "indexes": [{"v": 2, "key": {"_id": 1}, "name": "_id_"}]}
        return listed[name]

    def documents(self, database, name):
        found = self.databases.get(database, {}).get(name)
        if found and "viewOn" in found["options"]:
            return self.documents(database, found["options"]["viewOn"])
        return found["documents"] if found else []


def order(document, field):
    """Numbers, then texts, then ObjectIds: as much of the server's order as the tests need."""
    value = document.get(field)
    ranks = ((type(None), 0), ((int, float), 1), (str, 2), (bytes, 3), (bson.ObjectId, 4))
    for kinds, rank in ranks:
        if isinstance(value, kinds):
            return (rank, value if value is not None else 0)
    return (9, str(value))


def fitting(documents):
    """How many of them a batch takes: 16 MB, or one."""
    count, size = 0, 0
    for document in documents:
        size += len(bson.encode(document))
        if size > 16 << 20 and count > 0:
            break
        count += 1
    return count


def matches(document, conditions):
    at_least = conditions.get("_id", {}).get("$gte") if isinstance(conditions.get("_id"), dict) else None
    return at_least is None or order(document, "_id") >= order({"_id": at_least}, "_id")


class Member:
    """One connection's commands."""

    def __init__(self, store, number):
        self.store, self.number, self.state, self.is_driver, self.subject = store, number, {}, False, None

    def learn(self, command):
        """The driver, who says so, is no client of the tests': it is always answered."""
        self.is_driver |= command.get("client", {}).get("application", {}).get("name") == "driver"

    def hello(self, command):
        store = self.store
        answer = {"helloOk": True, "isWritablePrimary": True, "maxBsonObjectSize": 16777216, "maxMessageSizeBytes": 48000000,
                  "maxWriteBatchSize": 100000, "minWireVersion": 0, "maxWireVersion": 13, "readOnly": False,
                  "logicalSessionTimeoutMinutes": 30, "connectionId": 1}
        if "saslSupportedMechs" in command:
            answer["saslSupportedMechs"] = ["SCRAM-SHA-256"]
        if len(store.members) > 1:
            hosts = [f"127.0.0.1:{member.port}" for member in store.members]
            primary = min((i for i, member in enumerate(store.members) if not member.lost), default=0)
            answer.update(setName="rs", setVersion=1, hosts=store.behaviour.get("hosts", hosts), me=hosts[self.number],
                          primary=hosts[primary], isWritablePrimary=self.number == primary,
                          secondary=self.number != primary)
        return answer

    def authenticate(self, command):
        """X.509: the user is the subject of the certificate that the connection came with."""
        if command.get("mechanism") != "MONGODB-X509" or command["$db"] != "$external" or self.subject != self.store.subject:
            raise Refusal(18, "Authentication failed.")
        if command.get("user", self.subject) != self.subject:
            raise Refusal(18, "Authentication failed.")
        self.state["logged_in"] = True
        return {"dbname": "$external", "user": self.subject}

    def saslstart(self, command):
        return {"conversationId": 1, "done": False, "payload": self.store.login.first(self.state, command["payload"])}

    def saslcontinue(self, command):
        said = self.store.login.final(self.state, command["payload"])
        self.state["logged_in"] = True
        return {"conversationId": 1, "done": True, "payload": said}

    def batch(self, namespace, documents, size):
        number = 0
        size = min(size, fitting(documents))
        if len(documents) > size:
            number = 1 + len(self.store.told) + len(self.store.cursors) * 1000003
            self.store.cursors[number] = (namespace, documents[size:], size)
        return {"cursor": {"firstBatch": documents[:size], "id": bson.Int64(number), "ns": namespace}}

    def listcollections(self, command):
        if self.store.behaviour.get("nameless") and not command.get("nameOnly"):
            raise Refusal(13, "not authorized")
        wanted = command.get("filter", {}).get("name")
        listed = []
        for name, found in self.store.databases.get(command["$db"], {}).items():
            kind = "view" if "viewOn" in found["options"] else "timeseries" if "timeseries" in found["options"] else "collection"
            entry = {"name": name, "type": kind}
            if not command.get("nameOnly"):
                entry["options"] = found["options"]
                if kind != "view":
                    entry["info"] = {"readOnly": False, "uuid": bson.Binary(found["uuid"].bytes, 4)}
            if wanted in (None, name):
                listed.append(entry)
        return self.batch(command["$db"] + ".$cmd.listCollections", listed, command.get("cursor", {}).get("batchSize", 100))

    def listdatabases(self, command):
        wanted = command.get("filter", {}).get("name")
        return {"databases": [{"name": name} for name in self.store.databases if wanted in (None, name)]}

    def listindexes(self, command):
        found = self.may_read(command, "listIndexes")
        if "indexless" in self.store.behaviour:
            raise Refusal(self.store.behaviour["indexless"], "refused")
        return self.batch(command["$db"] + ".$cmd.listIndexes", found["indexes"], 100)

    def may_read(self, command, member):
        name = command[member]
        if name in self.store.behaviour.get("hidden", []):
            raise Refusal(13, f"not authorized on {command['$db']} to execute command")
        found = self.store.databases.get(command["$db"], {}).get(name)
        if found is None:
            raise Refusal(26, "ns does not exist")
        return found

    def find(self, command):
        if "refuse" in self.store.behaviour:
            raise Refusal(self.store.behaviour["refuse"], "the secret value is 42")
        if command["find"] in self.store.behaviour.get("hidden", []):
            raise Refusal(13, "not authorized")
        documents = [d for d in self.store.documents(command["$db"], command["find"]) if matches(d, command.get("filter", {}))]
        for field, direction in reversed(list(command.get("sort", {}).items())):
            documents = sorted(documents, key=lambda document: order(document, field), reverse=direction < 0)
        limit = command.get("limit", 0)
        return self.batch(f"{command['$db']}.{command['find']}", documents[:limit] if limit else documents,
                          command.get("batchSize", 101))

    def aggregate(self, command):
        found = self.may_read(command, "aggregate")
        stage = command["pipeline"][0] if command["pipeline"] else {}
        documents = self.store.documents(command["$db"], command["aggregate"])
        if "$collStats" in stage:
            half = len(found["documents"]) // 2  # of two shards
            documents = [{"storageStats": {"count": count, "storageSize": 4096}} for count in (half, len(found["documents"]) - half)]
        return self.batch(f"{command['$db']}.{command['aggregate']}", documents, command["cursor"].get("batchSize", 101))

    def getmore(self, command):
        if command["getMore"] not in self.store.cursors:
            raise Refusal(43, "cursor not found")
        namespace, documents, size = self.store.cursors.pop(command["getMore"])
        size = min(size, fitting(documents))
        if len(documents) > size:
            self.store.cursors[command["getMore"]] = (namespace, documents[size:], size)
        number = command["getMore"] if len(documents) > size else 0
        return {"cursor": {"nextBatch": documents[:size], "id": bson.Int64(number), "ns": namespace}}

    def killcursors(self, command):
        for number in command["cursors"]:
            self.store.cursors.pop(number, None)
        return {"cursorsKilled": command["cursors"], "cursorsNotFound": [], "cursorsAlive": [], "cursorsUnknown": []}

    def create(self, command):
        options = {k: v for k, v in command.items() if k[0] != "$" and k not in ("create", "lsid")}
        self.store.collection(command["$db"], command["create"], **options)
        return {}

    def createindexes(self, command):
        found = self.store.collection(command["$db"], command["createIndexes"])
        found["indexes"] += [{"v": 2, **index} for index in command["indexes"]]
        return {}

    def insert(self, command):
        found = self.store.collection(command["$db"], command["insert"])
        documents = [{"_id": bson.ObjectId(), **d} if "_id" not in d else d for d in command["documents"]]
        found["documents"] += documents
        return {"n": len(documents)}

    def repeat(self, command):
        """Not MongoDB's: many documents at once, with this _id on."""
        found = self.store.collection(command["$db"], command["repeat"])
        found["documents"] += [{**command["document"], "_id": i} for i in range(command["from"], command["from"] + command["count"])]
        return {}

    def behave(self, command):
        self.store.behaviour = {k: v for k, v in command.items() if k[0] != "$" and k not in ("behave", "lsid")}
        for member in self.store.members:
            member.lost = False
        self.store.told.clear()
        return {}

    def tell(self, _):
        return {"told": self.store.told, "cursors": len(self.store.cursors)}

    def answer(self, command):
        name = next(iter(command))
        functions = {"ismaster": self.hello, "buildinfo": lambda _: {"version": "6.0.5"}, "ping": lambda _: {},
                     "endsessions": lambda _: {}, "told": self.tell}
        function = functions.get(name.lower()) or getattr(self, name.lower(), None)
        anonymous = ("hello", "ismaster", "saslstart", "saslcontinue", "authenticate")
        try:
            if function is None:
                raise Refusal(59, f"no such command: '{name}'")
            if name.lower() not in anonymous and "logged_in" not in self.state:
                raise Refusal(13, "command requires authentication")
            if name.lower() not in anonymous and not self.is_driver:
                self.store.told.append(name)
            return {**function(command), "ok": 1.0}
        except Refusal as refusal:
            return {"ok": 0.0, "errmsg": str(refusal), "code": refusal.code, "codeName": "Refused"}


class Port:
    """A member's port."""

    def __init__(self, store, number):
        self.store, self.number, self.lost, self.writers = store, number, False, {}

    async def listen(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.store.tls)
        self.port = server.sockets[0].getsockname()[1]

    def is_lost(self):
        behaviour = self.store.behaviour
        if "lose" in behaviour and len(self.store.told) >= behaviour["lose"]:
            del behaviour["lose"]
            self.lost = True
            for writer, member in self.writers.items():
                if not member.is_driver:
                    writer.close()
        return self.lost

    async def serve(self, reader, writer):
        member = Member(self.store, self.number)
        certificate = writer.get_extra_info("peercert")
        member.subject = certificate and subject_of(certificate)
        self.writers[writer] = member
        try:
            while True:
                length, request, _, opcode = struct.unpack("<4i", await reader.readexactly(16))
                message = await reader.readexactly(length - 16)
                command, head = take_command(opcode, message)
                member.learn(command)
                if not member.is_driver and self.is_lost():
                    break
                said = head + bson.encode(member.answer(command))
                opcode = 1 if opcode == 2004 else opcode
                if "raw" in self.store.behaviour and not member.is_driver and "logged_in" in member.state:
                    said = bytes(self.store.behaviour["raw"])
                writer.write(struct.pack("<4i", 16 + len(said), 1, request, opcode) + said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        self.writers.pop(writer, None)
        writer.close()


def subject_of(certificate):
    """As RFC 2253 writes it: the last part first."""
    short = {"commonName": "CN", "organizationName": "O"}
    return ",".join(f"{short[name]}={value}" for ((name, value),) in reversed(certificate["subject"]))


def take_command(opcode, message):
    """The command, and what stands before its answer."""
    if opcode == 2004:  # OP_QUERY, of the first hello
        end = message.index(b"\0", 4)
        return {**bson.decode(message[end + 9:]), "$db": "admin"}, struct.pack("<iqii", 8, 0, 0, 1)
    command, beside = take_sections(message[4:])
    return {**command, **beside}, struct.pack("<ib", 0, 0)


def take_sections(message):
    """The command, and the documents that stand beside it."""
    command, beside = {}, {}
    while len(message) > 4 or (message and message[0] in (0, 1)):
        kind, message = message[0], message[1:]
        size = struct.unpack("<i", message[:4])[0]
        if kind == 0:
            command, message = bson.decode(message[:size]), message[size:]
            continue
        name, documents = message[4:size].split(b"\0", 1)
        beside[name.decode()] = list(bson.decode_iter(documents))
        message = message[size:]
    return command, beside


def tls_of(home):
    """The server's certificate; that of a client is judged if it brings one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home + "/server.pem", home + "/server.key")
    context.load_verify_locations(home + "/authority.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


async def run(username, password, members, ready, home=None):
    store = Store(username, password)
    if home:
        store.tls, store.subject = tls_of(home), "CN=client,O=rivergen"
    store.members = [Port(store, i) for i in range(members)]
    for member in store.members:
        await member.listen()
    ready([member.port for member in store.members])
    await asyncio.Event().wait()


def serve(username, password, members, ready, home=None):
    asyncio.run(run(username, password, members, ready, home))
