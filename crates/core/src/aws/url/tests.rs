//! What is a URL, what is none, and what of it is shown.

use proptest::prelude::*;

use super::*;

#[test]
fn urls_that_requests_can_be_sent_to() {
    for (url, host, shown) in [
        (
            "http://127.0.0.1:4566",
            "127.0.0.1",
            "http://127.0.0.1:4566",
        ),
        (
            "https://sts.amazonaws.com/",
            "sts.amazonaws.com",
            "https://sts.amazonaws.com/",
        ),
        (
            "HTTPS://Sts.Example./",
            "Sts.Example.",
            "HTTPS://Sts.Example./",
        ),
        ("http://[::1]:1/x", "::1", "http://[::1]:1/x"),
        (
            "http://[fd00:ec2::23]",
            "fd00:ec2::23",
            "http://[fd00:ec2::23]",
        ),
        (
            "http://local_stack:65535",
            "local_stack",
            "http://local_stack:65535",
        ),
        ("https://a/b%20c/d", "a", "https://a/b%20c/d"),
        ("https://user:hush@a/b", "a", "https://a/b"),
        ("https://user:hu%40sh@[::1]:7/b", "::1", "https://[::1]:7/b"),
        ("https://hush@a", "a", "https://a"),
        ("https://@a", "a", "https://a"),
        ("https://a?token=hush", "a", "https://a?***"),
        ("https://a/b?x=hush/c@d", "a", "https://a/b?***"),
        ("https://a/b#hush", "a", "https://a/b?***"),
        ("https://a:1/b@c", "a", "https://a:1/b@c"),
    ] {
        let parsed = EndpointUrl::parse(url).unwrap();
        assert_eq!(parsed.as_str(), url);
        assert_eq!((parsed.host(), parsed.to_string().as_str()), (host, shown));
        assert!(!format!("{parsed} {parsed:?}").contains("hush"), "{url}");
    }
}

#[test]
fn urls_that_are_none_and_what_may_be_seen_of_them() {
    use UrlFault::*;
    let long = format!("http://a/{}", "x".repeat(LONGEST));
    let host = format!("http://{}", "a.".repeat(127) + "com");
    let label = format!("http://{}.com", "a".repeat(64));
    for (url, fault, shown) in [
        ("", Scheme, ""),
        (" ", Character, " "),
        ("sts.example", Scheme, "sts.example"),
        ("//sts.example", Scheme, "//sts.example"),
        ("ftp://sts.example", Scheme, "ftp://sts.example"),
        ("file:///etc/passwd", Scheme, "file:///etc/passwd"),
        ("httpss://a", Scheme, "httpss://a"),
        ("http:/a", Scheme, "http:/a"),
        ("http:a", Scheme, "http:a"),
        ("u:hush@host", Scheme, "***@host"),
        ("https:/u:hush@host", Scheme, "***@host"),
        ("http://", NoHost, "http://"),
        ("http:///x", NoHost, "http:///x"),
        ("http://:1", NoHost, "http://:1"),
        ("http://?x", NoHost, "http://?***"),
        ("http://user@", NoHost, "http://***@"),
        ("http://u:hush@", NoHost, "http://***@"),
        ("http://u:hush@:1", NoHost, "http://***@:1"),
        ("http://[::1", Host, "http://[::1"),
        ("http://u:hush@[::1", Host, "http://***@[::1"),
        ("http://[::1]x", Host, "http://[::1]x"),
        ("http://[]", Host, "http://[]"),
        ("http://[fe80::1%25eth0]", Host, "http://[fe80::1%25eth0]"),
        ("http://::1", NoHost, "http://::1"),
        ("http://a_b%zz", Host, "http://a_b%zz"),
        ("http://a%20b", Host, "http://a%20b"),
        ("http://a..b", Host, "http://a..b"),
        ("http://.a", Host, "http://.a"),
        ("http://.", Host, "http://."),
        ("http://a*b", Host, "http://a*b"),
        ("http://a]", Host, "http://a]"),
        ("http://a,b", Host, "http://a,b"),
        ("http://host:1:2", Port, "http://host:1:2"),
        ("http://host:", Port, "http://host:"),
        ("http://host:0", Port, "http://host:0"),
        ("http://host:65536", Port, "http://host:65536"),
        ("http://host:-1", Port, "http://host:-1"),
        ("http://host:+1", Port, "http://host:+1"),
        ("http://host:http", Port, "http://host:http"),
        ("http://[::1]:0", Port, "http://[::1]:0"),
        ("http://a@b@c", User, "http://***@c"),
        ("http://u:hu/sh@c", Port, "http://***@c"),
        ("http://u:hu#sh@c", Port, "http://***@c"),
        ("http://u:h[@c", User, "http://***@c"),
        ("http://u:%zz@c", Escape, "http://***@c"),
        ("http://a/%", Escape, "http://a/%"),
        ("http://a/%2", Escape, "http://a/%2"),
        ("http://a/%2g", Escape, "http://a/%2g"),
        ("http://a b", Character, "http://a b"),
        ("http://a\r\nX-Evil: 1", Character, "http://a\r\nX-Evil: 1"),
        ("http://a/\u{7f}", Character, "http://a/\u{7f}"),
        ("http://a\\b", Character, "http://a\\b"),
        ("http://u:hush hush@:x", Character, "http://***@:x"),
        (
            "http://{account}.example",
            Character,
            "http://{account}.example",
        ),
        ("<http://a>", Character, "<http://a>"),
        ("http://bücher.example", NotAscii, "http://bücher.example"),
        ("http://ａ", NotAscii, "http://ａ"),
        (&long, Long, &long[..200]),
        (&host, Host, &host[..200]),
        (&label, Host, &label),
    ] {
        assert_eq!(EndpointUrl::parse(url), Err(fault), "{url:?}");
        assert_eq!(masked(url), shown, "{url:?}");
        assert!(!masked(url).contains("hush"), "{url:?}");
        assert!(!fault.to_string().contains("hush"));
    }
}

#[test]
fn a_path_is_added_to_what_has_neither_query_nor_slash() {
    for (url, base) in [
        ("http://a", "http://a"),
        ("http://a/", "http://a"),
        ("http://a/b/", "http://a/b"),
        ("http://a?x/", "http://a"),
        ("http://a/b/?x=/", "http://a/b"),
        ("http://a/b#c", "http://a/b"),
    ] {
        assert_eq!(EndpointUrl::parse(url).unwrap().base(), base, "{url}");
    }
}

#[test]
fn the_secret_parts_are_known() {
    let url = EndpointUrl::parse("https://u:p%40@h/x?a=1&b=2&c").unwrap();
    let secrets: Vec<&str> = url.secrets().collect();
    assert_eq!(secrets, ["u:p%40", "p%40", "a=1&b=2&c", "1", "2"]);
    let url = EndpointUrl::parse("https://h/x").unwrap();
    assert_eq!(url.secrets().count(), 0);
}

#[test]
fn proxies_are_urls_whose_scheme_may_be_missing() {
    for (text, url) in [
        ("proxy:3128", "http://proxy:3128"),
        ("proxy", "http://proxy"),
        ("u:hush@proxy:3128", "http://u:hush@proxy:3128"),
        ("https://u:hush@proxy", "https://u:hush@proxy"),
        ("[::1]:3128", "http://[::1]:3128"),
    ] {
        let proxy = ProxyUrl::parse(text).unwrap();
        assert_eq!(proxy.as_str(), url);
        assert!(!format!("{proxy} {proxy:?}").contains("hush"), "{text}");
    }
    for (text, fault) in [
        ("socks5://proxy:1080", UrlFault::Socks),
        ("SOCKS5H://proxy:1080", UrlFault::Socks),
        ("socks4a://u:p@proxy", UrlFault::Socks),
        ("ftp://proxy", UrlFault::Scheme),
        ("http://", UrlFault::NoHost),
        ("http://[::1", UrlFault::Host),
        ("proxy:0", UrlFault::Port),
        ("proxy:1:2", UrlFault::Port),
        ("http://user:hush hush@:x", UrlFault::Character),
    ] {
        assert_eq!(ProxyUrl::parse(text), Err(fault), "{text}");
    }
}

#[test]
fn containers_ask_where_the_sdks_ask() {
    for url in [
        "http://169.254.170.2/v2/credentials/x",
        "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
        "http://127.0.0.1:8080/x?y",
        "http://127.1.2.3/",
        "http://[::1]:1/",
        "http://localhost/x",
        "https://example.com/x",
    ] {
        let parsed = ContainerUrl::full(url).unwrap();
        assert_eq!((parsed.written(), parsed.url().as_str()), (url, url));
    }
    for (url, fault) in [
        ("http://example.com/x", UrlFault::Untrusted),
        ("http://169.254.170.2@example.com/x", UrlFault::Untrusted),
        ("http://169.254.170.2.example.com/x", UrlFault::Untrusted),
        ("http://169.254.169.254/x", UrlFault::Untrusted),
        ("http://localhost.example.com/x", UrlFault::Untrusted),
        ("http://10.0.0.1/x", UrlFault::Untrusted),
        ("ftp://127.0.0.1/x", UrlFault::Scheme),
        ("//127.0.0.1/x", UrlFault::Scheme),
        ("/x", UrlFault::Scheme),
        ("127.0.0.1", UrlFault::Scheme),
        ("http://", UrlFault::NoHost),
        ("http://127.0.0.1\r\nx: y/", UrlFault::Character),
        ("", UrlFault::Scheme),
    ] {
        assert_eq!(ContainerUrl::full(url), Err(fault), "{url}");
    }
    let agent = ContainerUrl::relative("/v2/x?y").unwrap();
    assert_eq!(agent.url().as_str(), "http://169.254.170.2/v2/x?y");
    assert_eq!(agent.written(), "/v2/x?y");
    for (path, fault) in [
        ("@example.com/", UrlFault::Path),
        (".example.com", UrlFault::Path),
        (":80@example.com", UrlFault::Path),
        ("", UrlFault::Path),
        ("/a b", UrlFault::Character),
    ] {
        assert_eq!(ContainerUrl::relative(path), Err(fault), "{path}");
    }
}

proptest! {
    /// Whatever it is, nothing panics, and what is secret is not shown.
    #[test]
    fn nothing_secret_is_shown(
        before in "(https?://|[a-z:/]{0,6})",
        user in "[a-z%:/?#@ ]{0,6}",
        after in "[a-z0-9.:\\[\\]%/?#]{0,12}",
    ) {
        let url = format!("{before}{user}:hush@{after}");
        if let Ok(parsed) = EndpointUrl::parse(&url) {
            // In a path an `@` is a letter as any other.
            let in_path = parsed.base().contains("hush") && !parsed.base()[..parsed.parts.host.start].contains("hush");
            prop_assert!(in_path || !parsed.to_string().contains("hush"), "{url}");
        }
        prop_assert!(!masked(&url).contains("hush"), "{url}");
    }
}
