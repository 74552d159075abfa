"""Two clouds with the same people and roles in them: moto, which knows nothing
of assumerole, and the sandbox, which is as strict as AWS."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/jdoe"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/jdoe"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Name, path, whom it trusts.
ROLES = [
    ("read", "/", USER),
    ("deploy", "/team/", USER),
    ("closed", "/", f"arn:aws:iam::{ACCOUNT}:user/somebody"),
]
# Longer than a loaded machine needs, so that it only ends what hangs.
PATIENCE = 120


def trust(principal):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        ],
    }


def allow(action):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Cloud:
    """Where it is, the user's key, and how codes are had."""

    def __init__(self, name, url, key, secret, code):
        self.name, self.url, self.key, self.secret, self.code = name, url, key, secret, code


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(url, server):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except (urllib.error.URLError, OSError):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"nothing answers at {url}")
            time.sleep(0.1)


@contextlib.contextmanager
def ended(server):
    """Ends the server, and nothing but it, whatever happens."""
    try:
        yield server
    finally:
        server.terminate()
        server.wait(PATIENCE)


@contextlib.contextmanager
def moto(**tells):
    """moto, with its checks of signatures, keys, policies and trust switched on; `tells`
    are variables of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    program = pathlib.Path(sys.executable).parent / "moto_server"
    command = [program, "-H", "127.0.0.1", "-p", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ended(subprocess.Popen(command, env={**os.environ, **tells}, **quiet)) as server:
        wait_for(f"{url}/moto-api/data.json", server)
        iam = boto3.client(
            "iam",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="set-up",
            aws_secret_access_key="set-up",
        )
        iam.create_user(UserName="jdoe")
        iam.create_user(UserName="somebody")
        policy = allow("sts:AssumeRole")
        iam.put_user_policy(UserName="jdoe", PolicyName="assume", PolicyDocument=policy)
        key = iam.create_access_key(UserName="jdoe")["AccessKey"]
        for name, path, principal in ROLES:
            document = json.dumps(trust(principal))
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)
        login = allow("ecr:GetAuthorizationToken")
        iam.put_role_policy(RoleName="read", PolicyName="login", PolicyDocument=login)
        # From the next request on, everything is checked.
        strict = urllib.request.Request(
            f"{url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}
        )
        urllib.request.urlopen(strict, timeout=PATIENCE).read()
        # It takes any code.
        yield Cloud("moto", url, key["AccessKeyId"], key["SecretAccessKey"], lambda: "123456")


@contextlib.contextmanager
def sandbox(folder):
    """The sandbox, where the role `read` demands a code that is right."""
    program = os.environ["ASSUMEROLE_TEST_SANDBOX"]
    key, secret = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    user = {
        "name": "jdoe",
        "account": ACCOUNT,
        "access_keys": [{"id": key, "secret": secret}],
        "mfa_devices": [{"arn": DEVICE, "secret": SEED}],
    }
    roles = [
        {
            "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
            "trust": {"principals": [principal], "require_mfa": name == "read"},
            "allow": ["ecr:GetAuthorizationToken"] if name == "read" else [],
        }
        for name, path, principal in ROLES
    ]
    world = folder / "world.json"
    world.write_text(json.dumps({"users": [user], "roles": roles}), encoding="utf-8")
    command = [program, "--world", world]
    with ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as server:
        url = re.fullmatch(r"endpoint (\S+)\n", server.stdout.readline()).group(1)

        def code():
            return subprocess.check_output([program, "code", SEED], text=True).strip()

        yield Cloud("sandbox", url, key, secret, code)
