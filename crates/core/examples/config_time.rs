//! What a file of 10,000 roles costs, with an index and without.
//!
//! `cargo run --release -p assumerole-core --example config_time`
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "a measurement for developers: it reads files and a clock, and prints"
)]

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use assumerole_core::config::{Config, Digest, Digester, ReadAt};

const ROLES: usize = 10_000;
const ROUNDS: usize = 200;
const NAME: &str = "team-5000-read";

type Done<T> = Result<T, Box<dyn Error>>;

struct Source(File);

impl ReadAt for Source {
    fn read_at(&self, range: Range<usize>) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; range.len()];
        self.0.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(bytes)
    }

    fn read_all(&self) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.0.metadata()?.len()).unwrap_or(usize::MAX);
        self.read_at(0..length)
    }
}

fn main() -> Done<()> {
    let folder = std::env::temp_dir();
    let big = folder.join(format!("config_time-{}.json", std::process::id()));
    let small = big.with_extension("one.json");
    let index = big.with_extension("index");
    let result = measure(&big, &small, &index);
    for path in [big, small, index] {
        fs::remove_file(path)?;
    }
    result
}

fn measure(big: &Path, small: &Path, index_file: &Path) -> Done<()> {
    let text = file_of(ROLES);
    fs::write(big, &text)?;
    fs::write(small, file_of(1))?;
    let config = Config::parse("f", text.clone())?;
    let index = config.index().ok_or("no index")?;
    fs::write(index_file, &index)?;
    println!(
        "{ROLES} roles, {} bytes; index {} bytes; median of {ROUNDS}",
        text.len(),
        index.len()
    );

    report("one role: read, parse, role", || {
        let config = Config::parse("f", fs::read_to_string(small)?)?;
        found(&config, "team-0-read")
    })?;
    report("whole: read, parse, role", || {
        let config = Config::parse("f", fs::read_to_string(big)?)?;
        found(&config, NAME)
    })?;
    report("whole: parse alone", || {
        Config::parse("f", text.clone())?;
        Ok(())
    })?;
    report("make the index of a parsed file", || {
        config.index().ok_or("no index")?;
        Ok(())
    })?;
    report("digest of the file", || digest(&File::open(big)?).map(drop))?;
    let known = digest(&File::open(big)?)?;
    report("read the index and find the role", || {
        let source = Source(File::open(big)?);
        let config = by_index(index_file, &known, source)?;
        found(&config, NAME)
    })?;
    report("all of an indexed call", || {
        let file = File::open(big)?;
        let digest = digest(&file)?;
        let config = by_index(index_file, &digest, Source(file))?;
        found(&config, NAME)
    })
}

fn by_index(index: &Path, digest: &Digest, source: Source) -> Done<Config> {
    let config = Config::from_index("f", fs::read(index)?, digest, Box::new(source));
    Ok(config.ok_or("the index does not fit")?)
}

fn digest(mut file: &File) -> Done<Digest> {
    let mut digester = Digester::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digester.finish()),
            read => digester.update(&buffer[..read]),
        }
    }
}

fn found(config: &Config, name: &str) -> Done<()> {
    config.role(name)?.ok_or("no such role")?;
    Ok(())
}

fn report(what: &str, mut work: impl FnMut() -> Done<()>) -> Done<()> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times.get(ROUNDS / 2).copied().unwrap_or(Duration::ZERO);
    println!("{what:>34}: {:7.3} ms", median.as_secs_f64() * 1e3);
    Ok(())
}

fn file_of(count: usize) -> String {
    let role = |number: usize| {
        format!(
            r#"    "team-{number}-read": {{
      "aws_profile": "acme-bastion",
      "aws_account": "123456789012",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
      "aws_role": "read",
      "aws_region": "eu-central-1",
      "environment": [ {{ "name": "TEAM", "value": "{number}" }} ]
    }}"#
        )
    };
    let roles: Vec<String> = (0..count).map(role).collect();
    format!(
        "{{\n  \"assume_roles\": {{\n{}\n  }}\n}}\n",
        roles.join(",\n")
    )
}
