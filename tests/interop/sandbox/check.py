#!/usr/bin/env python3
"""The sandbox, asked by clients that others wrote.

    check.py

boto3 comes by credentials in each way that the sandbox offers, and STS tells
it who it is then; its errors are those of AWS. The AWS CLI logs package tools
in to CodeArtifact, and they find a package there.

Needs ASSUMEROLE_TEST_SANDBOX, the program, and npm; runs by the Python that has
awscli and boto3. Ends with status 1 and says what differs.
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

# botocore finds the folders of its caches when it is imported.
HOME = tempfile.TemporaryDirectory()
os.environ["HOME"] = HOME.name

import boto3
import botocore.credentials
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

import p256

BIN = pathlib.Path(sys.executable).parent
USER = "arn:aws:iam::210987654321:user/jdoe"
DEVICE = "arn:aws:iam::210987654321:mfa/jdoe"
KEYS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
ROBOT = ("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
AUDIT = "arn:aws:sts::345678901234:assumed-role/audit"
START = "https://acme.awsapps.com/start"
LONG_AGO = "2020-01-01T00:00:00Z"
# Longer than a loaded machine needs, so that it only ends what hangs.
PATIENCE = 120


class Sandbox:
    """A running sandbox with the sample world, and a home for its clients."""

    def __init__(self, folder):
        self.program = os.environ["ASSUMEROLE_TEST_SANDBOX"]
        self.home = folder
        self.log = folder / "log"
        self.differences, self.asked = [], 0
        command = [self.program, "--log"]
        # Its log goes to a file, so that it never waits for a reader.
        with self.log.open("w", encoding="utf-8") as log:
            self.server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.server.stdout.readline()
        self.url = re.fullmatch(r"endpoint (\S+)\n", line).group(1)

    def stop(self):
        self.server.terminate()
        self.server.wait(PATIENCE)

    def output(self, *arguments):
        return subprocess.check_output([self.program, *arguments], text=True).strip()

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def environment(self, **more):
        """An environment with nothing in it but where the sandbox is."""
        os.environ.clear()
        os.environ.update(
            HOME=str(self.home),
            PATH=f"{self.home}/bin:{BIN}:/usr/local/bin:/usr/bin:/bin",
            AWS_ENDPOINT_URL=self.url,
            AWS_DEFAULT_REGION="eu-central-1",
            AWS_EC2_METADATA_DISABLED="true",
            # npm asks its own registry for news otherwise.
            NO_UPDATE_NOTIFIER="1",
            **more,
        )

    def profile(self, text):
        self.write(".aws/config", f"[profile tested]\n{text}")

    def session(self):
        """boto3 as a process that has just started would have it."""
        named = (self.home / ".aws/config").exists()
        core = botocore.session.Session(profile="tested" if named else None)
        return boto3.Session(botocore_session=core)

    def client(self, service):
        """A client that knows the environment as it is now."""
        return self.session().client(service)

    def who(self):
        """Who STS says one is; or why one has no credentials."""
        try:
            return self.client("sts").get_caller_identity()["Arn"]
        except (ClientError, BotoCoreError) as error:
            return f"{type(error).__name__}: {error}"

    def expect(self, what, got, wanted):
        self.asked += 1
        fits = wanted.fullmatch(got) if isinstance(wanted, re.Pattern) else got == wanted
        if not fits:
            self.differences.append(f"{what}:\n  {got!r}, not\n  {wanted!r}")


def error_of(call, **parameters):
    """Code and text of the error that a call ends with."""
    try:
        return "no error", call(**parameters)
    except ClientError as error:
        said = error.response["Error"]
        return said["Code"], said.get("Message", "")


def keys(pair, token=None):
    names = {"AWS_ACCESS_KEY_ID": pair[0], "AWS_SECRET_ACCESS_KEY": pair[1]}
    return {**names, "AWS_SESSION_TOKEN": token} if token else names


def web_identity(sandbox):
    sandbox.environment()
    provider = "arn:aws:iam::345678901234:oidc-provider/token.example.com"
    token = sandbox.output("token", provider, "repo:acme/shop")
    file = sandbox.write("token", token)
    role = "arn:aws:iam::345678901234:role/ci"
    sandbox.profile(f"role_arn = {role}\nweb_identity_token_file = {file}\nrole_session_name = ci\n")
    arn = "arn:aws:sts::345678901234:assumed-role/ci/ci"
    sandbox.expect("web identity", sandbox.who(), arn)
    file.write_text(sandbox.output("token", provider, "repo:eve/shop"), encoding="utf-8")
    words = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    sandbox.expect("another subject", sandbox.who(), re.compile(f".*AccessDenied.*{words}"))
    file.write_text("no token", encoding="utf-8")
    words = r"InvalidIdentityTokenException: .*The ID Token provided is not a valid JWT\..*"
    sandbox.expect("no token", sandbox.who(), re.compile(words))


def cached_token(sandbox, name, **more):
    """A token of the access portal, where the AWS CLI would have put it."""
    key = hashlib.sha1(name.encode()).hexdigest()
    token = {"startUrl": START, "region": "eu-central-1", "accessToken": "stale", **more}
    sandbox.write(f".aws/sso/cache/{key}.json", json.dumps(token))


def single_sign_on(sandbox):
    sandbox.environment()
    role = "sso_account_id = 123456789012\nsso_role_name = {}\n"
    cached_token(sandbox, START, accessToken="sample-access-token", expiresAt="2099-01-01T00:00:00Z")
    legacy = f"sso_start_url = {START}\nsso_region = eu-central-1\n"
    sandbox.profile(legacy + role.format("Admin"))
    arn = r"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_{}_[0-9a-f]{{16}}/jdoe"
    sandbox.expect("a token that is good", sandbox.who(), re.compile(arn.format("Admin")))
    sandbox.profile(legacy + role.format("Nobody"))
    words = re.compile(r".*\(ForbiddenException\) when calling the GetRoleCredentials operation: No access")
    sandbox.expect("a role that was not assigned", sandbox.who(), words)
    registration = {"clientId": "sample-client", "clientSecret": "sample"}
    cached_token(
        sandbox,
        "acme",
        expiresAt=LONG_AGO,
        refreshToken="sample-refresh-token",
        registrationExpiresAt="2099-01-01T00:00:00Z",
        **registration,
    )
    named = f"\n[sso-session acme]\nsso_start_url = {START}\nsso_region = eu-central-1\n"
    sandbox.profile("sso_session = acme\n" + role.format("ReadOnly") + named)
    sandbox.expect("a token to renew", sandbox.who(), re.compile(arn.format("ReadOnly")))


def access_portal(sandbox):
    sandbox.environment()
    oidc = sandbox.client("sso-oidc")
    client = oidc.register_client(clientName="check", clientType="public", scopes=["sso:account:access"])
    client = {name: client[name] for name in ("clientId", "clientSecret")}
    begun = oidc.start_device_authorization(startUrl=START, **client)
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    ask = {**client, "grantType": grant, "deviceCode": begun["deviceCode"]}
    code, _ = error_of(oidc.create_token, **ask)
    sandbox.expect("nobody has approved yet", code, "AuthorizationPendingException")
    page = urllib.request.urlopen(begun["verificationUriComplete"], timeout=PATIENCE).read()
    form = {
        "page_token": re.search(rb'name="page_token" value="([^"]+)"', page)[1].decode(),
        "user_code": begun["userCode"],
        "username": "jdoe",
        "password": "password",
        "decision": "allow",
    }
    form = urllib.parse.urlencode(form).encode()
    urllib.request.urlopen(begun["verificationUri"], form, timeout=PATIENCE).read()
    token = oidc.create_token(**ask)["accessToken"]
    portal = sandbox.client("sso")
    pages = portal.get_paginator("list_accounts").paginate(
        accessToken=token, PaginationConfig={"PageSize": 1}
    )
    accounts = [account["accountId"] for page in pages for account in page["accountList"]]
    sandbox.expect("accounts", accounts, ["123456789012", "345678901234"])
    roles = portal.list_account_roles(accessToken=token, accountId="123456789012")["roleList"]
    sandbox.expect("roles", [role["roleName"] for role in roles], ["ReadOnly", "Admin"])
    error = error_of(portal.list_accounts, accessToken="wrong")
    sandbox.expect("no token", error, ("UnauthorizedException", "Session token not found or invalid"))


def machines(sandbox):
    (sandbox.home / ".aws/config").unlink(missing_ok=True)
    uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    sandbox.environment(**{uri: f"{sandbox.url}/v2/credentials/sample-task"})
    sandbox.expect("a task", sandbox.who(), f"{AUDIT}/sample-task")
    pod = {uri: f"{sandbox.url}/v1/credentials"}
    sandbox.environment(**pod, AWS_CONTAINER_AUTHORIZATION_TOKEN="sample-pod-token")
    sandbox.expect("a pod", sandbox.who(), f"{AUDIT}/eks-sample-pod")
    file = sandbox.write("pod-token", "sample-pod-token")
    sandbox.environment(**pod, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file))
    sandbox.expect("a pod with a file", sandbox.who(), f"{AUDIT}/eks-sample-pod")
    sandbox.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=sandbox.url)
    del os.environ["AWS_EC2_METADATA_DISABLED"]
    sandbox.expect("an instance", sandbox.who(), f"{AUDIT}/i-0123456789abcdef0")


def own_user(sandbox):
    sandbox.environment(**keys(KEYS))
    iam = sandbox.client("iam")
    devices = [one["SerialNumber"] for one in iam.list_mfa_devices()["MFADevices"]]
    sandbox.expect("devices", devices, [DEVICE])
    known = [one["AccessKeyId"] for one in iam.list_access_keys()["AccessKeyMetadata"]]
    sandbox.expect("keys", known, [KEYS[0]])
    sandbox.expect("user", iam.get_user()["User"]["Arn"], USER)
    error = error_of(iam.get_user, UserName="nobody")
    words = "The user with name nobody cannot be found."
    sandbox.expect("another user", error, ("NoSuchEntity", words))
    sandbox.environment(**keys(ROBOT))
    code, _ = error_of(sandbox.client("iam").list_mfa_devices)
    sandbox.expect("a user who may not ask", code, "AccessDenied")


def console_login(sandbox):
    # botocore takes awscrt's, and does not have it.
    botocore.credentials.EC = p256.EC
    sandbox.environment()
    sandbox.profile(f"login_session = {USER}\n")
    key = hashlib.sha256(USER.encode()).hexdigest()
    stale = {"accessKeyId": "ASIAOLD", "secretAccessKey": "old", "sessionToken": "old"}
    token = {
        "accessToken": {**stale, "accountId": "210987654321", "expiresAt": LONG_AGO},
        "refreshToken": "sample-login-token",
        "dpopKey": p256.new_key(),
        "clientId": "arn:aws:signin:::devtools/same-device",
    }
    file = sandbox.write(f".aws/login/cache/{key}.json", json.dumps(token))
    os.environ["AWS_LOGIN_CACHE_DIRECTORY"] = str(file.parent)
    sandbox.expect("aws login", sandbox.who(), USER)
    renewed = json.loads(file.read_text(encoding="utf-8"))
    sandbox.expect("a new refresh token", renewed["refreshToken"] != "sample-login-token", True)
    # The old one was good once.
    file.write_text(json.dumps(token), encoding="utf-8")
    words = re.compile(r".*\(ValidationException\) when calling the CreateOAuth2Token operation: .*")
    sandbox.expect("a spent refresh token", sandbox.who(), words)


def aws(*arguments):
    """Runs the AWS CLI in this process; its status and what it prints."""
    # It puts a botocore of its own in the place of the other.
    import awscli.clidriver

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = awscli.clidriver.create_clidriver().main(list(arguments))
    return status, out.getvalue(), err.getvalue()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return done.returncode, done.stdout.strip()


DOTNET = """#!/bin/sh
case "$*" in
*"list source"*) echo "Registered Sources:" ;;
*) printf '%s\\n' "$@" >"$HOME/dotnet-said" ;;
esac
"""


def codeartifact(sandbox):
    (sandbox.home / ".aws/config").unlink(missing_ok=True)
    sandbox.environment(**keys(KEYS))
    code = sandbox.output("code", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    given = sandbox.client("sts").assume_role(
        RoleArn="arn:aws:iam::123456789012:role/read",
        RoleSessionName="jdoe",
        SerialNumber=DEVICE,
        TokenCode=code,
    )["Credentials"]
    pair = (given["AccessKeyId"], given["SecretAccessKey"])
    sandbox.environment(**keys(pair, given["SessionToken"]))
    sandbox.write("bin/dotnet", DOTNET).chmod(stat.S_IRWXU)
    base = f"{sandbox.url}/d/my-artifacts-123456789012/eu-central-1"
    login = ("codeartifact", "login", "--domain", "my-artifacts", "--repository", "shop")
    for tool, path in (
        ("npm", "npm"),
        ("pip", "pypi"),
        ("twine", "pypi"),
        ("dotnet", "nuget"),
    ):
        status, out, err = aws(*login, "--tool", tool)
        name = "nuget" if tool == "dotnet" else tool
        words = f"Successfully configured {name} to use AWS CodeArtifact repository {base}/{path}/shop/"
        sandbox.expect(f"login of {tool}: {err}", (status, words in out), (0, True))
    said = (sandbox.home / "dotnet-said").read_text(encoding="utf-8").split("\n")
    sandbox.expect("dotnet's source", f"{base}/nuget/shop/v3/index.json" in said, True)
    pypirc = (sandbox.home / ".pypirc").read_text(encoding="utf-8")
    sandbox.expect("twine's repository", f"repository = {base}/pypi/shop/" in pypirc, True)
    sandbox.expect("npm finds a package", run("npm", "view", "acme-lib", "version"), (0, "1.0.0"))
    status, out = run("pip", "--disable-pip-version-check", "index", "versions", "acme-lib")
    sandbox.expect("pip finds a package", (status, "acme-lib (1.0)" in out), (0, True))
    found = sandbox.log.read_text(encoding="utf-8")
    arn = "arn:aws:sts::123456789012:assumed-role/read/jdoe"
    for path in ("npm/shop/acme-lib", "pypi/shop/simple/acme-lib/"):
        line = f" ReadPackage 200 OK {arn} /d/my-artifacts-123456789012/eu-central-1/{path}\n"
        sandbox.expect(f"the token was sent for {path}", line in found, True)
    client = sandbox.client("codeartifact")
    error = error_of(client.get_authorization_token, domain="nothing")
    words = "Domain not found. Domain 'nothing' owned by account '123456789012' does not exist"
    sandbox.expect("no domain", error, ("ResourceNotFoundException", words))
    code, _ = error_of(client.get_authorization_token, domain="my-artifacts", durationSeconds=60)
    sandbox.expect("too short", code, "ValidationException")
    sandbox.environment(**keys(KEYS))
    call = sandbox.client("codeartifact").get_authorization_token
    code, words = error_of(call, domain="my-artifacts", domainOwner="123456789012")
    sandbox.expect("not allowed", (code, USER in words), ("AccessDeniedException", True))


def main():
    if "ASSUMEROLE_TEST_SANDBOX" not in os.environ:
        sys.exit("ASSUMEROLE_TEST_SANDBOX is not set; `cargo xtask test sandbox` sets it")
    with HOME as folder:
        sandbox = Sandbox(pathlib.Path(folder))
        try:
            for check in (
                web_identity,
                single_sign_on,
                access_portal,
                machines,
                own_user,
                console_login,
                # Last, for the AWS CLI leaves nothing as it was.
                codeartifact,
            ):
                check(sandbox)
        finally:
            sandbox.stop()
    for text in sandbox.differences:
        print(text, file=sys.stderr)
    if sandbox.differences:
        sys.exit(f"{len(sandbox.differences)} of {sandbox.asked} answers differ")
    print(f"{sandbox.asked} answers of the sandbox are as they should be")


if __name__ == "__main__":
    main()
