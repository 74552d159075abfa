//! The ssh agent, asked over its socket which keys it holds, and to sign.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use assumerole_core::ssh::{
    AgentKey, PublicKey, REQUEST_IDENTITIES, ed25519_signature, identities, sign_request,
};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::error::reason;

/// An agent answers from memory; one that asks its person first may take a
/// while, and one that hangs is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes; OpenSSH's agent gives no more.
const LARGEST: u32 = 256 * 1024;

/// The keys that the agent at `socket` holds. It is waited for within the time of
/// the run that `clock` counts.
///
/// # Errors
/// Nobody answers there, or what answers is no agent; the reason.
pub fn keys(socket: &Path, clock: &dyn Clock) -> Result<Vec<AgentKey>, String> {
    let answer = answer(socket, &REQUEST_IDENTITIES, PATIENCE, clock)?;
    identities(&answer).ok_or_else(|| "its answer is not that of an ssh agent".to_owned())
}

/// The signature of `data` by `key`, an Ed25519 key that the agent at `socket`
/// holds. The agent may ask its person first; it is waited for `patience`,
/// within the time of the run that `clock` counts.
///
/// # Errors
/// Nobody answers there, or the agent does not sign; the reason.
pub fn sign(
    socket: &Path,
    key: &PublicKey,
    data: &[u8],
    patience: Duration,
    clock: &dyn Clock,
) -> Result<Zeroizing<[u8; 64]>, String> {
    let answer = Zeroizing::new(answer(socket, &sign_request(key, data), patience, clock)?);
    ed25519_signature(&answer).map_err(str::to_owned)
}

fn answer(
    socket: &Path,
    request: &[u8],
    patience: Duration,
    clock: &dyn Clock,
) -> Result<Vec<u8>, String> {
    let patience = patience.min(clock.left());
    if patience.is_zero() {
        return Err("there is no time left to ask it".to_owned());
    }
    ask(socket, request, patience).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => match patience.as_secs() {
            0 => "it did not answer in time".to_owned(),
            seconds => format!("it did not answer for {seconds} s"),
        },
        io::ErrorKind::UnexpectedEof => "it hung up".to_owned(),
        _ => reason(&error),
    })
}

/// Tells the agent at `socket` from another one that was started there later.
/// `None` if there is none.
pub fn instance(socket: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(socket).ok()?;
    let (device, number) = (found.dev(), found.ino());
    let (second, part) = (found.ctime(), found.ctime_nsec());
    Some(format!("{device}:{number}:{second}.{part:09}"))
}

fn ask(socket: &Path, request: &[u8], patience: Duration) -> io::Result<Vec<u8>> {
    let until = Instant::now() + patience;
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(patience))?;
    stream.write_all(request)?;
    let mut length = [0; 4];
    read(&mut stream, &mut length, until)?;
    let length = u32::from_be_bytes(length);
    if length > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "its answer is too long",
        ));
    }
    let mut answer = vec![0; usize::try_from(length).unwrap_or_default()];
    read(&mut stream, &mut answer, until)?;
    Ok(answer)
}

/// Fills `buffer` by `until`, however slowly the bytes come.
fn read(stream: &mut UnixStream, buffer: &mut [u8], until: Instant) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use jiff::Timestamp;

    use super::*;
    use crate::clock::SteppedClock;

    fn clock() -> SteppedClock {
        SteppedClock::new(Timestamp::UNIX_EPOCH)
    }

    /// What comes of an agent that gives this answer and hangs up.
    fn answered(answer: &'static [u8]) -> Result<usize, String> {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("agent");
        let listener = UnixListener::bind(&socket).unwrap();
        let agent = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 5];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(answer).unwrap();
            request
        });
        let keys = keys(&socket, &clock());
        assert_eq!(agent.join().unwrap(), REQUEST_IDENTITIES);
        keys.map(|keys| keys.len())
    }

    #[test]
    fn what_answers_may_be_no_agent() {
        assert_eq!(answered(&[0, 0, 0, 5, 12, 0, 0, 0, 0]), Ok(0));
        let no_agent = "its answer is not that of an ssh agent".to_owned();
        assert_eq!(answered(&[0, 0, 0, 1, 5]), Err(no_agent.clone()));
        assert_eq!(answered(&[0, 0, 0, 6, 12, 0, 0, 0, 1, 0]), Err(no_agent));
        let too_long = answered(b"HTTP/1.1 400 Bad Request\r\n");
        assert_eq!(too_long, Err("its answer is too long".to_owned()));
        for short in [&[0, 0][..], &[0, 0, 0, 9, 12, 0, 0, 0, 0]] {
            assert_eq!(answered(short), Err("it hung up".to_owned()));
        }
    }

    #[test]
    fn nobody_there() {
        let dir = tempfile::tempdir().unwrap();
        let why = keys(&dir.path().join("agent"), &clock()).unwrap_err();
        assert!(why.contains("o such file"), "{why}");
    }

    /// What waits before it counts, and one that hangs is left when the run is over.
    #[test]
    fn it_is_waited_for_within_the_time_of_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("agent");
        let _hangs = UnixListener::bind(&socket).unwrap();
        let late = clock();
        late.sleep(Duration::from_secs(43) - Duration::from_millis(10));
        let why = keys(&socket, &late).unwrap_err();
        assert_eq!(why, "it did not answer in time");
        late.sleep(Duration::from_secs(1));
        let why = keys(&socket, &late).unwrap_err();
        assert_eq!(why, "there is no time left to ask it");
    }
}
