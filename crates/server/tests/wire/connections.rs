//! Who may stay, for how long, and how many.

use std::io::Write as _;
use std::time::Duration;

use assumerole_host::peer::own_user;
use assumerole_server::Limits;

use super::Stage;
use super::line::Line;

/// Nobody is sent away for their silence.
const PATIENT: Duration = Duration::from_secs(600);

fn patient() -> Stage {
    let limits = Limits {
        patience: PATIENT,
        ..Limits::default()
    };
    Stage::of(own_user(), limits)
}

/// Of those that are trusted and those that are not, by the very limits.
#[test]
fn whoever_has_shown_the_token_may_idle_and_nobody_else() {
    let stage = Stage::new();
    let mut guests: Vec<Line> = Vec::new();
    for _ in 0..500 {
        let mut guest = Line::to(&stage);
        assert!(guest.is_served(&stage));
        guests.push(guest);
    }
    let mut strangers: Vec<(String, Line)> = Vec::new();
    for sent in [
        "",
        "GET /role/read HTTP/1.1\r\n",
        "GET /healthcheck HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /role/read HTTP/1.1\r\nHost: HOST\r\nAuthorization: ",
    ] {
        let mut line = Line::to(&stage);
        line.send(sent.replace("HOST", &stage.address.to_string()).as_bytes());
        if sent.contains("health") {
            let answer = line.next(false).unwrap();
            assert_eq!(answer.body, "{\"status\":\"running\"}");
        }
        strangers.push((sent.to_owned(), line));
    }
    for (sent, line) in &mut strangers {
        assert!(line.is_closed(), "{sent:?}");
    }
    // That took longer than a stranger may take.
    for (number, guest) in guests.iter_mut().enumerate() {
        assert!(guest.is_served(&stage), "{number}");
    }
}

/// A byte now and then is no reason to wait longer.
#[test]
fn slow_senders_are_sent_away() {
    let limits = Limits {
        // Long enough for a busy machine to answer the one that is trusted.
        patience: Duration::from_secs(2),
        ..Limits::default()
    };
    let stage = Stage::of(own_user(), limits);
    let mut trusted = Line::to(&stage);
    assert!(trusted.is_served(&stage));
    for mut line in [Line::to(&stage), trusted] {
        let mut sender = line.stream.try_clone().unwrap();
        let slowly = std::thread::spawn(move || {
            let head = b"GET /role/read HTTP/1.1\r\nX-Slow: ".iter();
            // Until it is cut off.
            for byte in head.copied().chain(std::iter::repeat_n(b'x', 600)) {
                if sender.write_all(&[byte]).is_err() {
                    return true;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            false
        });
        assert!(line.is_closed());
        assert!(slowly.join().unwrap());
    }
}

#[test]
fn of_too_many_strangers_the_first_goes() {
    let stage = patient();
    let mut trusted = Line::to(&stage);
    assert!(trusted.is_served(&stage));
    let most = Limits::default().strangers;
    assert_eq!(most, 64);
    let mut strangers: Vec<Line> = (0..most).map(|_| Line::to(&stage)).collect();
    let mut two_more = [Line::to(&stage), Line::to(&stage)];
    // By age: who came third is still in.
    assert!(strangers[0].is_closed());
    assert!(strangers[1].is_closed());
    for line in strangers[2..].iter_mut().chain(&mut two_more) {
        assert!(line.is_served(&stage));
    }
    assert!(trusted.is_served(&stage));
}

/// Those who are trusted are not pushed out by those who are not, and are not
/// without number themselves.
#[test]
fn of_too_many_guests_the_first_goes() {
    let limits = Limits {
        guests: 3,
        patience: PATIENT,
        ..Limits::default()
    };
    let stage = Stage::of(own_user(), limits);
    let mut guests: Vec<Line> = (0..4).map(|_| Line::to(&stage)).collect();
    for guest in &mut guests {
        assert!(guest.is_served(&stage));
    }
    assert!(guests[0].is_closed());
    for guest in &mut guests[1..] {
        assert!(guest.is_served(&stage));
    }
}
