//! Where a server listens, and by which names it is known there.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::{error, fs, peer};
use assumerole_server::Door;

use super::janitor::Leftover;
use super::spec::Place;

/// An open door.
pub(super) struct Opened {
    pub(super) door: Door,
    /// How programs reach it.
    pub(super) origin: String,
    /// Its names in `Host`; `None`: no name of the network leads to it.
    pub(super) hosts: Option<Vec<String>>,
    /// Whether the kernel tells who asks.
    pub(super) tells: bool,
    /// A socket goes with it.
    pub(super) file: Option<Owned>,
}

/// A file that is removed with its server.
pub(super) struct Owned(pub(super) PathBuf);

impl Owned {
    /// It, for whoever removes it when a signal ends the server.
    pub(super) fn file(&self) -> Leftover {
        Leftover {
            path: self.0.clone(),
            is_ours: Box::new(|| true),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = fs::remove(&self.0);
    }
}

/// Listens at `place`.
///
/// # Errors
/// It cannot be had.
pub(super) fn open(place: &Place) -> Result<Opened> {
    match place {
        Place::Address(address, port) => at(SocketAddr::new(*address, *port)),
        Place::Socket(path) => at_socket(path),
    }
}

fn at(wanted: SocketAddr) -> Result<Opened> {
    let failed = |error: std::io::Error| {
        let place = match wanted.port() {
            0 => wanted.ip().to_string(),
            _ => wanted.to_string(),
        };
        let failed =
            Error::new(Kind::Failed, format!("cannot listen on {place}")).called(Id::ServerFailed);
        let failed = failed.because(error::reason(&error));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => failed.hint("name another port: --port PORT"),
            std::io::ErrorKind::AddrNotAvailable => {
                failed.hint("see the addresses of this machine: ip address")
            }
            _ => failed,
        }
    };
    let listener = TcpListener::bind(wanted).map_err(failed)?;
    let here = listener.local_addr().map_err(failed)?;
    let mut hosts = vec![here.to_string()];
    if here.ip().is_loopback() {
        hosts.push(format!("localhost:{}", here.port()));
    }
    // What is left out is the port that http has.
    if here.port() == 80 {
        let name = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        hosts.push(name(here.ip()));
    }
    Ok(Opened {
        tells: here.ip().is_loopback() && tells(&listener),
        door: Door::Port(listener),
        origin: format!("http://{here}"),
        hosts: Some(hosts),
        file: None,
    })
}

/// Whether the kernel tells who asks at `listener`, which nobody else knows yet.
fn tells(listener: &TcpListener) -> bool {
    let asked = || -> std::io::Result<Option<u32>> {
        let here = listener.local_addr()?;
        let near = TcpStream::connect(here)?;
        let (far, from) = listener.accept()?;
        let user = peer::user_at(far.local_addr()?, from);
        drop(near);
        Ok(user)
    };
    asked().is_ok_and(|user| user == Some(peer::own_user()))
}

fn at_socket(path: &Path) -> Result<Opened> {
    let listener = fs::listen_at(path)?;
    Ok(Opened {
        door: Door::Socket(listener),
        origin: "http://localhost".to_owned(),
        hosts: None,
        tells: true,
        file: Some(Owned(path.to_owned())),
    })
}
