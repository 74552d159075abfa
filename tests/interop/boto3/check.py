#!/usr/bin/env python3
"""A second opinion on where credentials come from: boto3's.

    check.py [all]

For each configuration of the planner's decision table that boto3 supports,
boto3 and assumerole are given the same home and each a fresh sandbox. Both must
end as the same role (or user), by the same requests: who called what, in order.
GetSessionToken may come before ours: it carries the MFA code for all roles; and
we ask an instance for its profile, too, which cached sessions belong to.
Where one fails, so must the other. Then each reads what the other left of a
login, and both must split command lines alike. Last, each says where the
credentials of a profile come from that has half of one way beside another: for
some of the pairs, or `all`.

Needs ASSUMEROLE_TEST_BIN and ASSUMEROLE_TEST_SANDBOX, the programs under test,
and runs by the Python that has boto3. Ends with status 1 and says what differs.
"""

import os
import pathlib
import shutil
import sys
import tempfile

if "HOME_OF_CHECK" not in os.environ:
    # botocore looks for the home folder when it is imported.
    with tempfile.TemporaryDirectory() as folder:
        names = ["ASSUMEROLE_TEST_BIN", "ASSUMEROLE_TEST_SANDBOX"]
        env = {name: os.environ[name] for name in names}
        home = pathlib.Path(folder) / "home"
        env.update(HOME=str(home), HOME_OF_CHECK=folder, USER="tester", PATH="/usr/bin:/bin")
        status = os.spawnve(os.P_WAIT, sys.executable, [sys.executable, *sys.argv], env)
    sys.exit(status)

# No compiled copies beside the sources.
sys.dont_write_bytecode = True

import halves
import opinions
import table
from worlds import Sandbox

HOME = pathlib.Path(os.environ["HOME"])


def new_home(case, sandbox):
    """The case's files, in a home that is otherwise empty."""
    shutil.rmtree(HOME, ignore_errors=True)
    files = {
        ".aws/config": case.config,
        ".aws/credentials": table.BASE if case.credentials is None else case.credentials,
        **case.files,
    }
    places = {"@URL@": sandbox.url, "@HOME@": str(HOME)}
    if "@TOKEN@" in case.config:
        names = {"@KEY@": "AccessKeyId", "@SECRET@": "SecretAccessKey", "@TOKEN@": "Token"}
        given = sandbox.temporary()
        places.update({place: given[name] for place, name in names.items()})
    for name, text in files.items():
        path = HOME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for place, value in places.items():
            text = text.replace(place, value)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o700 if text.startswith("#!") else 0o600)
    if case.token:
        (HOME / "token").write_text(sandbox.token(), encoding="utf-8")


def asked(case, ask):
    """What `ask` comes to, alone with the case."""
    with Sandbox(case) as sandbox:
        new_home(case, sandbox)
        return ask(case, sandbox)


def second_opinion(case):
    theirs = asked(case, opinions.of_boto3)
    ours = asked(case, opinions.of_assumerole)
    wrong = []
    if case.fails and (theirs.who or ours.who):
        wrong.append("it does not fail")
    if not case.fails and not (theirs.who and ours.who):
        wrong.append("it fails")
    if theirs.who != ours.who or theirs.requests != ours.requests:
        wrong.append("they differ")
    return [f"{case.name}: {', '.join(wrong)}\n{theirs}\n{ours}"] if wrong else []


def shared(case, first, second, renews):
    """What `first` leaves of a login is good for `second`."""
    with Sandbox(case) as sandbox:
        new_home(case, sandbox)
        one, two = first(case, sandbox), second(case, sandbox)
        renewed = sum(request.startswith(renews) for request in one.requests + two.requests)
        if one.who and one.who == two.who and renewed == 1:
            return []
        return [f"{case.name}, {one.name} first: {renews} {renewed} times\n{one}\n{two}"]


def words(line):
    """The words that each makes of the command line `line`."""
    case = table.command_line(line)

    def run(ask):
        def both(case, sandbox):
            opinion = ask(case, sandbox)
            file = HOME / "words"
            return file.read_bytes() if file.exists() else opinion.who

        return asked(case, both)

    theirs, ours = run(opinions.of_boto3), run(opinions.of_assumerole)
    return [] if theirs == ours else [f"{line!r}: {theirs} and {ours}"]


def main():
    differences, made = [], 0
    for case in table.CASES:
        differences += second_opinion(case)
        made += 1
    for case, renews in table.LOGINS:
        for pair in [opinions.BOTH, opinions.BOTH[::-1]]:
            differences += shared(case, *pair, renews)
            made += 1
    for line in table.LINES:
        differences += words(line)
        made += 1
    everything = sys.argv[1:] == ["all"]
    found, compared = halves.check(lambda number: everything or number % 13 == 0)
    differences += found
    made += compared
    for difference in differences:
        print(difference, file=sys.stderr)
    print(f"boto3: {made} configurations, {len(differences)} differences")
    return 1 if differences or not made else 0


if __name__ == "__main__":
    sys.exit(main())
