//! The fake provider: OpenAI's chat completions, streamed; at once, or a token every so often. Each token of a paced answer carries
//! the time at which it was sent, so that whoever receives it knows how long it was on its way.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::stamp;

/// A prompt with this word in it is answered with paced tokens.
pub(crate) const PACED: &str = "paced";
/// A prompt with this word in it is never answered.
pub(crate) const HANGING: &str = "hanging";
/// A prompt with this word in it is answered after [`LATENCY`].
pub(crate) const SLOW: &str = "slow";
/// What a slow answer takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(500);
/// What every other prompt is answered with.
pub(crate) const ANSWER: &str = "forty-two";
/// The tokens of a paced answer.
pub(crate) const TOKENS: usize = 100;
/// The time between them.
pub(crate) const PACE: Duration = Duration::from_millis(20);

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const LAST: &str = "0\r\n\r\n";

/// A running provider; it ends when this is dropped.
pub(crate) struct Provider {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// How many requests were never answered.
    hanging: watch::Sender<usize>,
    _task: JoinSet<()>,
}

impl Provider {
    /// Starts it on a free port.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let mut task = JoinSet::new();
        let hanging = watch::Sender::new(0);
        let hung = hanging.clone();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away ends its connection; what it was owed is missed on its side.
                let hung = hung.clone();
                connections.spawn(async move { serve(stream, hung).await.unwrap_or_default() });
            }
        });
        Ok(Self {
            address,
            hanging,
            _task: task,
        })
    }

    /// How many requests were never answered.
    pub(crate) fn hanging(&self) -> usize {
        *self.hanging.borrow()
    }

    /// Waits until there were so many.
    pub(crate) async fn until_hanging(&self, requests: usize) {
        let mut hanging = self.hanging.subscribe();
        // The sender lives as long as this.
        let _ = hanging.wait_for(|known| *known >= requests).await;
    }
}

async fn serve(mut stream: TcpStream, hanging: watch::Sender<usize>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = BytesMut::with_capacity(16 * 1024);
    let ready = at_once();
    loop {
        let Some(length) = whole_request(&buffer)? else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let is_paced = contains(&buffer[..length], PACED);
        let hangs = contains(&buffer[..length], HANGING);
        let is_slow = contains(&buffer[..length], SLOW);
        buffer.advance(length);
        if hangs {
            hanging.send_modify(|known| *known += 1);
        } else if is_paced {
            paced(&mut stream).await?;
        } else {
            if is_slow {
                tokio::time::sleep(LATENCY).await;
            }
            stream.write_all(ready.as_bytes()).await?;
        }
    }
}

/// The length of the request that the buffer begins with, when all of it is there.
fn whole_request(buffer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end])?.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length
        .context("a request without a length")?
        .trim()
        .parse()?;
    let whole = end + 4 + length;
    Ok((buffer.len() >= whole).then_some(whole))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

fn at_once() -> String {
    format!("{HEAD}{}{}{LAST}", delta(ANSWER), ending(1))
}

async fn paced(stream: &mut TcpStream) -> anyhow::Result<()> {
    stream.write_all(HEAD.as_bytes()).await?;
    let mut due = Instant::now();
    for _ in 0..TOKENS {
        due += PACE;
        tokio::time::sleep_until(due).await;
        stream.write_all(delta(&stamp::now()).as_bytes()).await?;
    }
    let end = format!("{}{LAST}", ending(TOKENS));
    Ok(stream.write_all(end.as_bytes()).await?)
}

fn delta(text: &str) -> String {
    event(&format!(
        r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"deepseek-chat","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#
    ))
}

fn ending(tokens: usize) -> String {
    let mut all = event(
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"deepseek-chat","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    );
    all += &event(&format!(
        r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"deepseek-chat","choices":[],"usage":{{"prompt_tokens":8,"completion_tokens":{tokens},"total_tokens":{}}}}}"#,
        tokens + 8
    ));
    all + &event("[DONE]")
}

/// An event as a chunk of its own.
fn event(data: &str) -> String {
    let mut chunk = String::new();
    let frame = format!("data: {data}\n\n");
    // Writing to a text cannot fail.
    let _ = write!(chunk, "{:x}\r\n{frame}\r\n", frame.len());
    chunk
}
