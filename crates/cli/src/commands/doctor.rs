//! `doctor`: looks at everything that assuming a role rests on, a line a
//! check, with the way to fix what is wrong.

mod configuration;
mod machine;
mod report;
mod second_factor;
mod sources;
mod sts;

use assumerole_core::Result;

use crate::app::App;
use crate::outcome::Outcome;
use report::Findings;

/// Check files, keys, clock and programs, and say how to fix each problem
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Skip the checks that need the network
    #[arg(long)]
    offline: bool,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let mut findings = Findings::new(app);
    let known = configuration::check(app, &mut findings);
    sources::check(app, &known.plans, &mut findings);
    machine::check(app, &known, &mut findings);
    if args.offline {
        findings.skipped("keys and clock against STS", "--offline");
    } else {
        sts::check(app, &known.plans, &mut findings);
    }
    findings.conclude()
}
