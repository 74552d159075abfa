//! The environment, read once into a documented struct.

use std::collections::BTreeMap;

use assumerole_core::aws::ids::Region;
use assumerole_core::aws::service::Service;
use assumerole_core::environment::RESTORE;
use assumerole_core::plan::origin::{Origin, Sourced};
use assumerole_core::plan::request::SESSION_SECONDS;
use assumerole_core::plan::settings::{EnvironmentKeys, MetadataSettings, RunSettings};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::env::{Env, names};
use assumerole_host::identity;
use assumerole_session::sources;

/// What the environment says: `env` is the person's own, `inherited` the one
/// that this process was started with.
///
/// # Errors
/// A variable whose value makes no sense, named.
pub(crate) fn read(env: &Env, inherited: &Env) -> Result<RunSettings> {
    let text = |name: &str| {
        env.text_or_error(name)
            .map(|value| value.map(str::to_owned))
    };
    let either = |lower: &'static str, upper: &'static str| {
        [lower, upper].into_iter().find_map(|name| {
            // What is no text is refused where it is needed, not passed over.
            let text = env.get(name).filter(|text| !text.is_empty())?;
            let text = text.to_string_lossy().into_owned();
            Some(Sourced::new(text, Origin::Variable(name)))
        })
    };
    let all_proxy = either(names::lower::ALL_PROXY, names::ALL_PROXY);
    Ok(RunSettings {
        hurried: false,
        consumer: Consumer::default(),
        duration: duration(env)?,
        region: region(env),
        endpoint_urls: endpoint_urls(env)?,
        endpoint_url: text(names::AWS_ENDPOINT_URL)?,
        ignore_endpoint_urls: switch(env, names::AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)?,
        ca_bundle: text(names::AWS_CA_BUNDLE)?,
        system_bundle: env.text(names::SSL_CERT_FILE).map(str::to_owned),
        system_bundle_folder: env.is_set(names::SSL_CERT_DIR),
        fips: switch(env, names::AWS_USE_FIPS_ENDPOINT)?,
        dual_stack: switch(env, names::AWS_USE_DUALSTACK_ENDPOINT)?,
        max_attempts: number(
            env,
            names::AWS_MAX_ATTEMPTS,
            "a number of attempts such as 3",
        )?,
        sts_regional_endpoints: regional(env)?,
        environment_keys: environment_keys(inherited),
        container_uri: container_uri(env),
        metadata: MetadataSettings {
            endpoint: text(names::AWS_EC2_METADATA_SERVICE_ENDPOINT)?,
            endpoint_mode: text(names::AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE)?,
            use_ipv6: text(names::AWS_IMDS_USE_IPV6)?,
            attempts: text(names::AWS_METADATA_SERVICE_NUM_ATTEMPTS)?,
            timeout: text(names::AWS_METADATA_SERVICE_TIMEOUT)?,
        },
        metadata_disabled: env
            .text(names::AWS_EC2_METADATA_DISABLED)
            .is_some_and(|value| value.eq_ignore_ascii_case("true")),
        https_proxy: either(names::lower::HTTPS_PROXY, names::HTTPS_PROXY)
            .or_else(|| all_proxy.clone()),
        http_proxy: either(names::lower::HTTP_PROXY, names::HTTP_PROXY).or(all_proxy),
        no_proxy: either(names::lower::NO_PROXY, names::NO_PROXY)
            .map(|rules| rules.value)
            .unwrap_or_default(),
        user: identity::user_name(env).unwrap_or_default(),
    })
}

/// Where STS is asked when nobody else names a region. One that is not a
/// region is passed over: it may be meant for another program.
fn region(env: &Env) -> Option<Sourced<Region>> {
    let set = |name| Some((env.text(name)?, name));
    let (text, name) = set(names::AWS_REGION).or_else(|| set(names::AWS_DEFAULT_REGION))?;
    Some(Sourced::new(text.parse().ok()?, Origin::Variable(name)))
}

fn endpoint_urls(env: &Env) -> Result<BTreeMap<Service, String>> {
    let mut urls = BTreeMap::new();
    for service in Service::ALL {
        if let Some(url) = env.text_or_error(service.endpoint_variable())? {
            urls.insert(service, url.to_owned());
        }
    }
    Ok(urls)
}

fn regional(env: &Env) -> Result<Option<String>> {
    let name = names::AWS_STS_REGIONAL_ENDPOINTS;
    match env.text(name).map(str::to_ascii_lowercase) {
        Some(word) if word != "regional" && word != "legacy" => {
            Err(nonsense(env, name, "regional or legacy"))
        }
        word => Ok(word),
    }
}

/// The keys this process was started with, unless a role of ours set them.
fn environment_keys(inherited: &Env) -> Option<EnvironmentKeys> {
    if inherited.is_set(RESTORE) {
        return None;
    }
    inherited.text(names::AWS_SECRET_ACCESS_KEY)?;
    Some(EnvironmentKeys {
        access_key_id: inherited.text(names::AWS_ACCESS_KEY_ID)?.to_owned(),
        temporary: sources::session_token(inherited).is_some(),
    })
}

fn container_uri(env: &Env) -> Option<Sourced<String>> {
    let names = [
        names::AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
        names::AWS_CONTAINER_CREDENTIALS_FULL_URI,
    ];
    names.into_iter().find_map(|name| {
        let uri = env.text(name)?.to_owned();
        Some(Sourced::new(uri, Origin::Variable(name)))
    })
}

fn duration(env: &Env) -> Result<Option<u32>> {
    let name = names::AWS_STS_DURATION_SECONDS;
    let seconds = number(env, name, "seconds, 900 to 43200")?;
    match seconds {
        Some(seconds) if !SESSION_SECONDS.contains(&seconds) => {
            Err(nonsense(env, name, "seconds, 900 to 43200"))
        }
        other => Ok(other),
    }
}

fn number(env: &Env, name: &'static str, wanted: &str) -> Result<Option<u32>> {
    match env.text(name) {
        None => Ok(None),
        Some(text) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(nonsense(env, name, wanted)),
        },
    }
}

fn switch(env: &Env, name: &'static str) -> Result<Option<bool>> {
    match env.text(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(nonsense(env, name, "true or false")),
    }
}

fn nonsense(env: &Env, name: &str, wanted: &str) -> Error {
    let value = env.text(name).unwrap_or_default();
    Error::new(
        Kind::Usage,
        format!("the environment variable {name} is {value:?}; it should be {wanted}"),
    )
    .hint(format!("unset {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<RunSettings> {
        let env = Env::from_pairs(pairs.iter().copied());
        read(&env, &env)
    }

    #[test]
    fn nonsense_is_an_error_that_names_the_variable() {
        for (name, value) in [
            ("AWS_STS_DURATION_SECONDS", "1h"),
            ("AWS_STS_DURATION_SECONDS", "60"),
            ("AWS_STS_DURATION_SECONDS", "99999"),
            ("AWS_USE_FIPS_ENDPOINT", "yes"),
            ("AWS_MAX_ATTEMPTS", "-1"),
        ] {
            let error = with(&[(name, value)]).unwrap_err();
            assert!(error.message().contains(name) && error.message().contains(value));
        }
    }

    #[test]
    fn lower_case_proxies_win_and_all_proxy_is_the_last() {
        let settings = with(&[
            ("https_proxy", "l"),
            ("HTTPS_PROXY", "u"),
            ("ALL_PROXY", "a"),
        ])
        .unwrap();
        let named = |proxy: Option<Sourced<String>>| {
            let proxy = proxy.unwrap();
            (proxy.value, proxy.from)
        };
        assert_eq!(
            named(settings.https_proxy),
            ("l".to_owned(), Origin::Variable("https_proxy"))
        );
        assert_eq!(
            named(settings.http_proxy),
            ("a".to_owned(), Origin::Variable("ALL_PROXY"))
        );
    }

    #[test]
    fn empty_is_unset() {
        let settings = with(&[("AWS_STS_DURATION_SECONDS", ""), ("AWS_ENDPOINT_URL", "")]).unwrap();
        assert_eq!((settings.duration, settings.endpoint_url), (None, None));
    }
}
