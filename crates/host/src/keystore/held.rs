//! A key that was unlocked, held in the kernel's memory for a while.
//!
//! Where the kernel has no such thing, as in most containers and on macOS, a key
//! is unlocked for one process: it is never written to a file.

use super::store::SecretKey;

/// What the names of held keys begin with.
const PREFIX: &str = "assumerole:keys:v1:";

/// Holds `key` under `name` for so many seconds; `None`: until reboot.
///
/// # Errors
/// It cannot be held here; the reason.
pub fn hold(name: &str, key: &SecretKey, seconds: Option<u32>) -> Result<(), String> {
    use secrecy::ExposeSecret as _;
    crate::sys::held::hold(&described(name), key.expose_secret(), seconds)
}

/// The key that is held under `name`. `None` where none is held, or this process
/// may not have it.
///
/// # Errors
/// No key can be held here; the reason.
pub fn held(name: &str) -> Result<Option<SecretKey>, String> {
    crate::sys::held::held(&described(name))
}

/// Forgets the key that is held under `name`; whether there was one.
///
/// # Errors
/// It cannot be forgotten; the reason.
pub fn let_go(name: &str) -> Result<bool, String> {
    crate::sys::held::let_go(&described(name))
}

fn described(name: &str) -> String {
    format!("{PREFIX}{name}")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use secrecy::{ExposeSecret as _, SecretBox};

    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretBox::new(Box::new([byte; 32]))
    }

    fn name(of: &str) -> String {
        format!("test-{of}-{}", crate::process::own_pid())
    }

    #[test]
    fn a_key_is_held_replaced_and_let_go() {
        let name = name("held");
        // Where the kernel has no keys, that is said and nothing else.
        if hold(&name, &key(1), Some(60)).is_err() {
            assert!(held(&name).is_err());
            return;
        }
        assert_eq!(*held(&name).unwrap().unwrap().expose_secret(), [1; 32]);
        hold(&name, &key(2), None).unwrap();
        assert_eq!(*held(&name).unwrap().unwrap().expose_secret(), [2; 32]);
        assert_eq!(let_go(&name), Ok(true));
        assert!(held(&name).unwrap().is_none());
        assert_eq!(let_go(&name), Ok(false));
    }

    #[test]
    fn a_limit_is_there_from_the_first_moment_and_a_new_key_has_its_own() {
        let name = name("limit");
        if hold(&name, &key(1), None).is_err() {
            return;
        }
        // One that is without end takes nothing over to the next.
        hold(&name, &key(2), Some(1)).unwrap();
        let begun = std::time::Instant::now();
        while held(&name).unwrap().is_some() {
            assert!(begun.elapsed().as_secs() < 60, "it has no limit");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(held(&name).unwrap().is_none());
        let _ = let_go(&name);
    }
}
