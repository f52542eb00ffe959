//! Servers that mean no good: redirects to where nobody may go, bodies without end, bombs, lies about lengths.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use latchkey_outbound::{Config, Deadlines, Error, Method, Outbound, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What a server does with a connection after it has read a request.
enum Answer {
    /// Sends this and closes.
    Once(Vec<u8>),
    /// Sends the first, then the second again and again, with a pause before each.
    Endless(Vec<u8>, Vec<u8>, Duration),
}

/// A server on a port of its own, and the heads of the requests that it got.
struct Server {
    at: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn answering(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&heads);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut buffer = vec![0; 16 * 1024];
                let read = socket.read(&mut buffer).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&buffer[..read]).into_owned();
                let answer = answer(&head);
                seen.lock().unwrap().push(head);
                open.spawn(reply(socket, answer));
            }
        });
        Self {
            at,
            heads,
            _tasks: tasks,
        }
    }

    async fn sending(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::answering(move |_| Answer::Once(bytes.clone())).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// A client that leaves early ends it.
async fn reply(mut socket: TcpStream, answer: Answer) {
    match answer {
        Answer::Once(bytes) => {
            let _ = socket.write_all(&bytes).await;
            let _ = socket.shutdown().await;
        }
        Answer::Endless(head, piece, pause) => {
            let mut next = head;
            while socket.write_all(&next).await.is_ok() {
                tokio::time::sleep(pause).await;
                next.clone_from(&piece);
            }
        }
    }
}

fn client() -> Outbound {
    Outbound::new(Config {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..Config::default()
    })
    .unwrap()
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into()
}

async fn follow(server: &Server, most: u8) -> Result<Response, Error> {
    let request = Request::get(&server.url("/start")).follow_redirects(most);
    client().send(request).await
}

#[tokio::test]
async fn redirects_are_followed_where_they_are_asked_for() {
    let server = Server::answering(|head| {
        Answer::Once(if head.starts_with("POST /start ") {
            redirect(303, "/end?x=1")
        } else {
            b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere".to_vec()
        })
    })
    .await;
    let request = Request::new(Method::new("POST"), &server.url("/start"))
        .header("content-type", "text/plain")
        .body("body")
        .follow_redirects(1);
    let answer = client().send(request).await.unwrap();
    assert_eq!(&answer.bytes().await.unwrap()[..], b"here");
    let heads = server.heads();
    assert!(
        heads[1].starts_with("GET /end?x=1 HTTP/1.1\r\n"),
        "{}",
        heads[1]
    );
    assert!(!heads[1].contains("text/plain"), "{}", heads[1]);
}

#[tokio::test]
async fn every_address_on_the_way_is_looked_at() {
    for to in [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://0xa9fea9fe/",
        "//10.0.0.1/",
        "http://[::1]:9/",
    ] {
        let server = Server::sending(redirect(302, to)).await;
        let error = follow(&server, 5).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{to}: {error:?}");
        assert!(
            error.to_string().contains("(after a redirect) is private"),
            "{error}"
        );
        assert_eq!(server.heads().len(), 1);
    }
    for to in [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://a@127.0.0.1/",
        "http://[",
    ] {
        let server = Server::sending(redirect(302, to)).await;
        let error = follow(&server, 5).await.unwrap_err();
        assert!(matches!(error, Error::Url(_)), "{to}: {error:?}");
    }
}

#[tokio::test]
async fn a_circle_of_redirects_has_an_end() {
    let server = Server::sending(redirect(307, "/start")).await;
    let error = follow(&server, 3).await.unwrap_err();
    assert_eq!(error, Error::Redirects(3));
    assert_eq!(server.heads().len(), 4);
}

#[tokio::test]
async fn no_key_goes_to_another_origin() {
    let other = Server::sending("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let first = Server::sending(redirect(307, &other.url("/"))).await;
    let request = Request::get(&first.url("/"))
        .header("Authorization", "Bearer test-key-acme")
        .header("Cookie", "test-key-acme")
        .sensitive_header("X-Key", "test-key-acme")
        .header("X-Plain", "plain")
        .follow_redirects(2);
    client().send(request).await.unwrap();
    let (first, other) = (first.heads().remove(0), other.heads().remove(0));
    assert_eq!(first.matches("test-key-acme").count(), 3, "{first}");
    assert!(
        !other.contains("test-key-acme") && other.contains("plain"),
        "{other}"
    );
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let server = Server::answering(|_| {
        let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        Answer::Endless(head, vec![b'x'; 64 * 1024], Duration::ZERO)
    })
    .await;
    let request = Request::get(&server.url("/")).max_body(1024 * 1024);
    let read = client().send(request).await.unwrap().bytes().await;
    assert_eq!(read, Err(Error::TooLarge(1024 * 1024)));
}

#[tokio::test]
async fn a_slow_body_has_a_deadline_as_a_whole() {
    let server = Server::answering(|_| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n".to_vec();
        Answer::Endless(head, b"x".to_vec(), Duration::from_millis(5))
    })
    .await;
    let total = Duration::from_millis(200);
    let request = Request::get(&server.url("/")).deadlines(Deadlines {
        head: total,
        idle: Duration::from_secs(60),
        total,
    });
    let read = client().send(request).await.unwrap().bytes().await;
    assert_eq!(read, Err(Error::Timeout(total)));
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn what_comes_compressed_is_measured_by_what_comes_out() {
    let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    let server = Server::sending(compressed(&bomb)).await;
    let request = Request::get(&server.url("/"))
        .decompressed()
        .max_body(1024 * 1024);
    let read = client().send(request).await.unwrap().bytes().await;
    assert_eq!(read, Err(Error::TooLarge(1024 * 1024)));
    assert!(server.heads()[0].contains("gzip"), "{}", server.heads()[0]);
}

#[tokio::test]
async fn only_who_asks_gets_an_answer_decompressed() {
    let server = Server::sending(compressed(&gzip(b"hello"))).await;
    let read = |request: Request| async { client().send(request).await.unwrap().bytes().await };
    let plain = read(Request::get(&server.url("/")).decompressed()).await;
    assert_eq!(&plain.unwrap()[..], b"hello");
    let raw = read(Request::get(&server.url("/"))).await;
    assert_eq!(raw.unwrap(), gzip(b"hello"));
    assert!(!server.heads()[1].contains("gzip"), "{}", server.heads()[1]);
    let broken = Server::sending(compressed(b"no gzip at all")).await;
    let error = read(Request::get(&broken.url("/")).decompressed())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
}

#[tokio::test]
async fn a_wrong_length_is_no_answer() {
    let short = Server::sending("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort").await;
    let answer = client().send(Request::get(&short.url("/"))).await.unwrap();
    let error = answer.bytes().await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    for head in [
        "content-length: -1",
        "content-length: 1\r\ncontent-length: 2",
        "\0: x",
    ] {
        let server = Server::sending(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nx")).await;
        let error = client()
            .send(Request::get(&server.url("/")))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Connection(_)), "{head}: {error:?}");
    }
}

#[tokio::test]
async fn a_header_cannot_smuggle_another_one() {
    let server = Server::sending("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for (name, value) in [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A\r\nX-B", "1"),
        ("", "1"),
        ("X-A", "\0"),
    ] {
        let request = Request::get(&server.url("/")).header(name, value);
        let error = client().send(request).await.unwrap_err();
        assert!(
            matches!(error, Error::Header(_)),
            "{name:?} {value:?}: {error:?}"
        );
    }
    let mut many = Request::get(&server.url("/"));
    for at in 0..100_000 {
        many = many.header(&format!("x-{at}"), "1");
    }
    let error = client().send(many).await.unwrap_err();
    assert!(matches!(error, Error::Header(_)), "{error:?}");
    assert!(server.heads().is_empty());
}
