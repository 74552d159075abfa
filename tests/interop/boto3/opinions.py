"""What boto3 and assumerole each make of a case."""

import os
import re
import subprocess

import botocore.credentials
import botocore.exceptions
import botocore.session
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from worlds import DEVICE, PATIENCE

PROGRAM = os.environ["ASSUMEROLE_TEST_BIN"]


class EC:
    """The part of awscrt that botocore signs proofs of `aws login` with."""

    def __init__(self, key):
        self.key = key

    @classmethod
    def new_key_from_der_data(cls, der):
        return cls(serialization.load_der_private_key(der, None))

    def get_public_coords(self):
        numbers = self.key.public_key().public_numbers()
        return numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")

    def sign(self, digest):
        return self.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))

    @staticmethod
    def decode_der_signature_to_padded_pair(signature, pad_to):
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(pad_to, "big") + s.to_bytes(pad_to, "big")


botocore.credentials.EC = EC


class Opinion:
    """Who somebody ended as (None: it failed, and why), and by which requests."""

    def __init__(self, name, who, why, requests):
        self.name, self.who, self.why, self.requests = name, who, why, requests

    def __str__(self):
        lines = [f"  {self.name}: {self.who or self.why}", *self.requests]
        return "\n    ".join(lines)


def opinion(name, sandbox, ask):
    before = len(sandbox.requests())
    try:
        keys, why = ask(), None
    except Exception as error:  # whatever it is, it is their opinion
        keys, why = None, f"{type(error).__name__}: {error}"
    requests = sandbox.requests()[before:]
    who = whose(sandbox, *keys) if keys else None
    # The first carries the MFA code for all roles; the second says which instance
    # profile a session is cached for. boto3 makes neither.
    ours = ("GetSessionToken", "/latest/meta-data/iam/info")
    requests = [line for line in requests if not any(one in line for one in ours)]
    return Opinion(name, who, why, requests)


def whose(sandbox, key, secret, token):
    """The user or the role that these belong to."""
    client = botocore.session.Session().create_client(
        "sts",
        region_name="us-east-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
    return re.sub(r"(:assumed-role/[^/]+)/.*", r"\1", client.get_caller_identity()["Arn"])


def environment(case, sandbox):
    """What the case says, and where AWS is."""
    env = {name: value.replace("@URL@", sandbox.url) for name, value in case.env.items()}
    where = {"AWS_ENDPOINT_URL": sandbox.url, "AWS_DEFAULT_REGION": "us-east-1"}
    return {**os.environ, **where, **env}


def of_boto3(case, sandbox):
    def ask():
        before = dict(os.environ)
        os.environ.update(environment(case, sandbox))
        try:
            session = botocore.session.Session(profile="p")
            resolver = session.get_component("credential_provider")
            resolver.get_provider("assume-role")._prompter = lambda _: sandbox.code()
            found = session.get_credentials()
            if found is None:
                raise botocore.exceptions.NoCredentialsError
            frozen = found.get_frozen_credentials()
            return frozen.access_key, frozen.secret_key, frozen.token
        finally:
            os.environ.clear()
            os.environ.update(before)

    return opinion("boto3", sandbox, ask)


def of_assumerole(case, sandbox):
    names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]

    def ask():
        command = [PROGRAM, "exec", "p", "--fresh"]
        if DEVICE.rsplit(":", 1)[0] in case.config:
            command += ["--mfa-code", sandbox.code()]
        done = subprocess.run(
            [*command, "--", "env", "-0"],
            env={**environment(case, sandbox), "ASSUMEROLE_KEY_STORE": "file"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            start_new_session=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        pairs = dict(pair.split("=", 1) for pair in done.stdout.split("\0") if pair)
        return [pairs.get(name) for name in names]

    return opinion("assumerole", sandbox, ask)


BOTH = (of_boto3, of_assumerole)
