#!/usr/bin/env python3
"""Real browsers open the console that the sandbox stands in for, and show who is signed in.

    check.py

Chromium and Firefox, as Debian packages them, each without a window and as `console
--browser` starts it. The page that comes of it shows the role, the service and the region.
One that is not installed is left out, with a line: their packages are too large for every run.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test. Ends with
status 1 and says what differs.
"""

import json
import pathlib
import shutil
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import home
from home import Differs

ACCOUNT = "123456789012"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
WORLD = {
    "users": [{"name": "jdoe", "account": ACCOUNT, "access_keys": [{"id": KEY, "secret": SECRET}]}],
    "roles": [
        {
            "arn": f"arn:aws:iam::{ACCOUNT}:role/read",
            "trust": {"principals": [f"arn:aws:iam::{ACCOUNT}:user/jdoe"]},
        }
    ],
}
WHO = f'<p id="who">arn:aws:sts::{ACCOUNT}:assumed-role/read/tester</p>'
WHERE = '<p id="where">https://us-west-2.console.aws.amazon.com/s3/buckets?region=us-west-2</p>'


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def until(what, found):
    deadline = time.monotonic() + home.PATIENCE
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise Differs(f"{what} in vain for {home.PATIENCE} s")


class Marionette:
    """What Firefox is driven by: https://firefox-source-docs.mozilla.org/testing/marionette/."""

    def __init__(self, port):
        def connected():
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=home.PATIENCE)
            except OSError:
                return None

        self.socket = until("Firefox was waited for", connected)
        self.number = 0
        self.message()
        self.call("WebDriver:NewSession")

    def message(self):
        length = b""
        while not length.endswith(b":"):
            length += self.socket.recv(1)
        body = b""
        while len(body) < int(length[:-1]):
            body += self.socket.recv(65536)
        return json.loads(body)

    def call(self, name, **arguments):
        self.number += 1
        text = json.dumps([0, self.number, name, arguments])
        self.socket.sendall(f"{len(text)}:{text}".encode())
        _, _, error, result = self.message()
        if error:
            raise Differs(f"Firefox: {name}: {error['message']}")
        return result


def chromium(there, program):
    """The page, as Chromium has it when it is loaded."""
    options = "--headless --no-sandbox --disable-gpu --no-first-run --virtual-time-budget=10000"
    profile = there.path / "chromium profile"
    script = f'#!/bin/sh\n{program} {options} --user-data-dir="{profile}" --dump-dom "$1" >"$HOME/dom"\n: >"$HOME/over"\n'
    browser = there.write("bin/browser", script, 0o755)
    open_with(there, browser)
    until("Chromium was waited for", (there.path / "over").exists)
    return there.read("dom")


def firefox(there, program):
    """The page that Firefox shows."""
    port, profile = free_port(), there.path / "firefox profile"
    profile.mkdir()
    settings = f'user_pref("marionette.port", {port});\nuser_pref("app.update.enabled", false);\n'
    (profile / "user.js").write_text(settings, encoding="utf-8")
    script = f'#!/bin/sh\nexec {program} --headless --marionette --no-remote --profile "{profile}" "$1"\n'
    browser = there.write("bin/browser", script, 0o755)
    open_with(there, browser)
    driver = Marionette(port)
    try:

        def shown():
            for handle in driver.call("WebDriver:GetWindowHandles"):
                driver.call("WebDriver:SwitchToWindow", handle=handle)
                page = driver.call("WebDriver:GetPageSource")["value"]
                if 'id="who"' in page:
                    return page
            return None

        return until("the page was waited for", shown)
    finally:
        driver.call("Marionette:Quit", flags=["eForceQuit"])


def open_with(there, browser):
    there.program(
        *["console", "--browser", f"'{browser}'", "--service", "s3", "--region", "uw2", "read"],
        AWS_ENDPOINT_URL_SIGNIN=there.url,
    )


def check():
    opened = 0
    for name, programs, shows in (
        ("Chromium", ("chromium", "google-chrome"), chromium),
        ("Firefox", ("firefox-esr", "firefox"), firefox),
    ):
        program = next(filter(None, map(shutil.which, programs)), None)
        if program is None:
            print(f"{name} is not installed, and left out: apt-get install {programs[0]}")
            continue
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            folder = pathlib.Path(folder)
            with home.sandbox(folder, WORLD) as (url, _):
                there = home.Home(folder / "home é")
                there.url = url
                role = {"aws_profile": "base", "aws_account": ACCOUNT, "aws_role": "read"}
                there.write(".assumerole", json.dumps({"assume_roles": {"read": role}}), 0o600)
                there.write(".aws/credentials", there.keys(KEY, SECRET), 0o600)
                there.write(".aws/config", f"[profile base]\nendpoint_url = {url}\n")
                page = shows(there, program)
        for part in (WHO, WHERE):
            if part not in page:
                raise Differs(f"{name} does not show {part}:\n{page}")
        opened += 1
    print(f"{opened} browsers show who is signed in")


if __name__ == "__main__":
    home.checked(check)
