//! Ids, user names and passwords that XML does not take as they are.

use super::{TOKEN, edited, edited_as};

fn text(id: &str, username: &str, xml: &str, password: &str) -> String {
    let bytes = edited_as(id, username, xml.as_bytes(), password).unwrap();
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[test]
fn what_means_something_in_xml_is_escaped() {
    assert_eq!(
        text("a&b", "<me>", "<settings/>", "p&w]]>\"'\n"),
        "<settings><servers><server><id>a&amp;b</id><username>&lt;me&gt;</username>\
         <password>p&amp;w]]&gt;&quot;'&#10;</password></server></servers></settings>"
    );
}

#[test]
fn what_an_encoding_has_not_is_written_as_a_reference() {
    let xml = |encoding: &str| {
        format!("<?xml version='1.0' encoding='{encoding}'?><settings><servers/></settings>")
    };
    assert!(text("é", "u", &xml("US-ASCII"), "€").contains("<id>&#233;</id>"));
    let latin = edited_as("é", "u", xml("ISO-8859-1").as_bytes(), "€").unwrap();
    let latin = latin.unwrap();
    let has = |part: &[u8]| latin.windows(part.len()).any(|window| window == part);
    assert!(has(b"<id>\xe9</id>") && has(b"<password>&#8364;</password>"));
}

#[test]
fn a_section_that_cannot_hold_the_password_makes_way() {
    let xml = "<settings><servers><server><id>x</id><password> <![CDATA[o]]> </password>\
               </server></servers></settings>";
    let password = |password| {
        let text = text("x", "u", xml, password);
        let (_, rest) = text.split_once("<password>").unwrap();
        rest.split_once("</password>").unwrap().0.to_owned()
    };
    assert_eq!(password("a&<b"), " <![CDATA[a&<b]]> ");
    assert_eq!(password("a]]>b"), " a]]&gt;b ");
    assert_eq!(password("a\rb"), " a&#13;b ");
    assert_eq!(password("a]"), " <![CDATA[a]]]> ");
}

#[test]
fn an_id_is_found_however_it_is_written() {
    for (id, written) in [
        ("a&b", "a&amp;b"),
        ("a&b", "<![CDATA[a&b]]>"),
        ("é", "&#xe9;"),
        ("x", "\n x\t"),
        (" x ", "x"),
    ] {
        let xml = format!(
            "<settings><servers><server><id>{written}</id><password>old</password>\
             </server></servers></settings>"
        );
        assert_eq!(text(id, "u", &xml, "new"), xml.replace("old", "new"));
    }
}

#[test]
fn a_password_that_xml_cannot_write_is_refused() {
    for xml in [
        "<settings/>",
        "<settings><servers><server><id>x</id></server></servers></settings>",
    ] {
        let error = edited_as("x", "u", xml.as_bytes(), "a\0b").unwrap_err();
        assert!(
            error.contains("cannot be edited: XML has no way"),
            "{error}"
        );
        assert!(!error.contains("a\0b"));
    }
}

#[test]
fn an_error_shows_no_secret_of_its_line() {
    let xml = "<settings><servers><server><id>x</id><password>hun<ter2</password></server>";
    let error = edited_as("x", "u", xml.as_bytes(), "new").unwrap_err();
    assert!(!error.contains("hun") && !error.contains("ter2"), "{error}");
    assert!(error.contains("<password>***<****</password>"), "{error}");
}

/// What AWS's guide says to write; anything near it is another value.
#[test]
fn a_reference_to_the_exported_variable_stays() {
    let xml = |password: &str| {
        format!(
            "<settings><servers><server><id>codeartifact</id><username>aws</username><password>{password}</password></server></servers></settings>"
        )
    };
    for stays in [
        "${env.CODEARTIFACT_AUTH_TOKEN}",
        " ${env.CODEARTIFACT_AUTH_TOKEN}\n",
        "<![CDATA[${env.CODEARTIFACT_AUTH_TOKEN}]]>",
    ] {
        assert_eq!(edited(xml(stays).as_bytes(), TOKEN), Ok(None), "{stays}");
    }
    for goes in [
        "${CODEARTIFACT_AUTH_TOKEN}",
        "$CODEARTIFACT_AUTH_TOKEN",
        "${env.codeartifact_auth_token}",
        "${env.CODEARTIFACT_AUTH_TOKEN}x",
        "${env.CODEARTIFACT_TOKEN}",
        "${ env.CODEARTIFACT_AUTH_TOKEN }",
        "",
    ] {
        let after = edited(xml(goes).as_bytes(), TOKEN).unwrap().unwrap();
        assert_eq!(String::from_utf8(after).unwrap(), xml(TOKEN), "{goes}");
    }
}

/// Deeper than any file is.
#[test]
fn elements_that_are_nested_too_deep_are_refused() {
    for (depth, fits) in [
        (200, true),
        (9_999, true),
        (10_000, false),
        (100_000, false),
    ] {
        let nested = ["<a>".repeat(depth), "</a>".repeat(depth)].concat();
        let xml = format!("<settings>{nested}</settings>");
        match edited(xml.as_bytes(), TOKEN) {
            Ok(made) => assert!(fits && made.is_some(), "{depth}"),
            Err(error) => {
                assert!(!fits, "{depth}: {error}");
                assert!(error.contains("nested more than 10000 deep"), "{error}");
            }
        }
    }
}

/// Half a megabyte on one line: each piece of it is looked at a few times, and not
/// the line for each of them.
#[test]
fn a_line_of_many_pieces_is_edited() {
    for piece in [
        "<!---->",
        "<a/>",
        " ",
        "<?x?>",
        "x",
        "&amp;",
        "<![CDATA[]]>",
    ] {
        let xml = format!(
            "<settings>{}</settings>",
            piece.repeat(500_000 / piece.len())
        );
        let made = edited(xml.as_bytes(), TOKEN);
        assert!(made.is_ok_and(|made| made.is_some()), "{piece}");
    }
}

/// Neither attributes nor namespaces are looked for one by one: with a hundred
/// thousand of each this would not end.
#[test]
fn a_tag_of_many_attributes_is_edited() {
    let count = 100_000;
    let attributes: String = (0..count).map(|n| format!(" a{n}=''")).collect();
    let spaces: String = (0..count)
        .map(|n| format!(" xmlns:n{n}='urn:{n}'"))
        .collect();
    let children = "<n0:x/><n99999:x/>".repeat(count / 2);
    let with = |attributes: &str, more: &str| {
        format!(
            "<settings{attributes}><servers><server><id>codeartifact</id><username>aws</username>\
             <password>old</password></server></servers>{more}</settings>"
        )
    };
    for (attributes, more) in [(&attributes, ""), (&spaces, children.as_str())] {
        let before = with(attributes, more);
        let after = before.replace(">old<", ">new<");
        assert!(text("codeartifact", "aws", &before, "new") == after);
    }
    let twice = with(&format!("{attributes} a7=''"), "");
    let error = edited(twice.as_bytes(), "new").unwrap_err();
    assert!(error.contains("duplicate attribute"), "{error}");
}
