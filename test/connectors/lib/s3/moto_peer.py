#!/usr/bin/env python3
"""moto as a server of S3 and DynamoDB that checks signatures and rights, on a port of 127.0.0.1. Its first line on standard output says where, and
with which keys. Then it answers commands, a line of JSON each, through boto3; at the end of standard input it ends."""
import base64
import json
import logging
import os
import sys

os.environ.update(INITIAL_NO_AUTH_ACTION_COUNT="9", MOTO_ALLOW_NONEXISTENT_REGION="true", AWS_EC2_METADATA_DISABLED="true",
                  AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402


def client(service, keys):
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=keys["AccessKeyId"],
                        aws_secret_access_key=keys["SecretAccessKey"],
                        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}))


def with_bytes(value):
    if isinstance(value, dict):
        return base64.b64decode(value["base64"]) if "base64" in value else {name: with_bytes(each) for name, each in value.items()}
    return [with_bytes(each) for each in value] if isinstance(value, list) else value


def user(name, statements):
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return iam.create_access_key(UserName=name)["AccessKey"]


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
endpoint = f"http://127.0.0.1:{port}"
iam = client("iam", {"AccessKeyId": "none", "SecretAccessKey": "none"})
owner = user("owner", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
reader = user("reader", [
    {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/secret/*"},
    {"Effect": "Deny", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::locked"},
    {"Effect": "Allow", "Action": ["dynamodb:ListTables", "dynamodb:Describe*", "dynamodb:Scan", "dynamodb:Query"], "Resource": "*"}])
stranger = user("stranger", [{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}])
clients = {service: client(service, owner) for service in ("s3", "dynamodb")}
print(json.dumps({"port": port, "owner": [owner["AccessKeyId"], owner["SecretAccessKey"]],
                  "reader": [reader["AccessKeyId"], reader["SecretAccessKey"]],
                  "stranger": [stranger["AccessKeyId"], stranger["SecretAccessKey"]]}), flush=True)

for line in sys.stdin:
    command = json.loads(line)
    answer = getattr(clients[command.get("service", "s3")], command["call"])(**with_bytes(command["with"]))
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode("latin1")
    print(json.dumps(answer, default=str), flush=True)
os._exit(0)
