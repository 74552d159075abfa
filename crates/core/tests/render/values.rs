//! Values that tell whether quoting is right.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// What once broke somebody's quoting.
const NASTY: [&str; 34] = [
    "",
    " ",
    "'",
    "''",
    "\"",
    "'\"'\"'",
    "it's",
    "\\",
    "\\\\",
    "a\\",
    "\\'",
    "\\!",
    "!",
    "!!",
    "!x",
    "$HOME",
    "${HOME}",
    "$(id)",
    "`id`",
    "%PATH%",
    "a;b|c&d>e<f",
    "* ? [a-z] ~ {a,b}",
    "-n",
    "--",
    "#x",
    "=x",
    "a  b\tc",
    " lead and trail ",
    "ümlaut 日本語 👩‍💻 \u{2028}",
    "‘curly’ “quotes” ‚ ‛",
    "\u{f600}\u{f700}\u{e000}",
    "\u{1}\u{7f}\u{1b}[31m\u{85}",
    "^history^",
    "a,b:c@d",
];

/// Text on one line.
pub(crate) fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&NASTY[..]).prop_map(str::to_owned),
        2 => any::<char>().prop_filter("one line", |c| !"\0\n\r".contains(*c)).prop_map(String::from),
        1 => "[ -~]{0,8}",
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Any text that an environment can hold.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let ends = proptest::sample::select(&["", "\n", "\r\n", "\n\n", "\r", "\\\n", "'\n'"][..]);
    vec((line(), ends), 0..4).prop_map(|lines| {
        lines
            .into_iter()
            .flat_map(|(l, e)| [l, e.to_owned()])
            .collect()
    })
}

/// Any bytes that an environment can hold.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => text().prop_map(String::into_bytes),
        1 => vec(1..=255_u8, 0..40),
        1 => (text(), vec(128..=255_u8, 1..4), text()).prop_map(|(a, b, c)| {
            [a.into_bytes(), b, c.into_bytes()].concat()
        }),
    ]
}

/// Texts that an environment can hold: random ones, [`NASTY`], each character
/// of ASCII alone, those that Unicode calls none, and one as long as Linux
/// lets a variable be.
pub(crate) fn texts() -> Vec<String> {
    let mut texts = many(300, text(), str::to_owned);
    texts.extend(('\u{1}'..='\u{7f}').map(String::from));
    texts.extend(["\u{fdd0}", "a\u{ffff}b", "\u{1fffe}", "\u{feff}x"].map(str::to_owned));
    texts.push(LONG.repeat(131_000 / LONG.len()));
    texts
}

/// What a long value is made of.
pub(crate) const LONG: &str = "x'!\"$ ";

/// `count` values of a strategy, the same in every run, and each of [`NASTY`].
/// (A process for each value would take minutes; a value that fails is small
/// as it is.)
pub(crate) fn many<T>(
    count: usize,
    strategy: impl Strategy<Value = T>,
    own: impl Fn(&str) -> T,
) -> Vec<T> {
    let config = Config {
        rng_seed: RngSeed::Fixed(20_261_123),
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let random = (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    let mut values: Vec<T> = random.collect();
    values.extend(NASTY.iter().map(|text| own(text)));
    values
}

/// Names for `values`.
pub(crate) fn named<T>(values: Vec<T>) -> Vec<(String, T)> {
    let named = values.into_iter().enumerate();
    named
        .map(|(number, value)| (format!("V{number}"), value))
        .collect()
}
