//! What was tried, and what a person sees of it. `faults.rs` tries each row and
//! compares every byte; `cargo xtask docs` makes `docs/RELIABILITY.md` of the
//! same rows, so that the page cannot say what is not so.

/// Rows of one kind.
pub(crate) struct Group {
    /// The heading.
    pub(crate) title: &'static str,
    /// What they have in common.
    pub(crate) about: &'static str,
    /// What is run, as a person types it.
    pub(crate) command: &'static str,
    pub(crate) rows: &'static [Row],
}

/// One thing that was tried.
pub(crate) struct Row {
    pub(crate) way: Way,
    /// In words that follow "with".
    pub(crate) tried: &'static str,
    pub(crate) status: i32,
    /// Everything on stderr; names of entries are `ENTRY`.
    pub(crate) says: &'static str,
}

/// How it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    HomeReadOnly,
    DiskReadOnly,
    DiskReadOnlyUsed,
    DiskFull,
    DiskFullUsed,
    Quota,
    QuotaUsed,
    StateLink,
    StateFile,
    StateForeign,
    CacheLink,
    CacheFile,
    KeyFolder,
    KeyLink,
    LockFolder,
    LockLink,
    LockSocket,
    LockForeign,
    LockClosed,
    EntryFolder,
    StampFolder,
    FileLimit,
    NoThread,
    ConfigLarge,
    AwsConfigLarge,
    AwsConfigLines,
    ConfigClosed,
    AwsConfigClosed,
    CredentialsClosed,
}

pub(crate) const GROUPS: &[Group] = &[CACHE, FILES, CLOSED];

const CACHE: Group = Group {
    title: "Nothing can be cached",
    about: "\
The role is assumed all the same. What stands in the way is said once, however many results
could not be kept.",
    command: "assumerole exec read -- echo works",
    rows: &[
        Row {
            way: Way::HomeReadOnly,
            tried: "a home folder that may not be written",
            status: 0,
            says: "\
warning: nothing is cached: cannot create ~/.assumerole.d: Permission denied
  hint: check the permissions: ls -ld ~ ~/.assumerole.d
",
        },
        Row {
            way: Way::DiskReadOnly,
            tried: "an empty `~/.assumerole.d` on a read-only file system",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/sealing-key.lock: Read-only file system
  hint: change the file at its source: the file system is mounted read-only
",
        },
        Row {
            way: Way::DiskReadOnlyUsed,
            tried: "a used `~/.assumerole.d` on a read-only file system",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/cache/ENTRY.lock: Read-only file system
  hint: change the file at its source: the file system is mounted read-only
",
        },
        Row {
            way: Way::DiskFull,
            tried: "a full disk",
            status: 0,
            says: "\
warning: nothing is cached: cannot write ~/.assumerole.d/sealing-key: No space left on device
  hint: free some space: df -h ~/.assumerole.d
",
        },
        Row {
            way: Way::DiskFullUsed,
            tried: "a disk that is full since the sealing key was made",
            status: 0,
            says: "\
warning: nothing is cached: cannot write ~/.assumerole.d/cache/ENTRY: No space left on device
  hint: free some space: df -h ~/.assumerole.d/cache
",
        },
        Row {
            way: Way::Quota,
            tried: "a quota that is used up",
            status: 0,
            says: "\
warning: nothing is cached: cannot write ~/.assumerole.d/sealing-key: Disk quota exceeded
  hint: remove some of your files, or ask for a larger quota: quota -s
",
        },
        Row {
            way: Way::QuotaUsed,
            tried: "a quota that is used up since the sealing key was made",
            status: 0,
            says: "\
warning: nothing is cached: cannot write ~/.assumerole.d/cache/ENTRY: Disk quota exceeded
  hint: remove some of your files, or ask for a larger quota: quota -s
",
        },
        Row {
            way: Way::StateLink,
            tried: "`~/.assumerole.d` a symbolic link",
            status: 0,
            says: "\
warning: nothing is cached: cannot use ~/.assumerole.d: it is a symbolic link, which others could point elsewhere
  hint: move it away; a new folder is created when needed
",
        },
        Row {
            way: Way::StateFile,
            tried: "`~/.assumerole.d` a file",
            status: 0,
            says: "\
warning: nothing is cached: cannot use ~/.assumerole.d: it is not a folder
  hint: move it away; a new folder is created when needed
",
        },
        Row {
            way: Way::StateForeign,
            tried: "`~/.assumerole.d` another user's",
            status: 0,
            says: "\
warning: nothing is cached: cannot use ~/.assumerole.d: it belongs to user 0, this is user 65534
  hint: run this as the user whose home it is in, or set HOME to your own
",
        },
        Row {
            way: Way::CacheLink,
            tried: "`~/.assumerole.d/cache` a symbolic link",
            status: 0,
            says: "\
warning: nothing is cached: cannot use ~/.assumerole.d/cache: it is a symbolic link, which others could point elsewhere
  hint: move it away; a new folder is created when needed
",
        },
        Row {
            way: Way::CacheFile,
            tried: "`~/.assumerole.d/cache` a file",
            status: 0,
            says: "\
warning: nothing is cached: cannot use ~/.assumerole.d/cache: it is not a folder
  hint: move it away; a new folder is created when needed
",
        },
        Row {
            way: Way::KeyFolder,
            tried: "a folder in the place of the sealing key",
            status: 0,
            says: "\
warning: nothing is cached: cannot read ~/.assumerole.d/sealing-key: it is not a regular file
  hint: check the permissions: ls -ld ~/.assumerole.d ~/.assumerole.d/sealing-key
",
        },
        Row {
            way: Way::KeyLink,
            tried: "a symbolic link in the place of the sealing key",
            status: 0,
            says: "\
warning: nothing is cached: cannot read ~/.assumerole.d/sealing-key: it is a symbolic link
  hint: check the permissions: ls -ld ~/.assumerole.d ~/.assumerole.d/sealing-key
",
        },
        Row {
            way: Way::LockFolder,
            tried: "a folder in the place of an entry's lock",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/cache/ENTRY.lock: it is a folder
  hint: move it away; a new one is created when needed
",
        },
        Row {
            way: Way::LockLink,
            tried: "a symbolic link in the place of an entry's lock",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/cache/ENTRY.lock: it is a symbolic link
  hint: move it away; a new one is created when needed
",
        },
        Row {
            way: Way::LockSocket,
            tried: "a socket in the place of an entry's lock",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/cache/ENTRY.lock: it is not a file
  hint: move it away; a new one is created when needed
",
        },
        Row {
            way: Way::LockForeign,
            tried: "another user's file in the place of an entry's lock",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/cache/ENTRY.lock: Permission denied
  hint: check the permissions: ls -ld ~/.assumerole.d/cache ~/.assumerole.d/cache/ENTRY.lock
",
        },
        Row {
            way: Way::LockClosed,
            tried: "an entry's lock that its owner may not write (mode 0400)",
            status: 0,
            says: "",
        },
        Row {
            way: Way::EntryFolder,
            tried: "a folder in the place of an entry",
            status: 0,
            says: "\
warning: nothing is cached: cannot write ~/.assumerole.d/cache/ENTRY: Is a directory
",
        },
        Row {
            way: Way::StampFolder,
            tried: "a folder in the place of the lock under which entries are written",
            status: 0,
            says: "\
warning: nothing is cached: cannot lock ~/.assumerole.d/cache/forgotten.lock: it is a folder
  hint: move it away; a new one is created when needed
",
        },
        Row {
            way: Way::FileLimit,
            tried: "files that may have no bytes (`ulimit -f 0`)",
            status: 0,
            says: "\
warning: nothing is cached: cannot write ~/.assumerole.d/sealing-key: File too large
  hint: raise the limit for files: ulimit -f unlimited
",
        },
        Row {
            way: Way::NoThread,
            tried: "no process and no thread to be started (`ulimit -u 0`), and AWS under a host's name",
            status: 0,
            says: "",
        },
    ],
};

const FILES: Group = Group {
    title: "Files that are too large",
    about: "\
They are refused before they are read, so that no file takes more than 64 MB of memory.",
    command: "assumerole exec plain -- echo works",
    rows: &[
        Row {
            way: Way::ConfigLarge,
            tried: "17 MiB of `~/.assumerole`",
            status: 125,
            says: "\
error: cannot read ~/.assumerole
  because: it has 17825792 bytes; the limit is 16 MiB
  hint: see what it is: ls -lL ~/.assumerole
",
        },
        Row {
            way: Way::AwsConfigLarge,
            tried: "17 MiB of `~/.aws/config`",
            status: 125,
            says: "\
error: cannot read ~/.aws/config
  because: it has 17825792 bytes; the limit is 16 MiB
  hint: see what it is: ls -lL ~/.aws/config
",
        },
        Row {
            way: Way::AwsConfigLines,
            tried: "a million short lines in `~/.aws/config`",
            status: 125,
            says: "\
error: cannot read ~/.aws/config
  because: it has 1000002 lines; the limit is 200000
  hint: see what it is: head ~/.aws/config
",
        },
    ],
};

const CLOSED: Group = Group {
    title: "Files that cannot be read",
    about: "\
Each is named, with the reason.",
    command: "assumerole exec read -- echo works",
    rows: &[
        Row {
            way: Way::ConfigClosed,
            tried: "`~/.assumerole` that its owner may not read (mode 0000)",
            status: 125,
            says: "\
error: cannot read ~/.assumerole
  because: Permission denied
  hint: check the permissions: ls -ld ~ ~/.assumerole
",
        },
        Row {
            way: Way::AwsConfigClosed,
            tried: "`~/.aws/config` that its owner may not read (mode 0000)",
            status: 125,
            says: "\
error: cannot read ~/.aws/config
  because: Permission denied
  hint: check the permissions: ls -ld ~/.aws ~/.aws/config
",
        },
        Row {
            way: Way::CredentialsClosed,
            tried: "`~/.aws/credentials` that its owner may not read (mode 0000)",
            status: 125,
            says: "\
error: cannot read ~/.aws/credentials
  because: Permission denied
  hint: check the permissions: ls -ld ~/.aws ~/.aws/credentials
",
        },
    ],
};
