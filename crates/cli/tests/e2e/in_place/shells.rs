//! The shells, each set up as a person would, and time that passes in them.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use super::super::harness::Stage;
use super::super::terminal::{Terminal, path_with_program};

/// A shell.
pub(super) struct Sh {
    /// What `init` calls it.
    pub(super) name: &'static str,
    /// Where it is, for `$SHELL`, if it reads its start-up file when it is
    /// started by that alone.
    pub(super) path: Option<&'static str>,
    /// How a person starts it.
    start: &'static str,
    /// Its start-up file.
    rc: (&'static str, &'static str),
    /// Writes its environment to the file `DUMP`.
    pub(super) dump: &'static str,
    /// Prints the status of what was run before.
    pub(super) status: Option<&'static str>,
    /// Runs a command in the role `read`, quietly.
    pub(super) quiet_subshell: &'static str,
    /// Whether the time that [`Time`] tells is its own time, too.
    pub(super) believes: bool,
    /// Sets a variable so that it looks at the next prompt; none if it never
    /// does.
    pub(super) due: Option<&'static str>,
}

const POSIX_DUMP: &str = "env -0 > DUMP.tmp; mv DUMP.tmp DUMP";
const POSIX_STATUS: Option<&str> = Some("echo status-$?");
const SUBSHELL: &str = "assumerole --quiet read";

pub(super) const SHELLS: &[Sh] = &[
    Sh {
        name: "bash",
        path: Some("/bin/bash"),
        start: "exec bash -i",
        rc: (
            ".bashrc",
            "eval \"$(assumerole init bash)\"\nPS1='${AWS_ACCOUNT-none} ready> '\n",
        ),
        dump: POSIX_DUMP,
        status: POSIX_STATUS,
        quiet_subshell: SUBSHELL,
        believes: true,
        due: Some("ASSUMEROLE_CHECK_AT=0"),
    },
    Sh {
        name: "zsh",
        path: Some("/usr/bin/zsh"),
        start: "exec zsh -i",
        rc: (
            ".zshrc",
            "unsetopt PROMPT_SP PROMPT_CR zle\nsetopt prompt_subst\n\
             eval \"$(assumerole init zsh)\"\nPROMPT='${AWS_ACCOUNT-none} ready> '\n",
        ),
        dump: POSIX_DUMP,
        status: POSIX_STATUS,
        quiet_subshell: SUBSHELL,
        believes: true,
        due: Some("ASSUMEROLE_CHECK_AT=0"),
    },
    Sh {
        name: "fish",
        path: Some("/usr/bin/fish"),
        start: "exec fish -i",
        rc: (
            ".config/fish/config.fish",
            "set -g fish_greeting\nassumerole init fish | source\nfunction fish_prompt\n    \
             set -q AWS_ACCOUNT; and echo -n $AWS_ACCOUNT; or echo -n none\n    \
             echo -n ' ready> '\nend\n",
        ),
        dump: POSIX_DUMP,
        status: Some("echo status-$status"),
        quiet_subshell: SUBSHELL,
        believes: true,
        due: Some("set -gx ASSUMEROLE_CHECK_AT 0"),
    },
    Sh {
        name: "elvish",
        path: Some("/usr/bin/elvish"),
        start: "exec elvish",
        rc: (
            ".config/elvish/rc.elv",
            "eval (assumerole init elvish | slurp)\nset edit:prompt = {\n  \
             if (has-env AWS_ACCOUNT) { put $E:AWS_ACCOUNT } else { put none }\n  \
             put ' ready> '\n}\nset edit:rprompt = { }\n\
             ",
        ),
        dump: "e:env -0 > DUMP.tmp; mv DUMP.tmp DUMP",
        status: None,
        quiet_subshell: SUBSHELL,
        // A static program.
        believes: false,
        due: Some("set-env ASSUMEROLE_CHECK_AT 0"),
    },
    Sh {
        name: "nu",
        path: None,
        start: "exec \"$ASSUMEROLE_TEST_NU\" --env-config ~/env.nu --config ~/config.nu",
        rc: (
            "config.nu",
            "$env.config.show_banner = false\nsource init.nu\n\
             $env.PROMPT_COMMAND = {|| ($env.AWS_ACCOUNT? | default none) + ' ready' }\n\
             $env.PROMPT_COMMAND_RIGHT = ''\n$env.PROMPT_INDICATOR = '> '\n",
        ),
        dump: "^env -0 | save DUMP.tmp; mv DUMP.tmp DUMP",
        status: Some("print $'status-($env.LAST_EXIT_CODE)'"),
        quiet_subshell: SUBSHELL,
        believes: false,
        due: Some("$env.ASSUMEROLE_CHECK_AT = '0'"),
    },
    Sh {
        name: "sh",
        path: Some("/bin/dash"),
        start: "exec dash -i",
        rc: (
            ".shinit",
            "eval \"$(assumerole init sh)\"\nPS1='${AWS_ACCOUNT-none} ready> '\n",
        ),
        dump: POSIX_DUMP,
        status: POSIX_STATUS,
        quiet_subshell: SUBSHELL,
        believes: true,
        due: None,
    },
];

impl Sh {
    pub(super) fn named(name: &str) -> &'static Self {
        SHELLS.iter().find(|sh| sh.name == name).unwrap()
    }

    /// Starts it in `terminal`.
    pub(super) fn start(&self, stage: &Stage, terminal: &mut Terminal, env: &[(&str, &str)]) {
        self.set_up(stage);
        let nu = nu();
        let shinit = stage.path(".shinit");
        // elvish has one daemon in it, for all that runs there.
        let run = stage.path("run");
        std::fs::create_dir_all(&run).unwrap();
        let own = [
            ("ENV", shinit.to_str().unwrap()),
            ("XDG_RUNTIME_DIR", run.to_str().unwrap()),
            ("ASSUMEROLE_TEST_NU", nu.as_str()),
        ];
        terminal.start(stage, self.start, &[&own, env].concat());
    }

    /// Writes its start-up files.
    pub(super) fn set_up(&self, stage: &Stage) {
        // Else fish makes completions of all manual pages, in the background.
        std::fs::create_dir_all(stage.path(".local/share/fish/generated_completions")).unwrap();
        stage.write(self.rc.0, self.rc.1);
        if self.name == "nu" {
            stage.write("init.nu", &stage.run(&["init", "nu"]).stdout);
            stage.write("env.nu", "");
        }
    }
}

/// Where nushell is.
pub(super) fn nu() -> String {
    std::env::var("ASSUMEROLE_TEST_NU").expect("run cargo xtask test")
}

/// Time as programs that use the C library see it, and the private AWS.
pub(super) struct Time<'s> {
    stage: &'s Stage,
    file: PathBuf,
    library: String,
}

impl<'s> Time<'s> {
    pub(super) fn new(stage: &'s Stage) -> Self {
        let time = Self {
            stage,
            file: stage.path("time"),
            library: library(),
        };
        time.is(0);
        time
    }

    /// What programs need to be told the time by this.
    pub(super) fn environment(&self) -> [(&str, &str); 4] {
        [
            ("LD_PRELOAD", &self.library),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }

    /// It is so many seconds later than at the start.
    pub(super) fn is(&self, later: i64) {
        // Whole at any moment: whoever runs reads it again and again.
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("+{later}s\n")).unwrap();
        std::fs::rename(&new, &self.file).unwrap();
        let later = SignedDuration::from_secs(later);
        self.stage.sandbox.set_clock_offset(later);
    }
}

/// libfaketime, from Debian's package `faketime`.
pub(crate) fn library() -> String {
    let folders = Path::new("/usr/lib").read_dir().unwrap();
    let found = folders
        .map(|folder| folder.unwrap().path().join("faketime/libfaketime.so.1"))
        .find(|path| path.is_file());
    let found = found.expect("libfaketime is missing; run cargo xtask test");
    found.into_os_string().into_string().unwrap()
}

/// A shell's script, run without a terminal; the program is in PATH.
pub(super) fn run_script(stage: &Stage, start: &[&str], script: &str) -> std::process::Command {
    let mut command = std::process::Command::new("setsid");
    command.arg("--wait").args(start).arg(script);
    stage.clear(&mut command);
    command.env("PATH", path_with_program());
    // fish finds no program below a folder with a name beyond ASCII without.
    command.env("LANG", "C.UTF-8");
    command
}
