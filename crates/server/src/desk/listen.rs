//! The thread that answers visitors.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use assumerole_host::peer;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use super::Event;
use super::judge::{Admission, DeskRules, Refused, Visit, judge};
use super::pages::{Back, DONE, Pages, REFUSED};
use crate::judge::Peer;

/// Bytes of a request; a code of a sign-in has hundreds.
const LARGEST: usize = 16 * 1024;

/// Headers of a request; browsers send twenty.
const MOST_HEADERS: usize = 64;

/// Visitors at once.
const MOST_VISITORS: usize = 64;

/// How long a visitor may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait where no connection can be had.
const SHORT_OF: Duration = Duration::from_millis(20);

/// Answers until it is dropped.
pub(super) struct Attendant {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Room {
    rules: DeskRules,
    pages: Pages,
    events: Sender<Event>,
}

impl Attendant {
    pub(super) fn start(
        listener: TcpListener,
        rules: DeskRules,
        pages: Pages,
    ) -> io::Result<(Self, Receiver<Event>)> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let (events, happened) = channel();
        let room = Arc::new(Room {
            rules,
            pages,
            events,
        });
        listener.set_nonblocking(true)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let thread = Builder::new()
            .name("desk".to_owned())
            .stack_size(512 * 1024);
        let thread = thread.spawn(move || runtime.block_on(listen(listener, room, stopped)))?;
        let listener = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        Ok((listener, happened))
    }
}

impl Drop for Attendant {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listen(
    listener: tokio::net::TcpListener,
    room: Arc<Room>,
    mut stop: oneshot::Receiver<()>,
) {
    let places = Arc::new(Semaphore::new(MOST_VISITORS));
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let accepted = tokio::select! {
            _ = &mut stop => break,
            accepted = async {
                let place = place.await.ok();
                Ok::<_, io::Error>((listener.accept().await?, place))
            } => accepted,
        };
        let Ok(((stream, from), place)) = accepted else {
            sleep(SHORT_OF).await;
            continue;
        };
        let room = Arc::clone(&room);
        tokio::spawn(async move {
            let _place = place;
            let peer = match stream.local_addr() {
                Ok(here) => peer::user_at(here, from).map_or(Peer::Unknown, Peer::User),
                Err(_) => Peer::Unknown,
            };
            let _ = timeout(PATIENCE, connection(stream, peer, room)).await;
        });
    }
    // Whoever was told where to go may still be reading it.
    let all = u32::try_from(MOST_VISITORS).unwrap_or(1);
    let _ = timeout(Duration::from_secs(1), places.acquire_many(all)).await;
}

async fn connection(stream: TcpStream, peer: Peer, room: Arc<Room>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let response = answer(&request, peer, &room);
        async move { Ok::<_, Infallible>(response) }
    });
    let _ = http1::Builder::new()
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST)
        .auto_date_header(false)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(request: &Request<Incoming>, peer: Peer, room: &Room) -> Response<Full<Bytes>> {
    let visit = Visit {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        peer,
    };
    let found = room.pages.find(visit.uri.path());
    let tell = |event| {
        let _ = room.events.send(event);
    };
    match judge(&visit, &room.rules, &found) {
        Admission::Take(number) => match room.pages.take(number).as_ref().and_then(location) {
            Some(location) => {
                tell(Event::Taken(number));
                redirect(location)
            }
            None => refusal(&gone()),
        },
        Admission::Back => back(visit.uri, room),
        Admission::End(granted) => {
            tell(Event::Ended);
            let text = match granted {
                true => "You may close this window and go back to the terminal.",
                false => "The sign-in was refused. The terminal says why.",
            };
            page(StatusCode::OK, text)
        }
        Admission::Foreign(number, user) => {
            room.pages.spend(number);
            tell(Event::Foreign(number, user));
            refusal(&gone())
        }
        Admission::Again(number) => {
            tell(Event::Again(number));
            refusal(&gone())
        }
        Admission::Refused(refused) => refusal(&refused),
    }
}

/// Takes what a sign-in has sent, if it is the one that is waited for.
fn back(uri: &Uri, room: &Room) -> Response<Full<Bytes>> {
    let query = uri.query().unwrap_or_default();
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, text)| text);
        let first = values.next()?;
        let text = first.replace('+', " ");
        let text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        values.next().is_none().then_some(text)
    };
    let state = value("state").map(Zeroizing::new);
    if !state.is_some_and(|state| room.pages.comes_back(&state)) {
        return refusal(&Refused {
            status: StatusCode::FORBIDDEN,
            message: "this is not the sign-in that is waited for",
        });
    }
    let code = match (value("code"), value("error")) {
        (Some(code), None) => Ok(SecretString::from(code)),
        (_, Some(error)) => Err(match value("error_description") {
            Some(description) => format!("{error}: {description}"),
            None => error,
        }),
        (None, None) => Err("it sent no code".to_owned()),
    };
    let there = match &code {
        Ok(_) => DONE,
        Err(_) => REFUSED,
    };
    let _ = room.events.send(Event::Back(Back { code }));
    redirect(HeaderValue::from_static(there))
}

fn location(url: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(url.expose_secret()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn redirect(location: HeaderValue) -> Response<Full<Bytes>> {
    let mut response = page(StatusCode::SEE_OTHER, "");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn gone() -> Refused {
    Refused {
        status: StatusCode::FORBIDDEN,
        message: "this page can be had once, by the person whose it is",
    }
}

fn refusal(refused: &Refused) -> Response<Full<Bytes>> {
    page(refused.status, refused.message)
}

/// A page that says `text`, which is ours.
fn page(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let body = match text {
        "" => String::new(),
        text => {
            format!(
                "<!doctype html>\n<meta charset=\"utf-8\">\n<title>assumerole</title>\n<p>{text}</p>\n"
            )
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONNECTION, "close"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
