//! What `keys …` is told on the command line.

use assumerole_core::config::KeyProvider;
use assumerole_core::plan::request::time_span;

/// What is to be written.
pub(super) const USAGE: &str = "assumerole keys [OPTIONS] <COMMAND>";

/// Store access keys sealed, in place of ~/.aws/credentials
#[derive(Debug, clap::Args)]
#[command(
    override_usage = USAGE,
    disable_help_subcommand = true,
    after_help = "\
A stored key is sealed on disk. Programs never get it: they get an MFA session
or a role that is assumed with it. The store is unlocked by a passphrase, an
ssh key, a program or this machine: assumerole keys store --help"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(super) action: Option<KeysAction>,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum KeysAction {
    /// Store a key that you type, pipe in, or have as a file
    Add(Add),
    /// Take keys out of ~/.aws, and store them
    Import(Import),
    /// Replace keys by new ones of IAM, and delete the old ones
    Rotate(Rotate),
    /// Show the stored keys
    List(ListKeys),
    /// Show a stored key, without its secret
    Show(Show),
    /// Remove a stored key
    Remove(RemoveKey),
    /// Print a stored key, with its secret
    Export(Export),
    /// Unlock the key store
    Unlock(Unlock),
    /// Lock the key store
    Lock,
    /// Show what unlocks the key store, or change it
    Store(Store),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prompts for both halves; without a terminal, reads them from standard input,
with a space or a line break between them. No secret is ever an argument.")]
pub(super) struct Add {
    /// Read the file that the AWS console offers for download
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub(super) csv: Option<std::path::PathBuf>,

    /// Replace a stored key of this name
    #[arg(long)]
    pub(super) replace: bool,

    /// Remove FILE afterwards without asking
    #[arg(long)]
    pub(super) yes: bool,

    #[command(flatten)]
    pub(super) enrol: Enrol,

    /// The name of the key: that of its profile in ~/.aws
    #[arg(value_name = "NAME")]
    pub(super) profile: String,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Replaces the two lines of each key by a credential_process line that runs
`assumerole credential-process --session PROFILE`: programs get an MFA session,
never the key. Nothing else in the file changes. Before it asks, it says which
programs cannot use that, and where else the same key stands.
With --from aws-vault, `aws-vault export --no-session` hands the keys over by a
pipe; they stay there until you remove them.")]
pub(super) struct Import {
    /// Change nothing; show what would be changed
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Import without asking
    #[arg(long)]
    pub(super) yes: bool,

    /// Store the keys, and leave ~/.aws as it is
    #[arg(long)]
    pub(super) keep: bool,

    /// Take keys of aws-vault: those named, or all
    #[arg(
        long,
        value_name = "TOOL",
        conflicts_with = "keep",
        hide_possible_values = true
    )]
    pub(super) from: Option<Tool>,

    #[command(flatten)]
    pub(super) enrol: Enrol,

    /// The profiles whose keys are stored
    #[arg(value_name = "PROFILE", required_unless_present = "from")]
    pub(super) profiles: Vec<String>,
}

/// A tool that keeps keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Tool {
    AwsVault,
    Granted,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Creates a key in IAM, waits until AWS accepts it, puts it wherever the old one
stands (the store, ~/.aws), obtains an MFA session with it, and disables and
deletes the old key. If something else has used the old key since, it is only
disabled. Whatever stops this, run it again: it carries on. IAM is asked with
the MFA session of the profile, or with the key where no MFA device is known.")]
pub(super) struct Rotate {
    /// Replace every stored key
    #[arg(long, conflicts_with = "profiles")]
    pub(super) all: bool,

    /// Keep the old key, disabled, for so long: 7d, 24h
    #[arg(long, value_name = "TIME", value_parser = time_span)]
    pub(super) grace: Option<u32>,

    /// The MFA code [default: prompt when needed]
    #[arg(long, value_name = "CODE")]
    pub(super) mfa_code: Option<String>,

    /// Replace without asking
    #[arg(long)]
    pub(super) yes: bool,

    /// The profiles whose keys are replaced
    #[arg(value_name = "PROFILE", required_unless_present = "all")]
    pub(super) profiles: Vec<String>,
}

/// How a store is made that is not there yet.
#[derive(Debug, Default, clap::Args)]
pub(in crate::commands) struct Enrol {
    /// What unlocks a new key store: passphrase, ssh-agent ...
    #[arg(long, value_name = "STORE", value_parser = str::parse::<KeyProvider>)]
    pub(super) store: Option<KeyProvider>,

    #[command(flatten)]
    pub(super) how: How,
}

/// What a provider has to know.
#[derive(Debug, Default, clap::Args)]
pub(in crate::commands) struct How {
    /// For ssh-agent: the key, by comment or fingerprint
    #[arg(long, value_name = "KEY")]
    pub(super) ssh_key: Option<String>,

    /// For command: what prints the key of the store
    #[arg(long, value_name = "COMMAND")]
    pub(super) get: Option<String>,

    /// For command: what stores that key, from standard input
    #[arg(long, value_name = "COMMAND")]
    pub(super) put: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListKeys {
    /// Print JSON: an array of objects
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Print JSON: an object
    #[arg(long)]
    pub(super) json: bool,

    /// The name of the key
    #[arg(value_name = "NAME")]
    pub(super) stored_key: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct RemoveKey {
    /// Remove it without asking
    #[arg(long)]
    pub(super) yes: bool,

    /// The name of the key
    #[arg(value_name = "NAME")]
    pub(super) stored_key: String,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prints the key as a profile of ~/.aws/credentials. Whoever sees it can use it
until it is deleted in IAM. It stays in the store.")]
pub(super) struct Export {
    /// Print it without asking
    #[arg(long)]
    pub(super) yes: bool,

    /// The name of the key
    #[arg(value_name = "NAME")]
    pub(super) stored_key: String,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The store stays unlocked for \"unlock_seconds\" of \"keys\" in ~/.assumerole: by
default until reboot for a passphrase, otherwise for 8 hours. The kernel holds
the key in memory. Where it cannot, each command unlocks the store again.")]
pub(super) struct Unlock {
    /// Use the recovery passphrase
    #[arg(long)]
    pub(super) recovery: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
  passphrase     asked for once after each boot
  ssh-agent      an Ed25519 key of the ssh agent: a signature unlocks the store
  command        a program prints the key: pass show ..., age -d -i ... ...
  systemd-creds  the key of this machine, with its TPM if it has one
The stored keys stay as they are.")]
pub(super) struct Store {
    #[command(flatten)]
    pub(super) how: How,

    /// Set a recovery passphrase, for when the other way is lost
    #[arg(long)]
    pub(super) recovery: bool,

    /// Print JSON: an object
    #[arg(long, conflicts_with_all = ["recovery", "key_store"])]
    pub(super) json: bool,

    /// What shall unlock the store from now on
    #[arg(value_name = "STORE", value_parser = str::parse::<KeyProvider>)]
    pub(super) key_store: Option<KeyProvider>,
}

impl Args {
    /// What of it only a person may do.
    pub(crate) fn only_for_people(&self) -> Option<String> {
        let what = match self.action.as_ref()? {
            KeysAction::List(_) | KeysAction::Lock => return None,
            KeysAction::Add(_) => "add",
            KeysAction::Import(_) => "import",
            KeysAction::Rotate(_) => "rotate",
            KeysAction::Show(_) => "show",
            KeysAction::Remove(_) => "remove",
            KeysAction::Export(_) => "export",
            KeysAction::Unlock(_) => "unlock",
            KeysAction::Store(_) => "store",
        };
        Some(format!("keys {what}"))
    }
}
