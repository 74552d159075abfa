use proptest::prelude::*;

use super::*;

fn string(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    into.extend(bytes);
}

/// A public key as ssh sends it.
fn blob(kind: &str, seed: u8) -> Vec<u8> {
    let mut blob = Vec::new();
    string(&mut blob, kind.as_bytes());
    string(&mut blob, &[seed; 32]);
    blob
}

/// A private key in OpenSSH's format; its private half is rubbish.
fn private(cipher: &str, count: u32, public: &[u8]) -> String {
    let mut bytes = b"openssh-key-v1\0".to_vec();
    for part in [
        cipher.as_bytes(),
        if cipher == "none" { b"none" } else { b"bcrypt" },
        if cipher == "none" {
            b""
        } else {
            b"salt and rounds"
        },
    ] {
        string(&mut bytes, part);
    }
    bytes.extend(count.to_be_bytes());
    string(&mut bytes, public);
    string(&mut bytes, &[7; 99]);
    let text = STANDARD.encode(&bytes);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(70)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

fn public_line(blob: &[u8]) -> String {
    format!("ssh-ed25519 {} jdoe@acme\n", STANDARD.encode(blob))
}

#[test]
fn the_public_half_of_a_private_key_stands_in_clear() {
    let blob = blob("ssh-ed25519", 1);
    for (cipher, encrypted) in [("none", false), ("aes256-ctr", true)] {
        for text in [
            private(cipher, 1, &blob),
            private(cipher, 1, &blob).replace('\n', "\r\n"),
        ] {
            let public = PublicKey(blob.clone());
            let expected = KeyFile::OpenSsh { public, encrypted };
            assert_eq!(KeyFile::read(text.as_bytes()), expected);
        }
    }
}

#[test]
fn what_else_a_file_may_be() {
    let blob = blob("ssh-ed25519", 1);
    let public = KeyFile::Public(PublicKey(blob.clone()));
    for text in [
        public_line(&blob),
        format!("# mine\n\n  {}", public_line(&blob)),
        public_line(&blob)
            .replace('=', "")
            .replace(" jdoe@acme", ""),
    ] {
        assert_eq!(KeyFile::read(text.as_bytes()), public, "{text}");
    }
    for kind in ["RSA ", "EC ", "DSA ", "ENCRYPTED ", ""] {
        let text = format!("-----BEGIN {kind}PRIVATE KEY-----\nabc\n");
        assert_eq!(KeyFile::read(text.as_bytes()), KeyFile::Pem, "{text}");
    }
    let whole = private("none", 1, &blob);
    for text in [
        String::new(),
        "PuTTY-User-Key-File-3: ssh-ed25519\n".to_owned(),
        "-----BEGIN CERTIFICATE-----\n".to_owned(),
        // Another kind than it says.
        public_line(&blob).replacen("ssh-ed25519", "ssh-rsa", 1),
        "ssh-ed25519 !!!! x".to_owned(),
        "ssh-ed25519".to_owned(),
        private("none", 2, &blob),
        private("none", 1, b"x"),
        whole[..80].to_owned(),
        whole.replace("b3Bl", "c3Bl"),
    ] {
        assert_eq!(KeyFile::read(text.as_bytes()), KeyFile::Other, "{text}");
    }
    assert_eq!(KeyFile::read(b"\xff\xfe"), KeyFile::Other);
}

#[test]
fn the_keys_of_an_agent() {
    let mut answer = vec![12, 0, 0, 0, 2];
    for (seed, comment) in [(1, "jdoe@acme"), (2, "/home/jdoe/.ssh/acme")] {
        string(&mut answer, &blob("ssh-ed25519", seed));
        string(&mut answer, comment.as_bytes());
    }
    let found = identities(&answer).unwrap();
    let expected: Vec<AgentKey> = [(1, "jdoe@acme"), (2, "/home/jdoe/.ssh/acme")]
        .map(|(seed, comment)| AgentKey {
            public: PublicKey(blob("ssh-ed25519", seed)),
            comment: comment.to_owned(),
        })
        .to_vec();
    assert_eq!(found, expected);
    assert_eq!(identities(&[12, 0, 0, 0, 0]), Some(Vec::new()));
    for length in 0..answer.len() {
        assert_eq!(identities(&answer[..length]), None, "{length}");
    }
    // SSH_AGENT_FAILURE.
    assert_eq!(identities(&[5]), None);
    assert_eq!(identities(&[12, 0xff, 0xff, 0xff, 0xff]), None);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>()) {
        let _ = identities(&bytes);
        let _ = identities(&[&[12, 0, 0, 0, 1], bytes.as_slice()].concat());
        let _ = KeyFile::read(&bytes);
        let text = private("none", 1, &bytes);
        let _ = KeyFile::read(text.as_bytes());
        let _ = KeyFile::read(&text.as_bytes()[..cut.index(text.len())]);
    }
}
