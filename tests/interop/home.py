"""What the checks share: a home of its own in which programs run, and the sandbox."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys

# The programs of the Python that runs the check.
BIN = pathlib.Path(sys.executable).parent
# Longer than a loaded machine needs, so that it only ends what hangs.
PATIENCE = 300


class Differs(Exception):
    """What is not as it should be."""


def same(what, is_so, should_be):
    if is_so != should_be:
        raise Differs(f"{what}: {is_so!r}, not {should_be!r}")


class Home:
    """A home folder; programs that run in it see nothing else of whoever runs the check."""

    # Folders of programs before those of the machine.
    programs = [BIN]

    def __init__(self, path):
        self.path = path
        path.mkdir(exist_ok=True)

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def read(self, name):
        return (self.path / name).read_text(encoding="utf-8")

    def keys(self, key, secret, name="base"):
        """Lines of a credentials file."""
        return f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"

    def env(self, **more):
        return {
            "HOME": str(self.path),
            "PATH": ":".join([*map(str, self.programs), "/usr/local/bin", "/usr/bin", "/bin"]),
            "USER": "tester",
            "ASSUMEROLE_KEY_STORE": "file",
            "LANG": "C.UTF-8",
            **more,
        }

    def run(self, *command, cwd=None, **more):
        """What a program prints, which has no terminal."""
        done = subprocess.run(
            command,
            env=self.env(**more),
            cwd=cwd or self.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            start_new_session=True,
        )
        if done.returncode != 0:
            raise Differs(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def program(self, *arguments, **more):
        """What the program under test prints."""
        return self.run(os.environ["ASSUMEROLE_TEST_BIN"], *arguments, **more)


@contextlib.contextmanager
def sandbox(folder, world, **more):
    """The address of the sandbox, and its log: a line for each request."""
    path, log = folder / "world.json", folder / "log"
    path.write_text(json.dumps(world), encoding="utf-8")
    command = [os.environ["ASSUMEROLE_TEST_SANDBOX"], "--world", str(path), "--log"]
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=output, text=True, env={**os.environ, **more}
        )
    try:
        yield re.fullmatch(r"endpoint (\S+)\n", server.stdout.readline()).group(1), log
    finally:
        server.kill()
        server.wait()


def checked(check):
    """Runs `check` as the whole program."""
    for name in ("ASSUMEROLE_TEST_BIN", "ASSUMEROLE_TEST_SANDBOX"):
        if name not in os.environ:
            sys.exit(f"{name} is not set; `cargo xtask test` sets it")
    try:
        check()
    except Differs as difference:
        sys.exit(f"error: {difference}")
