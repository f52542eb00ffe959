//! `http-request` on a real network of this machine, with servers that mean no good.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use latchkey_engine::node::Attempt;
use latchkey_nodes::RemoteFiles;
use latchkey_outbound::{Config, Outbound};

use super::world::{World, outcome, pool};

/// A server that sends this to everybody, then the second part again and again until the client leaves.
async fn server(head: &'static [u8], more: &'static [u8]) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            open.spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                let _ = socket.read(&mut buffer).await;
                let mut sent = socket.write_all(head).await;
                while sent.is_ok() && !more.is_empty() {
                    sent = socket.write_all(more).await;
                }
                // Nothing more comes, but the connection stays.
                let _ = socket.read(&mut buffer).await;
            });
        }
    });
    (at, tasks)
}

async fn get(url: &str, allow: &str, more: Json) -> Attempt {
    let outbound = Outbound::new(Config {
        allow: vec![allow.parse().unwrap()],
        ..Config::default()
    });
    let outbound = outbound.unwrap();
    let files = Arc::new(RemoteFiles::new(outbound.clone()));
    let mut data = json!({"method": "get", "url": url, "headers": "", "params": ""});
    for (key, value) in more.as_object().unwrap() {
        data[key] = value.clone();
    }
    let world = World::over(outbound, files);
    world.run("http-request", data, pool(json!({}))).await
}

fn failure(attempt: Attempt) -> (String, String) {
    let failure = attempt.outcome.unwrap_err();
    (failure.error_type.to_string(), failure.message)
}

#[tokio::test]
async fn a_private_address_is_refused_in_clear_words() {
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:9/",
        "http://2130706433:9/",
        "http://[::1]:9/",
        "http://10.0.0.1/",
    ] {
        let (class, text) = failure(get(url, "192.0.2.0/24", json!({})).await);
        assert_eq!(class, "HttpRequestNodeError", "{url}");
        assert!(
            text.contains("private or local and not allowed by the operator"),
            "{url}: {text}"
        );
    }
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused_too() {
    let head = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n";
    let (at, _tasks) = server(head, b"").await;
    let attempt = get(&format!("http://{at}/"), "127.0.0.0/8", json!({})).await;
    let (class, text) = failure(attempt);
    assert_eq!(class, "HttpRequestNodeError");
    assert_eq!(
        text,
        "the address 169.254.169.254 (after a redirect) is private or local and not allowed by the operator"
    );
}

#[tokio::test]
async fn a_circle_of_redirects_is_left() {
    let head =
        b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (at, _tasks) = server(head, b"").await;
    let attempt = get(&format!("http://{at}/"), "127.0.0.0/8", json!({})).await;
    assert_eq!(failure(attempt).1, "more than 20 redirects");
}

#[tokio::test]
async fn whoever_says_nothing_is_left_in_time() {
    let (at, _tasks) = server(b"", b"").await;
    let started = Instant::now();
    let limits = json!({"timeout": {"connect": 5, "read": 1, "write": 5}});
    let attempt = get(&format!("http://{at}/"), "127.0.0.0/8", limits).await;
    let expected = (
        "HttpRequestNodeError".to_owned(),
        "no answer within 1 s".to_owned(),
    );
    assert_eq!(failure(attempt), expected);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_is_too_long_is_not_read_to_its_end() {
    for (head, text) in [
        (
            &b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n"[..],
            "Text size is too large, max size is 1.00 MB, but current size is more.",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n",
            "File size is too large, max size is 10.00 MB, but current size is more.",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 10737418240\r\n\r\n",
            "File size is too large, max size is 10.00 MB, but current size is more.",
        ),
    ] {
        let (at, _tasks) = server(head, &[b'x'; 64 * 1024]).await;
        let attempt = get(&format!("http://{at}/"), "127.0.0.0/8", json!({})).await;
        let expected = ("ResponseSizeError".to_owned(), text.to_owned());
        assert_eq!(failure(attempt), expected);
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_read_all_the_same() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nx-odd: \xff\xfe\r\ncontent-length: 3\r\n\r\na\xffb";
    let (at, _tasks) = server(head, b"").await;
    let attempt = get(&format!("http://{at}/"), "127.0.0.0/8", json!({})).await;
    let outputs = outcome(&attempt).unwrap();
    assert_eq!(outputs["body"], "a\u{fffd}b");
    assert_eq!(outputs["headers"]["x-odd"], "\u{fffd}\u{fffd}");
}

#[tokio::test]
async fn an_answer_without_a_body_is_not_waited_for() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 100\r\n\r\n";
    let (at, _tasks) = server(head, b"").await;
    let attempt = get(
        &format!("http://{at}/"),
        "127.0.0.0/8",
        json!({"method": "head"}),
    )
    .await;
    let outputs = outcome(&attempt).unwrap();
    assert_eq!(
        (&outputs["status_code"], &outputs["body"]),
        (&json!(200), &json!(""))
    );
}
