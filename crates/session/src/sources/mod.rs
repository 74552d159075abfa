//! Where the first credentials of a plan come from. A source is one file and
//! one line here.

pub mod profile;
