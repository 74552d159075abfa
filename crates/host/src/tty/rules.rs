//! What a question takes.

/// What may be typed, and what is seen of it.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The characters that are taken; every other one is passed over, so that
    /// a code can be pasted with the space that its app shows in the middle.
    pub accept: fn(char) -> bool,
    /// How many characters are taken at most.
    pub most: usize,
    /// Whether they are shown, or a dot for each.
    pub shown: bool,
}

impl Rules {
    /// A line of text that may be seen.
    pub(super) const LINE: Self = Self {
        accept: |c| !c.is_control(),
        most: MOST,
        shown: true,
    };
}

/// More than anybody types; memory for it is taken at once, so that no copy
/// of a secret is left behind where it grew.
pub(super) const MOST: usize = 4096;
