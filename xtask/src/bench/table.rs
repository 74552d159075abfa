//! What was measured, as a table.

use super::measure::{Contender, Measures};

/// The table: a row a contender, held against the row `floor`.
pub(super) fn render(contenders: &[Contender], measures: &[Measures], floor: &str) -> String {
    let median = |name: &str| {
        let at = contenders.iter().position(|c| c.name == name)?;
        measures.get(at)?.median()
    };
    let title = "|runs|least|median|ratio|over floor|memory|aim".split('|');
    let mut rows = vec![title.map(str::to_owned).collect()];
    for (contender, measured) in contenders.iter().zip(measures) {
        let mut row = vec![
            contender.name.clone(),
            measured.milliseconds.len().to_string(),
        ];
        if let (Some(own), Some(floor)) = (measured.median(), median(floor)) {
            row.push(format!("{:.2} ms", measured.least()));
            row.push(format!("{own:.2} ms"));
            row.push(format!("{:.2}", own / floor));
            row.push(format!("{:+.2} ms", own - floor));
            row.push(format!("{:.1} MiB", measured.kib as f64 / 1024.0));
            let aim = contender.target.as_ref();
            row.extend(aim.and_then(|(base, most)| aimed(own - median(base)?, base, *most)));
        }
        rows.push(row);
    }
    aligned(&rows)
}

/// Whether a row that is `over` milliseconds above the row `base` is where it
/// should be.
fn aimed(over: f64, base: &str, most: f64) -> Option<String> {
    let verdict = if over <= most { "reached" } else { "missed" };
    Some(format!(
        "{verdict}: {over:+.2} of {most:+.2} ms over {base}"
    ))
}

/// Columns with two spaces between: names and aims to the left, numbers to the
/// right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let cell = |row: &Vec<String>, column: usize| row.get(column).map_or(0, String::len);
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| cell(row, column)).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| {
                if at == 0 || at + 1 == columns {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, time: f64, target: Option<(&str, f64)>) -> (Contender, Measures) {
        let mut contender = Contender::new(name, ["/bin/true"]);
        contender.target = target.map(|(base, most)| (base.to_owned(), most));
        let measures = Measures {
            milliseconds: vec![time],
            kib: 2048,
            faults: 0,
        };
        (contender, measures)
    }

    #[test]
    fn rows_are_held_against_the_floor_and_against_their_aim() {
        let (contenders, measures): (Vec<_>, Vec<_>) = [
            row("floor", 1.0, None),
            row("static", 1.1, Some(("floor", 0.15))),
            row("ordinary", 2.5, Some(("floor", 1.2))),
            row("other", 400.0, Some(("not measured", 1.0))),
        ]
        .into_iter()
        .unzip();
        let table = render(&contenders, &measures, "floor");
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines,
            [
                "          runs      least     median   ratio  over floor   memory  aim",
                "floor        1    1.00 ms    1.00 ms    1.00    +0.00 ms  2.0 MiB",
                "static       1    1.10 ms    1.10 ms    1.10    +0.10 ms  2.0 MiB  reached: +0.10 of +0.15 ms over floor",
                "ordinary     1    2.50 ms    2.50 ms    2.50    +1.50 ms  2.0 MiB  missed: +1.50 of +1.20 ms over floor",
                "other        1  400.00 ms  400.00 ms  400.00  +399.00 ms  2.0 MiB",
            ]
        );
    }
}
