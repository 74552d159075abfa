//! What has to be typed, or written, so that programs ask a server.

use std::fmt::Write as _;
use std::path::Path;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::table;
use assumerole_core::shell::command_line::quoted;
use assumerole_server::{process_path, role_path};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::spec::{CopyPaths, Place, Ready};

/// Where a container finds the token that it is given.
const IN_CONTAINER: &str = "/run/assumerole-token";

/// Where it finds the folder of a token that somebody named.
const FOLDER: &str = "/run/assumerole";

/// Said where the token is in a file that goes with its server.
const STABLE: &str = "\
# After a restart, port and token are new. To keep a container: name a port and a
# file in a folder of its own: --port PORT --token-file FOLDER/token
";

/// A role that is handed out.
pub(super) struct Served {
    pub(super) name: String,
    pub(super) region: Option<String>,
}

/// A server, and what it hands out.
pub(super) struct Lines<'a> {
    pub(super) ready: &'a Ready,
    /// Where the token is written.
    pub(super) token_file: Option<&'a str>,
    /// Whether somebody named that file.
    pub(super) is_named: bool,
    pub(super) place: &'a Place,
    pub(super) roles: &'a [Served],
}

impl Lines<'_> {
    /// For programs on this machine. Where the token is in a file, it is not
    /// shown.
    pub(super) fn for_shell(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(first());
        match self.token_file.map(quoted) {
            Some(file) => {
                let _ = writeln!(text, "export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE={file}");
                let _ = writeln!(
                    text,
                    "export AWS_CONTAINER_AUTHORIZATION_TOKEN=\"$(cat {file})\""
                );
            }
            None => {
                let token = shown(&self.ready.token);
                let _ = writeln!(text, "export AWS_CONTAINER_AUTHORIZATION_TOKEN={token}");
            }
        }
        text.push_str(&no_proxy(&self.host()));
        text.push_str(&copies(self.ready.copies.as_ref()));
        for role in self.roles {
            let _ = writeln!(text, "\n# {}", one_line(&role.name));
            text.push_str(&region(role));
            let _ = writeln!(
                text,
                "export AWS_CONTAINER_CREDENTIALS_FULL_URI={}{}",
                self.ready.origin,
                role_path(&role.name)
            );
        }
        text
    }

    /// For programs that ask the metadata service of an instance.
    pub(super) fn for_instance(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(first());
        text.push_str("unset AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_EC2_METADATA_DISABLED\n");
        text.push_str(&no_proxy(&self.host()));
        text.push_str(&copies(self.ready.copies.as_ref()));
        self.roles
            .iter()
            .for_each(|role| text.push_str(&region(role)));
        let _ = writeln!(
            text,
            "export AWS_EC2_METADATA_SERVICE_ENDPOINT={}/",
            self.ready.origin
        );
        text
    }

    /// For programs that run a command for credentials: at a socket, SDKs ask
    /// nobody.
    pub(super) fn for_socket(&self, path: &Path) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        let token = self.token_file.unwrap_or("TOKEN_FILE");
        let path = path.to_string_lossy();
        let options = format!("--unix-socket {} ", quoted(&path));
        for role in self.roles {
            let _ = writeln!(text, "# {}", one_line(&role.name));
            text.push_str(&self.process(role, token, &options));
        }
        text
    }

    /// For containers: three ways, since no SDK asks `host.docker.internal`.
    pub(super) fn for_docker(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        let file = self.token_file.unwrap_or("TOKEN_FILE");
        let (mount, token) = self.mount(file);
        if !self.is_named {
            text.push_str(STABLE);
        }
        for role in self.roles {
            let uri = format!("{}{}", self.ready.origin, role_path(&role.name));
            let _ = write!(
                text,
                "# {name}: in a container with the network of this machine, or with one that\n\
                 # has {host}\n\
                 docker run {network}{mount} \\\n  \
                 -e AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE={token} \\\n  \
                 -e AWS_CONTAINER_CREDENTIALS_FULL_URI={uri} IMAGE\n\
                 # {name}: in any other, which reaches {host}: {mount},\n\
                 # and in its ~/.aws/config\n{process}",
                name = one_line(&role.name),
                host = self.host(),
                network = match self.is_loopback() {
                    true => "--network host ",
                    false => "",
                },
                token = quoted(&token),
                process = self.process(role, &token, "")
            );
        }
        if self.is_loopback() {
            text.push_str(AT_ADDRESS);
        }
        text
    }

    /// How a container is given the token, and where it finds it there. A file
    /// that somebody named is replaced at the next start: a container that has its
    /// folder sees the new one, and one that has the file alone does not.
    fn mount(&self, file: &str) -> (String, String) {
        let of = |from: &str, to: &str| format!("-v {}", quoted(&format!("{from}:{to}:ro")));
        let path = Path::new(file);
        let folder = path.parent().and_then(Path::to_str);
        let name = path.file_name().and_then(|name| name.to_str());
        match (self.is_named, folder, name) {
            (true, Some(folder), Some(name)) => (of(folder, FOLDER), format!("{FOLDER}/{name}")),
            _ => (of(file, IN_CONTAINER), IN_CONTAINER.to_owned()),
        }
    }

    /// A line for `~/.aws/config`. The token is in no argument.
    fn process(&self, role: &Served, token: &str, options: &str) -> String {
        let uri = format!("{}{}", self.ready.origin, process_path(&role.name));
        let script = format!(
            "printf \"Authorization: %s\" \"$(cat {})\" | curl -sSf -H @- {options}{uri}",
            quoted(token)
        );
        format!("credential_process = sh -c {}\n", quoted(&script))
    }

    fn host(&self) -> String {
        match self.place {
            Place::Address(address, _) => address.to_string(),
            Place::Socket(_) => "localhost".to_owned(),
        }
    }

    fn is_loopback(&self) -> bool {
        match self.place {
            Place::Address(address, _) => address.is_loopback(),
            Place::Socket(_) => false,
        }
    }
}

/// How a server is reached from containers that have a network of their own.
const AT_ADDRESS: &str = "\
# From a network of its own, a container reaches no loopback. SDKs ask
# 169.254.170.2, which this machine can be in a network:
#   docker network create --subnet 169.254.170.0/24 --gateway 169.254.170.2 credentials
#   assumerole serve --docker --listen 169.254.170.2 ROLE
#   docker run --network credentials IMAGE
";

/// What programs would take in a server's place.
fn first() -> String {
    let names: Vec<&str> = table::before_server().collect();
    format!("unset {}\n", names.join(" "))
}

fn no_proxy(host: &str) -> String {
    // Of IPv6, programs know one form or the other.
    let host = match host.contains(':') {
        true => format!("{host},[{host}]"),
        false => host.to_owned(),
    };
    let of = |name: &str| format!("{name}=\"${{{name}:+${name},}}{host}\"");
    format!("export {} {}\n", of("NO_PROXY"), of("no_proxy"))
}

fn copies(copies: Option<&CopyPaths>) -> String {
    copies.map_or_else(String::new, |copies| {
        format!(
            "# copies without the credentials of [default]\n\
             export AWS_CONFIG_FILE={} AWS_SHARED_CREDENTIALS_FILE={}\n",
            quoted(&copies.config),
            quoted(&copies.credentials)
        )
    })
}

fn region(role: &Served) -> String {
    role.region.as_deref().map_or_else(String::new, |region| {
        format!("export AWS_REGION={region} AWS_DEFAULT_REGION={region}\n")
    })
}

fn shown(token: &SecretString) -> &str {
    token.expose_secret()
}
