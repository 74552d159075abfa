//! Near and far: what a call costs that finds its credentials, and one that does
//! not, beside the least that it could cost and beside an earlier build. The page
//! `docs/PERFORMANCE.md` is what this prints.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::far::{self, Code, Wait};
use super::near::{self, AGAIN, BASE, Floors, THIS, Table};
use super::{Tools, compiled, load};
use crate::process::Result;
use crate::stage::Stage;
use crate::workspace::Programs;

/// How often a call to AWS is measured: each takes about a second.
const CALLS: usize = 5;

/// The waits of one build: its name, how the code is given, and each call.
type Waits = Vec<(&'static str, Code, Vec<Wait>)>;

/// Measures, and makes the page of it. `base` is the earlier build.
///
/// # Errors
/// Something cannot be started, or a call fails.
pub(super) fn measure(
    programs: &Programs,
    base: Option<&Path>,
    this: &Path,
    rounds: u32,
    delay: Duration,
) -> Result<String> {
    let stage = Stage::new(programs)?;
    let tools = Tools::compile(&stage)?;
    let floors = Floors {
        exec: compiled(&stage, "floor", &["-static"])?,
        exec_dynamic: tools.floor.clone(),
        print: compiled(&stage, "print", &["-static"])?,
    };
    let builds = near::copies(&stage, base, this)?;
    let tables = near::measure(&stage, &tools.runner, &floors, &builds, rounds)?;
    let enter = compiled(&stage, "enter", &[])?;
    let calls = match rounds {
        ..100 => 1,
        _ => CALLS,
    };
    let mut waits = Waits::new();
    for code in [Code::Typed, Code::Given] {
        let mut of_code: Waits = builds
            .iter()
            .map(|build| (build.0, code, Vec::new()))
            .collect();
        // In turns, as the machine's other work comes and goes.
        for _ in 0..calls {
            for ((_, program), (_, _, all)) in builds.iter().zip(&mut of_code) {
                all.push(far::call(programs, program, &enter, code, delay)?);
            }
        }
        waits.extend(of_code);
    }
    Ok(page(&tables, &waits, delay, load().as_deref()))
}

fn page(tables: &[Table], waits: &Waits, delay: Duration, load: Option<&str>) -> String {
    let mut text = String::from(
        "# Performance\n\n\
         `cargo xtask bench` writes this page. The figures are of the machine that it ran on: \
         ratios say more than times, and only those that lie further apart than two copies of \
         one build say anything.\n\n## Near: from the cache\n\n\
         Median wall time from the spawn to the end, all builds in turns. *Own* is what a program \
         takes over the static C program of the first line, *ratio* is its own by that of the \
         earlier build: unclear where two copies of that one differ by more than a tenth, as on a \
         machine that is busy. Page faults are those of the spawned process and of the command that it \
         becomes. System calls and instructions are counted until the command takes over.\n",
    );
    for table in tables {
        let _ = write!(
            text,
            "\n### `{}`\n\nLoad average of the last minute: {}.\n\n\
             | program | median | own | ratio | page faults | system calls | instructions | memory |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
            table.title,
            table.load.as_deref().unwrap_or("unknown"),
        );
        for row in &table.rows {
            let number = |value: Option<f64>, digits| {
                value.map_or_else(String::new, |value| format!("{value:.digits$}"))
            };
            let milliseconds = |value: Option<f64>| match value {
                Some(value) => format!("{} ms", number(Some(value), 3)),
                None => String::new(),
            };
            let count = |value: Option<u64>| value.map_or_else(String::new, |n| n.to_string());
            let is_build = [BASE, AGAIN, THIS].contains(&row.name.as_str());
            let own = table.own(&row.name).filter(|_| is_build);
            let ratio = match table.ratio(&row.name).filter(|_| is_build) {
                Some(_) if !table.is_clear() => "unclear".to_owned(),
                ratio => number(ratio, 2),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {:.1} MiB |",
                row.name,
                milliseconds(row.measures.median()),
                milliseconds(own),
                ratio,
                row.measures.faults,
                count(row.calls.map(|calls| calls as u64)),
                count(row.instructions.filter(|_| is_build)),
                row.measures.kib as f64 / 1024.0,
            );
        }
    }
    text.push_str(
        "\nWhat the limit is made of: the kernel starts two programs, this one and the command. \
         The static C program shows what that takes with nothing between, the dynamic one what the \
         dynamic linker adds, `/bin/true` alone what one start is. Above it lie the page faults (a page \
         of the program costs the more the more of it is touched), the system calls (files are read, \
         the folder and the key are looked at), and the instructions: reading the files, planning, \
         hashing what the entry is called, opening it, and making the environment.\n\n## Far: from AWS\n\n",
    );
    let _ = write!(
        text,
        "A role with MFA, neither its session nor the MFA session cached, over TLS 1.3 through a proxy \
         that charges {} ms for each connection and for each turn of the conversation. Load average of \
         the last minute: {}.\n\n\
         | build | the code is | round trips | median | ratio |\n| --- | --- | ---: | ---: | ---: |\n",
        delay.as_millis(),
        load.unwrap_or("unknown"),
    );
    for (name, code, all) in waits {
        let base = waits
            .iter()
            .find(|(other, of, _)| *other == BASE && of == code);
        let ratio = base.map(|(_, _, base)| median(all) / median(base));
        let trips: Vec<String> = distinct(all).iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {:.0} ms | {} |",
            match code {
                Code::Typed => "typed; from the Enter key on",
                Code::Given => "on the command line",
            },
            trips.join(" or "),
            median(all),
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        );
    }
    text.push_str(
        "\nWhat the limit is made of: GetSessionToken and AssumeRole are a round trip each, and the \
         second needs the answer of the first. A new connection takes two more, one for TCP and one for TLS \
         1.3; while the code is typed there is time for them.\n",
    );
    text
}

fn median(all: &[Wait]) -> f64 {
    let mut times: Vec<f64> = all.iter().map(|wait| wait.time).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn distinct(all: &[Wait]) -> Vec<usize> {
    let mut trips: Vec<usize> = all.iter().map(|wait| wait.trips).collect();
    trips.sort_unstable();
    trips.dedup();
    trips
}

#[cfg(test)]
mod tests {
    use super::super::measure::Measures;
    use super::near::Row;
    use super::*;

    #[test]
    fn the_page_holds_builds_against_the_floor_and_the_earlier_one() {
        let row = |name: &str, time: f64| Row {
            name: name.to_owned(),
            measures: Measures {
                milliseconds: vec![time],
                kib: 2048,
                faults: 90,
            },
            calls: Some(60),
            instructions: None,
        };
        let table = Table {
            title: "exec",
            rows: vec![
                row("C", 1.0),
                row(BASE, 1.5),
                row(AGAIN, 1.51),
                row(THIS, 1.25),
            ],
            load: Some("0.10".to_owned()),
        };
        let wait = |trips, time| vec![Wait { trips, time }];
        let waits = vec![
            (BASE, Code::Typed, wait(6, 640.0)),
            (THIS, Code::Typed, wait(2, 224.0)),
        ];
        let page = page(&[table], &waits, Duration::from_millis(100), None);
        for line in [
            "| C | 1.000 ms |  |  | 90 | 60 |  | 2.0 MiB |",
            "| earlier build, a second copy | 1.510 ms | 0.510 ms | 1.02 | 90 | 60 |  | 2.0 MiB |",
            "| this build | 1.250 ms | 0.250 ms | 0.50 | 90 | 60 |  | 2.0 MiB |",
            "| this build | typed; from the Enter key on | 2 | 224 ms | 0.35 |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }
}
