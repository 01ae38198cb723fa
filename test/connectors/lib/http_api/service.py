#!/usr/bin/env python3
"""A service of FastAPI, on a port of 127.0.0.1, that describes itself by OpenAPI 3.1. Its first line on standard output says where; it
ends with standard input. It has endpoints whose pages are told in each of the usual ways, and wants credentials of one kind or
another for everything but its tokens."""
import base64
import datetime
import decimal
import json
import os
import sys
import threading
import time
import urllib.parse
import uuid
from typing import Annotated, Optional

sys.path[:0] = [os.environ["PYTHON_PEERS"]]

import uvicorn  # noqa: E402
from fastapi import FastAPI, HTTPException, Query, Request, Response  # noqa: E402
from fastapi.responses import JSONResponse  # noqa: E402
from pydantic import BaseModel, Field, create_model  # noqa: E402

app = FastAPI(title="Shop", version="1.2", openapi_tags=[{"name": "shop", "description": "what is sold"}])
asked = []  # requests, as texts
tokens = {}  # access tokens, and when they end
state = {"changed": False, "life": 3600, "granted": 0}


class Address(BaseModel):
    city: str
    zip: Optional[str] = None


class Note(BaseModel):
    id: int = Field(description="the key")
    word: Optional[str] = Field(None, alias="größe 😀")
    price: Optional[decimal.Decimal] = None
    tags: list[str] = []
    open: Optional[bool] = None
    address: Optional[Address] = None
    day: Optional[datetime.date] = None
    at: Optional[datetime.datetime] = None
    key: Optional[uuid.UUID] = None


class Order(BaseModel):
    id: int
    word: Optional[str] = None
    price: Optional[float] = None


class Orders(BaseModel):
    items: list[Order]
    total: int


class Event(BaseModel):
    n: int


class Events(BaseModel):
    data: list[Event]
    next_cursor: Optional[str]


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


Wide = create_model("Wide", **{f"column_{i}": (Optional[str], None) for i in range(1, 101)})

NOTES = [
    {"id": 1, "größe 😀": "x", "price": 2.5, "tags": ["a", 'b"c', ""], "open": True, "day": "2024-02-29",
     "at": "2024-02-29T12:00:00+02:00", "key": "00000000-0000-0000-0000-00000000000a"},
    {"id": 2, "größe 😀": "a\tb\n", "open": False, "address": {"city": "Köln", "zip": None}},
    {"id": 3, "größe 😀": "größe 😀", "price": 12345678901234567890},
    {"id": 4, "größe 😀": "\\N", "tags": []},
]
ORDERS = [{"id": i, "word": ["größe 😀", "a\tb\n", None, "\\N", "x"][i - 1], "price": [2.5, None, -1, 0, 1e300][i - 1]} for i in range(1, 6)]


def basic(pair):
    return "Basic " + base64.b64encode(pair.encode()).decode()


@app.middleware("http")
async def guard(request: Request, call_next):
    given = request.headers.get("authorization")
    asked.append(f"{request.method} {request.url.path}" + ("?" + request.url.query if request.url.query else ""))
    bearer = given[7:] if given and given.startswith("Bearer ") else None
    fine = (request.url.path in ("/oauth/token", "/asked", "/change", "/expire")
            or given == basic("reader:what \"is\" hidden") or bearer == "a-token"
            or request.headers.get("x-shop-key") == "a-key" or request.query_params.get("shop_key") == "a-key"
            or tokens.get(bearer, 0) > time.monotonic())
    if given == basic("stranger:secret"):
        return JSONResponse({"detail": "no right"}, 403)
    if not fine:
        return JSONResponse({"detail": "who are you?"}, 401, {"WWW-Authenticate": "Basic"})
    return await call_next(request)


@app.get("/notes", tags=["Notes & more"], summary="All notes", response_model=list[Note], response_model_exclude_unset=True)
def notes():
    return JSONResponse(NOTES)


@app.get("/notes/{id}", tags=["Notes & more"], response_model=Note)
def note(id: int):
    found = [note for note in NOTES if note["id"] == id]
    if not found:
        raise HTTPException(404)
    return JSONResponse(found[0])


@app.get("/orders", tags=["shop"], response_model=Orders)
def orders(offset: int = 0, limit: Annotated[int, Query(ge=1, le=2)] = 2):
    return {"items": ORDERS[offset:offset + limit], "total": len(ORDERS)}


@app.get("/events", response_model=Events)
def events(cursor: Optional[str] = None):
    start = int(cursor or 0)
    return {"data": [{"n": n} for n in range(start, start + 3)], "next_cursor": str(start + 3) if start < 6 else None}


@app.get("/pages", response_model=list[Event])
def pages(request: Request, response: Response, page: int = 1, per_page: Annotated[int, Query(le=4)] = 2):
    if page * per_page < 5:
        response.headers["Link"] = f'<{request.url.include_query_params(page=page + 1)}>; rel="next", <x>; rel="last"'
    return [{"n": n} for n in range((page - 1) * per_page, min(page * per_page, 5))]


@app.get("/numbered", response_model=list[Event])
def numbered(page: Annotated[int, Query(ge=1)] = 1):
    return [{"n": n} for n in range((page - 1) * 2, min(page * 2, 5))]


@app.get("/search", response_model=list[Event])
def search(q: str):
    return [{"n": len(q)}]


@app.get("/tree", response_model=list[Tree])
def tree():
    return [{"name": "a", "children": [{"name": "b", "children": []}]}]


@app.get("/words", response_model=list[str])
def words():
    return ["größe 😀", "x"]


@app.get("/anything")
def anything():
    return {"a": [1, {"b": None}]}


@app.get("/wide", response_model=list[Wide])
def wide():
    return [{"column_1": "x"}]


@app.get("/plain/rows", include_in_schema=False)
def plain():
    return {"results": [{"n": 1, "at": "2024-02-29"}, {"n": 2.5, "list": [1, 2]}], "count": 2}


@app.post("/oauth/token", include_in_schema=False)
async def token(request: Request):
    form = dict(urllib.parse.parse_qsl((await request.body()).decode()))
    if form.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "unsupported_grant_type"}, 400)
    in_header = request.headers.get("authorization") == basic("shop:s%3Acret")
    in_body = (form.get("client_id"), form.get("client_secret")) == ("in body", "s:cret")
    if not in_header and not in_body:
        return JSONResponse({"error": "invalid_client"}, 401)
    state["granted"] += 1
    value = f"token-{state['granted']}"
    tokens[value] = time.monotonic() + state["life"]
    return {"access_token": value, "token_type": "bearer", "expires_in": state["life"], "scope": form.get("scope", "")}


@app.get("/asked", include_in_schema=False)
def what_was_asked():
    told = [each for each in asked if not each.startswith("GET /asked")]
    asked.clear()
    return told


@app.get("/change", include_in_schema=False)
def change():
    state["changed"] = True
    app.openapi_schema = None


# The service forgets its tokens, whatever it said of their life.
@app.get("/expire", include_in_schema=False)
def expire():
    tokens.clear()


described = app.openapi


def describe():
    schema = described()
    if state["changed"]:
        schema["components"]["schemas"]["Event"]["properties"]["more"] = {"type": "string", "format": "date"}
    return schema


app.openapi = describe

config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")
server = uvicorn.Server(config)


def tell():
    while not server.started:
        time.sleep(0.01)
    print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1]}), flush=True)
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=tell, daemon=True).start()
server.run()
