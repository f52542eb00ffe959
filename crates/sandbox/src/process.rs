//! One confined process as the sandbox sees it: a channel, what it prints, and the means to end it. Nothing that it says is
//! believed further than its length has been checked.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::{TcpListener, UnixStream};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use crate::error::{Refusal, SandboxError};
use crate::protocol::{REFUSED, Tag, WORD, job_head};
use crate::spec::Spec;

/// How long a process may take to get ready.
const STARTING: Duration = Duration::from_secs(20);
/// How long a process that has closed its channel may take to end.
const ENDING: Duration = Duration::from_secs(2);
/// How much of what it printed last is kept for its obituary.
const LAST_WORDS: usize = 2048;
/// How long a refusal may be.
const REFUSAL: u64 = 64 * 1024;

/// A process that waits for its job, or does it.
pub(crate) struct Process {
    child: Child,
    channel: UnixStream,
    printed: Option<ChildStdout>,
    complained: Option<ChildStderr>,
    last_words: Vec<u8>,
    is_ready: bool,
    has_way_out: bool,
    /// The socket that its job can reach, until it has one.
    listener: Option<TcpListener>,
}

impl Process {
    /// Starts one; it gets ready by itself.
    pub(crate) fn start(launcher: &Path, spec: &Spec) -> io::Result<Self> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut child = Command::new(launcher)
            .arg(WORD)
            .arg(serde_json::to_string(spec)?)
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            printed: child.stdout.take(),
            complained: child.stderr.take(),
            child,
            channel: UnixStream::from_std(ours)?,
            last_words: Vec::new(),
            is_ready: false,
            has_way_out: spec.way_out.is_some(),
            listener: None,
        })
    }

    /// Waits until it is confined and waits for its job.
    pub(crate) async fn ready(&mut self) -> Result<(), SandboxError> {
        if self.is_ready {
            return Ok(());
        }
        match timeout(STARTING, self.beginning()).await {
            Ok(Ok((Tag::Ready, _))) => {
                self.is_ready = true;
                Ok(())
            }
            Ok(Ok((Tag::Refused, text))) => Err(refused(&text)),
            Ok(Ok((Tag::Network | Tag::Result | Tag::Failed, text))) => {
                Err(SandboxError::Start(text))
            }
            Ok(Err(_)) => {
                let said = match self.complained.take() {
                    Some(mut from) => tail(&mut from).await,
                    None => Vec::new(),
                };
                self.last_words = said;
                Err(SandboxError::Start(self.end().await))
            }
            Err(_) => Err(SandboxError::Start(format!(
                "it is not ready after {} s",
                STARTING.as_secs()
            ))),
        }
    }

    /// The socket that its job can reach; once.
    pub(crate) const fn listener(&mut self) -> Option<TcpListener> {
        self.listener.take()
    }

    /// Sends the job. A process that cannot take it has ended, which its answer shows.
    pub(crate) async fn send(&mut self, head: &[u8], body: &[u8]) {
        let Some(lengths) = job_head(head, body) else {
            return;
        };
        for part in [&lengths, head, body] {
            if self.channel.write_all(part).await.is_err() {
                return;
            }
        }
    }

    /// Waits for the answer, while what is printed is counted and dropped.
    pub(crate) async fn answer(&mut self, max: u64, printed: u64) -> Result<String, SandboxError> {
        let (out, complaints) = (self.printed.take(), self.complained.take());
        let mut words = Vec::new();
        let listen = listen(out, complaints, printed, &mut words);
        let answer = tokio::select! {
            answer = self.frame(max) => answer,
            () = listen => Err(SandboxError::PrintedTooMuch(printed)),
        };
        self.last_words = words;
        match answer? {
            (Tag::Result, text) => Ok(text),
            (Tag::Failed, text) => Err(SandboxError::Failed(text)),
            (Tag::Network | Tag::Ready | Tag::Refused, _) => {
                Err(SandboxError::Garbled("it is no answer to a job".to_owned()))
            }
        }
    }

    /// The first that it says, and before that the socket of its job.
    async fn beginning(&mut self) -> Result<(Tag, String), SandboxError> {
        if !self.has_way_out {
            return self.frame(REFUSAL).await;
        }
        let channel = &self.channel;
        let received = channel.async_io(Interest::READABLE, || receive(channel));
        let received = received.await;
        let (tag, socket) = received.map_err(|_| SandboxError::Ended(String::new()))?;
        match socket {
            Some(socket) if tag == Tag::Network.byte() => {
                let listener = listening(socket);
                let wrong = |cause| SandboxError::Start(format!("its socket: {cause}"));
                self.listener = Some(listener.map_err(wrong)?);
                self.frame(REFUSAL).await
            }
            Some(_) | None => self.rest(tag, REFUSAL).await,
        }
    }

    async fn frame(&mut self, max: u64) -> Result<(Tag, String), SandboxError> {
        let tag = self.channel.read_u8().await;
        let tag = tag.map_err(|_| SandboxError::Ended(String::new()))?;
        self.rest(tag, max).await
    }

    async fn rest(&mut self, tag: u8, max: u64) -> Result<(Tag, String), SandboxError> {
        let ended = |_| SandboxError::Ended(String::new());
        let length = self.channel.read_u32_le().await.map_err(ended)?;
        let tag = Tag::of(tag);
        let tag = tag.ok_or_else(|| SandboxError::Garbled("it is no answer".to_owned()))?;
        if u64::from(length) > max {
            return Err(SandboxError::ResultTooLarge(max));
        }
        let mut text = Vec::new();
        let mut limited = (&mut self.channel).take(u64::from(length));
        limited.read_to_end(&mut text).await.map_err(ended)?;
        if text.len() < length as usize {
            return Err(SandboxError::Ended(String::new()));
        }
        let text = String::from_utf8(text);
        text.map(|text| (tag, text))
            .map_err(|_| SandboxError::Garbled("it is no UTF-8".to_owned()))
    }

    /// How it ended, and what it said last.
    pub(crate) async fn end(&mut self) -> String {
        let how = match timeout(ENDING, self.child.wait()).await {
            Ok(Ok(status)) => match status.code() {
                Some(REFUSED) => "it could not be confined".to_owned(),
                Some(code) if code > 128 => format!("signal {}", code - 128),
                Some(code) => format!("exit code {code}"),
                None => status.to_string(),
            },
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => "it closed the channel of its result".to_owned(),
        };
        let words = String::from_utf8_lossy(&self.last_words);
        match words.trim() {
            "" => how,
            words => format!("{how}; it said: {words}"),
        }
    }

    /// Ends it with everything that it started, and waits until it is gone.
    pub(crate) async fn kill(self) {
        let Self {
            mut child, channel, ..
        } = self;
        // The launching half hears that, ends the confined one, and goes.
        drop(channel);
        if timeout(ENDING, child.wait()).await.is_err() {
            // One that has ended meanwhile needs no killing.
            let _ = child.kill().await;
        }
    }
}

/// One byte, and the socket that may come with it.
fn receive(channel: &UnixStream) -> io::Result<(u8, Option<OwnedFd>)> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut into = [IoSliceMut::new(&mut byte)];
    let message = recvmsg(channel, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    if message.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut socket = None;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(mut sockets) = message {
            socket = sockets.next();
        }
    }
    Ok((byte[0], socket))
}

fn listening(socket: OwnedFd) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::from(socket);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn refused(text: &str) -> SandboxError {
    match serde_json::from_str::<Refusal>(text) {
        Ok(refusal) => SandboxError::Unconfined(refusal),
        Err(_) => SandboxError::Start("it was refused without a reason".to_owned()),
    }
}

/// Ends only when more was printed than may be.
async fn listen(
    mut out: Option<ChildStdout>,
    mut complaints: Option<ChildStderr>,
    max: u64,
    words: &mut Vec<u8>,
) {
    let (mut a, mut b) = ([0; 8192], [0; 8192]);
    let mut total = 0;
    while total <= max {
        let (read, is_complaint) = tokio::select! {
            read = some(&mut out, &mut a) => (read, false),
            read = some(&mut complaints, &mut b) => (read, true),
        };
        total += read as u64;
        if is_complaint {
            words.extend_from_slice(&b[..read]);
            words.drain(..words.len().saturating_sub(LAST_WORDS));
        }
    }
}

/// What there is to read; never comes back when there will be nothing any more.
async fn some<R: AsyncRead + Unpin>(from: &mut Option<R>, into: &mut [u8]) -> usize {
    if let Some(open) = from {
        match open.read(into).await {
            Ok(read) if read > 0 => return read,
            Ok(_) | Err(_) => *from = None,
        }
    }
    std::future::pending().await
}

async fn tail<R: AsyncRead + Unpin>(from: &mut R) -> Vec<u8> {
    let mut said = Vec::new();
    // What cannot be read is not needed.
    let _ = timeout(ENDING, from.take(LAST_WORDS as u64).read_to_end(&mut said)).await;
    said
}
