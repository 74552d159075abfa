//! How AWS is reached: region, endpoint, trust, proxy, time-outs, retries.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use assumerole_core::aws::ids::Region;
#[cfg(test)]
use assumerole_core::aws::service::Service;
use assumerole_core::aws::url::{EndpointUrl, ProxyUrl};
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::Route;
use assumerole_core::{Credentials, Error, Kind, Result};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use hyper_util::client::proxy::matcher::Matcher;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use crate::network::{self, Line, Through, Way};

/// The clock, as everything here asks for it.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long may still be waited for an answer, whenever it is asked.
#[derive(Clone)]
pub struct Left(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Left {
    /// What `left` says.
    pub fn new(left: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(left))
    }

    /// `usual`, or what is left if that is less; a moment at least, in which
    /// AWS may answer all the same.
    pub(crate) fn of(&self, usual: Duration) -> Duration {
        usual.min((self.0)().max(LEAST))
    }
}

impl fmt::Debug for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Left").finish_non_exhaustive()
    }
}

/// A proxy, and the hosts that are reached without it.
#[derive(Clone)]
pub struct Proxy {
    /// As in `HTTPS_PROXY`.
    pub url: ProxyUrl,
    /// The rules of `NO_PROXY`: host names, suffixes, addresses, networks.
    pub no_proxy: String,
}

impl Proxy {
    /// Whether `NO_PROXY` leaves out every host. The SDK's client takes the
    /// `*` that says so for the name of a host.
    fn is_for_nobody(&self) -> bool {
        self.no_proxy.split(',').any(|rule| rule.trim() == "*")
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("Proxy").finish_non_exhaustive()
    }
}

/// How one service of AWS is reached.
#[derive(Clone, Debug)]
pub struct Connection {
    /// As it was decided.
    pub route: Route,
    /// Path (for messages) and content of the certificates that alone are
    /// trusted, PEM.
    pub ca_bundle: Option<(String, Vec<u8>)>,
    /// The proxy for the endpoint's scheme.
    pub proxy: Option<Proxy>,
    /// Whether it is given up early.
    pub hurried: bool,
    /// What is left of the time of the whole run.
    pub left: Left,
}

/// Seconds that AWS may take to connect, to answer, in all. With a request made
/// in a hurry before it, it is less than 45.
const USUAL: [u64; 3] = [5, 15, 38];
/// Before a prompt, or for what can be done without.
const HURRIED: [u64; 3] = [2, 4, 5];
/// However much was waited before.
const LEAST: Duration = Duration::from_secs(1);

impl Connection {
    /// Has requests made once, and not waited for long.
    pub fn hurry(&mut self) {
        self.route.attempts.value = 1;
        self.hurried = true;
    }

    /// Signed for and, without an endpoint of its own, called in.
    pub fn region(&self) -> &Region {
        &self.route.region.value
    }

    pub(crate) fn endpoint_url(&self) -> Option<&EndpointUrl> {
        self.route.endpoint_url.value.as_ref()
    }

    /// Whether the endpoint is called in plain text (loopback, tests).
    fn is_plain(&self) -> bool {
        self.endpoint_url().is_some_and(|url| !url.is_tls())
    }

    /// The client, and with it the open connections, that are shared with
    /// whatever goes out in the same way.
    pub(crate) fn line(&self) -> Result<Line> {
        network::line(self.way())
    }

    /// What requests have in common that share a client.
    pub(crate) fn way(&self) -> Way {
        let proxy = self.proxy.as_ref().filter(|proxy| !proxy.is_for_nobody());
        Way {
            plain: self.is_plain(),
            ca_bundle: self.ca_bundle.clone(),
            proxy: proxy.map(|proxy| Through {
                url: proxy.url.as_str().to_owned(),
                plain: !proxy.url.is_tls(),
                no_proxy: proxy.no_proxy.clone(),
            }),
        }
    }

    /// What all clients of the SDK are made of: signed with `keys` if there are
    /// some, at the time of `now` shifted by `shift`, tried once if `once`.
    pub(crate) fn sdk_config(
        &self,
        keys: Option<&Credentials>,
        now: &Now,
        shift: SignedDuration,
        once: bool,
    ) -> Result<SdkConfig> {
        if let Some(part) = keys.and_then(Credentials::odd_part) {
            let message = format!("the {part} has characters that no credentials of AWS have");
            return Err(Error::new(Kind::Config, message));
        }
        let attempts = if once {
            1
        } else {
            self.route.attempts.value.max(1)
        };
        let url = self.endpoint_url();
        let time = Shifted {
            now: Arc::clone(now),
            shift,
        };
        let seconds = if self.hurried { HURRIED } else { USUAL };
        let [connect, answer, whole] =
            seconds.map(|usual| self.left.of(Duration::from_secs(usual)));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(connect)
            .read_timeout(answer)
            .operation_attempt_timeout(answer)
            .operation_timeout(whole)
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(aws_types::region::Region::new(self.region().to_string()))
            .http_client(self.line()?.client().clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(time))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            // We correct the clock ourselves, and say so.
            .disable_clock_skew_correction(true)
            // An endpoint that is named is called as it is, as by the AWS CLI;
            // the SDK refuses the two together.
            .use_fips(self.route.fips.value && url.is_none())
            .use_dual_stack(self.route.dual_stack.value && url.is_none());
        config.set_credentials_provider(keys.map(provider));
        config.set_app_name(AppName::new("assumerole").ok());
        config.set_endpoint_url(url.map(|url| url.base().to_owned()));
        Ok(config.build())
    }

    /// Where the service is called, for people.
    pub fn endpoint(&self) -> String {
        match self.endpoint_url() {
            Some(url) => url.to_string(),
            None => format!("{} in {}", self.route.service.key(), self.region()),
        }
    }

    /// What goes along with every request and is secret: parts of URLs.
    pub(crate) fn add_to<'s>(&'s self, sent: Sent<'s>) -> Sent<'s> {
        let urls = self
            .endpoint_url()
            .into_iter()
            .flat_map(EndpointUrl::secrets);
        let proxies = self.proxy.iter().flat_map(|proxy| proxy.url.secrets());
        urls.chain(proxies).fold(sent, Sent::with_text)
    }
}

fn provider(keys: &Credentials) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(key_pair(keys))
}

/// `keys` as the SDK has them.
pub(crate) fn key_pair(keys: &Credentials) -> aws_credential_types::Credentials {
    aws_credential_types::Credentials::new(
        keys.access_key_id.clone(),
        keys.secret_access_key.expose_secret(),
        keys.session_token
            .as_ref()
            .map(|token| token.expose_secret().to_owned()),
        keys.expires.map(SystemTime::from),
        "assumerole",
    )
}

/// Our clock, corrected by what AWS said the time was.
struct Shifted {
    now: Now,
    shift: SignedDuration,
}

impl fmt::Debug for Shifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shifted")
            .field("shift", &self.shift)
            .finish_non_exhaustive()
    }
}

impl TimeSource for Shifted {
    fn now(&self) -> SystemTime {
        let now = (self.now)();
        SystemTime::from(now.checked_add(self.shift).unwrap_or(now))
    }
}

/// Whether a proxy is left out for `host` by the rules `no_proxy`, as the HTTP
/// client understands them.
pub fn is_left_out(no_proxy: &str, host: &str) -> bool {
    let all = no_proxy.split(',').any(|rule| rule.trim() == "*");
    let matcher = Matcher::builder().all("http://proxy").no(no_proxy).build();
    let host = if host.contains(':') {
        format!("https://[{host}]")
    } else {
        format!("https://{host}")
    };
    all || host
        .parse()
        .is_ok_and(|uri: http::Uri| matcher.intercept(&uri).is_none())
}

/// The usual way to `service` in `region`.
#[cfg(test)]
pub(crate) fn in_region(service: Service, region: &str) -> Connection {
    use assumerole_core::plan::origin::Sourced;
    Connection {
        route: Route {
            service,
            region: Sourced::default(region.parse().unwrap()),
            endpoint_url: Sourced::default(None),
            fips: Sourced::default(false),
            dual_stack: Sourced::default(false),
            ca_bundle: Sourced::default(None),
            attempts: Sourced::default(1),
        },
        ca_bundle: None,
        proxy: None,
        hurried: false,
        left: Left::new(|| Duration::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_http_client::proxy::ProxyConfig;

    #[test]
    fn a_request_takes_what_is_left_and_a_moment_at_least() {
        let second = Duration::from_secs(1);
        for (left, usual, is) in [
            (Duration::MAX, 38 * second, 38 * second),
            (10 * second, 38 * second, 10 * second),
            (10 * second, 5 * second, 5 * second),
            (Duration::ZERO, 38 * second, second),
        ] {
            assert_eq!(Left::new(move || left).of(usual), is);
        }
    }

    /// What core takes for a URL is one for the HTTP client too, wherever a
    /// service's own path is added.
    #[test]
    fn a_url_that_is_one_can_be_sent_to() {
        let users = ["", "u@", "u:p@", "u:p%40%3a@", ":@", "!$&'()*+,;=:-._~@"];
        let hosts = [
            "a",
            "A.b-c_d.",
            "127.0.0.1",
            "127.1",
            "[::1]",
            "[::ffff:1.2.3.4]",
            "1",
            "-a",
            "xn--a",
        ];
        let ports = ["", ":1", ":65535", ":00080"];
        let paths = [
            "",
            "/",
            "//",
            "/a/b/",
            "/%20%2F",
            "/a:@!$&'()*+,;=-._~",
            "?",
            "?a=b&c",
            "/#x",
            "/?a#b",
            "#",
            "/[]",
        ];
        let mut count = 0;
        for scheme in ["http", "https", "HTTP"] {
            for user in users {
                for host in hosts {
                    for port in ports {
                        for path in paths {
                            let text = format!("{scheme}://{user}{host}{port}{path}");
                            let Ok(url) = EndpointUrl::parse(&text) else {
                                continue;
                            };
                            count += 1;
                            for added in ["", "/", "/v1/token?x=y"] {
                                let whole = format!("{}{added}", url.base());
                                let uri: Result<http::Uri, _> = whole.parse();
                                assert!(uri.is_ok_and(|uri| uri.host().is_some()), "{whole}");
                            }
                            let proxy = ProxyUrl::parse(&text).unwrap();
                            assert!(ProxyConfig::https(proxy.as_str()).is_ok(), "{text}");
                        }
                    }
                }
            }
        }
        assert!(count > 5_000, "{count}");
    }

    #[test]
    fn hosts_are_left_out_as_the_client_leaves_them_out() {
        for (rules, host, out) in [
            ("", "a.example", false),
            ("*", "a.example", true),
            (" * ,b", "a.example", true),
            ("example", "a.example", true),
            (".example", "a.example", true),
            ("a.example", "xa.example", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.0/8", "127.0.0.1", true),
            ("::1", "::1", true),
            ("fd00::/8", "fd00:ec2::23", true),
        ] {
            assert_eq!(is_left_out(rules, host), out, "{rules:?} {host}");
        }
    }
}
