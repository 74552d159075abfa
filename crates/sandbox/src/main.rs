//! `aws-sandbox`: the sandbox as a program.

mod args;
mod stop;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use args::{Args, Command, HELP};
use aws_sandbox::{Entry, Options, Sandbox, World};
use jiff::Timestamp;

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args_os().skip(1)) {
        Ok(args) => args,
        Err(wrong) => {
            say(&format!("aws-sandbox: {wrong}"));
            say("try: aws-sandbox --help");
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("aws-sandbox: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    match &args.command {
        Command::Help => write!(out, "{HELP}")?,
        Command::Version => writeln!(out, "aws-sandbox {}", env!("CARGO_PKG_VERSION"))?,
        Command::Code(secret) => {
            let code = aws_sandbox::code_at(secret, Timestamp::now())
                .ok_or("the secret is not base32, such as JBSWY3DPEHPK3PXP")?;
            writeln!(out, "{code}")?;
        }
        Command::Token { provider, subject } => {
            let world = world(args)?;
            world.check()?;
            let token = aws_sandbox::identity_token_at(&world, provider, subject, Timestamp::now())
                .ok_or_else(|| format!("the world has no OIDC provider {provider:?}"))?;
            writeln!(out, "{token}")?;
        }
        Command::PrintWorld => {
            let world = world(args)?;
            world.check()?;
            writeln!(out, "{}", serde_json::to_string_pretty(&world)?)?;
        }
        Command::Serve => {
            drop(out);
            serve(args)?;
        }
    }
    Ok(())
}

/// The world of the file, else the sample.
fn world(args: &Args) -> Result<World, Box<dyn Error>> {
    let Some(path) = &args.world else {
        return Ok(World::sample());
    };
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    // serde_json says the line and the column.
    Ok(serde_json::from_str(&text).map_err(|error| format!("{shown}: {error}"))?)
}

fn serve(args: &Args) -> Result<(), Box<dyn Error>> {
    let options = Options {
        port: args.port,
        tls: args.tls || args.ca_file.is_some(),
        ..Options::default()
    };
    let sandbox = Sandbox::start(world(args)?, options)?;
    sandbox.set_clock_offset(args.clock_offset);
    sandbox.set_latency(args.latency);
    if args.log {
        sandbox.watch(|entry| say(&line(entry)));
    }
    if let (Some(path), Some(pem)) = (&args.ca_file, sandbox.ca_pem()) {
        std::fs::write(path, pem).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Before anybody is told, so that nobody can stop it too early.
        let mut stop = stop::Signals::listen()?;
        announce(&sandbox, args.json)?;
        stop.wait().await;
        Ok(())
    })
}

/// Says on stdout where it is.
fn announce(sandbox: &Sandbox, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        let facts = serde_json::json!({
            "endpoint": sandbox.endpoint(),
            "port": sandbox.port(),
            "ca_pem": sandbox.ca_pem(),
        });
        writeln!(out, "{facts}")?;
    } else {
        writeln!(out, "endpoint {}", sandbox.endpoint())?;
    }
    out.flush()
}

/// One request on one line, without what a terminal would act on.
fn line(entry: &Entry) -> String {
    let action = match entry.action.as_str() {
        "" => "-",
        action => action,
    };
    let who = entry.caller.as_deref().or(entry.access_key_id.as_deref());
    let mut line = format!(
        "{} {action} {} {} {}",
        entry.time.strftime("%H:%M:%S"),
        entry.status,
        entry.outcome,
        who.unwrap_or("-"),
    );
    if let Some(role) = entry.parameters.get("RoleArn") {
        line.push_str(" -> ");
        line.push_str(role);
    }
    if entry.path != "/" {
        line.push(' ');
        line.push_str(&entry.path);
    }
    if let Some(fault) = &entry.fault {
        line.push_str(" fault=");
        line.push_str(fault);
    }
    line.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// Says something to the person; there is nobody to tell if that fails.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
