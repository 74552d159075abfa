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

/// Of each element at `path` below the root of `xml`, the texts of the elements
/// `names` in it.
pub(super) fn records<const N: usize>(
    xml: &str,
    path: &[&str],
    names: [&str; N],
) -> Vec<[Option<String>; N]> {
    let mut found = Vec::new();
    let mut document = Document::new(xml);
    if let Ok(mut root) = document.root_element() {
        collect_records(&mut root, path, names, &mut found);
    }
    found
}

fn collect_records<const N: usize>(
    within: &mut ScopedDecoder<'_, '_>,
    path: &[&str],
    names: [&str; N],
    into: &mut Vec<[Option<String>; N]>,
) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    while let Some(mut element) = within.next_tag() {
        if !element.start_el().matches(first) {
            continue;
        }
        if !rest.is_empty() {
            collect_records(&mut element, rest, names, into);
            continue;
        }
        let mut record = [const { None }; N];
        while let Some(mut part) = element.next_tag() {
            let at = names.iter().position(|name| part.start_el().matches(name));
            if let Some(at) = at {
                record[at] = try_data(&mut part).ok().map(std::borrow::Cow::into_owned);
            }
        }
        into.push(record);
    }
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
    fn a_record_has_the_texts_of_one_element() {
        let xml =
            "<R><M><member><A>1</A><B>2</B></member><member><B>3</B><C/></member></M><M/></R>";
        let found = records(xml, &["M", "member"], ["A", "B"]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found, [[text("1"), text("2")], [None, text("3")]]);
        for none in [
            "",
            "<",
            "no XML",
            "<R><M>",
            "<R><member><A>1</A></member></R>",
        ] {
            assert!(records(none, &["M", "member"], ["A"]).is_empty(), "{none}");
        }
    }

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
