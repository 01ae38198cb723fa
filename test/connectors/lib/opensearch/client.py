#!/usr/bin/env python3
"""Elastic's own client asks a service, on the port of the first argument and with the credentials of the second, what the connector
asks. Prints what it gets."""
import json
import sys

from elasticsearch import Elasticsearch

port, credentials = sys.argv[1], json.loads(sys.argv[2])
client = Elasticsearch(f"http://127.0.0.1:{port}", **({"api_key": credentials["api_key"]} if "api_key" in credentials else {
    "basic_auth": (credentials["username"], credentials["password"])}))
told = [client.info()["version"]["number"]]
resolved = client.indices.resolve_index(name="shards")
told.append(resolved["indices"][0]["name"])
told.append(client.indices.get_mapping(index="shards")["shards"]["mappings"]["properties"]["n"]["type"])
point = client.open_point_in_time(index="shards", keep_alive="1m")["id"]
page = client.search(size=7, sort=["_doc"], pit={"id": point, "keep_alive": "1m"}, track_total_hits=False)
told.append(len(page["hits"]["hits"]))
told.append(client.close_point_in_time(id=page.get("pit_id", point)).meta.status)
first = client.sql.query(query="SELECT n FROM shards WHERE n < 9 ORDER BY n", fetch_size=5)
rest = client.sql.query(cursor=first["cursor"])
told.append(len(first["rows"]) + len(rest["rows"]))
first = client.sql.query(query="SELECT n FROM shards WHERE n < 9 ORDER BY n", fetch_size=5)
told.append(client.sql.clear_cursor(cursor=first["cursor"])["succeeded"])
print(*told)
