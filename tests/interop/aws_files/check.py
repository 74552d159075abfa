#!/usr/bin/env python3
"""Holds the corpus against the AWS CLI that is installed beside this Python.

    check.py [--all]

1. Every committed `expected.json` is what botocore reads today.
2. `aws configure get KEY --profile PROFILE` prints the same values: two of
   each case, all of them with --all. The CLI's own code runs in this process,
   since its start takes half a second; one call is a process of its own.

Ends with status 1 and says what differs.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys

import expected

# What `aws configure get` takes as a key and not as something else.
PLAIN_KEY = re.compile(r"[\w% ]+")
# The CLI would load these plug-ins.
WITHOUT_CLI = {"plugins-and-preview"}


def stale(case):
    """What botocore reads now and did not when `expected.json` was made."""
    committed = (case / "expected.json").read_text(encoding="utf-8")
    now = expected.as_text(expected.expected(case))
    if committed != now:
        yield f"{case.name}: expected.json is\n{committed}\nand botocore reads\n{now}"


def values(view):
    """(profile, key as `aws configure get` takes it, value) of a view."""
    names = {name for name, _ in view["profiles"]}
    for name, pairs in view["profiles"]:
        if not name or name.startswith("-"):
            continue
        for key, value in pairs:
            if not PLAIN_KEY.fullmatch(key):
                continue
            if isinstance(value, str):
                yield name, key, value
            elif key not in names:
                yield from (
                    (name, f"{key}.{sub}", text) for sub, text in value if PLAIN_KEY.fullmatch(sub)
                )


def run_cli(*arguments):
    """Runs the AWS CLI in this process; its status and what it prints."""
    # At its import the CLI sets variables that `clear_environment` would clear.
    import awscli.clidriver

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = awscli.clidriver.create_clidriver().main(list(arguments))
        except Exception as error:  # Its entry point would print this and end.
            status = str(error)
    return status, out.getvalue(), err.getvalue()


def differing(case, every):
    """What `aws configure get` says otherwise than the last view of a case."""
    name, view = list(json.loads((case / "expected.json").read_text(encoding="utf-8")).items())[-1]
    files = expected.VIEWS[name]
    expected.point_at(*(case / file if file in files else None for file in ("config", "credentials")))
    if "error" in view:
        got = run_cli("configure", "get", "region")
        if "Unable to parse config file" not in str(got):
            yield f"{case.name}: the AWS CLI does not refuse this: {got}"
        return
    found = list(values(view))
    for profile, key, value in found if every else found[:1] + found[1:][-1:]:
        got = run_cli("configure", "get", key, "--profile", profile)
        if got != (0, value + "\n", ""):
            yield f"{case.name}: aws configure get {key} --profile {profile}: {got}, not {value!r}"


def as_a_process(case):
    """One call as people make it."""
    expected.point_at(case / "config", case / "credentials")
    # By its interpreter: its own first line breaks in a folder with a blank.
    aws = pathlib.Path(sys.executable).parent / "aws"
    call = [sys.executable, aws, "configure", "get", "mfa_serial", "--profile", "acme-bastion"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.stdout != "arn:aws:iam::210987654321:mfa/jdoe\n":
        yield f"{case.name}: {call}: {done}"


def main():
    expected.clear_environment()
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()
    cases = expected.cases(expected.CORPUS)
    differences = [text for case in cases for text in stale(case)]
    with_cli = [case for case in cases if case.name not in WITHOUT_CLI]
    differences += [text for case in with_cli for text in differing(case, args.all)]
    differences += as_a_process(expected.CORPUS / "realistic")
    for text in differences:
        print(text, file=sys.stderr)
    if len(cases) < 100:
        sys.exit(f"the corpus is missing: {len(cases)} cases in {expected.CORPUS}")
    if differences:
        sys.exit(f"{len(differences)} differences from the AWS CLI")
    print(f"{len(cases)} cases agree with botocore {expected.botocore.__version__}")


if __name__ == "__main__":
    main()
