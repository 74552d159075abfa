//! `mfa_process`: any program that prints a code. Never through a shell.

use assumerole_core::Result;
use assumerole_host::Env;
use secrecy::SecretString;

use super::program::{Call, Surroundings, find_code, no_code};

/// The code that the program of `words` prints.
pub(super) fn code(around: Surroundings<'_>, words: &[String]) -> Result<SecretString> {
    let words: Vec<String> = words.iter().map(|word| at_home(around.env, word)).collect();
    let Some((program, args)) = words.split_first() else {
        return Err(no_code("mfa_process", "it names no program"));
    };
    let call = Call::new(program, args.iter().map(String::as_str).collect());
    // The arguments are not repeated: many a command has a secret in it.
    let fail = |why: &str| no_code(&format!("the program {program}"), why);
    let captured = call.run(around).map_err(|why| fail(&why))?;
    find_code(&captured.stdout).map_err(fail)
}

/// `word` with a leading `~/` replaced, as a shell would.
pub(super) fn at_home(env: &Env, word: &str) -> String {
    let home = env.home();
    let home = home.as_deref().and_then(std::path::Path::to_str);
    match (word.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => word.to_owned(),
    }
}
