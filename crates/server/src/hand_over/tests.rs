use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
#[expect(clippy::disallowed_methods, reason = "what a browser finds")]
fn a_file_sends_a_browser_on_and_goes() {
    let home = tempfile::tempdir().unwrap();
    let folder = PrivateDir::create(&home.path().join("é b")).unwrap();
    let page = "http://127.0.0.1:1/00ff";
    let file = File::write(&folder, page).unwrap();
    let address = file.address();
    let name = file.name.to_string_lossy().into_owned();
    assert!(
        address.starts_with("file:///") && address.ends_with(&format!("/%C3%A9%20b/{name}")),
        "{address}"
    );
    let path = folder.path().join(&name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(&format!("content=\"0; url={page}\"")));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let now = folder.list().unwrap()[0].modified;
    sweep(&folder, now);
    assert!(path.exists(), "it is in use");
    folder.write("other.html", b"").unwrap();
    let later = now.checked_add(SignedDuration::from_secs(61)).unwrap();
    sweep(&folder, later);
    assert!(!path.exists());
    drop(file);
    drop(File::write(&folder, page).unwrap());
    let left = folder.list().unwrap();
    let left: Vec<_> = left.into_iter().map(|entry| entry.name).collect();
    assert_eq!(left, ["other.html"]);
}

/// A stand-in for a browser, which opens the page and writes down what it was
/// started with.
#[test]
#[expect(clippy::disallowed_methods, reason = "what the browser was told")]
fn a_browser_gets_the_url_and_no_argument_has_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = PrivateDir::create(&home.path().join("d")).unwrap();
    let env = Env::from_pairs([("PATH", "/usr/bin:/bin")]);
    let told = home.path().join("told");
    let script = r#"printf '%b\n' "$1" >"$0"; p=${1#*127.0.0.1:}
        exec 3<>"/dev/tcp/127.0.0.1/${p%%/*}"
        printf 'GET /%b HTTP/1.1\r\nHost: 127.0.0.1:%b\r\n\r\n' "${p#*/}" "${p%%/*}" >&3
        cat <&3 >>"$0""#;
    let words = ["bash", "-c", script, told.to_str().unwrap()];
    let browsers = [Browser {
        words: words.map(str::to_owned).into(),
        family: assumerole_host::browser::Family::Other,
    }];
    let opener = Opener {
        env: &env,
        browsers: &browsers,
        folder: &folder,
        now: Timestamp::UNIX_EPOCH,
    };
    let desk = Desk::open(false).unwrap();
    let url = "https://example.com/?SigninToken=SECRET";
    let mut handing = opener
        .hand_over(&desk, url.into(), &|page| format!("x+{page}"))
        .unwrap();
    loop {
        match handing.wait(&desk) {
            Handed::Waiting => {}
            Handed::Taken => break,
            other => panic!("{other:?}"),
        }
    }
    drop(desk);
    // It may still be writing.
    for _ in 0..1000 {
        let text = std::fs::read_to_string(&told).unwrap();
        if text.contains(url) {
            let (argument, answer) = text.split_once('\n').unwrap();
            assert_eq!(argument, format!("x+{}", handing.address()));
            assert!(answer.starts_with("HTTP/1.1 303 "));
            return;
        }
        std::thread::sleep(TICK);
    }
    panic!("the browser did not get it");
}

#[test]
fn without_a_browser_the_page_waits() {
    let home = tempfile::tempdir().unwrap();
    let folder = PrivateDir::create(&home.path().join("d")).unwrap();
    let env = Env::default();
    let opener = Opener {
        env: &env,
        browsers: &[],
        folder: &folder,
        now: Timestamp::UNIX_EPOCH,
    };
    let desk = Desk::open(false).unwrap();
    let mut handing = opener
        .hand_over(&desk, "https://x/".into(), &str::to_owned)
        .unwrap();
    assert!(matches!(handing.wait(&desk), Handed::NotOpened(why) if why.is_empty()));
    assert!(matches!(handing.wait(&desk), Handed::Waiting));
    handing.waited = LASTS;
    assert!(matches!(handing.wait(&desk), Handed::Late));
}
