//! Faults: what goes wrong, and what was done all the same.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use aws_sandbox::Fault;

use crate::client::{Client, DEVICE, form, raw, sandbox};

#[test]
fn errors_come_instead_of_answers_as_often_as_said() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    sandbox.inject(Fault::throttle().on("AssumeRole").times(2));
    sandbox.inject(Fault::internal_error());
    sandbox.inject(Fault::service_unavailable());
    let who = || client.call("GetCallerIdentity", &[]);
    let (status, code, _) = who().refusal();
    assert_eq!((status, code.as_str()), (500, "InternalFailure"));
    let unavailable = who();
    unavailable.is(
        503,
        "ServiceUnavailable",
        "Service is unable to handle request.",
    );
    assert_eq!(unavailable.text("Type"), "Receiver");
    who().good();
    for _ in 0..2 {
        client.assume(&[]).is(400, "Throttling", "Rate exceeded");
    }
    client.assume(&[]).good();
    assert_eq!(sandbox.count("AssumeRole"), 3);
    let outcomes: Vec<_> = sandbox
        .journal()
        .into_iter()
        .map(|entry| entry.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            "InternalFailure",
            "ServiceUnavailable",
            "OK",
            "Throttling",
            "Throttling",
            "OK"
        ]
    );
}

#[test]
fn an_injected_error_spends_no_code() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    sandbox.inject(Fault::throttle());
    client
        .call("GetSessionToken", &mfa)
        .is(400, "Throttling", "Rate exceeded");
    client.call("GetSessionToken", &mfa).good();
}

#[test]
fn an_error_may_say_anything() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let message = "red \u{1b}[31m, bell \u{7}, C1 \u{9b}, <b> & \"q\" and \u{202e}";
    sandbox.inject(Fault::error("Odd.Code", message, 418));
    let answer = client.assume(&[]);
    assert_eq!(answer.status, 418);
    assert_eq!(answer.text("Code"), "Odd.Code");
    let sent = "red &#x1B;[31m, bell &#x7;, C1 &#x9B;, &lt;b&gt; &amp; &quot;q&quot; and \u{202e}";
    assert!(answer.body.contains(sent), "{}", answer.body);
    // A status that HTTP does not have becomes one that it has.
    sandbox.inject(Fault::error("Odd", "", 20));
    assert_eq!(client.assume(&[]).status, 500);
}

#[test]
fn a_connection_may_end_though_the_request_was_done() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let code = sandbox.code(DEVICE);
    let mfa = [("SerialNumber", DEVICE), ("TokenCode", code.as_str())];
    sandbox.inject(Fault::cut());
    let request = client.request(&form("GetSessionToken", &mfa));
    assert_eq!(raw(&sandbox, &request).unwrap(), b"");
    let entry = sandbox.journal().pop().unwrap();
    assert_eq!(
        (entry.outcome.as_str(), entry.fault.as_deref()),
        ("OK", Some("cut"))
    );
    // The code is gone.
    let (_, refused, _) = client.call("GetSessionToken", &mfa).refusal();
    assert_eq!(refused, "AccessDenied");
}

#[test]
fn a_connection_may_end_in_the_middle_of_the_answer() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    sandbox.inject(Fault::cut_mid_body());
    let request = client.request(&form("GetCallerIdentity", &[]));
    let bytes = raw(&sandbox, &request).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(body.starts_with("<GetCallerIdentityResponse"), "{body}");
    assert!(!body.contains("</GetCallerIdentityResponse>"), "{body}");
    assert_eq!(
        client.send(&bytes).map(|answer| answer.status).ok(),
        Some(400),
        "an answer is no request"
    );
}

#[test]
fn an_answer_may_be_late_or_never_come() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let impatient = || {
        let mut stream = TcpStream::connect(("127.0.0.1", sandbox.port())).unwrap();
        let request = client.request(&form("GetCallerIdentity", &[]));
        stream.write_all(&request).unwrap();
        while sandbox.count("GetCallerIdentity") == 0 {
            std::thread::yield_now();
        }
        sandbox.clear_journal();
        let wait = Some(Duration::from_millis(50));
        stream.set_read_timeout(wait).unwrap();
        stream.read(&mut [0; 8]).unwrap_err().kind()
    };
    let none = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
    sandbox.inject(Fault::hang(Duration::from_secs(3600)));
    assert!(none.contains(&impatient()));
    sandbox.set_latency(Duration::MAX);
    assert!(none.contains(&impatient()));
    sandbox.set_latency(Duration::from_millis(1));
    client.call("GetCallerIdentity", &[]).good();
    // Dropping the sandbox does not wait for the answers that never come.
}

#[test]
fn the_server_may_lie_about_the_role() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    let other = "arn:aws:sts::999999999999:assumed-role/admin/jdoe";
    sandbox.inject(Fault::wrong_role(other));
    let lie = client.assume(&[]).good();
    assert_eq!(lie.text("Arn"), other);
    let truth = client.with(&lie).call("GetCallerIdentity", &[]).good();
    assert_eq!(
        truth.text("Arn"),
        "arn:aws:sts::123456789012:assumed-role/read/jdoe"
    );
}

#[test]
fn an_answer_may_be_no_answer() {
    let sandbox = sandbox();
    let client = Client::new(&sandbox);
    sandbox.inject(Fault::garbage().always());
    for _ in 0..3 {
        let answer = client.call("GetCallerIdentity", &[]);
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains("Arn"), "{}", answer.body);
    }
    sandbox.clear_faults();
    let answer = client.call("GetCallerIdentity", &[]).good();
    assert!(answer.body.contains("Arn"), "{}", answer.body);
}
