//! Code that may have a network: it reaches one socket, and nothing else of any network.

use std::net::TcpListener as HostListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_sandbox::{Network, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::world::{World, config};

/// What the networks of a sandbox have seen.
#[derive(Clone, Default)]
struct Seen {
    ports: Arc<Mutex<Vec<u16>>>,
    ended: Arc<AtomicUsize>,
}

/// Counts when it is dropped.
struct Ended(Arc<AtomicUsize>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A sandbox whose proxy answers every request with the line that it was asked.
fn world() -> (World, Seen) {
    let seen = Seen::default();
    let told = seen.clone();
    let network = Network::new(move |listener: TcpListener| {
        let ended = Ended(Arc::clone(&told.ended));
        let port = listener.local_addr().unwrap().port();
        told.ports.lock().unwrap().push(port);
        async move {
            let _ended = ended;
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let read = socket.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..read]);
                let line = head.lines().next().unwrap_or_default();
                let length = line.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{line}"
                );
                // A client that has left needs no answer.
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        }
    });
    let sandbox = Sandbox::new(config()).with_network(network);
    (World(sandbox), seen)
}

#[tokio::test]
async fn libraries_find_the_proxy_by_themselves() {
    let (world, seen) = world();
    let urllib = "import urllib.request\nreturn {'r': urllib.request.urlopen('http://any.test/x').read().decode()}";
    assert_eq!(
        world.seen(urllib).await,
        json!({"r": "GET http://any.test/x HTTP/1.1"})
    );
    // An event loop opens its connections without blocking.
    let asynchronous = "import asyncio\nasync def ask():\n    port = int(os.environ['http_proxy'].rsplit(':')[-1])\n    \
        reader, writer = await asyncio.open_connection('127.0.0.1', port)\n    writer.writelines([b'GET http://a.test/ HTTP/1.1\\r\\n', b'\\r\\n'])\n    \
        return (await reader.read()).decode().splitlines()[-1]\nreturn {'r': asyncio.run(ask())}";
    assert_eq!(
        world.seen(asynchronous).await,
        json!({"r": "GET http://a.test/ HTTP/1.1"})
    );
    world.0.close().await;
    assert_eq!(seen.ended.load(Ordering::SeqCst), 2, "a network goes on");
}

#[tokio::test]
async fn nothing_else_is_reached() {
    let (world, _) = world();
    let host = HostListener::bind("127.0.0.1:0").unwrap();
    let port = host.local_addr().unwrap().port();
    for address in [
        format!("('127.0.0.1', {port})"),
        "('127.0.0.1', 1)".to_owned(),
        "('127.0.0.2', 80)".to_owned(),
        "('0.0.0.0', 80)".to_owned(),
        "('10.0.0.1', 80)".to_owned(),
        "('169.254.169.254', 80)".to_owned(),
        "('93.184.216.34', 443)".to_owned(),
    ] {
        let body = format!("import socket\nsocket.create_connection({address}, 2)");
        let why = world.refused(&body).await;
        let parts = ["Permission denied", "unreachable", "refused"];
        assert!(
            parts.iter().any(|part| why.contains(part)),
            "{address}: {why}"
        );
    }
    let by_name = "import socket\nsocket.create_connection(('example.com', 443), 2)";
    let why = world.refused(by_name).await;
    assert!(
        why.contains("name resolution") || why.contains("not known"),
        "{why}"
    );
    host.set_nonblocking(true).unwrap();
    assert!(
        host.accept().is_err(),
        "somebody came to a socket of the machine"
    );
}

#[tokio::test]
async fn no_other_socket_can_be_made() {
    let (world, _) = world();
    for body in [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket().listen()",
        "socket.create_server(('127.0.0.1', 0))",
        "socket.socket().setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)",
        "socket.socket().setsockopt(socket.IPPROTO_TCP, 31, b'tls')",
    ] {
        let why = world.refused(&format!("import socket\n{body}")).await;
        assert!(why.contains("not permitted"), "{body}: {why}");
    }
}

#[tokio::test]
async fn one_job_does_not_reach_the_proxy_of_another() {
    let (world, seen) = world();
    let world = Arc::new(world);
    let waits =
        "import time\ntime.sleep(4)\nreturn {'own': int(os.environ['http_proxy'].rsplit(':')[-1])}";
    let other = async {
        let port = loop {
            if let Some(port) = seen.ports.lock().unwrap().first() {
                break *port;
            }
            tokio::task::yield_now().await;
        };
        // Networks count their ports for themselves, so the two may have the same one.
        let body = format!(
            "import socket\nif os.environ['http_proxy'].endswith(':{port}'): raise OSError('Permission denied')\nsocket.create_connection(('127.0.0.1', {port}), 2)"
        );
        world.refused(&body).await
    };
    let (_, why) = tokio::join!(world.seen(waits), other);
    let parts = ["Permission denied", "refused"];
    assert!(parts.iter().any(|part| why.contains(part)), "{why}");
}

#[tokio::test]
async fn only_python_is_told_of_it() {
    let (world, seen) = world();
    let environment = world.seen("return dict(os.environ)").await;
    let mut names: Vec<&str> = environment
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.retain(|name| !["LC_CTYPE", "SSL_CERT_FILE"].contains(name));
    names.sort_unstable();
    let proxies = [
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "all_proxy",
        "http_proxy",
        "https_proxy",
    ];
    assert_eq!(names, proxies);
    let script =
        "function main() { return {r: [typeof fetch, typeof XMLHttpRequest, typeof require]} }";
    let answer = world.javascript(script, json!({})).await.unwrap();
    assert_eq!(
        answer,
        json!({"r": ["undefined", "undefined", "undefined"]})
    );
    // That of the first job may not have begun yet, since it asked for nothing.
    assert!(seen.ports.lock().unwrap().len() <= 1);
}

#[tokio::test]
async fn the_machines_certificates_are_trusted() {
    let (world, _) = world();
    let bundle = std::path::Path::new("/etc/ssl/certs/ca-certificates.crt");
    let body = "import ssl\nreturn {'n': ssl.create_default_context().cert_store_stats()['x509_ca'] > 0, 'file': os.environ.get('SSL_CERT_FILE')}";
    let answer = world.seen(body).await;
    if bundle.is_file() {
        assert_eq!(answer["n"], json!(true), "{answer}");
    } else {
        println!("no certificates where this test looks for them: not compared");
    }
}

#[tokio::test]
async fn the_machine_tells_whether_it_is_reached() {
    let (with, _) = world();
    assert_eq!(with.0.check().await.network, Some(Ok(())));
    assert_eq!(World::new().0.check().await.network, None);
}

#[tokio::test]
async fn a_job_that_ends_while_it_talks_takes_its_network_along() {
    let (world, seen) = world();
    let body = "import socket, time\nport = int(os.environ['http_proxy'].rsplit(':')[-1])\nopen = socket.create_connection(('127.0.0.1', port))\nos._exit(3)";
    let why = world.refused(body).await;
    assert!(why.contains("exit code 3"), "{why}");
    for _ in 0..500 {
        // The refused one, and any other that the harness has run.
        let begun = seen.ports.lock().unwrap().len();
        if begun > 0 && seen.ended.load(Ordering::SeqCst) == begun {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a network goes on");
}
