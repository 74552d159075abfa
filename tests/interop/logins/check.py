#!/usr/bin/env python3
"""Programs that others wrote get their logins: kubectl's library, Docker's client, botocore.

    check.py

The token of `rds-token` is compared with botocore's, at the same time. Where Go stands,
client-go runs `eks-token` as a kubeconfig says, and sends the token to a server that asks the
sandbox whose it is; the client of docker-credential-helpers asks `docker-credential-assumerole`.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test, and runs by the
Python that has boto3. Ends with status 1 and says what differs.
"""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import botocore.auth
import botocore.session
import home
from home import Differs, same

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNT = "123456789012"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
WORLD = {
    "users": [{"name": "jdoe", "account": ACCOUNT, "access_keys": [{"id": KEY, "secret": SECRET}]}],
    "roles": [
        {
            "arn": f"arn:aws:iam::{ACCOUNT}:role/read",
            "trust": {"principals": [f"arn:aws:iam::{ACCOUNT}:user/jdoe"]},
            "allow": ["ecr:GetAuthorizationToken"],
        }
    ],
}
MODULES = [
    "github.com/docker/docker-credential-helpers@v0.9.3",
    "k8s.io/client-go@v0.34.1",
]


def database(there):
    """botocore signs the same for the same host, user, keys and time."""
    token = there.program("rds-token", "--region", "eu-west-1", "read", "db.example:3306", "j doe+").strip()
    asked = dict(pair.split("=", 1) for pair in token.split("?", 1)[1].split("&"))
    then = datetime.datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    keys = json.loads(there.program("credential-process", "read"))
    session = botocore.session.Session()
    session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: then):
        client = session.create_client("rds", region_name="eu-west-1")
        theirs = client.generate_db_auth_token("db.example", 3306, "j doe+")
    same("rds-token", sorted(token.split("&")), sorted(theirs.split("&")))


def clients(there, folder):
    """client-go and Docker's client, in one program."""
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if go is None:
        print("Go is not installed: client-go and docker-credential-helpers are left out")
        return
    # In the cache of whoever runs the check: they are large.
    env = {**os.environ, "GOFLAGS": "-mod=mod"}
    folder.mkdir()
    shutil.copy(HERE / "main.go", folder)

    def made(*arguments):
        done = subprocess.run(
            [go, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Differs(f"go {arguments}: {done.stderr}")

    made("mod", "init", "main")
    made("get", *MODULES)
    made("build", "-o", "main", ".")
    helper = there.path / "bin/docker-credential-assumerole"
    helper.symlink_to(os.environ["ASSUMEROLE_TEST_BIN"])
    for version in ("v1", "v1beta1"):
        said = there.run(str(folder / "main"), os.environ["ASSUMEROLE_TEST_BIN"], version, str(helper), REGISTRY)
        lines = said.splitlines()
        same("whose the token is", lines[0], f"arn:aws:sts::{ACCOUNT}:assumed-role/read/tester")
        same("the login", lines[1:3], [f"{REGISTRY} AWS true", "not found: true"])


def check():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with home.sandbox(folder, WORLD) as (url, _):
            there = home.Home(folder / "home é")
            role = {"aws_profile": "base", "aws_account": ACCOUNT, "aws_role": "read"}
            there.write(".assumerole", json.dumps({"assume_roles": {"read": role}}), 0o600)
            there.write(".aws/credentials", there.keys(KEY, SECRET), 0o600)
            there.write(".aws/config", f"[profile base]\nendpoint_url = {url}\n")
            there.write("bin/.keep", "")
            database(there)
            clients(there, folder / "go")
    print("logins are what others make of them")


if __name__ == "__main__":
    home.checked(check)
