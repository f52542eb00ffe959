//! The proxy of confined code: what it carries, what it refuses, and where it stops.

use std::net::SocketAddr;
use std::time::Duration;

use latchkey_outbound::{Config, Proxy, ProxyLimits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Long enough for anything that is to happen.
const SOON: Duration = Duration::from_secs(10);

/// A proxy on a port of its own.
struct World {
    at: SocketAddr,
    tasks: JoinSet<()>,
}

impl World {
    async fn start(allow: &[&str], limits: ProxyLimits) -> Self {
        let config = Config {
            allow: allow.iter().map(|range| range.parse().unwrap()).collect(),
            ..Config::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let proxy = Proxy::new(&config, limits);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { proxy.serve(listener).await });
        Self { at, tasks }
    }

    /// One that may reach this machine.
    async fn local() -> Self {
        Self::start(&["127.0.0.0/8"], ProxyLimits::default()).await
    }

    /// Says something and answers the connection with what came first.
    async fn said(&self, text: &str) -> (TcpStream, String) {
        let mut socket = TcpStream::connect(self.at).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = timeout(SOON, socket.read(&mut answer)).await.unwrap();
        answer.truncate(read.unwrap());
        (socket, String::from_utf8(answer).unwrap())
    }

    /// Says something and answers everything that comes until the end.
    async fn whole(&self, text: &str) -> String {
        let mut socket = TcpStream::connect(self.at).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(SOON, socket.read_to_end(&mut answer)).await;
        read.unwrap().unwrap();
        String::from_utf8(answer).unwrap()
    }
}

/// A server that repeats what it is sent, until the client has said everything.
async fn echo(tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            open.spawn(async move {
                let (mut from, mut to) = socket.split();
                // Whoever leaves early ends it.
                let _ = tokio::io::copy(&mut from, &mut to).await;
                let _ = to.shutdown().await;
            });
        }
    });
    at
}

#[tokio::test]
async fn a_tunnel_carries_both_ways() {
    let mut world = World::local().await;
    let server = echo(&mut world.tasks).await;
    // What comes with the head belongs to the server.
    let asked = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\nearly ");
    let (mut socket, answer) = world.said(&asked).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    socket.write_all(b"late").await.unwrap();
    socket.shutdown().await.unwrap();
    let mut heard = answer.split_once("\r\n\r\n").unwrap().1.as_bytes().to_vec();
    let rest = timeout(SOON, socket.read_to_end(&mut heard)).await;
    rest.unwrap().unwrap();
    assert_eq!(heard, b"early late");
}

#[tokio::test]
async fn a_request_reaches_the_host_of_its_url() {
    let mut world = World::local().await;
    let server = echo(&mut world.tasks).await;
    let asked = format!(
        "POST http://{server}/x?y=1 HTTP/1.1\r\nHost: other\r\nContent-Length: 2\r\n\r\nhi"
    );
    let (_socket, heard) = world.said(&asked).await;
    let told = format!(
        "POST /x?y=1 HTTP/1.1\r\nHost: {server}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
    );
    assert_eq!(heard, told);
}

#[tokio::test]
async fn private_places_are_refused_in_every_notation() {
    let world = World::start(&[], ProxyLimits::default()).await;
    let own = world.at.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00::1]",
        "[fe80::1]",
    ] {
        for asked in [
            format!("CONNECT {host}:{own} HTTP/1.1\r\n\r\n"),
            format!("GET http://{host}:{own}/ HTTP/1.1\r\n\r\n"),
        ] {
            let answer = world.whole(&asked).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
            let first = answer.lines().next().unwrap();
            assert!(first.contains("private or local"), "{host}: {answer}");
        }
    }
}

#[tokio::test]
async fn ports_of_other_services_are_closed() {
    let world = World::local().await;
    for port in [0, 22, 25, 53, 445, 587] {
        let asked = format!("CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n");
        let answer = world.whole(&asked).await;
        let closed = format!("HTTP/1.1 403 port {port} is closed to code");
        assert!(answer.starts_with(&closed), "{answer}");
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_told() {
    let world = World::local().await;
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    for (asked, status) in [
        (format!("CONNECT {gone} HTTP/1.1\r\n\r\n"), 502),
        (
            "CONNECT no.such.invalid:443 HTTP/1.1\r\n\r\n".to_owned(),
            502,
        ),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("\x16\x03\x01\x02\r\n\r\n".to_owned(), 400),
        (
            format!("GET http://{gone}/ HTTP/1.1\r\nX: {}", "x".repeat(70_000)),
            431,
        ),
    ] {
        let answer = world.whole(&asked).await;
        let shown: String = asked.chars().take(40).collect();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_download_without_end_is_cut_and_nothing_is_begun_after_it() {
    let limits = ProxyLimits {
        bytes: 100_000,
        ..ProxyLimits::default()
    };
    let mut world = World::start(&["127.0.0.0/8"], limits).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    world.tasks.spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let mut socket = TcpStream::connect(world.at).await.unwrap();
    let asked = format!("GET http://{server}/ HTTP/1.1\r\n\r\n");
    socket.write_all(asked.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    // It may be cut with a reset.
    let _ = timeout(SOON, socket.read_to_end(&mut heard)).await.unwrap();
    assert!(heard.len() <= 100_000, "{} bytes", heard.len());
    let answer = world.whole(&asked).await;
    assert!(
        answer.starts_with("HTTP/1.1 403 this code has moved more than 100000 bytes"),
        "{answer}"
    );
}

#[tokio::test]
async fn connections_are_counted_and_more_of_them_wait() {
    let limits = ProxyLimits {
        at_once: 1,
        connections: 2,
        ..ProxyLimits::default()
    };
    let mut world = World::start(&["127.0.0.0/8"], limits).await;
    let server = echo(&mut world.tasks).await;
    let asked = format!("CONNECT {server} HTTP/1.1\r\n\r\n");
    let (first, answer) = world.said(&asked).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let mut second = TcpStream::connect(world.at).await.unwrap();
    second.write_all(asked.as_bytes()).await.unwrap();
    let mut byte = [0];
    let early = timeout(Duration::from_millis(200), second.read(&mut byte)).await;
    assert!(early.is_err(), "the second did not wait for the first");
    drop(first);
    let read = timeout(SOON, second.read(&mut byte)).await;
    assert_eq!(read.unwrap().unwrap(), 1);
    drop(second);
    let third = world.whole(&asked).await;
    assert!(
        third.starts_with("HTTP/1.1 403 this code has made more than 2 connections"),
        "{third}"
    );
}

#[tokio::test]
async fn nothing_is_left_when_the_job_is_over() {
    let mut servers = JoinSet::new();
    let server = echo(&mut servers).await;
    let mut world = World::local().await;
    let asked = format!("CONNECT {server} HTTP/1.1\r\n\r\n");
    let (mut socket, answer) = world.said(&asked).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    world.tasks.shutdown().await;
    let mut heard = Vec::new();
    let end = timeout(SOON, socket.read_to_end(&mut heard)).await;
    let end = end.expect("the connection goes on");
    assert!(end.is_err() || heard.is_empty(), "{heard:?}");
    assert!(TcpStream::connect(world.at).await.is_err());
}

#[tokio::test]
async fn an_answer_that_comes_before_the_end_of_the_question_arrives() {
    let mut world = World::local().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    world.tasks.spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // It has read nothing when it closes.
            let answer = b"HTTP/1.1 413 no\r\nConnection: close\r\n\r\n";
            socket.write_all(answer).await.unwrap();
        }
    });
    for _ in 0..20 {
        let mut socket = TcpStream::connect(world.at).await.unwrap();
        let asked = format!("POST http://{server}/ HTTP/1.1\r\nContent-Length: 400000\r\n\r\n");
        socket.write_all(asked.as_bytes()).await.unwrap();
        for _ in 0..100 {
            // It may be told before it has said everything.
            let _ = socket.write_all(&[b'x'; 4000]).await;
        }
        let mut heard = vec![0; 100];
        let read = timeout(SOON, socket.read(&mut heard)).await.unwrap();
        assert!(heard.starts_with(b"HTTP/1.1 413"), "{read:?}");
    }
}
