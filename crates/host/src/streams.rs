//! The three streams.

use std::io::{IsTerminal, Read, Write};

use zeroize::Zeroizing;

/// stdin, stdout and stderr, or what a test puts in their place.
pub struct Streams {
    /// What is read.
    pub input: Box<dyn Read + Send>,
    /// Data. Written a line at a time.
    pub out: Box<dyn Write + Send>,
    /// Talk. Not buffered.
    pub err: Box<dyn Write + Send>,
    /// Whether `input` is a terminal.
    pub input_is_terminal: bool,
    /// Whether `out` is a terminal.
    pub out_is_terminal: bool,
    /// Whether `err` is a terminal.
    pub err_is_terminal: bool,
}

impl Streams {
    /// Those of this process.
    pub fn system() -> Self {
        let (input, out, err) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
        Self {
            input_is_terminal: input.is_terminal(),
            out_is_terminal: out.is_terminal(),
            err_is_terminal: err.is_terminal(),
            input: Box::new(input),
            out: Box::new(out),
            err: Box::new(err),
        }
    }
}

/// What is written to this process's stdin, to its end. It may be a secret.
///
/// # Errors
/// It cannot be read, or is longer than `limit` bytes.
pub fn input(limit: usize) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut read = Zeroizing::new(Vec::with_capacity(limit + 1));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    std::io::stdin().lock().take(most).read_to_end(&mut read)?;
    match read.len() > limit {
        true => Err(std::io::Error::other(format!(
            "it is longer than {limit} bytes"
        ))),
        false => Ok(read),
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams")
            .field("input_is_terminal", &self.input_is_terminal)
            .field("out_is_terminal", &self.out_is_terminal)
            .field("err_is_terminal", &self.err_is_terminal)
            .finish_non_exhaustive()
    }
}
