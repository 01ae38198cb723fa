#!/usr/bin/env python3
"""moto as a server of S3 and DynamoDB that checks signatures and rights, on a port of 127.0.0.1. Its first line on standard output
says where, and with which keys. Then it answers commands (commands.py)."""
import json
import logging
import os

os.environ.update(INITIAL_NO_AUTH_ACTION_COUNT="9", MOTO_ALLOW_NONEXISTENT_REGION="true")

import commands  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402


def client(service, keys):
    return commands.client(service, endpoint, "us-east-1", keys["AccessKeyId"], keys["SecretAccessKey"])


def pair(keys):
    return [keys["AccessKeyId"], keys["SecretAccessKey"]]


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
commands.serve({service: client(service, owner) for service in ("s3", "dynamodb")}, port=port, owner=pair(owner), reader=pair(reader),
               stranger=pair(stranger))
os._exit(0)
