//! `pip.conf` and `.pypirc`.

use assumerole_packages::{edit_pip_conf, edit_pypirc};

use super::{HOST, TOKEN, edited, settled};

type Done = Result<Option<String>, String>;

pub(crate) fn pip(text: &str) -> Done {
    edited("pypi", |repository| {
        edit_pip_conf("~/pip.conf", text, repository, true)
    })
}

/// The older file, which only has what is there brought up to date.
fn legacy(text: &str) -> Done {
    edited("pypi", |repository| {
        edit_pip_conf("~/pip.conf", text, repository, false)
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

/// Each way in which pip 26 takes an index from a file; a second one beside it
/// makes it refuse the file, or wins.
#[test]
fn an_index_is_seen_however_it_is_written() {
    let old = "https://aws:old@x-1.d.codeartifact.us-east-1.amazonaws.com/pypi/a/simple/";
    for name in [
        "index-url",
        "index_url",
        "Index-URL",
        "--index-url",
        "--Index_Url",
        "----index-url",
        "pypi-url",
        "--pypi_url",
    ] {
        let text = |url: &str| format!("[global]\n{name} = {url}\n");
        assert_eq!(
            settled(&text(old), pip),
            with_urls(&text("INDEX")),
            "{name}"
        );
        let error = pip(&text("https://pypi.example/simple")).unwrap_err();
        assert!(error.contains("names another index"), "{name}: {error}");
    }
    // What pip takes for something else.
    for name in [
        "index",
        "i",
        "-index-url",
        "---index-url",
        "extra-index-url",
        "indexurl",
    ] {
        let before = format!("[global]\n{name} = https://pypi.example/simple\n");
        let after = format!("{before}index-url = INDEX\n");
        assert_eq!(settled(&before, pip), with_urls(&after), "{name}");
    }
}

#[test]
fn the_section_of_a_command_wins_over_that_of_all() {
    let old = "https://aws:old@x-1.d.codeartifact.us-east-1.amazonaws.com/pypi/a/simple/";
    for command in ["install", "download", "wheel", "list", "index", "lock"] {
        let text = |url: &str| format!("[{command}]\nindex-url = {url}\n");
        let after = format!("{}\n[global]\nindex-url = INDEX\n", text("INDEX"));
        assert_eq!(settled(&text(old), pip), with_urls(&after), "{command}");
        let error = pip(&text("https://pypi.example/simple")).unwrap_err();
        assert!(error.contains("names another index"), "{command}: {error}");
    }
    // Sections that pip does not read.
    for other in ["Install", "uninstall", "global ", "mine"] {
        let before = format!("[{other}]\nindex-url = https://pypi.example/simple\n");
        let after = format!("{before}\n[global]\nindex-url = INDEX\n");
        assert_eq!(settled(&before, pip), with_urls(&after), "{other}");
    }
}

#[test]
fn nothing_is_added_to_the_older_file() {
    let old = "https://aws:old@x-1.d.codeartifact.us-east-1.amazonaws.com/pypi/a/simple/";
    for (before, after) in [
        ("".to_owned(), None),
        ("[global]\ntimeout = 60\n".to_owned(), None),
        ("[install]\nuser = true\n".to_owned(), None),
        (
            format!("[global]\nindex-url = {old}\n[install]\nindex_url={old}\n"),
            Some("[global]\nindex-url = INDEX\n[install]\nindex_url=INDEX\n"),
        ),
    ] {
        assert_eq!(legacy(&before), Ok(after.map(with_urls)), "{before}");
    }
    let error = legacy("[global]\nindex-url = https://pypi.example/simple\n").unwrap_err();
    assert!(error.contains("names another index"), "{error}");
}

#[test]
fn another_index_is_left_to_whom_it_belongs() {
    let text = "[global]\nindex-url = https://me:hush@pypi.example/simple\n";
    let error = pip(text).unwrap_err();
    assert_eq!(
        error,
        "~/pip.conf:2:13: ~/pip.conf names another index, which is left as it is: \
         index-url = ***********************************: remove it there, or leave pip \
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
            "[distutils]\nindex-servers = pypi codeartifact\n[codeartifact]\nrepository: https://x-1.d.codeartifact.us-east-1.amazonaws.com/pypi/a/\n# the token\npassword:old\n",
            "[distutils]\nindex-servers = pypi codeartifact\n[codeartifact]\nrepository: ENDPOINT\n# the token\npassword:TOKEN\nusername = aws\n".to_owned(),
        ),
        // twine knows the list by this name alone.
        (
            "[distutils]\nindex_servers = acme\n",
            format!(
                "[distutils]\nindex_servers = acme\nindex-servers =\n    pypi\n    codeartifact\n\n{server}"
            ),
        ),
        // A server without an address is nobody's.
        (
            "[distutils]\nIndex-Servers = codeartifact\n[codeartifact]\nusername = aws\n",
            "[distutils]\nIndex-Servers = codeartifact\n[codeartifact]\nusername = aws\nrepository = ENDPOINT\npassword = TOKEN\n".to_owned(),
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

#[test]
fn a_server_of_that_name_somewhere_else_is_left_to_whom_it_belongs() {
    let text = "[distutils]\nindex-servers = codeartifact\n[codeartifact]\nrepository = https://pypi.example/legacy/\npassword = mine\n";
    assert_eq!(
        twine(text).unwrap_err(),
        "~/.pypirc:4:14: ~/.pypirc has another server codeartifact, which is left as it is: \
         repository = ****************************: name another \"id\" in codeartifact, or leave \
         twine out of \"tools\" in ~/.assumerole"
    );
    // Another registry's server stays as it is.
    let other = text.replace("codeartifact", "mine");
    assert!(
        settled(&other, twine)
            .contains("[mine]\nrepository = https://pypi.example/legacy/\npassword = mine\n")
    );
}
