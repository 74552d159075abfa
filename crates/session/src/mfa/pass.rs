//! The password store, by its extension `pass otp`.
//!
//! <https://github.com/tadfisher/pass-otp>: `pass otp code NAME` prints the
//! code. GnuPG asks for the passphrase of the store by itself.

use assumerole_core::Result;
use assumerole_core::aws::ids::MfaDevice;
use secrecy::SecretString;

use super::program::{Call, NOT_INSTALLED, Surroundings, find_code, no_code};

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
    let captured = call.run(around).map_err(|why| {
        let hint = match why.contains(NOT_INSTALLED) {
            true => "install it: https://www.passwordstore.org".to_owned(),
            false => format!("try it: pass otp code {name}"),
        };
        no_code(WHO, why).hint(hint)
    })?;
    find_code(&captured.stdout).map_err(|why| no_code(WHO, why))
}
