//! Servers whose certificate nobody vouches for.

use std::net::SocketAddr;
use std::sync::Arc;

use latchkey_outbound::{Config, Error, Outbound, Request, install_crypto};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server with a certificate that it made itself, for another name.
async fn server() -> (SocketAddr, JoinSet<()>) {
    install_crypto();
    let made = rcgen::generate_simple_self_signed(vec!["other.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            // Whoever does not believe the certificate leaves here.
            let Ok(mut stream) = acceptor.accept(socket).await else {
                continue;
            };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (at, tasks)
}

#[tokio::test]
async fn a_certificate_is_believed_only_where_a_request_says_so() {
    let (at, _tasks) = server().await;
    let client = Outbound::new(Config {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..Config::default()
    });
    let client = client.unwrap();
    let request = || Request::get(&format!("https://{at}/"));
    for _ in 0..2 {
        let refused = client.send(request()).await.unwrap_err();
        assert!(matches!(refused, Error::Unreachable(_)), "{refused:?}");
        let answer = client.send(request().any_certificate()).await.unwrap();
        assert_eq!(&answer.bytes().await.unwrap()[..], b"hi");
    }
}
