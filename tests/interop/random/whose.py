"""Whose credentials botocore and assumerole would use for a profile, with no
request made: a list of steps, or a refusal.

A step is a tuple: the kind, then what tells one from another of its kind.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess

import botocore.credentials
import botocore.exceptions
import botocore.session
import botocore.validate

# Of `boto3`: it makes botocore sign for `aws login`.
import opinions  # noqa: F401

HOME = pathlib.Path(os.environ["HOME"])
PROGRAM = os.environ["ASSUMEROLE_TEST_BIN"]
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAENV",
    "AWS_SECRET_ACCESS_KEY": "env",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/task",
    "AWS_DEFAULT_REGION": "us-east-1",
}

# Settings that decide how AWS is reached, and may be wrong.
REACHED = {"endpoint_url", "services", "max_attempts", "ignore_configured_endpoint_urls", "region"}

LOADER = botocore.session.Session().get_component("data_loader")


class Refused(Exception):
    """It gives no credentials, and says why."""


class Fetcher(botocore.credentials.AssumeRoleCredentialFetcher):
    """Keeps what the role is assumed from."""

    def __init__(self, client_creator, source_credentials, role_arn, *rest, **more):
        super().__init__(client_creator, source_credentials, role_arn, *rest, **more)
        self.source = source_credentials


class WebFetcher(botocore.credentials.AssumeRoleWithWebIdentityCredentialFetcher):
    """Keeps which token is shown."""

    def __init__(self, client_creator, web_identity_token_loader, *rest, **more):
        super().__init__(client_creator, web_identity_token_loader, *rest, **more)
        self.token = web_identity_token_loader._web_identity_token_path


class Process:
    """What a process prints, without one."""

    returncode = 0
    words = None

    def __init__(self, words, **_):
        if not words:
            raise Refused("no program")
        Process.words = words

    def communicate(self):
        return b'{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}', b""


def program(word):
    """What is shown of a program: where somebody put the whole command into quotes,
    its arguments are not."""
    return re.split("[ \t\r\n]", word)[0]


def of_login(fetcher):
    """What a login has, without one: that is for whoever needs it."""
    name = fetcher._session_name
    if not isinstance(name, str) or not name.strip():
        raise Refused("an empty login session")
    keys = ["access_key", "secret_key", "token", "account_id"]
    return {**dict.fromkeys(keys, "x"), "expiry_time": "2999-01-01T00:00:00Z"}


def of_machine(method):
    """A provider of the credentials of a machine, without one."""
    return lambda self: botocore.credentials.Credentials("AKIAMACHINE", "s", "t", method=method)


botocore.credentials.AssumeRoleCredentialFetcher = Fetcher
botocore.credentials.AssumeRoleWithWebIdentityCredentialFetcher = WebFetcher
botocore.credentials.ProcessProvider.__init__.__defaults__ = (Process,)
botocore.credentials.LoginCredentialFetcher.load_cached_credentials = of_login
botocore.credentials.InstanceMetadataProvider.load = of_machine("iam-role")
botocore.credentials.ContainerProvider.load = of_machine("container-role")


def steps(session, found):
    """The steps to what botocore found."""
    if found is None:
        raise Refused("no credentials")
    refresh = getattr(found, "_refresh_using", None)
    # That of a role with MFA is wrapped.
    refresh = getattr(refresh, "_refresh", refresh)
    fetcher = getattr(refresh, "__self__", None)
    if isinstance(fetcher, Fetcher):
        source = steps(session, fetcher.source)
        sent = fetcher._assume_kwargs
        checked(session, "AssumeRole", sent)
        return [*source, ("assume_role", sent["RoleArn"], sent.get("ExternalId"))]
    if isinstance(fetcher, WebFetcher):
        sent = {**fetcher._assume_kwargs, "WebIdentityToken": "token"}
        checked(session, "AssumeRoleWithWebIdentity", sent)
        return [("web_identity", sent["RoleArn"], fetcher.token)]
    if found.method == "sso":
        parts = [fetcher._account_id, fetcher._role_name, fetcher._start_url, fetcher._sso_region]
        if not all(parts):
            raise Refused("an empty part")
        if fetcher._token_provider:
            # Refuses when it is asked.
            fetcher._token_provider.load_token()
        return [("sso", *parts)]
    if found.method == "login":
        return [("login_session",)]
    if found.method == "custom-process":
        # Its arguments may be secret, and are not shown.
        return [("credential_process", program(Process.words[0]))]
    kinds = {"env": "environment", "iam-role": "instance", "container-role": "container"}
    if found.method in kinds:
        return [(kinds[found.method],)]
    if found.method not in ("shared-credentials-file", "config-file"):
        raise AssertionError(found.method)
    if not (found.access_key and found.secret_key) or isinstance(found.access_key, dict):
        raise Refused("an empty key")
    return [("profile_keys", found.access_key, bool(found.token))]


def checked(session, operation, sent):
    """Refuses what botocore would not send."""
    model = session.get_service_model("sts").operation_model(operation)
    report = botocore.validate.ParamValidator().validate(sent, model.input_shape)
    if report.has_errors():
        raise Refused(report.generate_report())


def called(session, found):
    """The endpoints that are named for the services that are asked."""
    settings = session.get_scoped_config()
    if not REACHED & settings.keys():
        return []
    # A block that lost its indentation, or a wrong value in it, ends every call
    # of the AWS CLI. It says nothing of credentials.
    settings.pop("s3", None)
    asked = {"assume_role": "sts", "web_identity": "sts", "sso": "sso", "login_session": "signin"}
    services = {asked.get(step[0]) for step in found} - {None}
    # We ask STS for a session where botocore hands over a user's keys.
    user = [step[0] == "credential_process" or step[0] == "profile_keys" and not step[2] for step in found]
    ours = {"sts"} if user == [True] else set()
    urls = set()
    for service in services | ours:
        # A region that is none is no endpoint either.
        region = settings.get("region", "us-east-1")
        # Given keys, it looks for none.
        keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "s"}
        client = session.create_client(service, region_name=region or "us-east-1", **keys)
        url = client.meta.endpoint_url
        if service in services and not url.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            # What may be secret in one is not shown by a plan.
            urls.add(re.sub("[?#].*", "?***", url))
    return sorted(urls)


def of_botocore(profile):
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    try:
        session = botocore.session.Session(profile=profile)
        session.register_component("data_loader", LOADER)
        resolver = session.get_component("credential_provider")
        # What a machine has is no way of a profile.
        for other in ["ec2-credentials-file", "boto-config", "container-role", "iam-role"]:
            resolver.remove(other)
        found = steps(session, resolver.load_credentials())
        # It is looked for before any request.
        session.get_auth_token()
        return [*found, ("called", *called(session, found))]
    except Exception as error:  # Whatever it is, the AWS CLI ends with it.
        return f"{type(error).__name__}: {error}"
    finally:
        os.environ.clear()
        os.environ.update(before)


def of_assumerole(name):
    done = subprocess.run(
        [PROGRAM, "plan", "--json", "--", name],
        env={**os.environ, **ENVIRONMENT, "ASSUMEROLE_KEY_STORE": "file"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if done.returncode:
        return done.stderr.decode()
    found, urls = [], set()
    for step in json.loads(done.stdout)["steps"]:
        values = {name: value["value"] for name, value in step["values"].items()}
        kind = step["step"]
        if kind == "profile_keys":
            found.append((kind, values["access_key_id"], "session_token" in values))
        elif kind == "sso":
            names = ["sso_account_id", "sso_role_name", "sso_start_url", "sso_region"]
            found.append((kind, *[values[name] for name in names]))
        elif kind == "web_identity":
            found.append((kind, values["arn"], values["web_identity_token_file"]))
        elif kind == "credential_process":
            found.append((kind, values["credential_process"]))
        elif kind == "assume_role":
            found.append((kind, values["arn"], values.get("external_id")))
        elif kind != "mfa_session":
            found.append((kind,))
        # GetSessionToken is not asked for by botocore.
        if kind != "mfa_session" and values.get("endpoint_url"):
            urls.add(values["endpoint_url"])
    return [*found, ("called", *sorted(urls))]


def write(name, data):
    path = HOME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def write_logins():
    """Logins at all portals."""
    later = "2999-01-01T00:00:00Z"
    portals = {"https://acme.awsapps.com/start": "eu-west-1", "https://other.awsapps.com/start": "us-east-1"}
    for portal, region in portals.items():
        for name in [portal, *{"eu-west-1": ["s"], "us-east-1": ["t"]}[region]]:
            token = {"startUrl": portal, "region": region, "accessToken": "x", "expiresAt": later}
            digest = hashlib.sha1(name.encode()).hexdigest()
            write(f".aws/sso/cache/{digest}.json", json.dumps(token))
