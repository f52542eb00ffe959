//! An HTTP/1.1 client that keeps its connection and costs next to nothing, so that it measures the other side and not itself.
//! It knows bodies with a length and bodies in chunks, and no more of HTTP than what is measured here uses.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The bytes of a GET.
pub(crate) fn get(path: &str, address: SocketAddr) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").into_bytes()
}

/// The bytes of a request with a body.
pub(crate) fn request(
    method: &str,
    path: &str,
    address: SocketAddr,
    token: &str,
    content_type: &str,
    body: &str,
) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

/// How a body ends.
enum Body {
    Length(usize),
    Chunks,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: BytesMut::with_capacity(16 * 1024),
        })
    }

    /// Sends a request; the status and the whole body.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut body = Vec::new();
        let take = |piece: &[u8]| body.extend_from_slice(piece);
        let status = self.exchange(request, take).await?;
        Ok((status, body))
    }

    /// Sends a request and hands over the body piece by piece, as it comes; the status.
    pub(crate) async fn exchange(
        &mut self,
        request: &[u8],
        mut take: impl FnMut(&[u8]),
    ) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        let (status, body) = self.head().await?;
        match body {
            Body::Length(length) => self.pass(length, &mut take).await?,
            Body::Chunks => loop {
                let line = self.line().await?;
                let size = usize::from_str_radix(line.trim(), 16).context("no chunk size")?;
                self.pass(size, &mut take).await?;
                self.line().await?;
                if size == 0 {
                    break;
                }
            },
        }
        Ok(status)
    }

    async fn head(&mut self) -> anyhow::Result<(u16, Body)> {
        let first = self.line().await?;
        let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.context("no status")?;
        let mut body = Body::Length(0);
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            match line.split_once(':') {
                None => return Ok((status, body)),
                Some(("content-length", length)) => body = Body::Length(length.trim().parse()?),
                Some(("transfer-encoding", _)) => body = Body::Chunks,
                Some(_) => {}
            }
        }
    }

    /// A line without its end.
    async fn line(&mut self) -> anyhow::Result<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                return Ok(std::str::from_utf8(&line)?.trim_end().to_owned());
            }
            self.fill().await?;
        }
    }

    async fn pass(&mut self, mut left: usize, take: &mut impl FnMut(&[u8])) -> anyhow::Result<()> {
        while left > 0 {
            if self.buffer.is_empty() {
                self.fill().await?;
            }
            let some = left.min(self.buffer.len());
            take(&self.buffer[..some]);
            self.buffer.advance(some);
            left -= some;
        }
        Ok(())
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}
