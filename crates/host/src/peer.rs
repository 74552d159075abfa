//! Who is at the other end of a connection on this machine.

use std::net::SocketAddr;

/// The user whose process has connected from `from` to `here`, as far as the
/// kernel tells: on Linux, of a process on this very machine.
pub fn user_at(here: SocketAddr, from: SocketAddr) -> Option<u32> {
    if !from.ip().is_loopback() && from.ip() != here.ip() {
        return None;
    }
    crate::sys::peer::user_at(here, from)
}

/// The user that this process acts for.
pub fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn whoever_is_connected_is_told() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else {
                continue;
            };
            let here = listener.local_addr().unwrap();
            let stream = TcpStream::connect(here).unwrap();
            let from = stream.local_addr().unwrap();
            assert_eq!(user_at(here, from), Some(own_user()), "{address}");
            drop(stream);
            // Nobody's any more, and not that of the system.
            assert_ne!(user_at(here, from), Some(0), "{address}");
        }
        let far = "192.0.2.1:5000".parse().unwrap();
        assert_eq!(user_at("127.0.0.1:1".parse().unwrap(), far), None);
    }
}
