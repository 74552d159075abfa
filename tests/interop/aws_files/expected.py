#!/usr/bin/env python3
"""What the AWS CLI's own library reads from every case of the corpus.

    expected.py [--corpus DIR] [--out DIR] [CASE ...]

writes `expected.json` into each case's folder (or into DIR/CASE/). A case is a
folder with `config`, `credentials` or both. Made with botocore 1.44.5, as
pinned by awscli 1.46.3; its reading of these files has not changed in years.

`expected.json` has up to three views: of the config file alone, of the
credentials file alone, and of both together. A view is what
`Session.full_config` and `get_scoped_config` give, as lists of pairs, because
the order counts too; or, where botocore refuses the whole file, its reason.
"""

import argparse
import json
import os
import pathlib
import sys

import botocore.exceptions
import botocore.session

CORPUS = pathlib.Path(__file__).parents[3] / "crates/core/tests/aws_config/corpus"
VIEWS = {
    "config": ("config",),
    "credentials": ("credentials",),
    "both": ("config", "credentials"),
}


def clear_environment():
    """Leaves nothing in the environment that changes what is read."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.startswith("BOTO"):
            del os.environ[name]
    # Python must read files as UTF-8 whatever the locale says.
    if not sys.flags.utf8_mode:
        os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.argv], os.environ)


def point_at(config, credentials):
    """Makes botocore read these two files; None for one that is not there."""
    os.environ["AWS_CONFIG_FILE"] = str(config or "/nonexistent/config")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(credentials or "/nonexistent/credentials")


def pairs(mapping):
    """A dictionary as a list of pairs, nested ones too."""
    return [
        [key, pairs(value) if isinstance(value, dict) else value]
        for key, value in mapping.items()
    ]


def refusal(error):
    """Why botocore refuses a file, and the lines that it names."""
    inner = error.kwargs.get("error")
    lines = [line for line, _ in getattr(inner, "errors", [])]
    if not lines and getattr(inner, "lineno", None):
        lines = [inner.lineno]
    return {"error": type(inner).__name__, "lines": lines}


def view(config, credentials):
    """What is read from these two files."""
    point_at(config, credentials)
    try:
        full = botocore.session.Session().full_config
    except botocore.exceptions.ConfigParseError as error:
        return refusal(error)
    for name, values in full["profiles"].items():
        scoped = botocore.session.Session(profile=name).get_scoped_config()
        assert scoped == values, name
    return {
        part: pairs(full.get(part, {}))
        for part in ("profiles", "sso_sessions", "services")
    }


def expected(case):
    """All views of a case."""
    found = {}
    for name, files in VIEWS.items():
        paths = {file: case / file for file in files}
        if all(path.exists() for path in paths.values()):
            found[name] = view(paths.get("config"), paths.get("credentials"))
    assert found, f"{case} has neither file"
    return found


def as_text(found):
    """JSON with a line for each section, for readable differences."""
    dump = lambda value: json.dumps(value, ensure_ascii=True)
    views = []
    for name, content in found.items():
        parts = []
        for part, value in content.items():
            if isinstance(value, list) and value and isinstance(value[0], list):
                rows = ",\n".join("   " + dump(row) for row in value)
                parts.append(f"  {dump(part)}: [\n{rows}\n  ]")
            else:
                parts.append(f"  {dump(part)}: {dump(value)}")
        views.append(f" {dump(name)}: {{\n" + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(views) + "\n}\n"


def cases(corpus, names=()):
    """The folders of the cases, in order."""
    return [corpus / name for name in names] or sorted(p for p in corpus.iterdir() if p.is_dir())


def main():
    clear_environment()
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=pathlib.Path, default=CORPUS)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="CASE")
    args = parser.parse_args()
    for case in cases(args.corpus, args.names):
        folder = args.out / case.name if args.out else case
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "expected.json").write_text(as_text(expected(case)), encoding="utf-8")


if __name__ == "__main__":
    main()
