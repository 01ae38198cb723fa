"""What servers of S3 have in common here: clients of boto3, and commands that they answer, a line of JSON each, until standard input
ends."""
import base64
import json
import os
import sys

os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402


def client(service, endpoint, region, key_id, secret):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id=key_id, aws_secret_access_key=secret,
                        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}))


def with_bytes(value):
    if isinstance(value, dict):
        return base64.b64decode(value["base64"]) if "base64" in value else {name: with_bytes(each) for name, each in value.items()}
    return [with_bytes(each) for each in value] if isinstance(value, list) else value


def serve(clients, **facts):
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(clients[command.get("service", "s3")], command["call"])(**with_bytes(command["with"]))
        if "Body" in answer:
            answer["Body"] = answer["Body"].read().decode("latin1")
        print(json.dumps(answer, default=str), flush=True)
