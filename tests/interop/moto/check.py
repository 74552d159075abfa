#!/usr/bin/env python3
"""The whole main job with programs that others wrote on both sides of it.

    check.py

Against moto and against the sandbox: a person's files are written, the program
assumes the role, and inside it, by every way in, the AWS CLI and boto3 are told
by `sts get-caller-identity` that they are that role.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test,
and runs by the Python that has moto, awscli and boto3. Ends with status 1 and
says what differs.
"""

import base64
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import urllib.request

import clouds
from clouds import ACCOUNT, DEVICE, USER

BIN = pathlib.Path(sys.executable).parent
# By its interpreter: its own first line breaks in a folder with a blank.
ASK = shlex.join(
    [sys.executable, f"{BIN}/aws", *"sts get-caller-identity --query Arn --output text".split()]
)
BOTO3 = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
ECR = "import base64, boto3; answer = boto3.client('ecr').get_authorization_token()"
ECR += "; print(base64.b64decode(answer['authorizationData'][0]['authorizationToken']).decode())"
READ = f"arn:aws:sts::{ACCOUNT}:assumed-role/read/jdoe"
DEPLOY = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/tester"


class Person:
    """A throw-away home whose roles are those of a cloud."""

    def __init__(self, home, cloud):
        self.home, self.cloud, self.differences, self.asked = home, cloud, [], 0
        # moto knows nothing of the keys that its own GetSessionToken gives.
        self.sessions = cloud.name != "moto"
        base = {"aws_profile": "base", "aws_account": ACCOUNT, "mfa_session": self.sessions}
        roles = {
            "acme-read": {**base, "aws_role": "read", "aws_mfa_arn": DEVICE, "aws_region": "eu-central-1"},
            "acme-deploy": {**base, "aws_role": "team/deploy"},
            "acme-closed": {**base, "aws_role": "closed"},
        }
        self.write(".assumerole", json.dumps({"assume_roles": roles}, indent=2))
        self.write(".aws/config", f"[profile base]\nregion = us-east-1\nendpoint_url = {cloud.url}\n")
        self.keys(cloud.secret)
        self.write("shell", f"#!/bin/sh\nexec {ASK}\n").chmod(0o755)

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def keys(self, secret):
        key = self.cloud.key
        text = f"[base]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
        self.write(".aws/credentials", text)

    def run(self, command, **more):
        env = {
            "HOME": str(self.home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "USER": "tester",
            "SHELL": str(self.home / "shell"),
            "ASSUMEROLE_KEY_STORE": "file",
            # Where the AWS CLI and boto3 find the cloud; a role has no say in it.
            "AWS_ENDPOINT_URL": self.cloud.url,
            # What must not get in the way of a role.
            "AWS_PROFILE": "nobody",
            "AWS_ACCESS_KEY_ID": "AKIAOLD",
            "AWS_SECRET_ACCESS_KEY": "old",
            "AWS_SESSION_TOKEN": "old",
            "AWS_DEFAULT_REGION": "us-west-2",
            **more,
        }
        done = subprocess.run(
            command,
            env=env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=clouds.PATIENCE,
            # No terminal: nobody is asked anything.
            start_new_session=True,
        )
        return done.stdout, done.stderr, done.returncode

    def program(self, *arguments, **more):
        return self.run([os.environ["ASSUMEROLE_TEST_BIN"], *arguments], **more)

    def expect(self, what, got, wanted):
        self.asked += 1
        if got != wanted:
            self.differences.append(f"{self.cloud.name}: {what}:\n  {got!r}, not\n  {wanted!r}")


def granted(person):
    """Every way into a role; AWS says by each that it is the role."""
    ask = shlex.split(ASK)
    cold = ["exec", "acme-read", "--mfa-code", person.cloud.code(), "--", *ask]
    person.expect("cold", person.program(*cold), (f"{READ}\n", "", 0))
    person.expect("cached", person.program("exec", "acme-read", "--", *ask), (f"{READ}\n", "", 0))
    boto3 = ["exec", "acme-read", "--", sys.executable, "-c", BOTO3]
    person.expect("boto3", person.program(*boto3), (f"{READ}\n", "", 0))
    shell = person.program("--quiet", "acme-read")
    person.expect("shell", shell, (f"{READ}\n", "", 0))
    command = person.program("acme-read", ASSUMEROLE_COMMAND=ASK)
    person.expect("ASSUMEROLE_COMMAND", command, (f"{READ}\n", "", 0))
    # A path, no device: the session is named after the person.
    person.expect("path", person.program("exec", "acme-deploy", "--", *ask), (f"{DEPLOY}\n", "", 0))
    nested = ["exec", "acme-read", "--", os.environ["ASSUMEROLE_TEST_BIN"], "exec", "acme-deploy", "--"]
    person.expect("nested", person.program(*nested, *ask), (f"{DEPLOY}\n", "", 0))


def pasted(person):
    """The `export` lines, pasted into a shell that knows nothing else."""
    lines, _, status = person.program("acme-read", SHELL="/bin/true")
    person.expect("export lines", (lines.count("export "), status), (4, 0))
    clean = ["env", "-i", f"AWS_ENDPOINT_URL={person.cloud.url}", f"HOME={person.home}", "sh", "-c"]
    got = person.run([*clean, f'eval "$1"; exec {ASK}', "sh", lines])
    person.expect("pasted", got, (f"{READ}\n", "", 0))


def refused(person):
    """What AWS refuses is told in AWS's words, and nothing is handed out."""
    stdout, stderr, status = person.program("exec", "acme-closed", "--", "echo", "handed out")
    person.expect("closed", (stdout, status), ("", 125))
    words = "error: An error occurred (AccessDenied) when calling the AssumeRole operation: "
    words += f"User: {USER} is not authorized to perform: sts:AssumeRole"
    person.expect("closed, words", stderr[: len(words)], words)
    # Other than the secret, whichever letter that ends with.
    person.keys(person.cloud.secret[:-1] + ("y" if person.cloud.secret.endswith("x") else "x"))
    # A code that was not spent yet: AWS looks at the signature first.
    again = ["exec", "acme-read", "--fresh-mfa", "--mfa-code", "654321", "true"]
    stdout, stderr, status = person.program(*again)
    person.expect("wrong secret", (stdout, status), ("", 125))
    call = "GetSessionToken" if person.sessions else "AssumeRole"
    words = f"error: An error occurred (SignatureDoesNotMatch) when calling the {call} operation: "
    person.expect("wrong secret, words", stderr[: len(words)], words)
    person.keys(person.cloud.secret)


def doctor(person):
    """`doctor` is told whose the keys are."""
    stdout, _, status = person.program("doctor")
    line = f"STS accepts the keys of profile base: {USER}\n"
    person.expect("doctor", (line in stdout, status), (True, 0))


def tokens(person):
    """A cluster of EKS learns from its token who asks; ECR gives a login such as boto3 gets."""
    stdout, stderr, status = person.program("eks-token", "acme-read", "acme-1")
    person.expect("eks-token", (stderr, status), ("", 0))
    token = json.loads(stdout)["status"]["token"].removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    # moto fails at a signature that stands in a URL (500).
    if person.cloud.name != "moto":
        request = urllib.request.Request(url, headers={"x-k8s-aws-id": "acme-1"})
        answer = urllib.request.urlopen(request, timeout=clouds.PATIENCE).read().decode()
        person.expect("who asks", READ in answer, True)
    printed, stderr, status = person.program("ecr-login", "--print", "acme-read")
    if person.cloud.name == "moto":
        # Its logins have all ended in 2015.
        person.expect("ended", ("it expired at 2015-01-01T00:00:00Z" in stderr, status), (True, 6))
        return
    person.expect("ecr-login", (stderr, status), ("", 0))
    ask = [sys.executable, "-c", ECR]
    theirs, _, _ = person.program("exec", "acme-read", "--", *ask)
    user, _, password = theirs.strip().partition(":")
    # A new one for each call.
    person.expect("login", (user, len(printed.strip())), ("AWS", len(password)))


def main():
    for name in ("ASSUMEROLE_TEST_BIN", "ASSUMEROLE_TEST_SANDBOX"):
        if name not in os.environ:
            sys.exit(f"{name} is not set; `cargo xtask test moto` sets it")
    differences, asked = [], 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for cloud in (clouds.moto(), clouds.sandbox(folder)):
            with cloud as there:
                home = folder / there.name
                home.mkdir()
                person = Person(home, there)
                for check in (granted, tokens, pasted, refused, doctor):
                    check(person)
                differences += person.differences
                asked += person.asked
    for text in differences:
        print(text, file=sys.stderr)
    if differences:
        sys.exit(f"{len(differences)} of {asked} answers differ")
    print(f"{asked} answers of moto and of the sandbox are as they should be")


if __name__ == "__main__":
    main()
