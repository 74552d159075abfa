#!/usr/bin/env python3
"""The keys of aws-vault are taken over, by the real one.

    check.py

aws-vault 7.2.0 keeps a key in its encrypted files; `keys import --from aws-vault` stores it, and
no file has it in clear. Left out where Go or the module is missing.

Needs ASSUMEROLE_TEST_BIN, the program under test. Ends with status 1 and says what differs.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import home
from home import Differs, same

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
MODULE = "github.com/99designs/aws-vault/v7"
# Longer than a slow registry and a loaded machine need.
PATIENCE = 400


def built(folder):
    """aws-vault, or why it is left out."""
    go = shutil.which("go") or "/usr/local/go/bin/go"
    if not pathlib.Path(go).is_file():
        return None, "go is not installed"
    folder.mkdir()
    steps = [
        [go, "mod", "init", "main"],
        [go, "get", f"{MODULE}@v7.2.0"],
        [go, "build", "-mod=mod", "-o", "aws-vault", MODULE],
    ]
    for step in steps:
        try:
            done = subprocess.run(
                step,
                cwd=folder,
                env={**os.environ, "CGO_ENABLED": "0"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return None, f"{step[1]} took longer than {PATIENCE} s"
        if done.returncode != 0:
            return None, (done.stderr.strip().splitlines() or ["go failed"])[-1]
    return folder / "aws-vault", None


def taken_over(folder, vault):
    someone = home.Home(folder / "home")
    someone.programs = [vault.parent, pathlib.Path(os.environ["ASSUMEROLE_TEST_BIN"]).parent]
    someone.write(".aws/config", "[profile base]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::123456789012:mfa/jdoe\n")
    files = {"AWS_VAULT_BACKEND": "file", "AWS_VAULT_FILE_PASSPHRASE": "hush"}
    for name in ("base", "other"):
        someone.run("aws-vault", "add", name, "--env", AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, **files)
    put = ["--store", "command", "--get", "/bin/cat store-key", "--put", "/bin/sh -c 'cat > store-key'"]
    importing = ["keys", "import", "--from", "aws-vault", "--yes"]
    try:
        someone.program(*importing, *put, **{**files, "AWS_VAULT_FILE_PASSPHRASE": "wrong"})
        raise Differs("a wrong passphrase has opened aws-vault")
    except Differs as difference:
        if "integrity check failed" not in str(difference):
            raise
    # Within a shell of its own it refuses.
    someone.program(*importing, *put, AWS_VAULT="base", **files)
    left = [path for path in someone.path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    same("files with the secret key", left, [])
    for name in ("base", "other"):
        same(name, someone.program("keys", "export", "--yes", name), someone.keys(KEY, SECRET, name))


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        vault, why = built(folder / "go")
        if vault is None:
            print(f"aws-vault: left out ({why})")
            return
        taken_over(folder, vault)
        print("the keys of aws-vault are taken over")


if __name__ == "__main__":
    home.checked(main)
