//! `NuGet.Config`.

use assumerole_packages::{Repository, edit_nuget_config, nuget_disables};
use secrecy::SecretString;

use super::{HOST, TOKEN, edited, settled};

type Done = Result<Option<String>, String>;

pub(crate) fn nuget(text: &str) -> Done {
    edited("nuget", |repository| {
        edit_nuget_config(
            "~/NuGet.Config",
            Some(text.as_bytes()),
            "acme/shop",
            repository,
        )
    })
}

fn with_urls(text: &str) -> String {
    text.replace("URL", &format!("{HOST}/nuget/shop/v3/index.json"))
        .replace("TOKEN", TOKEN)
}

const CREDENTIALS: &str = "
  <packageSourceCredentials>
    <acme_x002F_shop>
      <add key=\"Username\" value=\"aws\" />
      <add key=\"ClearTextPassword\" value=\"TOKEN\" />
    </acme_x002F_shop>
  </packageSourceCredentials>";

#[test]
fn a_new_file_is_as_nuget_makes_it() {
    let new = edited("nuget", |repository| {
        edit_nuget_config("~/NuGet.Config", None, "acme/shop", repository)
    });
    let expected = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>
<configuration>
  <packageSources>
    <add key=\"nuget.org\" value=\"https://api.nuget.org/v3/index.json\" protocolVersion=\"3\" />
    <add key=\"acme/shop\" value=\"URL\" />
  </packageSources>{CREDENTIALS}
</configuration>
"
    );
    assert_eq!(new.unwrap().unwrap(), with_urls(&expected));
}

#[test]
fn a_source_is_added_or_brought_up_to_date_and_the_rest_stays() {
    let sources =
        "<packageSources>\n    <clear />\n    <add key='mine' value='https://nuget.example/' />";
    for (before, after) in [
        (
            format!("<configuration>\n  {sources}\n  </packageSources>\n</configuration>\n"),
            format!(
                "<configuration>\n  {sources}\n    <add key=\"acme/shop\" value=\"URL\" />\n  </packageSources>{CREDENTIALS}\n</configuration>\n"
            ),
        ),
        // By its URL, whatever it is called.
        (
            "<configuration><packageSources><add key=\"x y\" value=\"URL\"/></packageSources></configuration>".to_owned(),
            "<configuration><packageSources><add key=\"x y\" value=\"URL\"/></packageSources><packageSourceCredentials><x_x0020_y><add key=\"Username\" value=\"aws\" /><add key=\"ClearTextPassword\" value=\"TOKEN\" /></x_x0020_y></packageSourceCredentials></configuration>".to_owned(),
        ),
        // By its name, at another URL; one password that is encrypted.
        (
            "<configuration>\n\t<packageSources>\n\t\t<add value='https://x-1.d.codeartifact.us-east-1.amazonaws.com/nuget/a/v3/index.json' key='acme/shop'/>\n\t</packageSources>\n\t<packageSourceCredentials>\n\t\t<acme_x002F_shop>\n\t\t\t<add key='Username' value='me'/>\n\t\t\t<add key='Password' value='AQAA'/>\n\t\t</acme_x002F_shop>\n\t\t<mine/>\n\t</packageSourceCredentials>\n</configuration>".to_owned(),
            "<configuration>\n\t<packageSources>\n\t\t<add value='URL' key='acme/shop'/>\n\t</packageSources>\n\t<packageSourceCredentials>\n\t\t<acme_x002F_shop>\n\t\t\t<add key='Username' value='aws'/>\n\t\t\t<add key='ClearTextPassword' value='TOKEN'/>\n\t\t</acme_x002F_shop>\n\t\t<mine/>\n\t</packageSourceCredentials>\n</configuration>".to_owned(),
        ),
        (
            "<configuration>\n  <packageSources>\n    <add key=\"acme/shop\" value=\"URL\" />\n  </packageSources>\n  <packageSourceCredentials>\n    <acme_x002F_shop />\n  </packageSourceCredentials>\n</configuration>\n".to_owned(),
            format!("<configuration>\n  <packageSources>\n    <add key=\"acme/shop\" value=\"URL\" />\n  </packageSources>{CREDENTIALS}\n</configuration>\n"),
        ),
        (
            "<?xml version='1.0'?>\n<configuration/>\n".to_owned(),
            format!("<?xml version='1.0'?>\n<configuration>\n  <packageSources>\n    <add key=\"acme/shop\" value=\"URL\" />\n  </packageSources>{CREDENTIALS}\n</configuration>\n"),
        ),
    ] {
        assert_eq!(settled(&with_urls(&before), nuget), with_urls(&after), "{before}");
    }
}

#[test]
fn what_is_none_of_nugets_is_refused() {
    let error = nuget("<settings/>").unwrap_err();
    assert!(error.contains("is not NuGet's configuration"), "{error}");
    let error = nuget("<configuration><add key=\"x\" value=\"hush></configuration>").unwrap_err();
    assert!(!error.contains("hush"), "{error}");
}

#[test]
fn a_source_of_that_name_somewhere_else_is_left_to_whom_it_belongs() {
    for name in ["acme/shop", "Acme/Shop"] {
        let text = format!(
            "<configuration>\n  <packageSources>\n    <add key=\"{name}\" value=\"https://nuget.example/v3/index.json\" />\n  </packageSources>\n</configuration>\n"
        );
        let error = nuget(&text).unwrap_err();
        let said = format!(
            "~/NuGet.Config:3:5: ~/NuGet.Config has another source {name}, which is left as it is"
        );
        assert!(error.starts_with(&said), "{error}");
        assert!(!error.contains("nuget.example"), "{error}");
    }
}

#[test]
fn a_source_that_is_switched_off_is_told_with_its_place() {
    let disabled = |name: &str, value: &str, source: &str| {
        let text = with_urls(&format!(
            "<configuration>\n  <packageSources>\n    <add key=\"{source}\" value=\"URL\" />\n  </packageSources>\n  <disabledPackageSources>\n    <add key=\"{name}\" value=\"{value}\" />\n  </disabledPackageSources>\n</configuration>\n"
        ));
        let (endpoint, token) = (format!("{HOST}/nuget/shop/"), SecretString::from(TOKEN));
        let repository = Repository {
            endpoint: &endpoint,
            token: &token,
        };
        let found = nuget_disables("f", text.as_bytes(), "acme/shop", &repository);
        found.map(|found| format!("{} {}", found.at.unwrap().place(), found.message))
    };
    let said = |name: &str| Some(format!("f:6:5 f disables the source {name}"));
    assert_eq!(
        disabled("acme/shop", "true", "acme/shop"),
        said("acme/shop")
    );
    assert_eq!(
        disabled("Acme/Shop", "True", "acme/shop"),
        said("Acme/Shop")
    );
    // By its URL, whatever it is called.
    assert_eq!(disabled("mine", "true", "mine"), said("mine"));
    assert_eq!(disabled("acme/shop", "false", "acme/shop"), None);
    assert_eq!(disabled("nuget.org", "true", "acme/shop"), None);
}
