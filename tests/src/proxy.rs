//! A line to a PostgreSQL server that can be cut, and that can lose the answer to a commit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What a client sends to commit, as a simple query.
const COMMIT: &[u8] = b"COMMIT\0";

/// Commits up to the one whose answer is lost; 0: none is.
type Countdown = Arc<AtomicUsize>;

/// A proxy before a database server; it ends with this value.
pub struct Proxy {
    at: SocketAddr,
    is_open: watch::Sender<bool>,
    to_loss: Countdown,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Starts one before the server of a URL.
    ///
    /// # Panics
    /// If there is no free port, or the URL names no host and port.
    pub async fn start(url: &str) -> Self {
        Self::start_on("127.0.0.1", url).await
    }

    /// The same on another address of this machine.
    ///
    /// # Panics
    /// If there is no free port, or the URL names no host and port.
    pub async fn start_on(ip: &str, url: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).await;
        let listener = listener.expect("a port is free");
        let at = listener
            .local_addr()
            .expect("a bound socket has an address");
        let target = address(url).to_owned();
        let (is_open, opened) = watch::channel(true);
        let to_loss = Countdown::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, opened, Arc::clone(&to_loss)));
        Self {
            at,
            is_open,
            to_loss,
            _tasks: tasks,
        }
    }

    /// The URL of the server, by way of this proxy.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        url.replacen(address(url), &self.at.to_string(), 1)
    }

    /// Drops every connection, and every new one, until [`Proxy::mend`].
    pub fn cut(&self) {
        self.is_open.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.is_open.send_replace(true);
    }

    /// The commit of that number, from 1, will arrive; its answer will not: the connection is dropped instead.
    pub fn lose_commit(&self, number: usize) {
        self.to_loss.store(number, Ordering::SeqCst);
    }

    /// Whether that commit has come by.
    #[must_use]
    pub fn has_lost_it(&self) -> bool {
        self.to_loss.load(Ordering::SeqCst) == 0
    }
}

/// `postgres://user@host:port/name` → `host:port`.
fn address(url: &str) -> &str {
    let rest = url.split_once('@').expect("the URL names a user").1;
    rest.split('/').next().unwrap_or(rest)
}

async fn accept(
    listener: TcpListener,
    target: String,
    is_open: watch::Receiver<bool>,
    to_loss: Countdown,
) {
    let mut lines = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        if *is_open.borrow() {
            lines.spawn(line(
                client,
                target.clone(),
                is_open.clone(),
                Arc::clone(&to_loss),
            ));
        }
    }
}

/// One connection, until one side ends it or the proxy is cut.
async fn line(
    mut client: TcpStream,
    target: String,
    mut is_open: watch::Receiver<bool>,
    to_loss: Countdown,
) {
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    let (mut up, mut down) = (vec![0; 16_384], vec![0; 16_384]);
    loop {
        tokio::select! {
            () = cut(&mut is_open) => return,
            read = client.read(&mut up) => {
                let Some(said) = read.ok().filter(|read| *read > 0) else { return };
                if server.write_all(&up[..said]).await.is_err() {
                    return;
                }
                let commits = up[..said].windows(COMMIT.len()).any(|part| part == COMMIT);
                if commits && is_lost(&to_loss) {
                    // The answer is waited for, so that the commit is made.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Some(said) = read.ok().filter(|read| *read > 0) else { return };
                if client.write_all(&down[..said]).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn cut(is_open: &mut watch::Receiver<bool>) {
    // The proxy is gone: that cuts too.
    let _ = is_open.wait_for(|open| !open).await;
}

fn is_lost(to_loss: &Countdown) -> bool {
    let less = |number: usize| number.checked_sub(1);
    to_loss.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) == Ok(1)
}
