"""services.py KIND PORT …: what a service has, read as its users read it where no connector is: by the vendor's client, with a few values
of each relation where the service has no schema."""
import json
import os
import sys
import urllib.request

kind, port = sys.argv[1], int(sys.argv[2])


def mongodb():
    import pymongo
    database = pymongo.MongoClient(sys.argv[3])["many"]
    for collection in database.list_collections():
        name = collection["name"]
        list(database[name].list_indexes())
        fields = {}
        for document in database[name].find(limit=100):
            for field, value in document.items():
                fields.setdefault(field, set()).add(type(value))


def elasticsearch():
    from elasticsearch import Elasticsearch
    client = Elasticsearch(f"http://127.0.0.1:{port}", basic_auth=("reader", sys.argv[3]))
    client.indices.get_mapping()


def cassandra():
    from cassandra.auth import PlainTextAuthProvider
    from cassandra.cluster import Cluster
    cluster = Cluster(["127.0.0.1"], port=port, auth_provider=PlainTextAuthProvider("reader", sys.argv[3]))
    cluster.connect()
    for table in cluster.metadata.keyspaces["many"].tables.values():
        table.export_as_string()
    os._exit(0)


def dynamodb():
    import boto3
    client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id=sys.argv[3],
                          aws_secret_access_key=sys.argv[4])
    for page in client.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            client.describe_table(TableName=name)
            client.scan(TableName=name, Limit=200)


def bigquery():
    def get(path):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/bigquery/v2/projects/shop/datasets/many/tables{path}",
                                         headers={"authorization": "Bearer a-token"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    token = ""
    while token is not None:
        page = get(f"?maxResults=1000&pageToken={token}")
        for table in page["tables"]:
            get("/" + table["tableReference"]["tableId"])
        token = page.get("nextPageToken")


globals()[kind]()
