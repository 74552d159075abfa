"""Half of one way to get credentials beside another one: botocore's opinion
against that of `assumerole plan`, with no request made.

A way is a word for where credentials come from, with the access key ID and
whether there is a session token where they are keys that stand somewhere.
"""

import itertools
import json
import os
import pathlib
import subprocess

import botocore.credentials
import botocore.session
from table import GOOD, LATER, READ, SSO, login_file, sso_file
from worlds import ACCOUNT, DEV, HUB, START

HOME = pathlib.Path(os.environ["HOME"])
PROGRAM = os.environ["ASSUMEROLE_TEST_BIN"]

ID, SECRET = "aws_access_key_id = AKIAHALF\n", "aws_secret_access_key = half\n"
TOKEN, OLD_TOKEN = "aws_session_token = half\n", "aws_security_token = half\n"
WEB, ARN = "web_identity_token_file = /token\n", f"role_arn = arn:aws:iam::{ACCOUNT}:role/half\n"
START_URL, REGION = f"sso_start_url = {START}\n", "sso_region = eu-west-1\n"
CORP, SSO_ACCOUNT, SSO_ROLE = "sso_session = s\n", f"sso_account_id = {HUB}\n", "sso_role_name = Admin\n"

# Half a way each, and some that only look so.
HALVES = [
    "",
    ID,
    SECRET,
    TOKEN,
    OLD_TOKEN,
    ID + TOKEN,
    SECRET + TOKEN,
    "aws_access_key_id =\n",
    "aws_secret_access_key =\n",
    "aws_access_key_id =\naws_secret_access_key =\n",
    "aws_access_key_id =\n  a = b\n",
    ID + "aws_secret_access_key =\n",
    "aws_access_key_id =\n" + SECRET,
    "aws_session_token =\n",
    "aws_security_token =\n" + TOKEN,
    WEB,
    "web_identity_token_file =\n",
    WEB + "role_arn =\n",
    "web_identity_token_file =\n" + ARN,
    ARN,
    "role_arn =\n",
    "source_profile = base\n",
    "source_profile =\n",
    "credential_source = Environment\n",
    "credential_source =\n",
    ARN + "source_profile =\n",
    ARN + "credential_source =\n",
    ARN + "source_profile = p\n",
    SSO_ACCOUNT,
    SSO_ROLE,
    SSO_ACCOUNT + SSO_ROLE,
    "sso_account_id =\n",
    SSO_ACCOUNT + SSO_ROLE + REGION,
    SSO_ACCOUNT + SSO_ROLE + START_URL,
    SSO_ACCOUNT + REGION,
    START_URL,
    REGION,
    START_URL + REGION,
    START_URL + REGION + SSO_ACCOUNT,
    START_URL + REGION + SSO_ROLE,
    START_URL + REGION + SSO_ACCOUNT + "sso_role_name =\n",
    "sso_start_url =\n" + REGION + SSO_ACCOUNT + SSO_ROLE,
    CORP,
    CORP + SSO_ACCOUNT,
    CORP + SSO_ROLE,
    CORP + SSO_ACCOUNT + SSO_ROLE + "sso_start_url = https://other.example.com/start\n",
    CORP + SSO_ACCOUNT + SSO_ROLE + "sso_region = eu-west-2\n",
    CORP + SSO_ACCOUNT + SSO_ROLE + START_URL + REGION,
    "sso_session = x\n" + SSO_ACCOUNT + SSO_ROLE,
    "sso_session = x\n",
    "sso_session = bare\n" + SSO_ACCOUNT + SSO_ROLE,
    "sso_session =\n" + SSO_ACCOUNT + SSO_ROLE,
    "login_session =\n",
    "credential_process =\n",
    "mfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n",
]

# Whole ways.
KEYS = "aws_access_key_id = AKIAWHOLE\naws_secret_access_key = whole\n"
WAYS = [
    "",
    KEYS,
    KEYS + "aws_session_token = whole\n",
    KEYS + "aws_security_token = whole\n",
    "web_identity_token_file = /whole\n" + READ,
    READ + "source_profile = base\n",
    READ + "credential_source = Environment\n",
    SSO,
    START_URL + REGION + SSO_ACCOUNT + SSO_ROLE,
    f"login_session = {DEV}\nregion = eu-west-1\n",
    "credential_process = /whole\n",
]

SESSIONS = f"""
[sso-session s]
sso_start_url = {START}
sso_region = eu-west-1
[sso-session bare]
sso_region = eu-west-1
"""
BASE = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base\n"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env"}
# Who asks: the person, another profile, a role of ~/.assumerole.
ROLES = json.dumps({"assume_roles": {"r": {"aws_profile": "p", "aws_account": ACCOUNT, "aws_role": "last"}}})
LAST = f"[profile last]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/last\nsource_profile = p\n"

NAMES = {
    "shared-credentials-file": "profile_keys",
    "config-file": "profile_keys",
    "custom-process": "credential_process",
    "sso": "sso",
    "login": "login_session",
    "assume-role-with-web-identity": "web_identity",
    "env": "environment",
}


# Where we refuse and botocore does not: it leaves out both the empty file and
# the role beside it, and takes whatever else the profile has.
STRICTER = "web_identity_token_file of profile {} is empty"


class Refused(Exception):
    pass


class Fetcher(botocore.credentials.AssumeRoleCredentialFetcher):
    """Keeps what the role is assumed from."""

    def __init__(self, client_creator, source_credentials, role_arn, *rest, **more):
        super().__init__(client_creator, source_credentials, role_arn, *rest, **more)
        self.source, self.arn = source_credentials, role_arn


class Process:
    """What a process prints, without one."""

    returncode = 0

    def __init__(self, words, **_):
        if not words:
            raise Refused("no program")

    def communicate(self):
        return b'{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}', b""


def way(found):
    """The words for what botocore found, and the roles on the way."""
    if found is None:
        raise Refused("none")
    refresh = getattr(found, "_refresh_using", None)
    if hasattr(refresh, "_refresh"):
        # That of a role with MFA is wrapped.
        refresh = refresh._refresh
    fetcher = getattr(refresh, "__self__", None)
    if isinstance(fetcher, Fetcher):
        if not fetcher.arn:
            raise Refused("an empty role")
        return [*way(fetcher.source), fetcher.arn]
    parts = [getattr(fetcher, name, "-") for name in ["_account_id", "_role_name", "_start_url", "_sso_region"]]
    if found.method == "sso" and not all(parts):
        raise Refused("an empty part")
    if found.method == "sso" and getattr(fetcher, "_token_provider", None):
        # Refuses when it is asked.
        fetcher._token_provider.load_token()
    name = NAMES[found.method]
    if name != "profile_keys":
        return [name]
    if not (found.access_key and found.secret_key) or isinstance(found.access_key, dict):
        raise Refused("an empty key")
    return [name, found.access_key, bool(found.token)]


def of_botocore(profile):
    before, process = dict(os.environ), botocore.credentials.ProcessProvider.__init__.__defaults__
    os.environ.update(ENVIRONMENT)
    botocore.credentials.AssumeRoleCredentialFetcher = Fetcher
    botocore.credentials.ProcessProvider.__init__.__defaults__ = (Process,)
    try:
        session = botocore.session.Session(profile=profile)
        resolver = session.get_component("credential_provider")
        # What a machine has is no way of a profile.
        for other in ["ec2-credentials-file", "boto-config", "container-role", "iam-role"]:
            resolver.remove(other)
        found = way(resolver.load_credentials())
        # It is looked for before any request.
        session.get_auth_token()
        return found
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        botocore.credentials.ProcessProvider.__init__.__defaults__ = process
        os.environ.clear()
        os.environ.update(before)


def of_assumerole(name):
    done = subprocess.run(
        [PROGRAM, "plan", name, "--json"],
        env={**os.environ, **ENVIRONMENT, "ASSUMEROLE_KEY_STORE": "file"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return done.stderr
    steps = json.loads(done.stdout)["steps"]
    first, found = steps[0], [steps[0]["step"]]
    if first["step"] == "profile_keys":
        values = first["values"]
        found += [values["access_key_id"]["value"], "session_token" in values]
    roles = [step["values"]["arn"]["value"] for step in steps if step["step"] == "assume_role"]
    return found + roles


def write(config, credentials):
    (HOME / ".aws").mkdir(parents=True, exist_ok=True)
    (HOME / ".aws/config").write_text(config + SESSIONS, encoding="utf-8")
    (HOME / ".aws/credentials").write_text(BASE + credentials, encoding="utf-8")
    (HOME / ".assumerole").write_text(ROLES, encoding="utf-8")


def homes(half, whole):
    """The two files of each place that the two may have, as (config, credentials)."""
    keys = [{line.split("=")[0].strip() for line in text.splitlines()} for text in [half, whole]]
    twice = keys[0] & keys[1]
    for h, w in itertools.product([0, 1], repeat=2):
        # A key stands once in a file.
        if h == w and twice:
            continue
        parts = ["", ""]
        parts[w] += whole
        parts[h] += half
        yield parts


def check(pick=lambda number: True):
    """What differs, and how many were compared; `pick` says which are."""
    logins = {**GOOD, **sso_file(START, "x", LATER), **login_file(LATER)}
    for name, text in logins.items():
        path = HOME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    differences, made, number = [], 0, 0
    for half, whole in itertools.product(HALVES, WAYS):
        for config, credentials in homes(half, whole):
            for profile, ours in [("p", "p"), ("last", "last"), ("last", "r"), ("default", "default")]:
                number += 1
                if not pick(number):
                    continue
                name = "default" if profile == "default" else "p"
                section = "default" if name == "default" else "profile p"
                config_text = (f"[{section}]\n{config}" if config else "") + LAST
                credentials_text = f"[{name}]\n{credentials}"
                write(config_text, credentials_text)
                theirs = of_botocore(profile)
                mine = of_assumerole(ours)
                made += 1
                if isinstance(theirs, str) and isinstance(mine, str):
                    # An error says where.
                    if ".aws/" in mine and "hint:" in mine:
                        continue
                    kind = "no place or hint"
                elif isinstance(theirs, str):
                    kind = "not refused"
                elif isinstance(mine, str):
                    if STRICTER.format(name) in mine and "role_arn" in half + whole:
                        continue
                    kind = "refused"
                elif theirs == mine:
                    continue
                else:
                    kind = "differ"
                files = f"{config_text}--\n{credentials_text}"
                opinions = f"  botocore: {theirs}\n  assumerole: {mine}"
                differences.append(f"{kind}: {ours}\n{files}{opinions}")
    return differences, made
