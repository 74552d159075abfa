//! A screen of the terminal as an SVG picture, for where a page cannot show colours.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Pixels of a character and of a line, and around all of them.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 20.0;
const MARGIN: f32 = 16.0;
/// What a terminal shows where nothing else is said.
const TEXT: &str = "#d6d9e0";
const BACKGROUND: &str = "#1c1f26";
/// The sixteen colours that have a number: half of them, and the bright ones.
const COLOURS: [&str; 16] = [
    "#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6d9e0",
    "#7f848e", "#ff7a85", "#b5e090", "#ffd587", "#7cc4ff", "#d98ef0", "#6fd6e2", "#ffffff",
];

/// How some characters in a row look.
#[derive(Clone, Copy, PartialEq)]
struct Style {
    colour: &'static str,
    is_bold: bool,
}

/// Characters of one style that stand side by side, from a column on.
struct Run {
    column: usize,
    text: String,
    style: Style,
}

/// `screen` below the command line `typed`, its lines as `steady` makes them.
/// (`steady` keeps the number of characters.)
pub(crate) fn svg(screen: &vt100::Screen, typed: &str, steady: impl Fn(&str) -> String) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let mut lines: Vec<Vec<Run>> = (0..rows).map(|row| runs(screen, row, columns)).collect();
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    for (row, line) in (0..rows).zip(&mut lines) {
        settle(line, &steady(&text(screen, row, columns)));
    }
    let prompt = Run {
        column: 0,
        text: format!("$ {typed}"),
        style: Style {
            colour: COLOURS[8],
            is_bold: false,
        },
    };
    lines.insert(0, vec![prompt]);
    let width = WIDTH * f32::from(columns) + 2.0 * MARGIN;
    let height = HEIGHT * lines.len() as f32 + 2.0 * MARGIN;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n",
        escaped(typed)
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + HEIGHT * (number as f32 + 0.75);
        for (column, text, style) in line.iter().flat_map(parts) {
            let x = MARGIN + WIDTH * column as f32;
            let length = WIDTH * text.width() as f32;
            let weight = match style.is_bold {
                true => " font-weight=\"bold\"",
                false => "",
            };
            // Whatever font there is, columns stand below each other.
            writeln!(
                picture,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{}\"{weight} textLength=\"{length:.1}\" \
                 lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                style.colour,
                escaped(text)
            )
            .unwrap();
        }
    }
    picture + "</svg>\n"
}

/// The words of a run with the columns where they begin, the text between wide gaps.
fn parts(run: &Run) -> impl Iterator<Item = (usize, &str, Style)> {
    let mut column = run.column;
    run.text.split("  ").filter_map(move |part| {
        let begins = column + part.width() - part.trim_start().width();
        column += part.width() + 2;
        let text = part.trim();
        (!text.is_empty()).then_some((begins, text, run.style))
    })
}

/// The characters of a row without the blanks at its end.
fn text(screen: &vt100::Screen, row: u16, columns: u16) -> String {
    let cells = (0..columns).filter_map(|column| screen.cell(row, column));
    let shown = cells.filter(|cell| !cell.is_wide_continuation());
    let text: String = shown
        .map(|cell| {
            if cell.has_contents() {
                cell.contents()
            } else {
                " "
            }
        })
        .collect();
    text.trim_end().to_owned()
}

fn runs(screen: &vt100::Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        if cell.is_wide_continuation() {
            continue;
        }
        let style = style(cell);
        let contents = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        match runs.last_mut() {
            Some(run) if run.style == style => run.text.push_str(contents),
            _ => runs.push(Run {
                column: column.into(),
                text: contents.to_owned(),
                style,
            }),
        }
    }
    if let Some(last) = runs.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    runs.retain(|run| !run.text.trim().is_empty());
    runs
}

fn style(cell: &vt100::Cell) -> Style {
    let colour = match cell.fgcolor() {
        vt100::Color::Idx(number) => COLOURS.get(usize::from(number)).copied(),
        _ => None,
    };
    let usual = if cell.dim() { COLOURS[8] } else { TEXT };
    Style {
        colour: colour.unwrap_or(usual),
        is_bold: cell.bold(),
    }
}

/// Puts the characters of `line` into `runs`, each where it stood.
fn settle(runs: &mut [Run], line: &str) {
    // Every character before a run counts as wide as the terminal has it.
    for run in runs {
        let mut column = 0;
        let chars = line.chars().skip_while(|c| {
            let before = column < run.column;
            column += c.width().unwrap_or(0);
            before
        });
        let len = run.text.chars().count();
        run.text = chars.take(len).collect();
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
