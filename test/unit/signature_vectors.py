#!/usr/bin/env python3
"""Prints signature_vectors.h: what botocore signs. Needs botocore (test/peers/s3/requirements.txt, by test/lib/pip.sh)."""
import datetime
from unittest import mock

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2024, 2, 29, 23, 59, 58)
KEYS = [
    "plain.csv", "folder/plain.csv", "a b", "a+b", "a=b", "state=fl/", "year=2024/month=01/p.csv", "a%20b", "a%2Fb", "100%", "~tilde",
    "a~b", "user@host", "a&b", "a?b", "a#b", "a;b", "a:b", "a,b", "a'b", 'a"b', "a(b)", "a*b", "a!b", "a$b", "a[b]", "a{b}", "a|b", "a\\b",
    "a^b", "a`b", "a<b>", "é", "größe", "日本語.csv", "😀", "a//b", "/leading", "trailing/", "trailing ", " leading", "a\nb", "a\tb", "../up",
    "a/./b", "a/../b", ".", "..", "x" * 1024, "-._~", "%E2%98%83",
]
QUERIES = [
    [], [("list-type", "2"), ("prefix", "")], [("prefix", "a b/"), ("delimiter", "/"), ("list-type", "2")],
    [("continuation-token", "1+a/b=="), ("list-type", "2")], [("a", "2"), ("a", "1"), ("a-b", "3"), ("a.b", "4"), ("A", "5")],
    [("prefix", "état=fl/~")], [("acl", "")],
]


def quoted(text):
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}" for byte in text.encode()) + '"'


def signature(key, query, token):
    path = "/" + botocore.auth.quote(key, safe="/~")
    request = AWSRequest("GET", "https://s3.example.com:9000/bucket" + path, params=dict(query) if len(dict(query)) == len(query) else None)
    if request.params == {} and query:
        request.url += "?" + "&".join(f"{name}={value}" for name, value in query)
    signer = botocore.auth.S3SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token), "s3", "eu-central-1")
    request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": True})
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        signer.add_auth(request)
    return request.headers["Authorization"].rsplit("Signature=", 1)[1]


print("/* clang-format off */")
print(f"/* Made by signature_vectors.py with botocore {botocore.__version__}. */")
for key, query, token in [(key, QUERIES[0], None) for key in KEYS] + [("", query, token) for query in QUERIES for token in (None, "token/+=")]:
    members = ", ".join(f"{{{quoted(name)}, {quoted(value)}}}" for name, value in query)
    print(f"{{{quoted(key)}, {{{members or '{NULL, NULL}'}}}, {quoted(token) if token else 'NULL'}, {quoted(signature(key, query, token))}}},")
