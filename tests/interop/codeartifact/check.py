#!/usr/bin/env python3
"""Package tools that others wrote read what the program sets up.

    check.py

What it writes for npm, pip, twine and NuGet is compared with what `aws
codeartifact login` writes. npm, pip, Maven and Cargo then fetch a package from
the sandbox, which gives none without the token. Files of the corpus of
settings.xml are read by Python's XML parser and some of them by Maven.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test,
npm, Maven and Cargo; runs by the Python that has awscli. Ends with status 1 and
says what differs.
"""

import configparser
import json
import os
import pathlib
import shlex
import re
import shutil
import sys
import tempfile
import xml.etree.ElementTree
from xml.parsers import expat

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import home
from home import BIN, Differs, same

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CORPUS = ROOT / "crates/packages/tests/maven/corpus"
# Where Cargo and its toolchain are, for who moved them.
RUST = {name: os.environ[name] for name in ("CARGO_HOME", "RUSTUP_HOME") if name in os.environ}
RUST.setdefault("RUSTUP_HOME", os.path.expanduser("~/.rustup"))
CARGO = os.environ.get("CARGO") or shutil.which("cargo")
ACCOUNT, DOMAIN, REPOSITORY, REGION = "123456789012", "my-artifacts", "shop", "eu-central-1"
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
USER = "arn:aws:iam::210987654321:user/jdoe"
# The token of the corpus.
TOKEN = "eyJ2ZXIi.new-token_1"

POM = """<project><modelVersion>4.0.0</modelVersion><groupId>com.acme</groupId>
<artifactId>lib</artifactId><version>1.0</version><packaging>pom</packaging></project>"""

WORLD = {
    "users": [
        {"name": "jdoe", "account": "210987654321", "access_keys": [{"id": KEY, "secret": SECRET}]}
    ],
    "roles": [
        {
            "arn": f"arn:aws:iam::{ACCOUNT}:role/read",
            "trust": {"principals": [USER]},
            "allow": ["codeartifact:*", "sts:GetServiceBearerToken"],
        }
    ],
    "domains": [
        {
            "name": DOMAIN,
            "owner": ACCOUNT,
            "repositories": [
                {
                    "name": REPOSITORY,
                    "files": {
                        "maven/com/acme/lib/1.0/lib-1.0.pom": POM,
                        "npm/acme-lib": json.dumps(
                            {
                                "name": "acme-lib",
                                "dist-tags": {"latest": "1.0.0"},
                                "versions": {"1.0.0": {"name": "acme-lib", "version": "1.0.0"}},
                            }
                        ),
                        "pypi/simple/acme-lib/": '<a href="acme_lib-1.0-py3-none-any.whl">x</a>',
                        "cargo/config.json": json.dumps(
                            {"dl": "{endpoint}/dl", "api": "{endpoint}", "auth-required": True}
                        ),
                        "cargo/ac/me/acme-lib": json.dumps(
                            {
                                "name": "acme-lib",
                                "vers": "1.0.0",
                                "deps": [],
                                "cksum": "0" * 64,
                                "features": {},
                                "yanked": False,
                            }
                        ),
                    },
                }
            ],
        }
    ],
}

# As the .NET CLI is asked by `aws codeartifact login`; it notes what it is told.
DOTNET = """#!/bin/sh
if [ "$2" = list ]; then echo 'Registered Sources:'; else printf '%s\\n' "$@" > "$HOME/dotnet.args"; fi
"""


class Person(home.Home):
    """A home of its own, and the sandbox."""

    def __init__(self, folder, name, url):
        super().__init__(folder / name)
        self.url, self.programs = url, [self.path / "bin", home.BIN]
        self.write(".aws/credentials", self.keys(KEY, SECRET))
        self.write(".aws/config", f"[profile base]\nendpoint_url = {url}\n")
        self.tools()

    def tools(self, *tools, **more):
        """Configures the entry with those tools."""
        entry = {"domain": DOMAIN, "domain_owner": ACCOUNT, "repository": REPOSITORY, "tools": tools, **more}
        role = {"aws_profile": "base", "aws_account": ACCOUNT, "aws_role": "read", "aws_region": REGION}
        self.write(".assumerole", json.dumps({"codeartifact": entry, "assume_roles": {"read": role}}))

    def token(self):
        return self.program("codeartifact", "read", "--print").strip()

    def aws_login(self, tool):
        """`aws codeartifact login`, in the role; the token that it was given."""
        aws = shlex.join([sys.executable, f"{BIN}/aws"])
        script = f"""{aws} codeartifact login --tool {tool} --domain {DOMAIN} --domain-owner {ACCOUNT} \
            --repository {REPOSITORY} --region {REGION}"""
        more = {"AWS_ENDPOINT_URL": self.url, "ASSUMEROLE_SKIP_CODEARTIFACT": "1"}
        self.program("exec", "read", "--", "sh", "-c", script, **more)


def without_token(text):
    """Two requests give two tokens."""
    return re.sub(r"eyJ[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+", "TOKEN", text)


def ini(text):
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def pairs(text):
    lines = [line for line in text.splitlines() if line and not line.startswith((";", "#"))]
    return {key.strip(): value.strip() for key, value in (line.split("=", 1) for line in lines)}


def compare(folder, url):
    """Our files and those of `aws codeartifact login`, from the same beginning."""
    extra = "[global]\nextra-index-url = https://pypi.example/simple\n"
    twine = "[distutils]\nindex-servers =\n    pypi\n    acme\n\n[acme]\nrepository = https://acme.example\n"
    for tool, name, before, read in [
        ("npm", ".npmrc", "//registry.example/:_authToken=mine\n", pairs),
        ("npm", ".npmrc", None, pairs),
        ("pip", ".config/pip/pip.conf", extra, ini),
        ("pip", ".config/pip/pip.conf", None, ini),
        ("twine", ".pypirc", twine, ini),
        ("twine", ".pypirc", None, ini),
    ]:
        found = []
        for whose in ("ours", "theirs"):
            person = Person(folder, f"{tool}-{whose}-{before is None}", url)
            if before is not None:
                person.write(name, before)
            if whose == "ours":
                person.tools(tool)
                person.token()
            else:
                person.aws_login(tool)
            found.append(read(without_token(person.read(name))))
        same(f"{tool}, {name}", *found)
    nuget(folder, url)


def nuget(folder, url):
    theirs = Person(folder, "nuget-theirs", url)
    theirs.write("bin/dotnet", DOTNET, 0o755)
    theirs.aws_login("dotnet")
    told = without_token(theirs.read("dotnet.args")).split("\n")
    ours = Person(folder, "nuget-ours", url)
    ours.tools("nuget")
    ours.token()
    config = xml.etree.ElementTree.fromstring(without_token(ours.read(".nuget/NuGet/NuGet.Config")).lstrip("\ufeff"))
    source = config.findall("packageSources/add")[-1]
    element = source.get("key").replace("/", "_x002F_")
    keys = {add.get("key"): add.get("value") for add in config.findall(f"packageSourceCredentials/{element}/add")}
    wanted = dict(zip(told[4::2], told[5::2]))
    same("nuget, URL", source.get("value"), told[3])
    same("nuget, name", source.get("key"), wanted["--name"])
    same("nuget, user name", keys["Username"], wanted["--username"])
    same("nuget, password", keys["ClearTextPassword"], wanted["--password"])


def npm(person):
    person.tools("npm")
    person.token()
    same("npm", person.run("npm", "view", "acme-lib", "version").strip(), "1.0.0")


def npm_by_reference(person):
    """What AWS's guide says to write stays, and lets npm in."""
    at = f"{person.url}/d/{DOMAIN}-{ACCOUNT}/{REGION}/npm/{REPOSITORY}/"
    text = f"registry={at}\n{at.removeprefix('http:')}:_authToken=${{CODEARTIFACT_AUTH_TOKEN}}\n"
    person.write(".npmrc", text)
    person.tools("npm")
    person.token()
    same("npm, the file", person.read(".npmrc"), text)
    seen = person.program("exec", "read", "--", "npm", "view", "acme-lib", "version").strip()
    same("npm, by reference", seen, "1.0.0")


def pip_as_it_is_written(person):
    """An index that pip takes is brought up to date where it stands: pip refuses a second one."""
    old = "http://aws:old@x-1.d.codeartifact.eu-central-1.amazonaws.com/pypi/a/simple/"
    person.tools("pip")
    for section, key in [("global", "--index-url"), ("global", "index_url"), ("global", "pypi-url"), ("index", "Index-URL")]:
        person.write(".config/pip/pip.conf", f"[{section}]\n{key} = {old}\n")
        person.token()
        versions(person, f"pip, {key} of [{section}]")


def pip(person):
    person.tools("pip")
    person.token()
    versions(person, "pip")
    value = person.run(BIN / "python", "-m", "pip", "config", "get", "global.index-url")
    same("pip config", value.count("@127.0.0.1"), 1)


def versions(person, what):
    listed = person.run(BIN / "python", "-m", "pip", "--disable-pip-version-check", "index", "versions", "acme-lib")
    same(what, listed.split("\n")[0], "acme-lib (1.0)")


def cargo(person):
    person.tools("cargo")
    person.write("crate/Cargo.toml", '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nacme-lib = { version = "1", registry = "shop" }\n')
    person.write("crate/src/lib.rs", "")
    script = f"{CARGO} generate-lockfile --manifest-path crate/Cargo.toml"
    person.program("exec", "read", "--", "sh", "-c", script, **{**RUST, "CARGO_HOME": str(person.path / "cargo")})
    same("cargo", 'name = "acme-lib"' in person.read("crate/Cargo.lock"), True)


SETTINGS = {
    "new server, namespace": (
        "utf-8",
        """<?xml version="1.0" encoding="UTF-8"?>
<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"
          xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:schemaLocation="http://maven.apache.org/SETTINGS/1.0.0 https://maven.apache.org/xsd/settings-1.0.0.xsd">
  {mirrors}
</settings>
""",
    ),
    "CDATA and a comment, ISO-8859-1": (
        "iso-8859-1",
        """<?xml version="1.0" encoding="ISO-8859-1"?>
<settings>{mirrors}<servers><server><id>codeartifact</id><username>aws</username>
<password><!-- f\u00fcr uns --><![CDATA[old]]></password></server></servers></settings>
""",
    ),
    "a reference to the variable": (
        "utf-8",
        """<settings>{mirrors}<servers><server><id>codeartifact</id><username>aws</username>
<password>${{env.CODEARTIFACT_AUTH_TOKEN}}</password></server></servers></settings>
""",
    ),
    "several with the id, UTF-16": (
        "utf-16",
        """<?xml version="1.0" encoding="UTF-16"?>
<settings>{mirrors}<servers>
  <server><id>codeartifact</id><username>aws</username><password>one</password></server>
  <server><id>codeartifact</id><username>aws</username><password>two</password></server>
</servers></settings>
""",
    ),
}


def maven(person, log):
    """Maven takes a parent from the repository, which wants the token."""
    person.tools("maven")
    url = f"{person.url}/d/{DOMAIN}-{ACCOUNT}/{REGION}/maven/{REPOSITORY}/"
    mirrors = f"<mirrors><mirror><id>codeartifact</id><mirrorOf>*</mirrorOf><url>{url}</url></mirror></mirrors>"
    person.write(
        "build/pom.xml",
        "<project><modelVersion>4.0.0</modelVersion><parent><groupId>com.acme</groupId><artifactId>lib</artifactId>"
        "<version>1.0</version><relativePath/></parent><artifactId>x</artifactId><packaging>pom</packaging></project>",
    )
    for what, (encoding, settings) in SETTINGS.items():
        path = person.write(".m2/settings.xml", "")
        path.write_bytes(settings.format(mirrors=mirrors).encode(encoding))
        shutil.rmtree(person.path / ".m2/repository", ignore_errors=True)
        before = log.stat().st_size
        # Java asks the system where the home folder is, not HOME.
        home = {"MAVEN_OPTS": f"-Duser.home={person.path}"}
        person.program("exec", "read", "--", "mvn", "-B", "-q", "-f", "build/pom.xml", "validate", **home)
        if "env." in settings:
            same(f"Maven, {what}, the file", "${env.CODEARTIFACT_AUTH_TOKEN}" in person.read(".m2/settings.xml"), True)
        said = log.read_text(encoding="utf-8")[before:]
        given = [line for line in said.splitlines() if "ReadPackage" in line]
        same(f"Maven, {what}", any("assumed-role/read" in line for line in given), True)


def corpus():
    """Python's parser finds the token in whatever we wrote, if it reads it."""
    read = 0
    for path in sorted(CORPUS.glob("*.out")):
        try:
            xml.etree.ElementTree.fromstring(path.with_suffix(".xml").read_bytes())
        except (xml.etree.ElementTree.ParseError, expat.ExpatError):
            # It is stricter than we are, and than Maven.
            continue
        root = xml.etree.ElementTree.fromstring(path.read_bytes())
        passwords = [element.text for element in root.iter() if element.tag.split("}")[-1] == "password"]
        text = ["".join(element.itertext()).strip() for element in root.iter() if element.tag.split("}")[-1] == "password"]
        if TOKEN not in text:
            raise Differs(f"{path.name} holds {passwords}")
        read += 1
    if read < 60:
        raise Differs(f"only {read} files of the corpus were read")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with home.sandbox(folder, WORLD) as (url, log):
            corpus()
            compare(folder, url)
            person = Person(folder, "person", url)
            npm(person)
            npm_by_reference(Person(folder, "reference", url))
            pip(person)
            pip_as_it_is_written(Person(folder, "written", url))
            cargo(person)
            maven(person, log)
    print("npm, pip, twine, NuGet, Cargo and Maven are set up as they should be")


if __name__ == "__main__":
    home.checked(main)
