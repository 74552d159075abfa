"""Random profiles: graphs of `source_profile`, ways to get credentials and
halves of them, on both files, as somebody might write them in years.

`Home.files()` is text; `Home.names` are the profiles and roles to ask for.
"""

ACCOUNTS = ["123456789012", "210987654321"]
NAMES = ["a", "b", "c", "d", "default", "é", "x-y", "two words"]
START = "https://acme.awsapps.com/start"
MFA = "arn:aws:iam::210987654321:mfa/jdoe"


class Home:
    """The two files of `~/.aws`, and `~/.assumerole`."""

    def __init__(self, config, credentials, names, roles):
        self.config, self.credentials = config, credentials
        self.names, self.roles = names, roles

    def __str__(self):
        return f"--- config\n{self.config}--- credentials\n{self.credentials}"


class Graph:
    def __init__(self, random):
        self.random = random
        self.names = random.sample(NAMES, random.randint(2, 6))
        # Names of sections that somebody refers to.
        self.sessions = ["s", "t", "bare", "none"]
        self.services = ["local", "empty", "flat", "gone"]

    def pick(self, choices):
        return self.random.choice(choices)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def other(self):
        """A profile, mostly one that is there."""
        return self.pick(["nobody"] if self.chance(3) else self.names)

    def arn(self, name):
        if self.chance(2):
            return self.pick(["", "role/x", "arn:aws:iam::12:role/x"])
        return f"arn:aws:iam::{self.pick(ACCOUNTS)}:role/{name if name.isascii() and ' ' not in name else 'r'}"

    def keys(self, name):
        lines = [f"aws_access_key_id = AKIA{self.random.randrange(1000):04}", "aws_secret_access_key = s3cret/+"]
        if self.chance(15):
            token = self.pick(["aws_session_token", "aws_security_token", "AWS_SESSION_TOKEN"])
            lines.append(f"{token} ={self.pick(['', ' token'])}")
        if self.chance(12):
            lines.pop(self.random.randrange(2))
        if self.chance(4):
            lines[0] = "aws_access_key_id ="
        return lines

    def role(self, name):
        lines = [f"role_arn = {self.arn(name)}"]
        if self.chance(85):
            lines.append(f"source_profile = {self.other()}")
        if self.chance(15):
            lines.append(f"credential_source = {self.source()}")
        return self.with_options(lines)

    def source(self):
        sources = ["Environment", "Environment", "Ec2InstanceMetadata", "EcsContainer"]
        return self.pick([*sources, "environment", ""] if self.chance(20) else sources)

    def with_options(self, lines):
        """What goes with the request for a role."""
        if self.chance(15):
            lines.append(self.pick([f"mfa_serial = {MFA}", f"mfa_serial = {MFA}", "mfa_serial ="]))
        if self.chance(15):
            lines.append(self.pick(["external_id = e-1", "External_ID = e-2", "external_id =", "external_id =\n  a = b"]))
        if self.chance(10):
            lines.append(f"duration_seconds = {self.pick(['900', '3600', '43200', 'abc', '', '100', '1h'])}")
        if self.chance(10):
            lines.append(f"role_session_name = {self.pick(['me', 'me@example.com', 'two words', ''])}")
        return lines

    def of_machine(self, name):
        return self.with_options([f"role_arn = {self.arn(name)}", f"credential_source = {self.source()}"])

    def web(self, name):
        lines = [f"web_identity_token_file = {self.pick(['/token', '/token', '/other', ''])}"]
        if self.chance(85):
            lines.append(f"role_arn = {self.arn(name)}")
        return lines

    def sso(self, name):
        lines = []
        if self.chance(92):
            lines.append(f"sso_account_id = {self.pick(ACCOUNTS)}")
        if self.chance(92):
            lines.append(f"sso_role_name = {self.pick(['Admin', 'Read'])}")
        if self.chance(65):
            lines.append(f"sso_session = {self.pick(self.sessions if self.chance(30) else ['s'])}")
        if self.chance(40):
            lines.append(f"sso_start_url = {self.pick([START, START, 'https://other.awsapps.com/start'])}")
        if self.chance(40):
            lines.append(f"sso_region = {self.pick(['eu-west-1', 'eu-west-1', 'us-east-1'])}")
        return lines

    def process(self, name):
        return [f"credential_process = {self.pick(['/bin/one --a b', '/bin/two', '' if self.chance(20) else '/bin/one'])}"]

    def login(self, name):
        return ["login_session = arn:aws:iam::222222222222:user/dev", "region = eu-west-1"]

    def nothing(self, name):
        return []

    def settings(self):
        """How AWS is reached, and what is of other commands."""
        lines = []
        if self.chance(30):
            lines.append(f"region = {self.pick(['eu-west-1', 'us-east-1', 'us-gov-west-1'])}")
        if self.chance(8):
            lines.append(f"endpoint_url = {self.pick(['http://127.0.0.1:9', 'https://sts.example.com', ''])}")
        if self.chance(10):
            lines.append(f"services = {self.pick(self.services)}")
        if self.chance(5):
            lines.append(f"ignore_configured_endpoint_urls = {self.pick(['true', 'TRUE', 'false', 'yes'])}")
        if self.chance(5):
            lines.append(f"max_attempts = {self.pick(['5', '1', 'abc', '', '3 # three'])}")
        if self.chance(8):
            lines.append("s3 =\n  addressing_style = path\n  max_concurrent_requests = 20")
        if self.chance(10):
            lines.append(self.pick(["output = json", "cli_pager =", "# a note", "unknown_key = 1"]))
        return lines

    def profile(self, name):
        """Its lines for config and for credentials, and how it reaches AWS."""
        ways = [self.keys] * 4 + [self.role] * 7 + [self.sso] * 3 + [self.of_machine, self.web, self.process, self.login, self.nothing]
        files = [[], []]
        for _ in range(self.pick([1, 1, 1, 1, 2, 2, 3])):
            way = self.pick(ways)
            # Keys belong into credentials, the rest into config; mostly.
            usual = 1 if way == self.keys else 0
            files[usual if self.chance(85) else 1 - usual] += way(name)
        settings = self.settings()
        files[0] += settings
        return *[self.once(lines) for lines in files], settings

    def once(self, lines):
        """Without keys that stand twice, mostly: both refuse those."""
        if self.chance(2):
            return lines
        seen, kept = set(), []
        for line in lines:
            key = line.split("=")[0].strip().lower()
            if key not in seen:
                kept.append(line)
            seen.add(key)
        self.random.shuffle(kept)
        return kept

    def header(self, name):
        if name == "default":
            return self.pick(["[default]"] * 8 + ["[profile default]"])
        if " " in name:
            return self.pick([f'[profile "{name}"]', f"[profile '{name}']"])
        return self.pick([f"[profile {name}]"] * 8 + [f'[profile "{name}"]', f"[profile   {name}]"])

    def others(self):
        """Sections that are no profiles."""
        sections = [
            f"[sso-session s]\nsso_start_url = {START}\nsso_region = eu-west-1\n",
            "[sso-session t]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n",
            "[sso-session bare]\nsso_region = eu-west-1\n",
            "[services local]\nsts =\n  endpoint_url = http://127.0.0.1:10\nsso =\n  endpoint_url = http://127.0.0.1:11\n",
            "[services empty]\n",
            "[services flat]\nsts = https://sts.example.com\n",
            "[plugins]\ncli = none\n",
        ]
        # A section that is repeated word for word is refused by botocore alone.
        sections = [section for section in sections if self.chance(80)]
        if self.chance(6):
            sections.append(f"[DEFAULT]\n{self.pick(['region = eu-west-2', 'source_profile = a', 'output = text'])}\n")
        return sections

    def home(self):
        config, credentials, reached = self.others(), [], {}
        for name in self.names:
            of_config, of_credentials, reached[name] = self.profile(name)
            if of_config or self.chance(50):
                config.append("\n".join([self.header(name), *of_config, ""]))
            if of_credentials or self.chance(10):
                credentials.append("\n".join([f"[{name}]", *of_credentials, ""]))
        if self.chance(3) and config:
            config.append(self.pick(config))
        # What a role of ~/.assumerole is to us is this to the AWS CLI: the
        # profile that it names says how AWS is reached.
        roles = {}
        for number, name in enumerate(self.names):
            if self.chance(30):
                arn = f"arn:aws:iam::123456789012:role/last{number}"
                lines = [f"[profile last{number}]", f"role_arn = {arn}", f"source_profile = {name}", *reached[name], ""]
                config.append("\n".join(lines))
                roles[f"role{number}"] = (f"last{number}", name, arn)
        self.random.shuffle(config)
        self.random.shuffle(credentials)
        return Home("".join(config), "".join(credentials), [*self.names, *[last for last, _, _ in roles.values()]], roles)


def home(random):
    return Graph(random).home()
