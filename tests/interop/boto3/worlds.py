"""The private AWS of one case."""

import json
import os
import re
import subprocess
import tempfile
import urllib.request

PROGRAM = os.environ["ASSUMEROLE_TEST_SANDBOX"]
ACCOUNT, BASE, HUB = "123456789012", "210987654321", "222222222222"
PROVIDER = f"arn:aws:iam::{HUB}:oidc-provider/token.example.com"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DEVICE, OTHER = (f"arn:aws:iam::{BASE}:mfa/{name}" for name in ["jdoe", "other"])
START = "https://acme.awsapps.com/start"
DEV = f"arn:aws:iam::{HUB}:user/dev"
PATIENCE = 120


def role(account, name, principals, **trust):
    return {
        "arn": f"arn:aws:iam::{account}:role/{name}",
        "max_session_duration": 43200,
        "trust": {"principals": principals, **trust},
    }


def world(mfa):
    """`mfa`: whether the roles that a user assumes demand a code."""
    hub = f"arn:aws:iam::{HUB}:role/hub"
    user = {
        "name": "jdoe",
        "account": BASE,
        "access_keys": [{"id": KEY, "secret": SECRET}],
        "mfa_devices": [{"arn": arn, "secret": SEED} for arn in [DEVICE, OTHER]],
    }
    renewal = {"refresh_token": "refresh", "client_id": "client", "client_secret": "secret"}
    holder = {
        "name": "jdoe",
        "assignments": [{"account": HUB, "permission_set": "Admin"}],
        "sessions": [
            {"access_token": "good-token"},
            {"access_token": "old-token", "expires": "2020-01-01T00:00:00Z", "renewal": renewal},
        ],
    }
    center = {
        "start_url": START,
        "accounts": [{"id": HUB, "name": "hub", "email": "hub@example.com"}],
        "permission_sets": [{"name": "Admin"}],
        "users": [holder],
    }
    return {
        "users": [user, {"name": "dev", "account": HUB}],
        "roles": [
            # What is assumed from another role shows no code.
            role(ACCOUNT, "read", [BASE, HUB, "333333333333"], require_mfa=mfa == "read"),
            role(HUB, "hub", [BASE, PROVIDER, "333333333333"], require_mfa=mfa == "hub"),
            role("333333333333", "first", [BASE]),
        ],
        "oidc_providers": [{"arn": PROVIDER, "secret": "key"}],
        "identity_centers": [center],
        "containers": [{"id": "task", "role": hub}],
        "instance": {"id": "i-0123456789abcdef0", "role": hub, "region": "eu-central-1"},
        "logins": [{"session": DEV, "refresh_token": "login-refresh"}],
    }


class Sandbox:
    """A fresh one: no code of it is spent, no token of it is used."""

    def __init__(self, case):
        self.folder = tempfile.TemporaryDirectory()
        self.world, self.log = (f"{self.folder.name}/{name}" for name in ["world", "log"])
        with open(self.world, "w", encoding="utf-8") as file:
            json.dump(world(case.mfa), file)

    def __enter__(self):
        with open(self.log, "wb") as log:
            command = [PROGRAM, "--world", self.world, "--log"]
            self.server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = re.fullmatch(r"endpoint (\S+)\n", self.server.stdout.readline()).group(1)
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(PATIENCE)
        self.server.stdout.close()
        self.folder.cleanup()

    def code(self):
        return subprocess.check_output([PROGRAM, "code", SEED], text=True).strip()

    def token(self):
        command = [PROGRAM, "--world", self.world, "token", PROVIDER, "ci"]
        return subprocess.check_output(command, text=True).strip()

    def temporary(self):
        """Keys of a session of the role `hub`."""
        with urllib.request.urlopen(f"{self.url}/v2/credentials/task", timeout=PATIENCE) as answer:
            return json.load(answer)

    def requests(self):
        """Action, outcome, who asked and for which role, of each request so far."""
        found = []
        with open(self.log, encoding="utf-8") as log:
            for line in log:
                _, action, _, outcome, who, *rest = line.split()
                # A session is called as whoever asked likes.
                who = re.sub(r"(:assumed-role/[^/]+)/.*", r"\1", who)
                found.append(" ".join([action, outcome, who, *rest]))
        return found
