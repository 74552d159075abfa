#!/usr/bin/env python3
"""Random profiles and random texts of `~/.aws`: whose credentials would
botocore use, and whose assumerole?

    check.py [--graphs N] [--texts N] [--seed S]

Never others, and none where botocore refuses, but for what the guide names:
lines that cannot be read cost botocore the whole file, and assumerole what
comes through them. Where assumerole is stricter, its reason must be one of
those that are known. The same seed gives the same files; it is printed.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test,
and runs by the Python that has botocore. Ends with status 1 and says what
differs.
"""

import argparse
import os
import pathlib
import random
import re
import sys
import tempfile

if "HOME_OF_CHECK" not in os.environ:
    # botocore looks for the home folder when it is imported.
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder) / "home"
        names = ["ASSUMEROLE_TEST_BIN", "ASSUMEROLE_TEST_SANDBOX"]
        env = {name: os.environ[name] for name in names}
        env.update(HOME=str(home), HOME_OF_CHECK=folder, USER="tester", PATH="/usr/bin:/bin")
        # Python must read files as UTF-8 whatever the locale says.
        command = [sys.executable, "-X", "utf8", *sys.argv]
        status = os.spawnve(os.P_WAIT, sys.executable, command, env)
    sys.exit(status)

# No compiled copies beside the sources.
sys.dont_write_bytecode = True
sys.path.append(str(pathlib.Path(__file__).parents[1] / "boto3"))

import graphs
import texts
import whose

# Why we refuse what botocore would try: nothing else may.
STRICTER = [
    # Values that AWS would refuse.
    r"(?i)^error: (role_arn|mfa_serial|external_id|role_session_name) of profile .* is not valid",
    r"^error: sso_account_id of profile .* is not valid",
    r"^error: duration_seconds of profile .* is not a session's length",
    r"(?i)^error: the (region|sso_region) of profile .* is not a region",
    r"^error: aws_\w+ of profile .* is not valid",
    # A switch that is neither on nor off.
    r"^error: \w+ of profile .* is true or false, not",
    # An empty token file hides the role beside it.
    r"^error: web_identity_token_file of profile .* is empty",
    r"^error: (the endpoint of|credentials of a container)",
]
# What stands twice, or a line that may have decided something, is refused
# for what comes through it.
TWICE = r" twice in |stands twice| cannot be read| is not a single value"


def differing(theirs, ours):
    """What is wrong with `ours`, if anything."""
    if isinstance(theirs, str):
        return None if isinstance(ours, str) else "not refused"
    if isinstance(ours, str):
        return None if any(re.search(why, ours) for why in STRICTER) else "refused"
    return None if theirs == ours else "differ"


def write(config, credentials, roles):
    whose.write(".aws/config", config)
    whose.write(".aws/credentials", credentials)
    entries = ", ".join(
        f'"{role}": {{"aws_profile": {quoted(profile)}, "aws_role": "{arn}"}}'
        for role, (_, profile, arn) in roles.items()
    )
    whose.write(".assumerole", f'{{"assume_roles": {{{entries}}}}}')


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def asked(home):
    """Names for botocore, and for us."""
    yield from ((name, name) for name in home.names)
    yield from ((last, role) for role, (last, _, _) in home.roles.items())


def opinions_of(home):
    """Of a file that botocore refuses, what it would read without the lines
    that it cannot read counts."""
    write(home.config, home.credentials, home.roles)
    ours = {role: whose.of_assumerole(role) for _, role in asked(home)}
    files = [home.config, home.credentials]
    readable = [texts.readable(data) for data in files]
    damaged = any(was != texts.joined(data) for was, data in zip(readable, files))
    write(*readable, home.roles)
    for profile, role in asked(home):
        mine = ours[role]
        if damaged and isinstance(mine, str) and re.search(TWICE, mine):
            continue
        yield role, whose.of_botocore(profile), mine


def compare(kind, make, count, seed):
    """Prints what differs; how many were compared, and how many differ."""
    compared = refused = wrong = 0
    for number in range(count):
        home = make(random.Random(f"{seed} {kind} {number}"))
        for name, theirs, ours in opinions_of(home):
            compared += 1
            refused += isinstance(ours, str)
            what = differing(theirs, ours)
            if what:
                wrong += 1
                print(f"{kind} {number}, {name}: {what}\n{home}\n  botocore: {theirs}\n  assumerole: {ours}\n", file=sys.stderr)
    print(f"random {kind}s: {count} of seed {seed}, {compared} profiles, {refused} refused, {wrong} differences")
    return wrong, compared - refused


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--graphs", type=int, default=100)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    whose.write_logins()
    wrong, good = compare("graph", graphs.home, args.graphs, args.seed)
    of_texts, good_texts = compare("text", texts.home, args.texts, args.seed)
    # A comparison in which nothing works says nothing.
    return 1 if wrong + of_texts or not good or not good_texts else 0


if __name__ == "__main__":
    sys.exit(main())
