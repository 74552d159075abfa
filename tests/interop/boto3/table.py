"""The planner's decision table (crates/core/src/plan/tests/chains.rs), as files."""

import dataclasses
import hashlib
import json

from worlds import ACCOUNT, DEV, DEVICE, HUB, KEY, OTHER, SECRET, START

BASE = f"[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
KEYS = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
READ = f"role_arn = arn:aws:iam::{ACCOUNT}:role/read\n"
ROLE_HUB = f"role_arn = arn:aws:iam::{HUB}:role/hub\n"
FIRST = "role_arn = arn:aws:iam::333333333333:role/first\n"
TEMPORARY_KEYS = (
    "aws_access_key_id = @KEY@\naws_secret_access_key = @SECRET@\naws_session_token = @TOKEN@\n"
)
MFA = f"mfa_serial = {DEVICE}\n"
SSO = f"sso_session = s\nsso_account_id = {HUB}\nsso_role_name = Admin\n"
SESSION = f"[sso-session s]\nsso_start_url = {START}\nsso_region = eu-west-1\n"
LOGIN = f"login_session = {DEV}\nregion = eu-west-1\n"

# What a process prints.
PRINTED = json.dumps({"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET})
PROCESS = f"#!/bin/sh\necho '{PRINTED}'\n"
# The same of a role: of the container's.
TEMPORARY = """#!/usr/bin/env python3
import json, os, urllib.request
given = json.load(urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/v2/credentials/task"))
given["SessionToken"] = given.pop("Token")
print(json.dumps({"Version": 1, **given}))
"""
# Writes down its arguments first.
WORDS = f"#!/usr/bin/env python3\nimport pathlib, sys\npathlib.Path.home().joinpath('words').write_text(repr(sys.argv[1:]))\nprint('{PRINTED}')\n"


def sso_file(name, token, ends, **more):
    """The token of a login, where the AWS CLI keeps it."""
    token = {"startUrl": START, "region": "eu-west-1", "accessToken": token, "expiresAt": ends, **more}
    digest = hashlib.sha1(name.encode()).hexdigest()
    return {f".aws/sso/cache/{digest}.json": json.dumps(token)}


def login_file(ends):
    """A session of `aws login`, where the AWS CLI keeps it."""
    key = (
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\n"
        "AwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\n"
        "djiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n"
        "-----END EC PRIVATE KEY-----\n"
    )
    given = {"accessKeyId": "ASIAOLD", "secretAccessKey": "s", "sessionToken": "t"}
    session = {
        "accessToken": {**given, "accountId": HUB, "expiresAt": ends},
        "tokenType": "aws_sigv4",
        "refreshToken": "login-refresh",
        "idToken": "id",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": key,
    }
    digest = hashlib.sha256(DEV.encode()).hexdigest()
    return {f".aws/login/cache/{digest}.json": json.dumps(session)}


LATER, PAST = "2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
GOOD = sso_file("s", "good-token", LATER)
RENEWABLE = sso_file(
    "s",
    "old-token",
    PAST,
    clientId="client",
    clientSecret="secret",
    refreshToken="refresh",
    registrationExpiresAt=LATER,
)


@dataclasses.dataclass
class Case:
    """A home, and what is to come of its profile `p`."""

    name: str
    config: str
    # None: the keys of the profile `base`.
    credentials: str | None = None
    files: dict = dataclasses.field(default_factory=dict)
    env: dict = dataclasses.field(default_factory=dict)
    # The role that demands an MFA code.
    mfa: str | None = None
    # Whether there is a web identity token in ~/token.
    token: bool = False
    fails: bool = False


def p(text):
    return f"[profile p]\n{text}"


def q(text):
    return f"source_profile = q\n[profile q]\n{text}"


TOOL = {"tool": PROCESS}
PROCESS_OF_Q = q("credential_process = @HOME@/tool\n")
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "@URL@/v2/credentials/task"}
INSTANCE = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "@URL@"}
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
FROM_BASE = "source_profile = base\n"
OLD_SSO = f"sso_start_url = {START}\nsso_region = eu-west-1\nsso_account_id = {HUB}\nsso_role_name = Admin\n"

CASES = [
    # Profiles with a role.
    Case("plain", p(READ + FROM_BASE)),
    Case("MFA", p(READ + MFA + FROM_BASE), mfa="read"),
    Case("long", p(READ + MFA + "duration_seconds = 7200\n" + FROM_BASE), mfa="read"),
    Case("MFA on the source only", p(READ + FROM_BASE + f"[profile base]\n{MFA}")),
    Case("MFA on both, the same device", p(READ + MFA + FROM_BASE + f"[profile base]\n{MFA}"), mfa="read"),
    Case(
        "MFA on both, another device",
        p(READ + f"mfa_serial = {OTHER}\n" + FROM_BASE + f"[profile base]\n{MFA}"),
        mfa="read",
    ),
    Case("a chain of two", p(READ + q(ROLE_HUB + FROM_BASE))),
    Case("a chain of two with MFA", p(READ + q(ROLE_HUB + MFA + FROM_BASE)), mfa="hub"),
    Case("a chain of three", p(READ + q(ROLE_HUB + f"source_profile = s\n[profile s]\n{FIRST}{FROM_BASE}"))),
    Case("itself", p(READ + "source_profile = p\n" + KEYS)),
    Case(
        "a source with keys and a role: the keys count",
        p(READ + FROM_BASE + f"[profile base]\n{ROLE_HUB}source_profile = p\n"),
    ),
    Case("temporary keys, then a role", p(READ + q(TEMPORARY_KEYS))),
    Case("a process", p(READ + PROCESS_OF_Q), files=TOOL),
    Case("a process with MFA", p(READ + MFA + PROCESS_OF_Q), files=TOOL, mfa="read"),
    Case("a process with keys of a role", p(READ + PROCESS_OF_Q), files={"tool": TEMPORARY}),
    # The role's user has no device; both send the code all the same.
    Case(
        "a process with keys of a role, and MFA",
        p(READ + MFA + PROCESS_OF_Q),
        files={"tool": TEMPORARY},
        fails=True,
    ),
    Case("IAM Identity Center", p(READ + q(SSO) + SESSION), files=GOOD),
    Case("IAM Identity Center, ended", p(READ + q(SSO) + SESSION), files=RENEWABLE),
    Case("IAM Identity Center, over", p(READ + q(SSO) + SESSION), files=sso_file("s", "old-token", PAST), fails=True),
    Case("IAM Identity Center, revoked", p(READ + q(SSO) + SESSION), files=sso_file("s", "x", LATER), fails=True),
    Case("IAM Identity Center, no login", p(READ + q(SSO) + SESSION), fails=True),
    Case("web identity", p(READ.replace("read", "hub").replace(ACCOUNT, HUB) + "web_identity_token_file = @HOME@/token\n"), token=True),
    Case("web identity, then a role", p(READ + q(ROLE_HUB + "web_identity_token_file = @HOME@/token\n")), token=True),
    Case("web identity, no token", p(ROLE_HUB + "web_identity_token_file = @HOME@/token\n"), fails=True),
    Case("a login session", p(READ + q(LOGIN)), files=login_file(PAST)),
    Case("a login session, no login", p(READ + q(LOGIN)), fails=True),
    Case("the environment", p(READ + "credential_source = Environment\n"), env=ENVIRONMENT),
    Case("the environment with MFA", p(READ + MFA + "credential_source = Environment\n"), env=ENVIRONMENT, mfa="read"),
    Case("the container", p(READ + "credential_source = EcsContainer\n"), env=CONTAINER),
    Case("the instance", p(READ + "credential_source = Ec2InstanceMetadata\n"), env=INSTANCE),
    # Profiles without a role.
    Case("keys", p(KEYS)),
    Case("temporary keys", p(TEMPORARY_KEYS)),
    Case("a process alone", p("credential_process = @HOME@/tool\n"), files=TOOL),
    Case("IAM Identity Center alone", p(SSO) + SESSION, files=GOOD),
    Case("IAM Identity Center, the older form, before keys", p(KEYS + OLD_SSO), files=sso_file(START, "good-token", LATER)),
    Case("IAM Identity Center, the older form, over", p(OLD_SSO), files=sso_file(START, "old-token", PAST), fails=True),
    Case("a process before keys of the same file", p(KEYS.replace(KEY, "AKIAOTHER") + "credential_process = @HOME@/tool\n"), files=TOOL),
    Case("a login session alone", p(LOGIN), files=login_file(PAST)),
    # Profiles that lead nowhere.
    Case("no source", p(READ), fails=True),
    Case("two sources", p(READ + FROM_BASE + "credential_source = Environment\n"), env=ENVIRONMENT, fails=True),
    Case("an unknown source", p(READ + "credential_source = Elsewhere\n"), fails=True),
    Case("no such profile", p(READ + "source_profile = bass\n"), fails=True),
    Case("a loop of one", p(READ + "source_profile = p\n"), fails=True),
    Case("a loop", p(READ + q(READ + "source_profile = p\n")), fails=True),
    Case("no environment", p(READ + "credential_source = Environment\n"), fails=True),
    Case("no container", p(READ + "credential_source = EcsContainer\n"), fails=True),
    Case("nothing", p("region = eu-west-1\n"), env={"AWS_EC2_METADATA_DISABLED": "true"}, fails=True),
    Case("no such SSO session", p(SSO), fails=True),
    Case("half an SSO profile", p(OLD_SSO.replace(f"sso_account_id = {HUB}\n", "")), fails=True),
    # Processes that do no good.
    *(
        Case(f"a process that {what}", p("credential_process = @HOME@/tool\n"), files={"tool": f"#!/bin/sh\n{script}\n"}, fails=True)
        for what, script in [
            ("fails", "exit 3"),
            ("says nothing", "true"),
            ("says no JSON", "echo words"),
            ("is of another version", """echo '{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "s"}'"""),
            ("has no version", """echo '{"AccessKeyId": "A", "SecretAccessKey": "s"}'"""),
            ("has no key", """echo '{"Version": 1, "SecretAccessKey": "s"}'"""),
            ("has no secret", """echo '{"Version": 1, "AccessKeyId": "A"}'"""),
            ("is late", f"""echo '{{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "{PAST}"}}'"""),
        ]
    ),
]

# A login that has ended, and what renews it, which must happen once.
LOGINS = [
    (Case("IAM Identity Center, shared", p(SSO) + SESSION, files=RENEWABLE), "CreateToken"),
    (Case("a login session, shared", p(LOGIN), files=login_file(PAST)), "CreateOAuth2Token"),
]


def command_line(line):
    return Case(line, p(f"credential_process = {line}\n"), files={"tool": WORDS, "my tool": WORDS})


LINES = [
    "@HOME@/tool",
    "@HOME@/tool a  b\tc",
    "@HOME@/tool '' \"\" a''b",
    r"@HOME@/my\ tool \a \\ \' x",
    "\"@HOME@/my tool\" 'a b' \"c d\"e'f'",
    r"""@HOME@/tool "\$x \" \\ \a \' `" '\' '\a'""",
    "@HOME@/tool $HOME ~/x *.md `id` $(id) a;b a|b a&b >x",
    "@HOME@/tool a#b '# c' é \u00a0x",
    "@HOME@/tool a=b [c] {d} !e",
    "@HOME@/tool 'a",
    '@HOME@/tool "a',
    "@HOME@/tool a\\",
    "''",
    "no-such-program",
    "~/tool",
]
