"""Compares what the connector http_api says of OpenAPI documents with what swagger-parser makes of them.

The documents are served from 127.0.0.1; relations, and the paths, types and nullability of their fields are derived here from the
document that swagger-parser has put in one piece. Each difference is named.
"""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.parse

connector, folder = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
packages = subprocess.run([f"{here}/../lib/npm.sh", f"{here}/../peers/openapi"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()
expected = json.load(open(f"{folder}/expected.json", encoding="utf-8"))
USUAL = ["data", "items", "results", "value", "values", "records", "rows", "entries"]
TYPES = ["object", "array", "string", "integer", "number", "boolean"]
MOST_LEVELS = 20


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
threading.Thread(target=server.serve_forever, daemon=True).start()


class Document:
    """A document in one piece, and the rules of docs/connectors.md, section HTTP APIs."""

    def __init__(self, root):
        self.root = root
        self.is_new = str(root.get("openapi", "")).startswith("3.") and not str(root["openapi"]).startswith("3.0")

    def target(self, reference):
        node = self.root
        for token in urllib.parse.unquote(reference.lstrip("#")).split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            node = node[int(token)] if isinstance(node, list) else node.get(token)
            if node is None:
                return None
        return node

    def follow(self, node):
        for _ in range(64):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            node = self.target(node["$ref"])
        return None

    def shape(self, schemas):
        """What schemas come to: types, nullability, properties. Each is given with the schemas in which it stands."""
        made = {"types": set(), "null": False, "write": False, "format": None, "properties": {}, "required": set(),
                "items": [], "values": [], "repeats": None, "seen": []}
        for schema, above in schemas:
            self.add(made, schema, above, above, False, 0)
        return made

    def add(self, made, schema, outside, above, is_alternative, depth):
        if not isinstance(schema, dict) or depth > 60:
            return
        reference = schema.get("$ref") if isinstance(schema.get("$ref"), str) else None
        if reference is None or self.is_new:
            self.add_own(made, schema, outside, above, is_alternative, depth, reference is not None)
        if reference is None:
            return
        target = self.target(reference)
        if target is None:
            return
        if any(each is target for each in made["seen"]):
            return
        if any(each is target for each in outside):
            made["repeats"] = urllib.parse.unquote(reference).split("/")[-1]
            if "type" in target:
                self.add_types(made, target)
            else:
                made["types"].add("object")
            return
        made["seen"].append(target)
        self.add(made, target, outside, above + (target,), is_alternative, depth + 1)

    @staticmethod
    def add_types(made, schema):
        types = schema.get("type", [])
        for each in [types] if isinstance(types, str) else types:
            if each == "null":
                made["null"] = True
            elif each in TYPES:
                made["types"].add(each)
        made["null"] |= schema.get("nullable") is True or schema.get("x-nullable") is True
        if "type" not in schema and isinstance(schema.get("properties"), dict):
            made["types"].add("object")
        if "type" not in schema and ("items" in schema or "prefixItems" in schema):
            made["types"].add("array")

    def add_own(self, made, schema, outside, above, is_alternative, depth, is_reference):
        self.add_types(made, schema)
        made["format"] = made["format"] or schema.get("format")
        made["write"] |= schema.get("writeOnly") is True
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        for value in values:
            if value is None:
                made["null"] = True
            elif "type" not in schema and not is_reference:
                made["types"].add({bool: "boolean", str: "string", dict: "object", list: "array"}.get(type(value), "number"))
        for name, each in (schema.get("properties") or {}).items():
            entry = made["properties"].setdefault(name, {"schemas": [], "alternative": is_alternative})
            entry["alternative"] &= is_alternative
            entry["schemas"].append((each, above))
        if not is_alternative and isinstance(schema.get("required"), list):
            made["required"] |= set(each for each in schema["required"] if isinstance(each, str))
        made["items"] += [(schema["items"], above)] if isinstance(schema.get("items"), dict) else []
        made["items"] += [(each, above) for each in schema.get("prefixItems", [])]
        if isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
            made["values"].append((schema["additionalProperties"], above))
        made["values"] += [(each, above) for each in (schema.get("patternProperties") or {}).values()]
        if made["values"] and "type" not in schema:
            made["types"].add("object")
        for each in schema.get("allOf", []):
            self.add(made, each, outside, above, is_alternative, depth + 1)
        for word in ("oneOf", "anyOf"):
            choices = schema.get(word, [])
            others = [each for each in choices if each.get("type") != "null"]
            made["null"] |= len(others) < len(choices)
            for each in others:
                self.add(made, each, outside, above, is_alternative or len(others) > 1, depth + 1)

    @staticmethod
    def type_of(shape):
        name = " | ".join(each for each in TYPES if each in shape["types"]) or "any"
        if shape["repeats"]:
            return f"{name}({shape['repeats']})"
        return f"{name}({shape['format']})" if shape["format"] and len(shape["types"]) <= 1 else name

    def fields(self, prefix, schemas, is_required, level, found):
        shape = self.shape(schemas)
        if shape["write"]:
            return
        suffix, element = "", shape
        while element["types"] == {"array"} and element["items"] and not element["repeats"] and len(suffix) < 40:
            suffix += "[]"
            element = self.shape(element["items"])
        found[prefix] = (self.type_of(element) + suffix[2:], "not null" if is_required and not shape["null"] else "null",
                         bool(suffix))
        if level >= MOST_LEVELS or element["repeats"] or "object" not in element["types"] or len(suffix) > 2:
            return
        if element["properties"]:
            for name, entry in element["properties"].items():
                if name:
                    self.fields(f"{prefix}.{name}", entry["schemas"],
                                name in element["required"] and not entry["alternative"], level + 1, found)
        elif element["values"]:
            self.fields(prefix + ".{}", element["values"], False, level + 1, found)

    def is_list_of_objects(self, schemas):
        shape = self.shape(schemas)
        return shape["types"] == {"array"} and bool(shape["items"]) and self.shape(shape["items"])["types"] == {"object"}

    def answer(self, get):
        responses = self.follow(get.get("responses")) or {}
        chosen = responses.get("200") or next(
            (v for k, v in responses.items() if k.startswith("2") and k != "204" and isinstance(v, dict)), None)
        response = self.follow(chosen or responses.get("default"))
        if not isinstance(response, dict):
            return False, None
        if "swagger" in self.root:
            produces = get.get("produces") or self.root.get("produces")
            return not produces or any(self.rank(each) for each in produces), response.get("schema")
        content = self.follow(response.get("content")) or {}
        best = max(content, key=self.rank, default=None)
        if best is None or not self.rank(best):
            return False, None
        return True, content[best].get("schema")

    @staticmethod
    def rank(media):
        media = media.split(";")[0].strip().lower()
        return 3 if media == "application/json" else 2 if media.endswith("+json") else 1 if media == "*/*" else 0

    def relations(self):
        found = {}
        for path, item in (self.root.get("paths") or {}).items():
            get = self.follow((self.follow(item) or {}).get("get"))
            if not path.startswith("/") or not isinstance(get, dict):
                continue
            is_json, schema = self.answer(get)
            if is_json:
                found[path] = self.columns(path, schema)
        return found

    def columns(self, path, schema):
        if schema is None:
            return {"value": ("any", "null", False)}
        shape, rows = self.shape([(schema, ())]), [(schema, ())]
        if shape["types"] == {"array"}:
            rows = shape["items"]
        elif shape["types"] == {"object"} and not path.endswith("}"):
            lists = [name for name, entry in shape["properties"].items() if self.is_list_of_objects(entry["schemas"])]
            name = lists[0] if len(lists) == 1 else next((each for each in USUAL if each in lists), None)
            if name:
                rows = self.shape(shape["properties"][name]["schemas"])["items"]
        if not rows:
            return {"value": ("any", "null", False)}
        rows = [(each, ()) for each, _ in rows]
        found, shape = {}, self.shape(rows)
        if shape["types"] != {"object"} or not shape["properties"]:
            self.fields("value", rows, True, 1, found)
        else:
            for name, entry in shape["properties"].items():
                if name:
                    self.fields(name, entry["schemas"],
                                name in shape["required"] and not entry["alternative"], 1, found)
        return found


def flatten(columns, prefix, found):
    for column in columns:
        if column.get("parameter"):
            continue
        path = prefix + column["name"]
        found[path] = (column["type"], "not null" if column.get("not_null") else "null", bool(column.get("repeated")))
        if not column["type"].endswith("[]"):
            flatten(column.get("fields", []), path + ".", found)


def discovered(name):
    request = {"protocol": 2, "operation": "discover", "type": "http_api", "credentials": {},
               "endpoint": {"host": "127.0.0.1", "port": server.server_port, "addresses": ["127.0.0.1"],
                            "tls": {"mode": "disable"}, "options": {"openapi_path": "/" + urllib.parse.quote(name)}},
               "limits": {"connection_timeout": 60, "query_timeout": 300, "document_bytes": 16777216}}
    lines = subprocess.run([connector], input=json.dumps(request) + "\n", stdout=subprocess.PIPE, text=True,
                           check=False).stdout.splitlines()
    found, cut = {}, set()
    for frame in map(json.loads, lines):
        if frame["frame"] == "error":
            return {"error": frame["message"]}, cut
        if frame["frame"] == "log" and "left out" in frame["message"]:
            cut.add(frame["message"].split(":")[0])
        if frame["frame"] == "relation":
            found[frame["name"]] = {}
            flatten(frame["document"]["columns"], "", found[frame["name"]])
    return found, cut


def compare(name):
    """Returns how many relations and fields agree, and prints what does not."""
    parsed = subprocess.run(["node", f"{here}/agreement_http_api.mjs", packages, f"{folder}/{name}"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    ours, cut = discovered(name)
    if parsed.returncode:
        print(f"{name}: swagger-parser refuses it: {parsed.stderr.strip().splitlines()[-1:]}")
        return len(ours), 0, 1
    theirs = Document(json.loads(parsed.stdout)).relations()
    fields = faults = 0
    for path in sorted(set(ours) | set(theirs)):
        if path not in ours or path not in theirs:
            print(f"{name}: {path} is a relation for {'swagger-parser' if path in theirs else 'the connector'} only")
            faults += 1
            continue
        for field in sorted(set(ours[path]) | set(theirs[path])):
            if ours[path].get(field) == theirs[path].get(field):
                fields += 1
            elif path not in cut or field in ours[path]:
                print(f"{name}: {path} {field}: connector {ours[path].get(field)}, swagger-parser {theirs[path].get(field)}")
                faults += 1
    return len(ours), fields, faults


sys.setrecursionlimit(10000)
total = [0, 0, 0]
for each in sorted(expected):
    total = [a + b for a, b in zip(total, compare(each))]
print(f"agreement: {len(expected)} documents, {total[0]} relations, {total[1]} fields agree, {total[2]} differences")
sys.exit(total[2] > 0)
