//! Deadlines, caps, redirects and redaction on a real socket.

use std::net::SocketAddr;
use std::time::Duration;

use latchkey_outbound::{Config, Deadlines, Error, Outbound, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A server that answers each connection with these bytes and then keeps it open.
async fn server(answer: &'static str) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            let _ = socket.read(&mut buffer).await;
            socket.write_all(answer.as_bytes()).await.unwrap();
            open.push(socket);
        }
    });
    (address, tasks)
}

fn client() -> Outbound {
    Outbound::new(Config {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..Config::default()
    })
    .unwrap()
}

fn short() -> Deadlines {
    Deadlines {
        head: Duration::from_millis(50),
        idle: Duration::from_millis(50),
        total: Duration::from_secs(5),
    }
}

#[tokio::test]
async fn an_answer_is_read_with_its_head() {
    let (at, _tasks) =
        server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Request-Id: r1\r\n\r\nhi").await;
    let answer = client()
        .send(Request::get(&format!("http://{at}/")))
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("x-request-id")),
        (200, Some("r1"))
    );
    assert_eq!(&answer.bytes().await.unwrap()[..], b"hi");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nothing_more() {
    let (at, _tasks) = server(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let answer = client()
        .send(Request::get(&format!("http://{at}/")))
        .await
        .unwrap();
    assert_eq!(answer.status, 307);
}

#[tokio::test]
async fn silence_has_an_end() {
    let (at, _tasks) = server("").await;
    let request = Request::get(&format!("http://{at}/")).deadlines(short());
    let error = client().send(request).await.unwrap_err();
    assert_eq!(error, Error::Timeout(Duration::from_millis(50)));
    assert_eq!(error.to_string(), "no answer within 50 ms");
    let (at, _tasks) = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let request = Request::get(&format!("http://{at}/")).deadlines(short());
    let error = client()
        .send(request)
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap_err();
    assert_eq!(error, Error::Timeout(Duration::from_millis(50)));
}

#[tokio::test]
async fn long_answers_are_refused_announced_or_not() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
    ] {
        let (at, _tasks) = server(answer).await;
        let request = Request::get(&format!("http://{at}/")).max_body(9);
        let told = match client().send(request).await {
            Ok(answer) => answer.bytes().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert_eq!(told, Err(Error::TooLarge(9)));
    }
}

#[tokio::test]
async fn a_closed_port_was_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let error = client()
        .send(Request::get(&format!("http://{at}/")))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}

#[test]
fn debug_shows_no_header_and_no_query() {
    let request = Request::get("https://api.example.com/v1?key=test-key-acme")
        .sensitive_header("authorization", "Bearer test-key-acme")
        .body("test-key-acme");
    assert_eq!(format!("{request:?}"), "Request(GET api.example.com)");
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_was_sent_nothing() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    // Nobody accepts, so that the queue is full after a few connections and further ones get no answer.
    let full = socket.listen(1).unwrap();
    let at = full.local_addr().unwrap();
    let mut queued = Vec::new();
    let wait = Duration::from_millis(200);
    while let Ok(Ok(one)) = tokio::time::timeout(wait, tokio::net::TcpStream::connect(at)).await {
        queued.push(one);
    }
    let client = Outbound::new(Config {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        connect: Duration::from_millis(300),
        ..Config::default()
    });
    let request = Request::get(&format!("http://{at}/"));
    let error = client.unwrap().send(request).await.unwrap_err();
    assert_eq!(error, Error::Unreachable("not within 300 ms".to_owned()));
}

#[tokio::test]
async fn of_a_refusal_the_beginning_is_read_and_not_waited_for() {
    let (at, _tasks) =
        server("HTTP/1.1 500 Oops\r\ncontent-length: 999999999999\r\n\r\nfirst words").await;
    let answer = client().send(Request::get(&format!("http://{at}/"))).await;
    let begin = answer.unwrap().beginning(5, Duration::from_secs(60)).await;
    assert_eq!(&begin[..], b"first");
    let answer = client().send(Request::get(&format!("http://{at}/"))).await;
    let begin = answer
        .unwrap()
        .beginning(99, Duration::from_millis(50))
        .await;
    assert_eq!(&begin[..], b"first words");
}
