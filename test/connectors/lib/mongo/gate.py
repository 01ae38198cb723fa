"""Stands in front of a server of MongoDB's protocol that knows no logins, and asks for one by SCRAM."""
import asyncio
import struct

import bson

from simulated import Login, Refusal, take_sections


async def read_message(reader):
    head = await reader.readexactly(16)
    return head, await reader.readexactly(struct.unpack("<i", head[:4])[0] - 16)


def with_mechanisms(head, message):
    """The answer to hello names how to log in."""
    start = 20 if struct.unpack("<i", head[12:])[0] == 1 else 5
    answer = bson.encode({**bson.decode(message[start:]), "saslSupportedMechs": ["SCRAM-SHA-256"]})
    return struct.pack("<i", 16 + start + len(answer)) + head[4:], message[:start] + answer


def answer_login(login, state, command):
    try:
        if "saslStart" in command:
            return {"conversationId": 1, "done": False, "payload": login.first(state, command["payload"]), "ok": 1.0}
        state["logged_in"] = True
        return {"conversationId": 1, "done": True, "payload": login.final(state, command["payload"]), "ok": 1.0}
    except Refusal as refusal:
        return {"ok": 0.0, "errmsg": str(refusal), "code": refusal.code, "codeName": "AuthenticationFailed"}


async def serve(login, behind, reader, writer):
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", behind)
    state = {}
    try:
        while True:
            head, message = await read_message(reader)
            command = take_sections(message[4:])[0] if struct.unpack("<i", head[12:])[0] == 2013 else {"hello": 1}
            if "saslStart" in command or "saslContinue" in command:
                said = struct.pack("<ib", 0, 0) + bson.encode(answer_login(login, state, command))
                writer.write(struct.pack("<4i", 16 + len(said), 1, struct.unpack("<i", head[4:8])[0], 2013) + said)
                continue
            server_writer.write(head + message)
            answer = await read_message(server_reader)
            if next(iter(command)).lower() in ("hello", "ismaster"):
                answer = with_mechanisms(*answer)
            writer.write(b"".join(answer))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()
    server_writer.close()


async def run(username, password, behind, ready):
    login = Login(username, password)
    server = await asyncio.start_server(lambda reader, writer: serve(login, behind, reader, writer), "127.0.0.1", 0)
    ready(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


def stand(username, password, behind, ready):
    asyncio.run(run(username, password, behind, ready))
