//! Who uses credentials, which decides how much of their life has to be left.

use jiff::SignedDuration;

/// Who uses the credentials that are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Consumer {
    /// A shell, or a command that keeps what it starts with.
    #[default]
    Shell,
    /// A program that asks again by itself before the end: an SDK by its
    /// `credential_process`, a credentials server for those who ask it.
    Program,
    /// A person who logs in ahead of time, for programs and shells.
    Login,
}

/// The longest margin of a shell.
const SHELL: SignedDuration = SignedDuration::from_mins(5);

/// The longest margin of a program. botocore takes less than 15 minutes for
/// due, and starts a `credential_process` at every API call from then on.
const PROGRAM: SignedDuration = SignedDuration::from_mins(16);

/// The longest margin of a login: whoever is told that a session ends soon gets
/// a new one.
const LOGIN: SignedDuration = SignedDuration::from_hours(1);

/// What is left is handed to a program down to here, where there is nothing
/// newer.
pub const LAST_MINUTE: SignedDuration = SignedDuration::from_mins(1);

impl Consumer {
    /// Credentials are renewed when no more than this is left of a session of
    /// length `life`.
    pub fn margin(self, life: SignedDuration) -> SignedDuration {
        match self {
            Self::Shell => SHELL.min(life / 10),
            Self::Program => PROGRAM.min(life / 2),
            Self::Login => LOGIN.min(life / 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_needs_more_than_a_shell() {
        for (life, shell, program, login) in [
            (15, 90, 450, 450),
            (20, 120, 600, 600),
            (32, 192, 960, 960),
            (60, 300, 960, 1800),
            (720, 300, 960, 3600),
        ] {
            let life = SignedDuration::from_mins(life);
            assert_eq!(Consumer::Shell.margin(life).as_secs(), shell);
            assert_eq!(Consumer::Program.margin(life).as_secs(), program);
            assert_eq!(Consumer::Login.margin(life).as_secs(), login);
        }
    }
}
