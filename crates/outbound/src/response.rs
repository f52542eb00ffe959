//! What comes back: a status, headers, and a body that is read piece by piece under its deadlines and its cap.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, Stream, StreamExt as _};
use tokio::time::{Instant, timeout_at};

use crate::error::Error;

/// An answer whose head has arrived.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body, still to be read.
    pub body: Body,
}

/// A body that is read piece by piece. Dropping it closes the connection.
pub struct Body {
    pieces: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
    idle: Duration,
    total: Duration,
    ends: Instant,
    max: u64,
    read: u64,
}

/// The longest wait that is believed, in seconds.
const LONGEST_WAIT: f64 = 86_400.0;

/// A wait in seconds, unless it is none that anybody would keep.
#[must_use]
pub fn wait_of(seconds: f64) -> Option<Duration> {
    let is_sane = (0.0..LONGEST_WAIT).contains(&seconds);
    is_sane.then(|| Duration::from_secs_f64(seconds))
}

impl Response {
    /// An answer that is known at once, for a scripted transport.
    #[must_use]
    pub fn ready(status: u16, headers: Vec<(String, String)>, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::streamed(status, headers, stream::iter([Ok(body)]))
    }

    /// An answer whose body comes in pieces, for a scripted transport.
    #[must_use]
    pub fn streamed(
        status: u16,
        headers: Vec<(String, String)>,
        pieces: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    ) -> Self {
        let limits = crate::request::Deadlines::default();
        let body = Body::new(
            Box::pin(pieces),
            limits,
            Instant::now() + limits.total,
            u64::MAX,
        );
        Self {
            status,
            headers,
            body,
        }
    }

    /// How long the answer asks to wait (`retry-after-ms`, `Retry-After` in seconds), when that is less than a day.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let header = |name: &str| self.header(name)?.trim().parse::<f64>().ok();
        let millis = header("retry-after-ms").map(|millis| millis / 1000.0);
        millis.or_else(|| header("retry-after")).and_then(wait_of)
    }

    /// The first header of this name; the name is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The same with a body that may be no longer than this; a limit that is lower already stays.
    #[must_use]
    pub fn capped(mut self, max: u64) -> Self {
        self.body.max = self.body.max.min(max);
        self
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// When a deadline passes, the connection breaks, or the body is longer than allowed.
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.body.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.freeze())
    }
}

impl Response {
    /// Reads the beginning of the body: at most so many bytes, for at most so long. What does not come is left out.
    pub async fn beginning(mut self, bytes: usize, patience: Duration) -> Bytes {
        let ends = Instant::now() + patience;
        let mut all = BytesMut::new();
        while all.len() < bytes {
            match timeout_at(ends, self.body.next()).await {
                Ok(Some(Ok(piece))) => all.extend_from_slice(&piece),
                Ok(Some(Err(_)) | None) | Err(_) => break,
            }
        }
        all.truncate(bytes);
        all.freeze()
    }
}

impl Body {
    pub(crate) fn new(
        pieces: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
        limits: crate::request::Deadlines,
        ends: Instant,
        max: u64,
    ) -> Self {
        Self {
            pieces,
            idle: limits.idle,
            total: limits.total,
            ends,
            max,
            read: 0,
        }
    }

    /// The next piece; `None` at the end. After an error nothing more comes.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let idle_ends = Instant::now() + self.idle;
        let (until, limit) = if idle_ends < self.ends {
            (idle_ends, self.idle)
        } else {
            (self.ends, self.total)
        };
        let piece = match timeout_at(until, self.pieces.next()).await {
            Ok(piece) => piece?,
            Err(_) => Err(Error::Timeout(limit)),
        };
        let checked = piece.and_then(|piece| {
            self.read = self.read.saturating_add(piece.len() as u64);
            if self.read > self.max {
                return Err(Error::TooLarge(self.max));
            }
            Ok(piece)
        });
        if checked.is_err() {
            self.pieces = Box::pin(stream::empty());
        }
        Some(checked)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes read)", self.read)
    }
}
