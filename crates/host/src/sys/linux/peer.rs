//! Whose a connection is: sock_diag(7), and proc(5) where a container has none.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use rustix::io::{self, Errno};
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::sockopt::set_socket_timeout;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};

/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;

/// `NLM_F_REQUEST`.
const REQUEST: u16 = 1;

/// `IPPROTO_TCP`.
const TCP: u8 = 6;

/// Bytes of a request: `nlmsghdr` and `inet_diag_req_v2`.
const ASKED: usize = 16 + 56;

/// Where the user stands in the answer, behind `nlmsghdr`, the first members of
/// `inet_diag_msg` and three numbers; the inode stands behind it.
const USER: usize = 16 + 4 + 48 + 12;

/// The user at the other end. A socket without an inode has been closed there,
/// and says that it is the system's.
pub(crate) fn user_at(here: SocketAddr, from: SocketAddr) -> Option<u32> {
    match asked(here, from) {
        Ok(user) => user,
        Err(_) => listed(here, from),
    }
}

/// What the kernel says of that very connection.
fn asked(here: SocketAddr, from: SocketAddr) -> io::Result<Option<u32>> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(SOCK_DIAG),
    )?;
    let soon = std::time::Duration::from_millis(200);
    set_socket_timeout(&socket, rustix::net::sockopt::Timeout::Recv, Some(soon))?;
    let kernel = SocketAddrNetlink::new(0, 0);
    sendto(&socket, &request(here, from), SendFlags::empty(), &kernel)?;
    let mut bytes = [0; 1024];
    let (count, _) = recv(&socket, &mut bytes, RecvFlags::empty())?;
    let answer = &bytes[..count];
    let kind = number::<2>(answer, 4).map(u16::from_ne_bytes);
    if kind != Some(BY_FAMILY) {
        // There is no such connection, or nothing here that can tell.
        let code = number::<4>(answer, 16).map(i32::from_ne_bytes);
        return match code {
            Some(code) if code == -Errno::NOENT.raw_os_error() => Ok(None),
            _ => Err(Errno::NOTSUP),
        };
    }
    let user = number::<4>(answer, USER).map(u32::from_ne_bytes);
    let inode = number::<4>(answer, USER + 4).map(u32::from_ne_bytes);
    Ok(user.filter(|_| inode.is_some_and(|inode| inode != 0)))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

fn request(here: SocketAddr, from: SocketAddr) -> [u8; ASKED] {
    let mut bytes = [0; ASKED];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    let family = match from {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    put(&u32::try_from(ASKED).unwrap_or_default().to_ne_bytes());
    put(&BY_FAMILY.to_ne_bytes());
    put(&REQUEST.to_ne_bytes());
    put(&[0; 8]);
    put(&[u8::try_from(family.as_raw()).unwrap_or_default(), TCP, 0, 0]);
    // In whatever state.
    put(&u32::MAX.to_ne_bytes());
    // Theirs is the source.
    put(&from.port().to_be_bytes());
    put(&here.port().to_be_bytes());
    put(&octets(from.ip()));
    put(&octets(here.ip()));
    put(&[0; 4]);
    // `INET_DIAG_NOCOOKIE`.
    put(&[0xff; 8]);
    bytes
}

fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V6(address) => address.octets(),
        IpAddr::V4(address) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&address.octets());
            bytes
        }
    }
}

/// As [`asked`], by the list of all connections.
fn listed(here: SocketAddr, from: SocketAddr) -> Option<u32> {
    let file = match from {
        SocketAddr::V4(_) => "/proc/net/tcp",
        SocketAddr::V6(_) => "/proc/net/tcp6",
    };
    find(&fs::read_to_string(file).ok()?, here, from)
}

fn find(list: &str, here: SocketAddr, from: SocketAddr) -> Option<u32> {
    let (theirs, ours) = (written(from), written(here));
    list.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let is_it = words.next()? == theirs && words.next()? == ours;
        // State, queues, timer and retransmissions stand between.
        let user = words.nth(4)?.parse().ok()?;
        let inode = words.nth(1)?;
        (is_it && inode != "0").then_some(user)
    })
}

/// An address as the list has it: words of the machine's own order.
fn written(address: SocketAddr) -> String {
    let octets = octets(address.ip());
    let length = match address {
        SocketAddr::V4(_) => 4,
        SocketAddr::V6(_) => 16,
    };
    let words = octets[..length].chunks_exact(4);
    let mut text: String = words
        .filter_map(|word| word.try_into().ok())
        .map(|word| format!("{:08X}", u32::from_ne_bytes(word)))
        .collect();
    text.push_str(&format!(":{:04X}", address.port()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_the_same() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let stream = std::net::TcpStream::connect(here).unwrap();
        let from = stream.local_addr().unwrap();
        let me = Some(rustix::process::geteuid().as_raw());
        assert_eq!(listed(here, from), me);
        assert_eq!(listed(from, here), None, "nobody has accepted it yet");
    }

    #[test]
    fn a_line_is_read() {
        let list = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 20 4 30 10 -1\n   \
            1: 0100007F:1F91 0100007F:C350 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0\n";
        if cfg!(target_endian = "little") {
            let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
            assert_eq!(find(list, at(50000), at(8080)), Some(1000));
            assert_eq!(find(list, at(50000), at(8081)), None);
            assert_eq!(find(list, at(8080), at(50000)), None);
        }
    }
}
