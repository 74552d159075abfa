"""Random texts: the files of a random graph, damaged as editors, copying and
tired people do it; and what of a damaged file botocore could read.
"""

import configparser
import re

import graphs

# What Python strips, and what only looks like a blank.
BLANKS = [" ", "\t", "\u00a0", "\u3000", "\u2028", "\x0b", "\x0c", "\x1c", "\x85", "\u200b", "\ufeff"]
CHARACTERS = [*BLANKS, "#", ";", "=", ":", "[", "]", '"', "'", "\\", "%", "$", "é", "\x00", "\r", "\x7f"]
LINES = ["word", "two words", "= x", "[", "[]", "[a", "]", "# note", "; note", "", "   ", "\t# deep", "key", "region: eu-west-1"]


class Damage:
    """Changes of a list of lines, in place."""

    def __init__(self, random):
        self.random = random

    def pick(self, choices):
        return self.random.choice(choices)

    def at(self, lines):
        return self.random.randrange(len(lines))

    def indent(self, lines):
        at = self.at(lines)
        lines[at] = self.pick([*BLANKS[:6], "  ", "    "]) + lines[at]

    def dedent(self, lines):
        at = self.at(lines)
        lines[at] = lines[at].strip()

    def trail(self, lines):
        at = self.at(lines)
        lines[at] += self.pick([*BLANKS, " # note", " ; note", "#", "\\", '"'])

    def insert(self, lines):
        at = self.at(lines)
        place = self.random.randint(0, len(lines[at]))
        lines[at] = lines[at][:place] + self.pick(CHARACTERS) + lines[at][place:]

    def delete(self, lines):
        at = self.at(lines)
        if lines[at]:
            place = self.random.randrange(len(lines[at]))
            lines[at] = lines[at][:place] + lines[at][place + 1 :]

    def add(self, lines):
        lines.insert(self.random.randint(0, len(lines)), self.pick(LINES))

    def double(self, lines):
        at = self.at(lines)
        lines.insert(self.random.randint(0, len(lines)), lines[at])

    def drop(self, lines):
        del lines[self.at(lines)]

    def swap(self, lines):
        one, two = self.at(lines), self.at(lines)
        lines[one], lines[two] = lines[two], lines[one]

    def colon(self, lines):
        at = self.at(lines)
        lines[at] = lines[at].replace(" = ", self.pick([": ", ":", "=", " : ", "  =  ", "\t=\t", " == "]), 1)

    def quote(self, lines):
        at = self.at(lines)
        key, equals, value = lines[at].partition(" = ")
        if equals:
            lines[at] = f'{key} = {self.pick(["", " "])}"{value}"'

    def shout(self, lines):
        at = self.at(lines)
        key, equals, value = lines[at].partition("=")
        lines[at] = key.upper() + equals + value

    def comment(self, lines):
        at = self.at(lines)
        lines[at] = self.pick("#;") + lines[at]

    def header(self, lines):
        heads = [at for at, line in enumerate(lines) if line.startswith("[")]
        if not heads:
            return
        at = self.pick(heads)
        name = lines[at].strip("[]").removeprefix("profile ")
        lines[at] = self.pick([
            f"[ {name} ]", f"[{name}]", f"[profile {name} ]", f"[profile  {name}]", f"[Profile {name}]",
            f"[profile {name}", f"[profile {name}]]", f"[profile {name}] # home", f"[profile {name}]x",
            f"[profile '{name}']", f"[profile {name} more]", f"[profiles {name}]", f"[profile\t{name}]",
            f" [profile {name}]", f"[profile {name}=]", f"[DEFAULT]", f"[profile \"{name}]", "[profile]",
        ])

    def hang(self, lines):
        """A header that looks as if it continued a line that cannot be read."""
        heads = [at for at, line in enumerate(lines) if line.startswith("[")]
        if heads:
            at = self.pick(heads)
            lines[at : at + 1] = [*[self.pick(LINES)] * self.pick([0, 1, 2]), self.pick(BLANKS[:8]) + lines[at]]

    def of_lines(self, lines):
        ways = [self.hang, self.indent, self.dedent, self.trail, self.insert, self.insert, self.delete, self.add, self.double,
                self.drop, self.swap, self.colon, self.quote, self.shout, self.comment, self.header, self.header]
        for _ in range(self.pick([0, 1, 1, 1, 2, 2, 3, 5])):
            if lines:
                self.pick(ways)(lines)

    def of_file(self, text):
        """The bytes of a damaged `text`."""
        lines = text.split("\n")
        self.of_lines(lines)
        end = self.pick(["\n"] * 12 + ["\r\n", "\r\n", "\r"])
        data = bytearray(end.join(lines).encode())
        if data and self.pick(range(40)) == 0:
            data.insert(self.random.randrange(len(data)), 0xE9)
        if self.pick(range(40)) == 0:
            data[:0] = b"\xef\xbb\xbf"
        return bytes(data)


def home(random):
    graph = graphs.home(random)
    damage = Damage(random)
    for name in ["config", "credentials"]:
        text = getattr(graph, name)
        damaged = damage.of_file(text) if random.randrange(4) else text
        setattr(graph, name, damaged)
    # What stands for a role of ~/.assumerole may be damaged, too.
    graph.roles = {}
    return graph


def lines_of(text):
    """Lines as Python reads a file: by LF, CRLF and CR."""
    return re.split("\r\n|\r|\n", text)


def indent(line):
    return len(line) - len(line.lstrip())


def readable(data):
    """`data` without the lines that botocore cannot read: those alone, and the
    ones that continue them; a header that is none belongs to nobody, and one
    below a line that cannot be read is a header, however it is indented. Of
    what stands twice, the first."""
    lines, damaged = [], []
    text = encoded(data).removeprefix(b"\xef\xbb\xbf")
    for line in re.split(b"\r\n|\r|\n", text):
        lines.append(line.decode(errors="replace"))
        try:
            line.decode()
        except UnicodeDecodeError:
            damaged.append(len(lines) - 1)
    for number in damaged:
        if continues(lines, number):
            lines[number] = ""
        else:
            cut(lines, number, unreadable=True)
    for _ in range(200):
        wrong = first_error(lines)
        if wrong is None:
            return joined("\n".join(lines))
        number, twice = wrong
        if twice == "piece":
            continue
        if twice == "section":
            end = next_header(lines, number)
            lines[number:end] = [""] * (end - number)
        else:
            cut(lines, number, unreadable=twice is None)
    raise AssertionError(f"cannot be made readable: {data}")


def encoded(text):
    return text if isinstance(text, bytes) else text.encode()


def joined(text):
    """`text` with LF alone."""
    return re.sub(b"\r\n|\r", b"\n", encoded(text))


def is_header(lines, number):
    try:
        parser = configparser.RawConfigParser()
        parser.read_string(lines[number].strip())
        return bool(parser.sections()) or lines[number].strip().startswith("[DEFAULT]")
    except configparser.Error:
        return False


def continues(lines, number):
    """Whether the line continues a value, or says nothing."""
    depth = None
    for text in lines[:number]:
        if not says_something(text):
            continue
        if depth is None or indent(text) <= depth:
            # Nothing continues a header.
            depth = None if text.strip().startswith("[") else indent(text)
    line = lines[number]
    return not says_something(line) or depth is not None and indent(line) > depth


def says_something(text):
    return bool(text.strip()) and text.strip()[0] not in "#;"


def next_header(lines, number):
    """Where the section that begins at `number` ends: what is indented deeper than the
    key above it continues that one, whatever it looks like."""
    depth = None
    for after in range(number + 1, len(lines)):
        text = lines[after]
        if not says_something(text):
            continue
        if depth is not None and indent(text) > depth:
            continue
        if is_header(lines, after):
            return after
        depth = indent(text)
    return len(lines)


def cut(lines, number, unreadable):
    """Empties a line and what continues it. Of an `unreadable` one a header
    stays, and one below it counts."""
    line = lines[number]
    if unreadable and line.strip().startswith("["):
        lines[number] = f"[broken {number}]"
        return
    depth = indent(line)
    lines[number] = ""
    for after in range(number + 1, len(lines)):
        text = lines[after]
        if not says_something(text):
            continue
        if indent(text) <= depth:
            return
        if unreadable and text.strip().startswith("["):
            # Else it would continue the key above the line that is gone.
            lines[after] = text.strip()
            return
        lines[after] = ""


def first_error(lines):
    """The number of the first line that cannot be read, and what stands twice
    if that is why."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string("\n".join(lines))
    except configparser.MissingSectionHeaderError as error:
        return error.lineno - 1, None
    except (configparser.DuplicateSectionError, configparser.DuplicateOptionError) as error:
        # What cannot be read before it may decide whose key that is.
        before = first_error(lines[: error.lineno - 1])
        if before and before[1] is None:
            return before
        # A line without a key before its `=` is none that is read.
        key = getattr(error, "option", None)
        return error.lineno - 1, "section" if key is None else "key" if key else None
    except configparser.ParsingError as error:
        return error.errors[0][0] - 1, None
    for section in parser.sections():
        for _, value in parser.items(section):
            if not value.startswith("\n"):
                continue
            for part in value.splitlines():
                if part.strip() and "=" not in part:
                    return piece(lines, part.strip())
    return None


def piece(lines, text):
    """The line that is `text`, of a block of sub-keys. More characters end a
    line there; then the rest of it stays."""
    for number, line in enumerate(lines):
        if line.strip() == text and indent(line):
            return number, "sub-key"
    for number, line in enumerate(lines):
        if text in line and indent(line):
            before, _, after = line.partition(text)
            lines[number] = before + after
            return number, "piece"
    raise AssertionError(f"no line holds {text!r}")
