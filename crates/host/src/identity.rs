//! Who runs this, and where.

use std::path::{Path, PathBuf};

use crate::env::{Env, names};
use crate::fs;

/// The effective user's number.
pub fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The name of the person: `$USER`, `$LOGNAME`, else what `/etc/passwd` says
/// about [`uid`]. Users of a directory service are in `/etc/passwd` nowhere,
/// but their log-in sets the variables.
pub fn user_name(env: &Env) -> Option<String> {
    let named = env.text(names::USER).or_else(|| env.text(names::LOGNAME));
    named
        .map(str::to_owned)
        .or_else(|| passwd_field(uid(), Field::Name))
}

/// The home folder: `$HOME`, else what `/etc/passwd` says about [`uid`]
/// (services and `sudo -i`-less scripts may run without the variable).
pub fn home(env: &Env) -> Option<PathBuf> {
    let listed = || passwd_field(uid(), Field::Home).map(PathBuf::from);
    env.home().or_else(listed).filter(|home| home.is_absolute())
}

#[derive(Clone, Copy)]
enum Field {
    Name = 0,
    Home = 5,
}

/// More than any real one; nobody's memory is to be filled by it.
const PASSWD_LIMIT: usize = 4 << 20;

fn passwd_field(uid: u32, field: Field) -> Option<String> {
    // By the file and not by getpwuid(3), which a static binary cannot offer
    // in full.
    let bytes = fs::read(Path::new("/etc/passwd"), PASSWD_LIMIT).ok()??;
    find_field(&bytes, uid, field)
}

/// passwd(5): `name:password:uid:gid:comment:home:shell`.
fn find_field(passwd: &[u8], uid: u32, field: Field) -> Option<String> {
    let uid = uid.to_string();
    passwd.split(|byte| *byte == b'\n').find_map(|line| {
        let fields = || line.split(|byte| *byte == b':');
        let same = fields().nth(2) == Some(uid.as_bytes()) && fields().count() == 7;
        let found = same.then(|| fields().nth(field as usize))??;
        (!found.is_empty()).then(|| String::from_utf8_lossy(found).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_win_over_the_file() {
        let env = Env::from_pairs([("USER", "jdoe"), ("LOGNAME", "other")]);
        assert_eq!(user_name(&env).as_deref(), Some("jdoe"));
        let env = Env::from_pairs([("USER", ""), ("LOGNAME", "other")]);
        assert_eq!(user_name(&env).as_deref(), Some("other"));
        let env = Env::from_pairs([("HOME", "/h")]);
        assert_eq!(home(&env).as_deref(), Some(Path::new("/h")));
    }

    #[test]
    fn passwd_is_read_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\
                      broken:x:7\n\
                      jdoe:x:1000:1000:J. Doe,,,:/home/jdoe:/bin/zsh\n\
                      none:x:1001:1001:::/bin/sh\n";
        let find = |uid, field| find_field(passwd.as_bytes(), uid, field);
        assert_eq!(find(1000, Field::Name).as_deref(), Some("jdoe"));
        assert_eq!(find(1000, Field::Home).as_deref(), Some("/home/jdoe"));
        assert_eq!(find(1001, Field::Home), None);
        assert_eq!(find(7, Field::Name), None);
        assert_eq!(find(9, Field::Name), None);
    }
}
