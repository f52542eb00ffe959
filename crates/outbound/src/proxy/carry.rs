//! Bytes in both directions, counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{LISTENING, Refusal};

/// How much is carried at a time.
const PIECE: usize = 16 << 10;
/// How long a server may go on to talk to a client that has said that it is done; most have just gone.
const LINGERING: Duration = Duration::from_secs(5);

/// What has gone through for one job.
pub(super) struct Meter {
    moved: AtomicU64,
    most: u64,
}

/// The connection is over: a side has gone, or the job has moved all that it may.
struct Over;

impl Meter {
    pub(super) const fn new(most: u64) -> Self {
        Self {
            moved: AtomicU64::new(0),
            most,
        }
    }

    /// Whether there is anything left.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.moved.load(Ordering::Relaxed) < self.most {
            return Ok(());
        }
        let text = format!("this code has moved more than {} bytes", self.most);
        Err(Refusal::new(403, text))
    }

    fn count(&self, bytes: usize) -> Result<(), Over> {
        let before = self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
        if before.saturating_add(bytes as u64) > self.most {
            return Err(Over);
        }
        Ok(())
    }
}

/// Carries until the server has said everything, or a side has gone. `early` is what the server is told first.
pub(super) async fn carry(client: TcpStream, server: TcpStream, early: Vec<u8>, meter: &Meter) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        meter.count(early.len())?;
        to_server.write_all(&early).await.map_err(|_| Over)?;
        copy(&mut from_client, &mut to_server, meter).await
    };
    let mut down = Box::pin(copy(&mut from_server, &mut to_client, meter));
    let is_answered = tokio::select! {
        _ = &mut down => true,
        _ = up => false,
    };
    if meter.check().is_err() {
        return;
    }
    if !is_answered {
        // A server that takes no more may have answered. A client that has gone takes nothing, and one that waits gets it.
        let _ = timeout(LINGERING, down).await;
    }
    // One that still talks hears the end of the answer first.
    let _ = timeout(LISTENING, unread(&mut from_client)).await;
}

/// Reads until the end what nobody needs: a socket that is closed with something unread in it takes its answer back.
pub(super) async fn unread(from: &mut (impl AsyncRead + Unpin)) {
    let mut piece = vec![0; PIECE];
    while from.read(&mut piece).await.is_ok_and(|read| read > 0) {}
}

async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    meter: &Meter,
) -> Result<(), Over> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).await.map_err(|_| Over)?;
        if read == 0 {
            return to.shutdown().await.map_err(|_| Over);
        }
        meter.count(read)?;
        to.write_all(&piece[..read]).await.map_err(|_| Over)?;
    }
}
