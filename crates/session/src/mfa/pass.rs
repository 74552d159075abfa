//! The password store, by its extension `pass otp`.
//!
//! <https://github.com/tadfisher/pass-otp>: `pass otp code NAME` prints the
//! code. GnuPG asks for the passphrase of the store by itself.

use assumerole_core::Result;
use assumerole_core::ids::MfaDevice;
use secrecy::SecretString;

use super::program::{Call, Surroundings, find_code, no_code};

const WHO: &str = "pass";

/// The code of the entry `name`, else of the one that is called as the device
/// is.
pub(super) fn code(
    around: Surroundings<'_>,
    name: Option<&str>,
    device: &MfaDevice,
) -> Result<SecretString> {
    let name = name.unwrap_or(device.as_str());
    let call = Call::new("pass", vec!["otp", "code", name]);
    let captured = call
        .run(around)
        .map_err(|why| no_code(WHO, why).hint(format!("try it: pass otp code {name}")))?;
    find_code(&captured.stdout).map_err(|why| no_code(WHO, why))
}
