//! Which sections of a file have a name.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::names::SectionName;

/// A hash of all that a header says.
pub(super) fn hash(name: &SectionName<'_>) -> Option<u64> {
    let (text, seed) = match name {
        SectionName::Profile(name) => (name.as_ref(), 1),
        SectionName::SsoSession(name) => (name.as_ref(), 2),
        SectionName::Services(name) => (name.as_ref(), 3),
        SectionName::Defaults => ("", 4),
        SectionName::Other(header) => (*header, 5),
        SectionName::Broken => return None,
    };
    Some(xxh3_64_with_seed(text.as_bytes(), seed))
}

/// The sections of a file by a hash of their names, broken ones left out;
/// built when first asked for. One block of memory, sorted once, so that many
/// look-ups stay cheap.
#[derive(Debug)]
pub(super) struct Index {
    by_name: Vec<(u64, usize)>,
}

impl Index {
    /// That of the sections called `names`, in their order.
    pub(super) fn of<'a>(names: impl ExactSizeIterator<Item = SectionName<'a>>) -> Self {
        let mut by_name = Vec::with_capacity(names.len());
        let entry = |(at, name): (usize, SectionName<'a>)| Some((hash(&name)?, at));
        by_name.extend(names.enumerate().filter_map(entry));
        by_name.sort_unstable();
        Self { by_name }
    }

    /// The sections of the name with this hash, in their order.
    pub(super) fn get(&self, hash: u64) -> impl DoubleEndedIterator<Item = usize> {
        let from = self.by_name.partition_point(|(other, _)| *other < hash);
        let length = self.by_name[from..].partition_point(|(other, _)| *other == hash);
        self.by_name[from..from + length].iter().map(|(_, at)| *at)
    }

    /// All sections, those of one name together and in their order.
    pub(super) fn same_names(&self) -> impl Iterator<Item = impl ExactSizeIterator<Item = usize>> {
        let groups = self.by_name.chunk_by(|(one, _), (other, _)| one == other);
        groups.map(|group| group.iter().map(|(_, section)| *section))
    }
}
