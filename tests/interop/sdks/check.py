#!/usr/bin/env python3
"""SDKs get a role's credentials by `credential_process`.

    check.py

boto3, the AWS CLI, and, where their tools stand, the AWS SDKs for JavaScript, Go
and Java run the program as a profile of ~/.aws/config says it, and get what the
sandbox gave. boto3 signs through hours that pass in minutes, and the starts of
the program are counted.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test, and
libfaketime; runs by the Python that has boto3. Ends with status 1 and says what
differs.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import clients

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(sys.executable).parent
ACCOUNT = "123456789012"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
USER = "arn:aws:iam::210987654321:user/jdoe"
# Longer than a loaded machine needs, so that it only ends what hangs.
PATIENCE = 300

WORLD = {
    "users": [
        {"name": "jdoe", "account": "210987654321", "access_keys": [{"id": KEY, "secret": SECRET}]}
    ],
    "roles": [{"arn": f"arn:aws:iam::{ACCOUNT}:role/read", "trust": {"principals": [USER]}}],
}


class Differs(Exception):
    """What is not as it should be."""


def same(what, is_so, should_be):
    if is_so != should_be:
        raise Differs(f"{what}: {is_so!r}, not {should_be!r}")


class Home:
    """A home of its own with the profile `acme`, which counts its starts."""

    def __init__(self, folder, url, faked):
        self.path, self.url, self.faked = folder, url, faked
        role = {"aws_profile": "base", "aws_account": ACCOUNT, "aws_role": "read"}
        self.write(".assumerole", json.dumps({"assume_roles": {"read": role}}))
        self.write(".aws/credentials", f"[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        program = os.environ["ASSUMEROLE_TEST_BIN"]
        counted = self.write(
            "counted", f'#!/bin/sh\necho x >> "$HOME/starts"\nexec "{program}" credential-process "$@"\n'
        )
        counted.chmod(0o755)
        self.write(
            ".aws/config",
            f"[profile base]\nendpoint_url = {url}\n\n"
            f"[profile acme]\ncredential_process = {counted} read\nregion = eu-central-1\n"
            f"endpoint_url = {url}\n",
        )

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def env(self, **more):
        return {
            "HOME": str(self.path),
            "PATH": f"{BIN}:/usr/local/bin:/usr/local/go/bin:/usr/bin:/bin",
            "USER": "tester",
            "ASSUMEROLE_KEY_STORE": "file",
            "LANG": "C.UTF-8",
            "AWS_PROFILE": "acme",
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }

    def run(self, *command, **more):
        """What a program prints."""
        done = subprocess.run(
            command,
            env=self.env(**more),
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            start_new_session=True,
        )
        if done.returncode != 0:
            raise Differs(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def ours(self):
        """The access key ID that the program prints."""
        printed = self.run(os.environ["ASSUMEROLE_TEST_BIN"], "credential-process", "read")
        return json.loads(printed)["AccessKeyId"]


def library():
    """libfaketime, from Debian's package `faketime`."""
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise Differs("libfaketime is missing; run cargo xtask test")
    return str(found[0])


def signing(home):
    """200 signings in each of five hours."""
    printed = home.run(sys.executable, str(HERE / "signing.py"), **home.faked)
    starts = json.loads(printed)
    first = [at for at in starts if at < 3600]
    if len(first) > 2:
        raise Differs(f"200 signings in the first hour took {len(first)} starts: {first}")
    for at in starts:
        hour = [other for other in starts if at <= other < at + 3600]
        if len(hour) > 3:
            raise Differs(f"an hour of signing took {len(hour)} starts: {hour}")
    print(f"boto3: {len(starts)} starts in 1000 signings over five hours")


def gets_ours(home):
    key = home.ours()
    found = home.run(sys.executable, "-c", "import boto3; print(boto3.Session().get_credentials().access_key)")
    same("boto3", found.strip(), key)
    arn = home.run(sys.executable, f"{BIN}/aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    same("the AWS CLI", arn.strip().rsplit("/", 1)[0], f"arn:aws:sts::{ACCOUNT}:assumed-role/read")
    for name, client in clients.ALL:
        try:
            command = client(home.path / name)
        except clients.Missing as why:
            print(f"{name}: left out, {why}")
            continue
        same(name, home.run(*command).strip(), f"{key} {ACCOUNT}")
        print(f"{name}: ok")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        times = folder / "time"
        times.write_text("+0s\n", encoding="utf-8")
        faked = {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(times),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        world = folder / "world.json"
        world.write_text(json.dumps(WORLD), encoding="utf-8")
        command = [os.environ["ASSUMEROLE_TEST_SANDBOX"], "--world", str(world)]
        sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **faked})
        try:
            url = re.fullmatch(r"endpoint (\S+)\n", sandbox.stdout.readline()).group(1)
            for name, check in [("plain", gets_ours), ("faked", signing)]:
                home = folder / name
                home.mkdir()
                check(Home(home, url, faked))
        finally:
            sandbox.kill()
            sandbox.wait()


if __name__ == "__main__":
    try:
        main()
    except Differs as difference:
        sys.exit(f"error: {difference}")
