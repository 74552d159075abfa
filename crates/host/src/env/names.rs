//! Every environment variable that the program reads, and what it means.

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = stringify!($name);)+
    };
}

/// Proxy names in lower case, which curl reads and people therefore set.
pub mod lower {
    /// As [`super::HTTPS_PROXY`]; wins over it.
    pub const HTTPS_PROXY: &str = "https_proxy";
    /// As [`super::HTTP_PROXY`]. Wins over the upper-case name, which a CGI
    /// server fills from a request header (<https://httpoxy.org>).
    pub const HTTP_PROXY: &str = "http_proxy";
    /// As [`super::ALL_PROXY`]; wins over it.
    pub const ALL_PROXY: &str = "all_proxy";
    /// As [`super::NO_PROXY`]; wins over it.
    pub const NO_PROXY: &str = "no_proxy";
}

names! {
    /// The configuration file, in place of `~/.assumerole`.
    ASSUMEROLE_CONFIG,
    /// A command line to run in place of a shell; split into words as a shell
    /// would.
    ASSUMEROLE_COMMAND,
    /// `1`: say nothing, print no `export` lines.
    ASSUMEROLE_QUIET,
    /// The time zone that times are shown in; by default that of the machine.
    TZ,
    /// `1`: ask nobody anything, at a terminal or in a window.
    ASSUMEROLE_NO_PROMPT,
    /// Set to anything: leave CodeArtifact and Maven alone.
    ASSUMEROLE_SKIP_CODEARTIFACT,
    /// Where the key that seals the cache lives: `keyring`, `keychain` or
    /// `file`.
    ASSUMEROLE_KEY_STORE,
    /// The previous role of a shell that changes roles in place; the scripts of
    /// `init` say it.
    ASSUMEROLE_PREVIOUS,
    /// The names of exported local variables of the fish that asks; the script of
    /// `init` says them, and the next.
    ASSUMEROLE_LOCAL,
    /// The names of its exported universal variables.
    ASSUMEROLE_UNIVERSAL,
    /// `0`: the scripts of `init` neither renew credentials nor speak of it.
    ASSUMEROLE_REFRESH,
    /// `0`: the shell that is started does not show its role by itself.
    ASSUMEROLE_PROMPT,
    /// Set by this program, for a zsh that it starts, which unsets it at once:
    /// the person's `ZDOTDIR`.
    ASSUMEROLE_ZDOTDIR,
    /// Where zsh looks for its start-up files.
    ZDOTDIR,
    /// Seconds a role session lasts, unless the role has
    /// `max_session_duration`.
    AWS_STS_DURATION_SECONDS,
    /// The 1Password account that holds the MFA device.
    ONEPASS_ACCOUNT,
    /// The 1Password item that holds the MFA device.
    ONEPASS_ENTRY,

    /// The socket of the ssh agent, for the `sshkey` of a role.
    SSH_AUTH_SOCK,
    /// Asks for the passphrase of a key where there is no terminal; `ssh-add`
    /// runs it.
    SSH_ASKPASS,
    /// Programs that open pages, `:` between them; `%s` is the page.
    BROWSER,
    /// Set by Windows in a Linux that it runs, as the next is.
    WSL_DISTRO_NAME,
    /// The socket by which Linux starts programs of Windows.
    WSL_INTEROP,
    /// Set where somebody has come by ssh, as the next is.
    SSH_CONNECTION,
    /// Their terminal.
    SSH_TTY,
    /// Set by services that build and test.
    CI,
    /// Set in GitHub's machines for development.
    CODESPACES,
    /// Set in containers for development.
    REMOTE_CONTAINERS,
    /// Set in pods.
    KUBERNETES_SERVICE_HOST,
    /// What of AWS this runs in: `CloudShell`.
    AWS_EXECUTION_ENV,
    /// A screen for `SSH_ASKPASS`, and for `askpass` of the configuration file.
    DISPLAY,
    /// As `DISPLAY`, on newer desktops.
    WAYLAND_DISPLAY,

    /// Set by this program, for a `credential_process` that it runs: for which
    /// credentials, so that one that asks for itself is told and does not wait.
    ASSUMEROLE_PROCESSES,
    /// Set by this program, for a program that it runs and that may ask at the
    /// terminal: whose turn it is there, so that it does not wait for itself.
    ASSUMEROLE_TURN,

    /// The folder of the person who is logged in: what lies there is gone when
    /// they log out.
    XDG_RUNTIME_DIR,
    /// The shell to start.
    SHELL,
    /// The editor for `edit`, at a terminal that can show more than lines.
    VISUAL,
    /// The editor for `edit`, where [`VISUAL`] is not set.
    EDITOR,
    /// Where `~` is.
    HOME,
    /// Where commands are looked for.
    PATH,
    /// The name of the person, for the name of the role session.
    USER,
    /// As `USER`, on systems that set only this.
    LOGNAME,

    /// The credentials file, in place of `~/.aws/credentials`.
    AWS_SHARED_CREDENTIALS_FILE,
    /// The configuration file of AWS, in place of `~/.aws/config`.
    AWS_CONFIG_FILE,
    /// The endpoint of every AWS service.
    AWS_ENDPOINT_URL,
    /// The endpoint of STS; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_STS,
    /// `true`: endpoints set in the environment and in files do not count.
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
    /// Certificates to trust in place of the usual ones, in PEM.
    AWS_CA_BUNDLE,
    /// As `AWS_CA_BUNDLE`, for programs other than those of AWS.
    SSL_CERT_FILE,
    /// Folders of more such certificates.
    SSL_CERT_DIR,
    /// The region, where neither role nor profile names one.
    AWS_REGION,
    /// As `AWS_REGION`, for the AWS CLI.
    AWS_DEFAULT_REGION,
    /// `true`: endpoints validated to FIPS 140.
    AWS_USE_FIPS_ENDPOINT,
    /// `true`: endpoints that speak IPv6 and IPv4.
    AWS_USE_DUALSTACK_ENDPOINT,
    /// How often a request is sent at most.
    AWS_MAX_ATTEMPTS,
    /// `legacy`: STS of some regions is asked at the global endpoint.
    AWS_STS_REGIONAL_ENDPOINTS,

    /// The endpoint of IAM Identity Center's portal.
    AWS_ENDPOINT_URL_SSO,
    /// The endpoint of IAM Identity Center's tokens.
    AWS_ENDPOINT_URL_SSO_OIDC,
    /// The endpoint of `aws login`'s tokens.
    AWS_ENDPOINT_URL_SIGNIN,
    /// The endpoint of CodeArtifact; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_CODEARTIFACT,
    /// The folder of the sessions of `aws login`, in place of
    /// `~/.aws/login/cache`.
    AWS_LOGIN_CACHE_DIRECTORY,
    /// The endpoint of IAM; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_IAM,
    /// The endpoint of ECR; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_ECR,
    /// The endpoint of Systems Manager; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_SSM,
    /// The endpoint of AWS Organizations; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_ORGANIZATIONS,
    /// The endpoint of account access manager; wins over `AWS_ENDPOINT_URL`.
    AWS_ENDPOINT_URL_ACCOUNT_ACCESS_RUNTIME,
    /// Where a container gets its credentials, below the address that ECS has
    /// for that (`credential_source = EcsContainer`).
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
    /// Where a container gets its credentials, in full.
    AWS_CONTAINER_CREDENTIALS_FULL_URI,
    /// What a container shows to get its credentials.
    AWS_CONTAINER_AUTHORIZATION_TOKEN,
    /// The file that holds `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    /// The instance metadata service (`credential_source =
    /// Ec2InstanceMetadata`).
    AWS_EC2_METADATA_SERVICE_ENDPOINT,
    /// Which of its addresses is asked where no other is named: `IPv4` or
    /// `IPv6`.
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE,
    /// `true`: the same as the mode `IPv6`, by an older name.
    AWS_IMDS_USE_IPV6,
    /// How often the instance metadata service is asked for one thing.
    AWS_METADATA_SERVICE_NUM_ATTEMPTS,
    /// How long its answer is waited for, seconds.
    AWS_METADATA_SERVICE_TIMEOUT,
    /// `true`: the instance metadata service is never asked.
    AWS_EC2_METADATA_DISABLED,

    /// What kubectl asks of a program that it gets a token from.
    KUBERNETES_EXEC_INFO,

    /// The proxy for requests over TLS.
    HTTPS_PROXY,
    /// The proxy for requests without TLS.
    HTTP_PROXY,
    /// The proxy where no other is named.
    ALL_PROXY,
    /// Hosts asked without a proxy, with commas between.
    NO_PROXY,

    /// npm's settings, in place of `~/.npmrc`; read as npm reads it, in any
    /// case.
    NPM_CONFIG_USERCONFIG,
    /// pip's settings, in place of `pip/pip.conf`, where that file exists.
    PIP_CONFIG_FILE,
    /// A Python environment, whose `pip.conf` pip takes before that of the user.
    VIRTUAL_ENV,
    /// Where pip's settings are, in place of `~/.config`.
    XDG_CONFIG_HOME,

    /// Dropped at start, so that no session is stacked on another by accident.
    AWS_ACCESS_KEY_ID,
    /// Dropped at start, as `AWS_ACCESS_KEY_ID`.
    AWS_SECRET_ACCESS_KEY,
    /// Dropped at start, as `AWS_ACCESS_KEY_ID`.
    AWS_SESSION_TOKEN,
    /// The older name of `AWS_SESSION_TOKEN`, which wins over it. Dropped at
    /// start, as `AWS_ACCESS_KEY_ID`.
    AWS_SECURITY_TOKEN,
    /// Dropped at start, as `AWS_ACCESS_KEY_ID`.
    AWS_PROFILE,

    /// Set to anything: no colour (<https://no-color.org>).
    NO_COLOR,
    /// Set, and not `0`: colour even where the output is no terminal.
    CLICOLOR_FORCE,
    /// `dumb`: a terminal without colour and cursor movement.
    TERM,
    /// Columns of the terminal, where it does not say itself.
    COLUMNS,
    /// The locale; wins over `LC_CTYPE` and `LANG`.
    LC_ALL,
    /// The locale of characters: whether the terminal takes UTF-8.
    LC_CTYPE,
    /// The locale, where nothing else says.
    LANG,
}
