#!/usr/bin/env python3
"""Holds docs/assumerole.schema.json against a validator that others wrote.

    check.py

1. It is a schema by its own meta-schema, and what the program prints.
2. Every JSON example of README.md and docs/*.md is valid by it; one that is
   marked `json wrong` for an unknown key is not.
3. Files of a table: what the program refuses, the schema refuses, and what the
   schema refuses, the program refuses or warns of. Every key of the schema is
   tried with values of every kind.

Needs ASSUMEROLE_TEST_BIN, the program under test, and runs by the Python that
has jsonschema. Ends with status 1 and says what differs.
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^( *)```(json[^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
ARN = "arn:aws:iam::123456789012:role/read"
ROLE = {"aws_profile": "base", "aws_role": ARN}

# Tried as the value of every key: hardly one is right for all.
KINDS = [None, True, 0, 1, 900, 43200, 43201, -900, 900.5, 123456789012, "", "x", "0", "900", "a b", " ", "\x00",
         "123456789012", "12345678901", "eu-west-1", "EU", "-a", "a-", "a/b", "/x", "~/x", "{}", "[]", "arn:x",
         ARN, "arn:aws:iam::1:role/x", "arn:aws:iam::210987654321:mfa/jdoe", "arn:aws:iam::aws:policy/ReadOnlyAccess",
         "-----BEGIN X", "a\nb", [], {}, ["x"], ["x", "x"], [1], [""], [None], ["arn:aws:iam::aws:policy/A"],
         {"a": "b"}, {"a": 1}, {"a": None}, {"": "x"}, {"aws:x": "y"}, {"a": {}}, [{}], [[]],
         [{"name": "A", "value": "b"}], [{"name": "A", "value": 1}], [{"name": "A"}], [{"value": "x"}],
         [{"name": "A", "value": None}], [{"name": "1A", "value": "x"}], [{"name": "AWS_PROFILE", "value": "x"}],
         [{"name": "A", "value": "x", "more": 1}],
         {"domain": "d", "domain_owner": "123456789012"}, {"domain": "d"},
         "pass", {"provider": "pass"}, {"provider": "pass", "name": "-x"}, {"provider": "yubikey", "serial": 1},
         {"provider": "process"}, {"provider": "process", "command": "otp x"}, {"arn:aws:iam::1:mfa/x": "pass"},
         {"GAHT12345678": "pass"}, {"GAHT12345678": 1},
         [{"domain": "d", "domain_owner": "123456789012", "profile": "base"}],
         [{"domain": "d", "domain_owner": "123456789012"}],
         {"x": {"domain": "d", "domain_owner": "123456789012", "profile": "base"}},
         {"x": {"domain": "d", "domain_owner": "1", "profile": "base"}}]  # fmt: skip

# What the program refuses for a reason that a schema has no words for: the key
# and the value.
BEYOND = [
    ("max_session_duration", "0"),
    ("max_session_duration", "12345678901"),
    ("max_session_duration", "123456789012"),
    ("mfa_session_seconds", "0"),
    ("mfa_session_seconds", "12345678901"),
    ("mfa_session_seconds", "123456789012"),
    ("sso_index_seconds", "0"),
    ("sso_index_seconds", "12345678901"),
    ("sso_index_seconds", "123456789012"),
    ("duration_seconds", "12345678901"),
    ("duration_seconds", "123456789012"),
    # A session tag that is named there is missing.
    ("transitive_tags", ["x"]),
    ("transitive_tags", ["x", "x"]),
    ("transitive_tags", ["arn:aws:iam::aws:policy/A"]),
]

# Nothing, in no shape: the schema takes the key for a person's own.
NO_SHAPE = ("codeartifact", {"a": None})


def documented():
    """(where, kind, text) of every JSON example."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{path.name}:{line}", found[2], found[3]


def examples(validator):
    """What the examples of the documentation are not and should be."""
    good = wrong = 0
    for where, kind, text in documented():
        if kind == "json":
            good += 1
            yield from (f"{where}: {error.message}" for error in validator.iter_errors(json.loads(text)))
        elif "aws_regoin" in text:
            wrong += 1
            if validator.is_valid(json.loads(text)):
                yield f"{where}: is valid and should not be"
    if good < 7 or wrong != 1:
        yield f"{good} good and {wrong} wrong examples were found"


class Program:
    """The program, asked what it thinks of a file."""

    def __init__(self, home):
        self.home, self.file = home, home / ".assumerole"
        (home / ".aws").mkdir()
        keys = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
        (home / ".aws/credentials").write_text(keys, encoding="utf-8")
        (home / ".aws/credentials").chmod(0o600)

    def run(self, *arguments):
        env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "ASSUMEROLE_KEY_STORE": "file"}
        command = [os.environ["ASSUMEROLE_TEST_BIN"], *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)

    def verdict(self, content):
        """`good`, `odd` (a warning) or `wrong`."""
        self.file.write_text(json.dumps(content), encoding="utf-8")
        self.file.chmod(0o600)
        found = json.loads(self.run("check", "--json").stdout)["findings"]
        # The rest is what its names lead to.
        found = [finding for finding in found if finding["rule"] in ("file", "value", "odd")]
        if any(finding["severity"] == "error" for finding in found):
            return "wrong", found
        return ("odd" if any("unknown key" in finding["message"] for finding in found) else "good"), found


def with_role(**more):
    return {"assume_roles": {"acme": {**ROLE, **more}}}


def tried(schema):
    """(key, value, file) for every key and every kind of value."""
    role, entry = (schema["definitions"][name]["properties"] for name in ("role", "codeartifact"))
    for key in role:
        for value in KINDS:
            yield key, value, with_role(**{key: value})
    for key in schema["properties"]:
        for value in KINDS:
            # Roles are tried below.
            if key != "assume_roles" or not isinstance(value, dict):
                yield key, value, {**with_role(), key: value}
    for key in entry:
        for value in KINDS:
            settings = {"domain": "d", "domain_owner": "123456789012", "profile": "base", key: value}
            yield key, value, {**with_role(), "codeartifact": [settings]}
    by_name = {"aws_profile": "base", "aws_role": "read", "aws_account": "123456789012"}
    for missing in by_name:
        role = {key: value for key, value in by_name.items() if key != missing}
        yield missing, "(missing)", {"assume_roles": {"acme": role}}
    yield "", "by name", {"assume_roles": {"acme": by_name}}
    for missing in by_name:
        role = {key: value for key, value in by_name.items() if key != missing}
        yield missing, "(at the top)", {"assume_roles": {"acme": role}, "aws_profile": "base"}
    for value in KINDS:
        yield "aws_mfa_arn", value, {**with_role(), "aws_profile": "base", "aws_mfa_arn": value}
        yield "aws_profile", value, {"assume_roles": {"acme": {"aws_role": ARN}}, "aws_profile": value}
    for value in KINDS:
        if value != {}:
            yield "acme", value, {"assume_roles": {"acme": value}}
        yield "nobody_knows", value, with_role(nobody_knows=value)
        yield "nobody_knows", value, {**with_role(), "nobody_knows": value}


def differences(schema, validator, program):
    for number, (key, value, content) in enumerate(tried(schema), 1):
        valid = validator.is_valid(content)
        verdict, said = program.verdict(content)
        if (key, value) in BEYOND and verdict == "wrong" or (key, value) == NO_SHAPE:
            continue
        if valid != (verdict == "good"):
            shown = "accepts" if valid else "refuses"
            yield f"{json.dumps(content)}\n  the schema {shown} it, the program finds it {verdict}: {said}"
    if number < 1000:
        yield f"only {number} files were tried"


def main():
    if "ASSUMEROLE_TEST_BIN" not in os.environ:
        sys.exit("ASSUMEROLE_TEST_BIN is not set; `cargo xtask test schema` sets it")
    shipped = (ROOT / "docs/assumerole.schema.json").read_text(encoding="utf-8")
    schema = json.loads(shipped)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(copy.deepcopy(schema))
    with tempfile.TemporaryDirectory() as home:
        program = Program(pathlib.Path(home))
        found = list(examples(validator))
        if program.run("schema").stdout != shipped:
            found.append("docs/assumerole.schema.json is not what the program prints: cargo xtask docs")
        found += differences(schema, validator, program)
    for text in found:
        print(text, file=sys.stderr)
    if found:
        sys.exit(f"{len(found)} differences")
    print("the schema says what the program says")


if __name__ == "__main__":
    main()
