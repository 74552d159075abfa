//! An answer of the query protocol: XML.

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};

/// The texts of the elements `name` in `xml`, below its root by `path`.
pub(super) fn text_within(xml: &str, path: &[&str], name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut document = Document::new(xml);
    if let Ok(mut root) = document.root_element() {
        collect(&mut root, path, name, &mut found);
    }
    found
}

fn collect(within: &mut ScopedDecoder<'_, '_>, path: &[&str], name: &str, into: &mut Vec<String>) {
    while let Some(mut element) = within.next_tag() {
        match path.split_first() {
            Some((first, rest)) if element.start_el().matches(first) => {
                collect(&mut element, rest, name, into);
            }
            None if element.start_el().matches(name) => {
                into.extend(try_data(&mut element).map(std::borrow::Cow::into_owned));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_in_its_place_is_read() {
        let xml = "<ListMFADevicesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
                   <SerialNumber>no</SerialNumber><ListMFADevicesResult><IsTruncated>false</IsTruncated><MFADevices>\
                   <member><UserName>jdoe</UserName><SerialNumber>a&amp;b</SerialNumber></member>\
                   <member><SerialNumber>c</SerialNumber></member></MFADevices></ListMFADevicesResult>\
                   </ListMFADevicesResponse>";
        let path = ["ListMFADevicesResult", "MFADevices", "member"];
        assert_eq!(text_within(xml, &path, "SerialNumber"), ["a&b", "c"]);
        for none in ["", "<", "no XML", "<a><b>", "<html><body>502</body></html>"] {
            assert!(
                text_within(none, &path, "SerialNumber").is_empty(),
                "{none}"
            );
        }
    }
}
