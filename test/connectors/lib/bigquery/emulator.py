#!/usr/bin/env python3
"""bqemulator, an independent emulator of BigQuery on DuckDB, on a port of 127.0.0.1. Its first line on standard output says where, and
has the key file of a service account; it ends with standard input. The emulator takes any token: here only `a-token` passes, and
tokens that the account's key has signed for this service. What it has beside REST (gRPC, tracing, geography) is left out: that wants
packages of its own."""
import asyncio
import base64
import json
import os
import sys
import time
import types

# What it logs goes nowhere: nobody reads it.
answers = os.fdopen(os.dup(1), "w")
nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 1)
os.dup2(nowhere, 2)
sys.path[:0] = [os.environ["PYTHON_PEERS"]]


class NoServer:
    async def start(self):
        pass

    async def stop(self, grace=None):
        pass


def stand_in(name, **functions):
    module = types.ModuleType(name)
    module.__dict__.update(functions)
    sys.modules[name] = module


stand_in("bqemulator.grpc_api.server", build_grpc_server=lambda context: (NoServer(), 0))
stand_in("bqemulator.observability.tracing", configure_tracing=lambda *_, **__: None)

import bqemulator.server  # noqa: E402
from bqemulator.config import Settings  # noqa: E402
from bqemulator.server import EmulatorServer  # noqa: E402
from bqemulator.storage.engine import DuckDBEngine  # noqa: E402
from cryptography.exceptions import InvalidSignature  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: E402
from starlette.responses import JSONResponse  # noqa: E402

DuckDBEngine._load_spatial = lambda self: None


EMAIL = "reader@shop.iam.gserviceaccount.com"
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
account = json.dumps({
    "type": "service_account", "client_email": EMAIL, "private_key_id": "k1", "token_uri": "https://elsewhere.example.com/token",
    "private_key": key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                     serialization.NoEncryption()).decode()})


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_signed(token):
    """As Google's service judges a token that an account has signed by itself."""
    try:
        header, claims, signature = token.split(".")
        key.public_key().verify(decoded(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        header, claims = json.loads(decoded(header)), json.loads(decoded(claims))
    except (ValueError, InvalidSignature):
        return False
    now = time.time()
    return (header == {"alg": "RS256", "typ": "JWT", "kid": "k1"} and claims["iss"] == claims["sub"] == EMAIL
            and claims["aud"] == "https://bigquery.googleapis.com/" and claims["iat"] <= now + 60 and now < claims["exp"] <= now + 3600)


def guarded(create_app):
    def create(context):
        app = create_app(context)

        @app.middleware("http")
        async def guard(request, call_next):
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if token == "a-token" or is_signed(token):
                return await call_next(request)
            return JSONResponse({"error": {"code": 401, "message": "Invalid Credentials", "status": "UNAUTHENTICATED",
                                           "errors": [{"reason": "authError", "message": "Invalid Credentials"}]}}, 401)
        return app
    return create


bqemulator.server.create_app = guarded(bqemulator.server.create_app)


async def serve():
    server = EmulatorServer(Settings(rest_port=0, grpc_port=0, log_level="critical"))
    await server.start()
    print(json.dumps({"port": server.rest_port, "account": account}), file=answers, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


asyncio.run(serve())
