//! How AWS SDKs find a credentials server, and what keeps each from it.
//!
//! They differ in which of two variables comes first, in what a token may hold
//! and in how long they wait. Seen with boto3 1.44, the SDKs for JavaScript 3.1177,
//! Go 2 (config 1.33), Java 2.57 and Rust (aws-config 1.13).

use super::table;
use crate::aws::url::ContainerUrl;

/// The variable of a container's path, which most SDKs heed first.
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

/// What a profile of `~/.aws` has for an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileCredentials {
    /// Credentials, or a way to them.
    Gives,
    /// Nothing of the kind.
    None,
    /// There is no such profile.
    Missing,
}

/// What an SDK finds when it starts.
pub struct SdkScene<'a> {
    /// The value of a variable of the environment that is not empty.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// What the file at a path holds, or why it cannot be read.
    pub file: &'a dyn Fn(&str) -> Result<String, String>,
    /// What a profile has.
    pub profile: &'a dyn Fn(&str) -> ProfileCredentials,
}

/// What an SDK does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SdkWay {
    /// It asks a server.
    Asks {
        /// There.
        url: String,
        /// With this in `Authorization`.
        token: Option<String>,
    },
    /// It uses other credentials.
    Elsewhere(Obstacle),
    /// It fails.
    Fails(Obstacle),
}

/// What keeps an SDK from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What it does in its place, without a subject.
    pub what: String,
    /// What to type.
    pub fix: String,
}

/// An SDK, by what it does otherwise than others.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns of a table, each asked for by itself"
)]
pub struct Sdk {
    /// As people call it.
    pub name: &'static str,
    /// How long it waits for an answer, in milliseconds.
    pub patience: u64,
    /// Whether the relative URI counts where both are there.
    relative_first: bool,
    /// Whether the file of the token counts where the variable is there as well.
    file_first: bool,
    /// Whether blanks around the variable's token are dropped.
    trims_variable: bool,
    /// Whether it asks loopback by way of a proxy.
    by_proxy: bool,
    /// Whether a profile that is named counts before keys in the environment.
    profile_before_keys: bool,
    /// Whether it goes on where the profile that is named is missing.
    profile_may_be_missing: bool,
    /// Whether it reads the old name of `AWS_PROFILE`, and first.
    old_profile: bool,
}

const USUAL: Sdk = Sdk {
    name: "",
    patience: 5000,
    relative_first: true,
    file_first: true,
    trims_variable: false,
    by_proxy: false,
    profile_before_keys: false,
    profile_may_be_missing: false,
    old_profile: false,
};

/// Those whose rules are known.
pub static SDKS: [Sdk; 5] = [
    Sdk {
        name: "boto3",
        patience: 2000,
        old_profile: true,
        ..USUAL
    },
    Sdk {
        name: "JavaScript",
        patience: 1000,
        profile_before_keys: true,
        profile_may_be_missing: true,
        ..USUAL
    },
    Sdk {
        name: "Go",
        relative_first: false,
        ..USUAL
    },
    Sdk {
        name: "Java",
        patience: 1000,
        file_first: false,
        trims_variable: true,
        profile_may_be_missing: true,
        ..USUAL
    },
    Sdk {
        name: "Rust",
        by_proxy: true,
        ..USUAL
    },
];

impl Sdk {
    /// What it does in `scene`.
    pub fn way(&self, scene: &SdkScene<'_>) -> SdkWay {
        let profile = |this: &Self| this.profile(scene);
        let keys = |_: &Self| keys(scene);
        let before = match self.profile_before_keys {
            true => profile(self).or_else(|| keys(self)),
            false => keys(self).or_else(|| profile(self)),
        };
        if let Some(other) = before {
            return other;
        }
        match self.asks(scene) {
            Ok((url, token)) => SdkWay::Asks { url, token },
            Err(obstacle) => SdkWay::Fails(obstacle),
        }
    }

    /// Credentials of a profile, which come before a server's.
    fn profile(&self, scene: &SdkScene<'_>) -> Option<SdkWay> {
        let names: &[&str] = match self.old_profile {
            true => &["AWS_DEFAULT_PROFILE", "AWS_PROFILE"],
            false => &["AWS_PROFILE"],
        };
        let named = names
            .iter()
            .find_map(|name| Some((*name, (scene.variable)(name)?)));
        let Some((variable, name)) = named else {
            let gives = (scene.profile)("default") == ProfileCredentials::Gives;
            return gives.then(|| {
                elsewhere(
                    "uses the credentials of [default] in ~/.aws",
                    "give [default] another name, or use the copies of ~/.aws that serve prints",
                )
            });
        };
        let fix = format!("unset {variable}");
        match (scene.profile)(&name) {
            ProfileCredentials::Gives => Some(elsewhere(
                format!("uses the credentials of profile {name} ({variable})"),
                fix,
            )),
            ProfileCredentials::Missing if !self.profile_may_be_missing => Some(SdkWay::Fails(
                obstacle(format!("finds no profile {name} ({variable})"), fix),
            )),
            ProfileCredentials::Missing | ProfileCredentials::None => None,
        }
    }

    fn asks(&self, scene: &SdkScene<'_>) -> Result<(String, Option<String>), Obstacle> {
        let relative = (scene.variable)(RELATIVE);
        let full = (scene.variable)(table::CONTAINER_URI);
        if let Some(relative) = relative.filter(|_| self.relative_first || full.is_none()) {
            let what = format!("asks 169.254.170.2 for {relative} ({RELATIVE})");
            return Err(obstacle(what, format!("unset {RELATIVE}")));
        }
        let Some(url) = full else {
            let what = format!("finds no server: {} is not set", table::CONTAINER_URI);
            return Err(obstacle(
                what,
                "set what this prints: assumerole serve ROLE",
            ));
        };
        let parsed = ContainerUrl::full(&url).map_err(|fault| {
            let what = format!("refuses the address in {}: {fault}", table::CONTAINER_URI);
            obstacle(what, "use an address of loopback: assumerole serve ROLE")
        })?;
        let token = self.token(scene)?;
        if self.by_proxy && !parsed.url().is_tls() {
            proxy(scene, parsed.url().host())?;
        }
        Ok((url, token))
    }

    fn token(&self, scene: &SdkScene<'_>) -> Result<Option<String>, Obstacle> {
        let variable = (scene.variable)(table::CONTAINER_TOKEN);
        let file = (scene.variable)(table::CONTAINER_TOKEN_FILE);
        let by_file = file.filter(|_| self.file_first || variable.is_none());
        let (token, from) = match (by_file, variable) {
            (Some(path), _) => {
                let token = (scene.file)(&path).map_err(|why| {
                    let what = format!(
                        "cannot read the token ({}): {why}",
                        table::CONTAINER_TOKEN_FILE
                    );
                    obstacle(what, "set what this prints: assumerole serve ROLE")
                })?;
                (token, table::CONTAINER_TOKEN_FILE)
            }
            (None, Some(token)) if self.trims_variable => {
                (token.trim().to_owned(), table::CONTAINER_TOKEN)
            }
            (None, Some(token)) => (token, table::CONTAINER_TOKEN),
            (None, None) => return Ok(None),
        };
        if token.contains(['\r', '\n']) {
            let what = format!("refuses the token ({from}): it contains a line break");
            return Err(obstacle(what, "write it without one: printf %s"));
        }
        Ok(Some(token))
    }
}

fn obstacle(what: impl Into<String>, fix: impl Into<String>) -> Obstacle {
    let (what, fix) = (what.into(), fix.into());
    Obstacle { what, fix }
}

fn elsewhere(what: impl Into<String>, fix: impl Into<String>) -> SdkWay {
    SdkWay::Elsewhere(obstacle(what, fix))
}

/// Credentials of the environment, which come before a server's.
fn keys(scene: &SdkScene<'_>) -> Option<SdkWay> {
    let has = |name: &str| (scene.variable)(name).is_some();
    if has(table::ACCESS_KEY_ID) && has(table::SECRET_ACCESS_KEY) {
        return Some(elsewhere(
            format!("uses the keys in {}", table::ACCESS_KEY_ID),
            format!(
                "unset {} {} {}",
                table::ACCESS_KEY_ID,
                table::SECRET_ACCESS_KEY,
                table::SESSION_TOKEN
            ),
        ));
    }
    let web = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"];
    web.iter().all(|name| has(name)).then(|| {
        elsewhere(
            format!("uses the web identity in {}", web[0]),
            format!("unset {} {}", web[0], web[1]),
        )
    })
}

/// Whether `host` is asked without a proxy.
///
/// # Errors
/// It is not.
fn proxy(scene: &SdkScene<'_>, host: &str) -> Result<(), Obstacle> {
    let first = |names: [&'static str; 2]| {
        names
            .into_iter()
            .find_map(|name| Some((name, (scene.variable)(name)?)))
    };
    let Some((name, _)) = first(["http_proxy", "HTTP_PROXY"]) else {
        return Ok(());
    };
    let [upper, lower] = table::NO_PROXY;
    let without = first([lower, upper]).map(|(_, list)| list);
    let is_without = without.is_some_and(|list| {
        let mut entries = list.split(',').map(str::trim);
        entries.any(|entry| entry == host || entry == "*")
    });
    match is_without {
        true => Ok(()),
        false => Err(obstacle(
            format!("asks by way of the proxy in {name}, which does not reach the server"),
            format!("export {upper}=\"${upper},{host}\" {lower}=\"${upper},{host}\""),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each SDK does with these variables: `.` asks, `o` uses others, `x`
    /// fails.
    fn ways(set: &[(&str, &str)], default: bool) -> String {
        let variable = |name: &str| {
            let mut set = set.iter();
            set.find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let file = |path: &str| match path {
            "/token" => Ok("t".to_owned()),
            "/line" => Ok("t\n".to_owned()),
            _ => Err("No such file or directory".to_owned()),
        };
        let profile = |name: &str| match name {
            "keys" => ProfileCredentials::Gives,
            "default" if default => ProfileCredentials::Gives,
            "default" | "region" => ProfileCredentials::None,
            _ => ProfileCredentials::Missing,
        };
        let scene = SdkScene {
            variable: &variable,
            file: &file,
            profile: &profile,
        };
        let mark = |sdk: &Sdk| match sdk.way(&scene) {
            SdkWay::Asks { url, token } => {
                assert_eq!(url, "http://127.0.0.1:4000/role/a");
                assert!(token.is_none_or(|token| token == "t"));
                '.'
            }
            SdkWay::Elsewhere(_) => 'o',
            SdkWay::Fails(_) => 'x',
        };
        SDKS.iter().map(mark).collect()
    }

    /// In the order of [`SDKS`]: boto3, JavaScript, Go, Java, Rust.
    #[test]
    fn each_has_its_own_way() {
        const URI: (&str, &str) = (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://127.0.0.1:4000/role/a",
        );
        const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
        const FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
        for (more, default, expected) in [
            ([].as_slice(), false, "....."),
            (&[(TOKEN, "t")], false, "....."),
            (&[(FILE, "/token")], false, "....."),
            (&[(TOKEN, "t\n")], false, "xxx.x"),
            (&[(TOKEN, "t"), (FILE, "/line")], false, "xxx.x"),
            (&[(FILE, "/line")], false, "xxxxx"),
            (&[(FILE, "/none")], false, "xxxxx"),
            (&[(RELATIVE, "/x")], false, "xx.xx"),
            (&[("HTTP_PROXY", "http://p")], false, "....x"),
            (
                &[("HTTP_PROXY", "http://p"), ("NO_PROXY", "a, 127.0.0.1")],
                false,
                ".....",
            ),
            (
                &[
                    ("http_proxy", "http://p"),
                    ("NO_PROXY", "127.0.0.1"),
                    ("no_proxy", "a"),
                ],
                false,
                "....x",
            ),
            (&[], true, "ooooo"),
            (&[("AWS_PROFILE", "region")], true, "....."),
            (&[("AWS_PROFILE", "keys")], false, "ooooo"),
            (&[("AWS_PROFILE", "none")], false, "x.x.x"),
            (&[("AWS_DEFAULT_PROFILE", "keys")], false, "o...."),
            (
                &[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")],
                false,
                "ooooo",
            ),
            (&[("AWS_ACCESS_KEY_ID", "a")], false, "....."),
            (
                &[("AWS_WEB_IDENTITY_TOKEN_FILE", "f"), ("AWS_ROLE_ARN", "r")],
                false,
                "ooooo",
            ),
        ] {
            let set = [&[URI], more].concat();
            assert_eq!(ways(&set, default), expected, "{more:?}");
        }
        assert_eq!(ways(&[], false), "xxxxx");
        let far = (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://host.docker.internal:1/",
        );
        assert_eq!(ways(&[far], false), "xxxxx");
    }
}
