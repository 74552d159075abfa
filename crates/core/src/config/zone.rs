//! Availability Zones where a region is meant.

use super::fault::Fault;
use crate::aws::ids::Region;
use crate::diagnostic::text::Spanned;

/// The fault of `what` where its `region` is an Availability Zone.
pub(super) fn zone(what: impl FnOnce() -> String, region: Option<&Spanned<Region>>) -> Vec<Fault> {
    let Some(said) = region else {
        return Vec::new();
    };
    let fault = Region::of_zone(said.value.as_str()).map(|region| {
        *Fault::new(said.span.clone(), "is an Availability Zone, not a region")
            .about(what())
            .because("no service of AWS is reached by that name")
            .hint(format!("write {region}"))
    });
    fault.into_iter().collect()
}
