//! Looking up host names. The HTTP client's own way is a thread of the
//! runtime's pool, which panics where none can be started.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::thread;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use tokio::sync::oneshot;

/// Asks the system, on a thread of its own, so that time-outs count. Where no
/// thread can be started (`ulimit -u`), on this one: late is better than never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move { look_up(name).await.map_err(ResolveDnsError::new) })
    }
}

async fn look_up(name: &str) -> io::Result<Vec<IpAddr>> {
    let (sender, receiver) = oneshot::channel();
    let asked = name.to_owned();
    let thread = thread::Builder::new().name("name look-up".to_owned());
    let started = thread.spawn(move || {
        // Nobody waits any more: the time was up.
        let _ = sender.send(addresses(&asked));
    });
    match started {
        Ok(_) => receiver.await.map_err(io::Error::other)?,
        Err(_) => addresses(name),
    }
}

fn addresses(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|at| at.ip()).collect())
}
