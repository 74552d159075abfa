//! `pip.conf` and `.pypirc`.

use assumerole_core::tools::{edit_pip_conf, edit_pypirc};

use super::{HOST, TOKEN, edited, settled};

type Done = Result<Option<String>, String>;

pub(crate) fn pip(text: &str) -> Done {
    edited("pypi", |repository| {
        edit_pip_conf("~/pip.conf", text, repository)
    })
}

pub(crate) fn twine(text: &str) -> Done {
    edited("pypi", |repository| {
        edit_pypirc("~/.pypirc", text, "codeartifact", repository)
    })
}

/// `text` with the index and the endpoint that are meant.
fn with_urls(text: &str) -> String {
    let index = HOST.replace("://", &format!("://aws:{TOKEN}@"));
    text.replace("INDEX", &format!("{index}/pypi/shop/simple/"))
        .replace("ENDPOINT", &format!("{HOST}/pypi/shop/"))
        .replace("TOKEN", TOKEN)
}

#[test]
fn pip_gets_its_index_and_keeps_the_rest() {
    for (before, after) in [
        ("", "[global]\nindex-url = INDEX\n"),
        (
            "# mine\n[global]\nextra-index-url = https://me:x@pypi.example/simple\ntimeout=60 ; s\n",
            "# mine\n[global]\nextra-index-url = https://me:x@pypi.example/simple\ntimeout=60 ; s\nindex-url = INDEX\n",
        ),
        (
            "[global]\nindex-url = https://aws:old@x-1.d.codeartifact.us-east-1.amazonaws.com/pypi/a/simple/\nno-color = true\n",
            "[global]\nindex-url = INDEX\nno-color = true\n",
        ),
        // As pip reads it: names in any case, underscores, a colon, an indent.
        (
            "[global]\n  Index_URL:https://x-1.d.codeartifact.us-east-1.amazonaws.com/pypi/a/\n",
            "[global]\n  Index_URL:INDEX\n",
        ),
        ("[global]\nindex-url =\n", "[global]\nindex-url = INDEX\n"),
        (
            "[global]\r\n\r\n; c\r\n",
            "[global]\r\nindex-url = INDEX\r\n\r\n; c\r\n",
        ),
        (
            "[install]\nx=1",
            "[install]\nx=1\n\n[global]\nindex-url = INDEX\n",
        ),
        (
            "[global]\nextra-index-url =\n    https://a/\n\n    https://b/\n\n# of install\n[install]\n",
            "[global]\nextra-index-url =\n    https://a/\n\n    https://b/\nindex-url = INDEX\n\n# of install\n[install]\n",
        ),
        (
            "[global]\n  a = 1\n",
            "[global]\n  a = 1\n  index-url = INDEX\n",
        ),
    ] {
        assert_eq!(settled(before, pip), with_urls(after), "{before}");
    }
}

#[test]
fn another_index_is_left_to_whom_it_belongs() {
    let text = "[global]\nindex-url = https://me:hush@pypi.example/simple\n";
    let error = pip(text).unwrap_err();
    assert_eq!(
        error,
        "~/pip.conf:2:13: ~/pip.conf names another index, which is left as it is: \
         index-url = ***********************************: remove index-url there, or leave pip \
         out of \"tools\" in ~/.assumerole"
    );
}

#[test]
fn what_python_does_not_read_is_an_error_with_its_place() {
    for (text, error) in [
        (
            "a = 1\n",
            "1:1: ~/pip.conf cannot be read: this setting stands before the first [section]: a =**",
        ),
        (
            "[global]\nword\n",
            "2:1: ~/pip.conf cannot be read: this line is neither a [section] nor a setting with = or :: ****",
        ),
        (
            "[global]\n = x\n",
            "2:2: ~/pip.conf cannot be read: this setting has no name:  = *",
        ),
    ] {
        let error = error.replace("a =**", "a = *");
        assert_eq!(pip(text).unwrap_err(), format!("~/pip.conf:{error}"));
    }
}

#[test]
fn twine_gets_a_server_more() {
    let server = "[codeartifact]\nrepository = ENDPOINT\nusername = aws\npassword = TOKEN\n";
    for (before, after) in [
        (
            "",
            format!("[distutils]\nindex-servers =\n    pypi\n    codeartifact\n\n{server}"),
        ),
        (
            "[distutils]\nindex-servers=\n    pypi\n\n    acme\n\n[acme]\nrepository: https://acme.example\npassword: mine\n",
            format!(
                "[distutils]\nindex-servers=\n    pypi\n\n    acme\n    codeartifact\n\n[acme]\nrepository: https://acme.example\npassword: mine\n\n{server}"
            ),
        ),
        (
            "[distutils]\nindex-servers = pypi codeartifact\n[codeartifact]\nrepository: https://old\n# the token\npassword:old\n",
            "[distutils]\nindex-servers = pypi codeartifact\n[codeartifact]\nrepository: ENDPOINT\n# the token\npassword:TOKEN\nusername = aws\n".to_owned(),
        ),
        (
            "[testpypi]\nusername = me\n",
            format!(
                "[testpypi]\nusername = me\n\n[distutils]\nindex-servers =\n    pypi\n    testpypi\n    codeartifact\n\n{server}"
            ),
        ),
        (
            "[distutils]\n[pypi]\nusername = me\n",
            format!(
                "[distutils]\nindex-servers =\n    pypi\n    codeartifact\n[pypi]\nusername = me\n\n{server}"
            ),
        ),
    ] {
        assert_eq!(settled(before, twine), with_urls(&after), "{before}");
    }
}
