//! The server, asked by whoever means it ill.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests touch the machine and may panic"
)]

mod connections;
mod line;
mod table;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use assumerole_core::Credentials;
use assumerole_host::clock::SystemClock;
use assumerole_host::peer::own_user;
use assumerole_server::{Door, Given, Limits, Offers, Refusal, Rules, Server, Token};
use secrecy::ExposeSecret as _;

struct Stage {
    _server: Server,
    address: SocketAddr,
    token: String,
}

impl Stage {
    fn of(user: u32, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let offers = Arc::new(Offers::new(Arc::new(SystemClock::new())));
        offers.give(
            "read",
            Given {
                credentials: Credentials {
                    access_key_id: "ASIA1".to_owned(),
                    secret_access_key: "hush".into(),
                    session_token: Some("hush".into()),
                    expires: None,
                },
                ends: None,
                account: None,
                region: None,
                afterwards: Refusal::nothing_to_give("ended"),
            },
        );
        let token = Token::random().unwrap();
        let rules = Rules {
            hosts: Some(vec![address.to_string()]),
            token: token.clone(),
            user,
            instance: false,
        };
        Self {
            _server: Server::start(Door::Port(listener), rules, limits, offers).unwrap(),
            address,
            token: token.secret().expose_secret().to_owned(),
        }
    }

    fn new() -> Self {
        Self::of(own_user(), Limits::default())
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        let long = Some(Duration::from_secs(60));
        stream.set_read_timeout(long).unwrap();
        stream
    }

    fn request(&self) -> String {
        format!(
            "GET /role/read HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n",
            self.address, self.token
        )
    }
}
