//! `.npmrc`.

use assumerole_packages::edit_npmrc;

use super::{HOST, TOKEN, edited, settled};

type Done = Result<Option<String>, String>;

pub(crate) fn npm(text: &str) -> Done {
    edited("npm", |repository| {
        edit_npmrc("~/.npmrc", text, &[], repository)
    })
}

fn scoped(text: &str) -> Done {
    let scopes = ["@acme".to_owned(), "@acme-labs".to_owned()];
    edited("npm", |repository| {
        edit_npmrc("~/.npmrc", text, &scopes, repository)
    })
}

fn with_urls(text: &str) -> String {
    let bare = HOST.trim_start_matches("https:");
    text.replace("REGISTRY", &format!("{HOST}/npm/shop/"))
        .replace("KEY", &format!("{bare}/npm/shop/:_authToken"))
        .replace("TOKEN", TOKEN)
}

#[test]
fn a_registry_and_its_token_are_set_and_the_rest_stays() {
    for (before, after) in [
        ("", "registry=REGISTRY\nKEY=TOKEN\n"),
        (
            "; mine\nfund = false\n//registry.example/:_authToken=mine",
            "; mine\nfund = false\n//registry.example/:_authToken=mine\nregistry=REGISTRY\nKEY=TOKEN\n",
        ),
        (
            "registry = https://x-1.d.codeartifact.us-east-1.amazonaws.com/npm/a/\r\nKEY = \"old\"\r\n@other:registry=https://registry.example/\r\n",
            "registry = REGISTRY\r\nKEY = TOKEN\r\n@other:registry=https://registry.example/\r\n",
        ),
        (
            "KEY=${CODEARTIFACT_AUTH_TOKENS}\nregistry=REGISTRY",
            "KEY=TOKEN\nregistry=REGISTRY",
        ),
        (
            "\"registry\" = \"REGISTRY\"\n",
            "\"registry\" = \"REGISTRY\"\nKEY=TOKEN\n",
        ),
        (
            "[x]\nregistry=no\n",
            "registry=REGISTRY\nKEY=TOKEN\n[x]\nregistry=no\n",
        ),
        (
            "#registry=no\n;KEY=no\n",
            "#registry=no\n;KEY=no\nregistry=REGISTRY\nKEY=TOKEN\n",
        ),
    ] {
        assert_eq!(
            settled(&with_urls(before), npm),
            with_urls(after),
            "{before}"
        );
    }
}

/// What AWS's guide says to write; anything near it is another value.
#[test]
fn a_reference_to_the_exported_variable_stays() {
    let text = |value: &str| with_urls("registry=REGISTRY\nKEY=VALUE\n").replace("VALUE", value);
    for stays in [
        "${CODEARTIFACT_AUTH_TOKEN}",
        " ${CODEARTIFACT_AUTH_TOKEN} ",
        "\"${CODEARTIFACT_AUTH_TOKEN}\"",
        "'${CODEARTIFACT_AUTH_TOKEN}'",
    ] {
        assert_eq!(npm(&text(stays)), Ok(None), "{stays}");
    }
    for goes in [
        "$CODEARTIFACT_AUTH_TOKEN",
        "${codeartifact_auth_token}",
        "${CODEARTIFACT_AUTH_TOKEN}x",
        "${ CODEARTIFACT_AUTH_TOKEN }",
        "${CODEARTIFACT_TOKEN}",
        "\\${CODEARTIFACT_AUTH_TOKEN}",
        "${env.CODEARTIFACT_AUTH_TOKEN}",
        "",
    ] {
        assert_eq!(npm(&text(goes)), Ok(Some(text(TOKEN))), "{goes}");
    }
    // Of two lines each is looked at by itself: npm takes the last.
    let two = |last: &str| {
        let second = with_urls("KEY=VALUE\n").replace("VALUE", last);
        text("${CODEARTIFACT_AUTH_TOKEN}") + &second
    };
    assert_eq!(npm(&two("old")), Ok(Some(two(TOKEN))));
}

#[test]
fn of_scopes_only_theirs_is_set() {
    let before = "registry=https://registry.example/\n@acme:registry=REGISTRY\n";
    let after = "registry=https://registry.example/\n@acme:registry=REGISTRY\n@acme-labs:registry=REGISTRY\nKEY=TOKEN\n";
    assert_eq!(settled(&with_urls(before), scoped), with_urls(after));
}

#[test]
fn another_registry_is_left_to_whom_it_belongs() {
    let error = npm("a=b\nregistry=https://registry.example/\n").unwrap_err();
    assert_eq!(
        error,
        "~/.npmrc:2:10: ~/.npmrc names another registry, which is left as it is: \
         registry=*************************: remove that line, name a \"namespace\", or leave \
         npm out of \"tools\" in ~/.assumerole"
    );
    let error = scoped("@acme-labs:registry=https://registry.example/\n").unwrap_err();
    assert_eq!(
        error,
        "~/.npmrc:1:21: ~/.npmrc names another @acme-labs:registry, which is left as it is: \
         @acme-labs:**********************************: remove that line, or take the scope out of \
         \"namespace\" in ~/.assumerole"
    );
}
