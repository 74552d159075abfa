#!/usr/bin/env python3
"""SDKs get a role's credentials, from a `credential_process` and from the server.

    check.py

boto3, the AWS CLI, and, where their tools stand, the AWS SDKs for JavaScript, Go,
Java and Rust get what the sandbox gave, and moto: by a profile that `profiles write`
made, and under `exec --serve`, where `[default]` has other keys. They go on when
their credentials have ended, three times and more. Forty threads of Java ask a person once. boto3 signs
through hours that pass in minutes, and the starts of the program are counted.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test, and
libfaketime; runs by the Python that has boto3 and moto. Ends with status 1 and says
what differs.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

INTEROP = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(INTEROP), str(INTEROP / "moto")]

import clients
import clouds
import home
from home import Differs, same

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNT = "123456789012"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
USER = f"arn:aws:iam::{ACCOUNT}:user/jdoe"
DEVICE, SEED = f"arn:aws:iam::{ACCOUNT}:mfa/jdoe", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Those that the system's clock tells the time, which no library can tell another.
OWN_CLOCK = ["Go", "Java"]

WORLD = {
    "users": [
        {
            "name": "jdoe",
            "account": ACCOUNT,
            "access_keys": [{"id": KEY, "secret": SECRET}],
            "mfa_devices": [{"arn": DEVICE, "secret": SEED}],
        }
    ],
    "roles": [
        {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "trust": {"principals": [USER], "require_mfa": name == "coded"}}
        for name in ("read", "coded")
    ],
}


def sweep():
    """Removes what libfaketime left of processes that are gone: it is named after their
    number, and stops the next process of that number."""
    for pattern in ("faketime_shm_*", "sem.faketime_sem_*"):
        for path in pathlib.Path("/dev/shm").glob(pattern):
            if not pathlib.Path("/proc", path.name.rpartition("_")[2]).exists():
                # Another user's stays.
                with contextlib.suppress(OSError):
                    path.unlink()


class Clock:
    """The time of all that were told where to look, as seconds beside the real one."""

    def __init__(self, folder):
        self.path = folder / "time"
        self.set(0)
        sweep()
        found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            raise Differs("libfaketime is missing; run cargo xtask test")
        self.tells = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds):
        new = self.path.with_suffix(".new")
        new.write_text(f"{seconds:+}s\n", encoding="utf-8")
        new.rename(self.path)


class Acme(home.Home):
    """A home with a role, and a program in PATH that has its own time and counts its starts."""

    def __init__(self, folder, name, clock, cloud):
        # All that any shell would take for its own.
        super().__init__(folder / f"{name}; it is $HOME & co")
        key, secret, url = cloud
        self.clock, self.url = clock, url
        self.programs = [self.path / "bin", home.BIN, "/usr/local/go/bin"]
        self.write("ask", '#!/bin/sh\necho x >> "$HOME/asked"\nsleep 7\nexec cat "$HOME/code"\n', 0o755)
        self.session("first")
        # Who looks for keys in files finds these.
        default = self.keys("AKIADEFAULT", "default", "default")
        self.write(".aws/credentials", default + self.keys(key, secret), 0o600)
        self.write(".aws/config", f"[profile base]\nendpoint_url = {url}\n")
        told = "".join(f'export {name}="{value}"\n' for name, value in clock.tells.items())
        self.write(
            "bin/assumerole",
            f'#!/bin/sh\n{told}echo x >> "$HOME/starts"\nexec "{os.environ["ASSUMEROLE_TEST_BIN"]}" "$@"\n',
            0o755,
        )

    def session(self, name):
        """Calls the sessions of the role so, which takes new ones."""
        role = {"aws_profile": "base", "aws_account": ACCOUNT, "aws_role": "read", "aws_region": "eu-central-1"}
        coded = {**role, "aws_role": "coded", "aws_mfa_arn": DEVICE}
        roles = {"acme": {**role, "session_name": name}, "coded": coded}
        new = self.write("new", json.dumps({"askpass": f"'{self.path}/ask'", "assume_roles": roles}))
        new.rename(self.path / ".assumerole")

    def env(self, **more):
        return super().env(AWS_EC2_METADATA_DISABLED="true", **more)

    def ours(self):
        """The access key ID that the program prints."""
        printed = self.run(str(self.path / "bin/assumerole"), "credential-process", "acme")
        return json.loads(printed)["AccessKeyId"]

    def starts(self, commands, served, profile="acme"):
        """Each client, with the profile, or under the server."""
        asked = []
        for name, command in commands.items():
            if served:
                # Its own clock has a client again that looks there.
                command = ["env", "-u", "LD_PRELOAD", *command] if name in OWN_CLOCK else command
                command = ["assumerole", "exec", "--serve", "acme", "--", *command]
            env = self.env() if served else self.env(AWS_PROFILE=profile)
            called = f"{name}, by a server" if served else name
            asked.append(clients.Asked(called, command, self.path, env))
        return asked


def has_own_clock(client):
    return client.name.partition(",")[0] in OWN_CLOCK


def has(client, key, account):
    """Waits until a client has this key; one that was given the old one asks again."""
    begun = time.monotonic()
    while True:
        found = client.ask()
        if key.endswith(found[0]):
            # Some SDKs do not say whose a key is that a server gave.
            if found[1] not in (account, "-", "None", "undefined"):
                raise Differs(f"{client.name}: the account {found[1]}")
            return
        if time.monotonic() - begun > home.PATIENCE:
            raise Differs(f"{client.name}: {found[0]!r}, not {key!r}")
        time.sleep(0.2)


def has_new(client, before, account):
    """Waits until a client has a key that was none of those before, and returns it.

    Each has a server of its own, and two of them may renew at the same moment: which
    of the two sessions a client has is no matter."""
    begun = time.monotonic()
    while True:
        found = client.ask()
        if not any(key.endswith(found[0]) or found[0].endswith(key) for key in before):
            if found[1] not in (account, "-", "None", "undefined"):
                raise Differs(f"{client.name}: the account {found[1]}")
            return found[0]
        if time.monotonic() - begun > home.PATIENCE:
            raise Differs(f"{client.name}: {found[0]!r}, which it had before")
        time.sleep(0.2)


def by_process(acme, commands):
    """They run the program as the profile says, and once more at the end of what they got."""
    acme.run("assumerole", "profiles", "write", "acme")
    # To those with the real time, it ends in five seconds.
    acme.clock.set(-3595)
    asked = acme.starts(commands, served=False)
    first = acme.ours()
    for client in asked:
        has(client, first, ACCOUNT)
    time.sleep(6)
    acme.clock.set(0)
    second = acme.ours()
    for client in asked:
        has(client, second, ACCOUNT)
        client.end()
    if first == second:
        raise Differs("the key has not ended")


def imported(acme, commands):
    """They use the profile whose key was taken out of the file: by an MFA session, and never
    the key, which no file has any more."""
    acme.write(".aws/config", f"[profile base]\nregion = eu-central-1\nendpoint_url = {acme.url}\nmfa_serial = {DEVICE}\n")
    put = ["--store", "command", "--get", "/bin/cat store-key", "--put", "/bin/sh -c 'cat > store-key'"]
    acme.run("assumerole", "keys", "import", "--yes", *put, "base")
    code = subprocess.check_output([os.environ["ASSUMEROLE_TEST_SANDBOX"], "code", SEED], text=True).strip()
    acme.run("assumerole", "login", "base", "--mfa-code", code)
    left = [path for path in acme.path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    same("files with the secret key", left, [])
    session = json.loads(acme.run("assumerole", "credential-process", "--session", "base"))
    same("the kind of key", session["AccessKeyId"][:4], "ASIA")
    for client in acme.starts(commands, served=False, profile="base"):
        has(client, session["AccessKeyId"], ACCOUNT)
        client.end()


# Over three ends and more. To those with the real time, the first is five minutes away.
HOURS = [-3300, 0, 3300, 6600, 9900, 13200]


def by_server(acme, commands, times):
    """They ask the server, and get what it renews as time goes by."""
    acme.clock.set(times[0])
    asked = acme.starts(commands, served=True)
    before = set()
    for later in times:
        acme.clock.set(later)
        before |= {has_new(client, before, ACCOUNT) for client in asked} | {acme.ours()}
        if later == 0:
            # Theirs lasts for an hour now, whatever others think.
            for client in asked:
                if has_own_clock(client):
                    client.end()
            asked = [client for client in asked if not has_own_clock(client)]
    for client in asked:
        client.end()
    acme.clock.set(0)


def over_three_ends(acme, commands):
    """Those with the real time outlive three ends of what lasts for three seconds to
    them, and for an hour to all others: by the process, and by the server."""
    acme.run("assumerole", "profiles", "write", "acme")
    acme.clock.set(-3597)
    own = {name: command for name, command in commands.items() if name in OWN_CLOCK}
    asked = acme.starts(own, served=False) + acme.starts(own, served=True)
    keys = []
    for number in range(4):
        acme.session(f"number-{number}")
        keys.append(acme.ours())
        for client in asked:
            has(client, keys[-1], ACCOUNT)
        time.sleep(4)
    for client in asked:
        client.end()
    acme.clock.set(0)
    same("keys", len(set(keys)), len(keys))


def forty_threads(acme, java, log):
    """Java starts the program for each thread that has waited for five seconds."""
    before = log.read_text(encoding="utf-8")
    code = [os.environ["ASSUMEROLE_TEST_SANDBOX"], "code", SEED]
    acme.write("code", subprocess.check_output(code, text=True))
    acme.run("assumerole", "profiles", "write", "coded")
    acme.write("starts", "")
    lines = acme.run(*java, "40", AWS_PROFILE="coded").splitlines()
    same("threads of Java", (len(lines), len(set(lines))), (40, 1))
    if len(acme.read("starts").splitlines()) < 2:
        raise Differs("Java has started the program only once: nothing is shown")
    same("questions", acme.read("asked"), "x\n")
    calls = re.findall(r"^\S+ (\w+) ", log.read_text(encoding="utf-8")[len(before):], re.MULTILINE)
    same("requests", calls, ["GetSessionToken", "AssumeRole"])


def signing(acme):
    """200 signings in each of five hours."""
    acme.run("assumerole", "profiles", "write", "acme")
    acme.write("starts", "")
    printed = acme.run(sys.executable, str(HERE / "signing.py"), AWS_PROFILE="acme", **acme.clock.tells)
    starts = json.loads(printed)
    first = [at for at in starts if at < 3600]
    if len(first) > 2:
        raise Differs(f"200 signings in the first hour took {len(first)} starts: {first}")
    for at in starts:
        hour = [other for other in starts if at <= other < at + 3600]
        if len(hour) > 3:
            raise Differs(f"an hour of signing took {len(hour)} starts: {hour}")
    print(f"boto3: {len(starts)} starts in 1000 signings over five hours")


def said(acme):
    """What AWS says to the AWS CLI with the profile."""
    asked = "sts get-caller-identity --query Arn --output text".split()
    arn = acme.run(sys.executable, f"{home.BIN}/aws", *asked, AWS_PROFILE="acme", AWS_ENDPOINT_URL=acme.url)
    same("the AWS CLI", arn.strip().rsplit("/", 1)[0], f"arn:aws:sts::{ACCOUNT}:assumed-role/read")


def timed(what, check, *arguments):
    begun = time.monotonic()
    check(*arguments)
    print(f"{what}: ok, {time.monotonic() - begun:.0f} s", flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        clock = Clock(folder)
        commands = clients.built(folder)
        with home.sandbox(folder, WORLD, **clock.tells) as (url, log):
            cloud = (KEY, SECRET, url)
            acme = Acme(folder, "acme", clock, cloud)
            timed("credential_process", by_process, acme, commands)
            said(acme)
            timed("an imported key", imported, Acme(folder, "imported", clock, cloud), commands)
            timed("server", by_server, Acme(folder, "served", clock, cloud), commands, HOURS)
            if any(name in commands for name in OWN_CLOCK):
                timed("three ends", over_three_ends, Acme(folder, "ends", clock, cloud), commands)
            if "Java" in commands:
                coded = Acme(folder, "coded", clock, cloud)
                timed("forty threads", forty_threads, coded, commands["Java"], log)
            timed("signing", signing, Acme(folder, "signing", clock, cloud))
        with clouds.moto(**clock.tells) as moto:
            cloud = (moto.key, moto.secret, moto.url)
            timed("credential_process, by moto", by_process, Acme(folder, "moto", clock, cloud), commands)
            timed("server, by moto", by_server, Acme(folder, "moto-served", clock, cloud), commands, HOURS)
    print(f"{', '.join(commands)} get what they should")


if __name__ == "__main__":
    home.checked(main)
