"""services.py KIND PORT …: what a service has, read as its users read it where no connector is: by the vendor's client, with a few values
of each relation where the service has no schema."""
import base64
import json
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


def cassandra():
    from cassandra.auth import PlainTextAuthProvider
    from cassandra.cluster import Cluster
    cluster = Cluster(["127.0.0.1"], port=port, auth_provider=PlainTextAuthProvider(sys.argv[3], sys.argv[4]))
    list(cluster.connect().execute("DESCRIBE KEYSPACE many"))
    cluster.shutdown()


def elasticsearch():
    login = base64.b64encode(f"{sys.argv[3]}:{sys.argv[4]}".encode()).decode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_mapping", headers={"authorization": f"Basic {login}"})
    with urllib.request.urlopen(request) as answer:
        json.load(answer)


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


def snowflake():
    from snowflake_sql_api import SnowflakeClient
    service = json.loads(sys.argv[3])
    client = SnowflakeClient(service["account"], service["user"], private_key=service["key"].encode(), database="SHOP")
    client._transport._base_url = f"http://127.0.0.1:{port}"
    schemas = client.query('SHOW SCHEMAS IN DATABASE "SHOP"')
    for name in [each["name"] for each in schemas if each["name"] != "INFORMATION_SCHEMA"]:
        for what in ("TABLES", "VIEWS", "COLUMNS", "PRIMARY KEYS", "UNIQUE KEYS", "IMPORTED KEYS"):
            client.query(f'SHOW {what} IN SCHEMA "SHOP"."{name}"')


globals()[kind]()
