//! A server that misbehaves at every byte of a request with an MFA code, and of
//! its answer: the code leaves once, and the call ends.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a server for the tests; what fails there fails the test"
)]

use std::io::{ErrorKind, Read, Write};
use std::iter;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use assumerole_aws::{CallError, Connection, Granted, Left, Now, sts};
use assumerole_core::Credentials;
use assumerole_core::aws::service::Service;
use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::plan::origin::Sourced;
use assumerole_core::plan::{Route, SessionToken};
use jiff::Timestamp;
use secrecy::ExposeSecret;

const CODE: &str = "654321";

/// What the server does with its connections.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Answers as it should.
    Answers,
    /// Closes the connection when so many bytes have come.
    ClosesAfter(usize),
    /// Resets it then: what has come and was not read is lost.
    ResetsAfter(usize),
    /// Answers when so many bytes have come, whatever is still to come.
    AnswersAfter(usize),
    /// Says nothing more when so many bytes have come.
    StallsAfter(usize),
    /// Closes it within the answer.
    CutsAnswer(usize),
    /// Says nothing more within the answer.
    StallsInAnswer(usize),
    /// Sends another byte than the right one.
    ChangesAnswer(usize),
}

/// A little more than a request takes.
const REQUEST: usize = 1200;

/// As long as anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a connection that says nothing is looked at.
const TICK: Duration = Duration::from_millis(5);

fn answer() -> Vec<u8> {
    let expires = Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let body = format!(
        "<GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetSessionTokenResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\
         <SecretAccessKey>SECRET</SecretAccessKey><SessionToken>TOKEN</SessionToken>\
         <Expiration>{expires:.0}</Expiration></Credentials></GetSessionTokenResult>\
         </GetSessionTokenResponse>"
    );
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads up to `most` bytes, or to the end of a request.
fn read(client: &mut TcpStream, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < most && !is_whole(&bytes) {
        let mut some = vec![0; (most - bytes.len()).min(4096)];
        match client.read(&mut some) {
            Ok(count @ 1..) => bytes.extend(&some[..count]),
            _ => break,
        }
    }
    bytes
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.to_ascii_lowercase();
    let length = length.split("content-length:").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Serves one connection until `done`; what came over it.
fn serve(mut client: TcpStream, manner: Manner, done: &AtomicBool) -> Vec<u8> {
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let most = match manner {
        Manner::ClosesAfter(count)
        | Manner::ResetsAfter(count)
        | Manner::AnswersAfter(count)
        | Manner::StallsAfter(count) => count,
        _ => usize::MAX,
    };
    let mut came = read(&mut client, most);
    let mut answer = answer();
    // Who goes away in the middle is their own affair.
    let send = |client: &mut TcpStream, bytes: &[u8]| drop(client.write_all(bytes));
    match manner {
        // Dropped with bytes unread, the connection is reset.
        Manner::ResetsAfter(_) => return came,
        Manner::ClosesAfter(_) | Manner::StallsAfter(_) => {}
        Manner::Answers | Manner::AnswersAfter(_) => send(&mut client, &answer),
        Manner::CutsAnswer(count) | Manner::StallsInAnswer(count) => {
            send(&mut client, &answer[..count]);
        }
        Manner::ChangesAnswer(at) => {
            answer[at] ^= 1;
            send(&mut client, &answer);
        }
    }
    if let Manner::ClosesAfter(_) | Manner::CutsAnswer(_) = manner {
        let _ = client.shutdown(Shutdown::Write);
    }
    client.set_read_timeout(Some(TICK)).unwrap();
    loop {
        // Before the last look, so that nothing is missed that came meanwhile.
        let last = done.load(Ordering::SeqCst);
        let mut some = [0; 4096];
        match client.read(&mut some) {
            Ok(0) => return came,
            Ok(count) => came.extend(&some[..count]),
            Err(why) if why.kind() != ErrorKind::WouldBlock || last => return came,
            Err(_) => {}
        }
    }
}

/// Asks a server of that `manner` for a session; what came of it, and how often
/// the code came there.
fn ask(manner: Manner) -> (Result<Granted, CallError>, usize) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let done = Arc::new(AtomicBool::new(false));
    let is_done = Arc::clone(&done);
    let server = thread::spawn(move || {
        let mut connections = Vec::new();
        for client in listener.incoming().map_while(Result::ok) {
            if is_done.load(Ordering::SeqCst) {
                break;
            }
            let is_done = Arc::clone(&is_done);
            connections.push(thread::spawn(move || serve(client, manner, &is_done)));
        }
        connections
    });
    let connection = Connection {
        route: Route {
            service: Service::Sts,
            region: Sourced::default("us-east-1".parse().unwrap()),
            endpoint_url: Sourced::default(Some(
                EndpointUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap(),
            )),
            fips: Sourced::default(false),
            dual_stack: Sourced::default(false),
            ca_bundle: Sourced::default(None),
            attempts: Sourced::default(3),
        },
        ca_bundle: None,
        proxy: None,
        hurried: true,
        left: Left::new(|| Duration::from_millis(1)),
    };
    let keys = Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "KEY".into(),
        session_token: None,
        expires: None,
    };
    let now: Now = Arc::new(Timestamp::now);
    let device = "arn:aws:iam::210987654321:mfa/jdoe".parse().unwrap();
    let session = SessionToken {
        device: Some(Sourced::default(device)),
        duration: Sourced::default(3600),
    };
    let code = CODE.into();
    let granted = sts::get_session_token(&connection, &keys, &now, &session, Some(&code));
    done.store(true, Ordering::SeqCst);
    // Wakes the server up, to end.
    drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)));
    let uses = server.join().unwrap().into_iter().map(|connection| {
        let came = String::from_utf8_lossy(&connection.join().unwrap()).into_owned();
        came.matches(&format!("TokenCode={CODE}")).count()
    });
    (granted, uses.sum())
}

/// Asks a server of each of `manners`, so many at a time.
fn all(manners: impl Iterator<Item = Manner>, at_once: usize) {
    let manners: Vec<Manner> = manners.collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(manner) = manners.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let (granted, uses) = ask(*manner);
                    assert!(uses <= 1, "{manner:?}: {uses} uses of a code");
                    let whole = |granted: &Granted| {
                        let keys = &granted.credentials;
                        let token = keys.session_token.as_ref().map(ExposeSecret::expose_secret);
                        (
                            &*keys.access_key_id,
                            keys.secret_access_key.expose_secret(),
                            token,
                        ) == ("ASIAIOSFODNN7EXAMPLE", "SECRET", Some("TOKEN"))
                    };
                    match (manner, &granted) {
                        // Other bytes may be other credentials, or none.
                        (Manner::ChangesAnswer(_), _) => {}
                        (Manner::Answers | Manner::AnswersAfter(_), Ok(granted)) => {
                            assert!(whole(granted), "{manner:?}");
                        }
                        (Manner::Answers, Err(_)) => panic!("{manner:?}: {granted:?}"),
                        (_, Ok(_)) => panic!("{manner:?}: credentials of half an answer"),
                        (_, Err(_)) => {}
                    }
                }
            });
        }
    });
}

#[test]
fn an_answer_is_taken() {
    all(iter::once(Manner::Answers), 1);
}

#[test]
fn a_connection_that_is_closed_at_any_byte_of_the_request_spends_a_code_once() {
    all((0..REQUEST).map(Manner::ClosesAfter), 4);
}

#[test]
fn a_connection_that_is_reset_at_any_byte_of_the_request_spends_a_code_once() {
    all((0..REQUEST).map(Manner::ResetsAfter), 4);
}

#[test]
fn an_answer_before_the_end_of_the_request_spends_a_code_once() {
    all((0..REQUEST).map(Manner::AnswersAfter), 4);
}

#[test]
fn an_answer_that_ends_at_any_byte_gives_nothing() {
    all((0..answer().len()).map(Manner::CutsAnswer), 4);
}

#[test]
fn an_answer_with_any_byte_changed_spends_a_code_once() {
    all((0..answer().len()).map(Manner::ChangesAnswer), 4);
}

#[test]
fn who_says_nothing_more_is_given_up() {
    let request = (0..REQUEST).step_by(16).map(Manner::StallsAfter);
    let answer = (0..answer().len()).step_by(16).map(Manner::StallsInAnswer);
    all(request.chain(answer), 32);
}
