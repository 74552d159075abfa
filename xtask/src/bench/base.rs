//! `cargo xtask bench --base COMMIT`: a cached call of this build beside that
//! of an earlier one, and of the earlier one beside itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::{self, Contender};
use super::{ROLE, WARM_UP, environment, load, log_in};
use crate::process::{Context as _, Failure, Result, capture, run, succeeds};
use crate::stage::Stage;
use crate::workspace::{self, Programs};
use crate::{dist, ui};

/// How often everything is measured anew: one run says little on a machine
/// that does other things as well.
const RUNS: usize = 3;

/// The three that take turns: the earlier build, a second copy of it, which
/// shows what the machine alone makes of the ratio, and this one.
const NAMES: [&str; 3] = ["base", "base again", "this"];

/// Builds both and prints a line for each run.
///
/// # Errors
/// `commit` is not known or does not compile, or a call fails.
pub(super) fn compare(
    commit: &str,
    rounds: u32,
    programs: &mut Programs,
    runner: &dyn Fn(&Stage) -> Result<PathBuf>,
) -> Result {
    let this = dist::static_program()?;
    let base = build(commit, &super::target_dir(programs)?.join("bench"))?;
    programs.add("assumerole", &this);
    let stage = Stage::new(programs)?;
    let runner = runner(&stage)?;
    let mut contenders = Vec::new();
    for (name, program) in NAMES.iter().zip([&base, &base, &this]) {
        let copy = stage.path(&name.replace(' ', "-"));
        fs::copy(program, &copy).context(program.display())?;
        let mut contender = Contender::new(name, [copy.as_path()]);
        let words = ["exec", ROLE, "--", "/bin/true"];
        contender.words.extend(words.map(str::to_owned));
        log_in(&stage, &copy)?;
        // Warms its cache, and says what is wrong if something is.
        capture(&mut contender.command(&environment(&stage)))?;
        contenders.push(contender);
    }
    for number in 0..RUNS {
        // Each is first once: who follows whom may matter.
        let mut turns = contenders.clone();
        turns.rotate_left(number % NAMES.len());
        let measures = measure::all(&runner, &turns, &environment(&stage), (WARM_UP, rounds))?;
        let median = |name: &str| {
            let at = turns.iter().position(|turn| turn.name == name);
            at.and_then(|at| measures.get(at)?.median())
                .ok_or_else(|| Failure::new("nothing was measured"))
        };
        let [base, again, this] = NAMES.map(median);
        ui::data(line(number + 1, base?, again?, this?, load().as_deref()));
    }
    Ok(())
}

fn line(number: usize, base: f64, again: f64, this: f64, load: Option<&str>) -> String {
    format!(
        "run {number}: base {base:.3} ms, base again {again:.3} ms (ratio {:.3}), this build {this:.3} ms (ratio {:.3}); load {}",
        again / base,
        this / base,
        load.unwrap_or("unknown")
    )
}

/// What the commit is called that builds are compared with: before it was written
/// what a cached call cost.
const EARLIER: &str = "Understand a line that is being completed once";

/// The static program as it was at that commit. None where the checkout does not
/// reach so far back, which is said.
///
/// # Errors
/// It does not compile.
pub(super) fn earlier(folder: &Path) -> Result<Option<PathBuf>> {
    let mut git = Command::new("git");
    git.args([
        "log",
        "--format=%H %s",
        "--fixed-strings",
        "--grep",
        EARLIER,
    ]);
    let found = capture(git.current_dir(workspace::root())).unwrap_or_default();
    let mut commits = found.lines().filter_map(|line| line.split_once(' '));
    let Some((commit, _)) = commits.find(|(_, subject)| *subject == EARLIER) else {
        ui::say(format!(
            "nothing to compare with: this checkout has no commit {EARLIER:?}; a whole one has: git fetch --unshallow"
        ));
        return Ok(None);
    };
    build(commit, folder).map(Some)
}

/// The static program as it was at `commit`, built in a worktree of its own
/// that goes again. What was compiled stays in `folder` for the next time.
fn build(commit: &str, folder: &Path) -> Result<PathBuf> {
    let git = || {
        let mut git = Command::new("git");
        git.current_dir(workspace::root());
        git
    };
    let id = format!("{commit}^{{commit}}");
    let id = capture(git().args(["rev-parse", "--verify", "--end-of-options", &id]))?;
    let id = id.trim();
    let program = folder.join(format!("base-{id}"));
    if program.is_file() {
        return Ok(program);
    }
    let tree = folder.join("base-tree");
    fs::create_dir_all(folder).context(folder.display())?;
    // One that an earlier run was killed over.
    succeeds(git().args(["worktree", "remove", "--force"]).arg(&tree));
    run(git()
        .args(["worktree", "add", "--quiet", "--detach"])
        .args([tree.as_os_str(), id.as_ref()]))?;
    let built = dist::static_program_of(&tree, &folder.join("base-target"));
    succeeds(git().args(["worktree", "remove", "--force"]).arg(&tree));
    fs::copy(built?, &program).context(program.display())?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_a_line_of_ratios() {
        assert_eq!(
            line(2, 2.0, 2.02, 1.9, Some("0.42")),
            "run 2: base 2.000 ms, base again 2.020 ms (ratio 1.010), this build 1.900 ms (ratio 0.950); load 0.42"
        );
    }
}
