//! A process and the line to it: a task of its own reads what it says, writes what it is told, and sees to its end.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::environment::Filled;
use super::talk::{Asked, Talk};
use super::{StdioServer, StdioServers};
use crate::tools::mcp::McpError;
use crate::tools::mcp::session::{self, NO_HANDSHAKE, WITH_HANDSHAKE, WITHOUT_HANDSHAKE, complete};

/// How many requests may wait for the task.
const QUEUE: usize = 16;
/// How much is read at a time.
const PIECE: usize = 64 << 10;
/// How often the task looks after those who have left.
const LOOK: Duration = Duration::from_millis(250);
/// How long a process may take to be gone.
const GONE: Duration = Duration::from_secs(5);
/// How long the last words of a process are waited for.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How much of what it complains about is kept for its obituary, and logged in all, in bytes.
const KEPT: usize = 2 << 10;
const LOGGED: usize = 64 << 10;

/// The line to a process. Clones share it.
#[derive(Clone)]
pub(in crate::tools::mcp) struct Line {
    ask: mpsc::Sender<Asked>,
    patience: Duration,
    state: Arc<State>,
    /// Each request says everything, since there was no handshake.
    is_stateless: bool,
}

#[derive(Default)]
struct State {
    /// It is not needed any more.
    end: CancellationToken,
    waiting: AtomicUsize,
    used: AtomicU64,
    /// Why it is over.
    over: OnceLock<McpError>,
}

/// Why a process is to end, or has ended.
enum Over {
    /// Nobody needs it.
    NotNeeded,
    /// The service ends.
    Ending,
    /// It has closed its output.
    Ended,
    /// It cannot be talked to.
    Broken(String),
}

/// Somebody waits.
struct WaitingFor<'a>(&'a AtomicUsize);

impl Drop for WaitingFor<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Line {
    /// Starts a process.
    pub(super) fn open(
        name: &str,
        server: &StdioServer,
        launcher: &Path,
        given: Filled,
        room: OwnedSemaphorePermit,
        servers: &StdioServers,
    ) -> Result<Self, McpError> {
        let variables = given.variables.iter();
        let variables = variables.map(|(name, value)| (name.as_str(), value.as_str()));
        let started = server.program.start(launcher, variables);
        let mut child = started.map_err(|cause| McpError::Start(cause.to_string()))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), complaints) = pipes else {
            return Err(McpError::Start("it has no streams".to_owned()));
        };
        let (ask, asked) = mpsc::channel(QUEUE);
        let state = Arc::<State>::default();
        let tended = Tended {
            child,
            input,
            output,
            complaints,
            asked,
            talk: Talk::new(Instant::now()),
            words: Words::new(name, given.hidden),
            patience: server.patience,
            idle: server.idle,
            state: Arc::clone(&state),
            ending: servers.0.ending.clone(),
        };
        servers.0.tasks.spawn(tended.tend(room));
        Ok(Self {
            ask,
            patience: server.patience,
            state,
            is_stateless: false,
        })
    }

    /// Agrees with the process on how to talk.
    pub(super) async fn greet(mut self) -> Result<Self, McpError> {
        let params = json!({
            "protocolVersion": WITH_HANDSHAKE,
            "capabilities": {},
            "clientInfo": session::client(),
        });
        match self.ask("initialize", params).await {
            Ok(result) => {
                if session::agreed_version(&result)? >= WITHOUT_HANDSHAKE {
                    self.is_stateless = true;
                } else {
                    self.ask("notifications/initialized", json!({})).await?;
                }
            }
            Err(McpError::Refused { code, .. }) if NO_HANDSHAKE.contains(&code) => {
                self.is_stateless = true;
            }
            Err(cause) => return Err(cause),
        }
        Ok(self)
    }

    /// Asks for one thing; the result of it.
    pub(in crate::tools::mcp) async fn ask(
        &self,
        method: &str,
        mut params: Json,
    ) -> Result<Json, McpError> {
        if let (true, Some(map)) = (self.is_stateless, params.as_object_mut()) {
            map.insert("_meta".to_owned(), session::meta());
        }
        self.state.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = WaitingFor(&self.state.waiting);
        let (tell, told) = oneshot::channel();
        let asked = Asked {
            method: method.to_owned(),
            params,
            tell,
        };
        let answer = timeout(self.patience, async {
            // A full queue waits with the others.
            if self.ask.send(asked).await.is_err() {
                return Err(McpError::Closed);
            }
            told.await.unwrap_or_else(|_| Err(self.over()))
        });
        let answer = answer.await.unwrap_or(Err(McpError::Silent(self.patience)));
        complete(method, answer?)
    }

    fn over(&self) -> McpError {
        self.state.over.get().cloned().unwrap_or(McpError::Closed)
    }

    /// Whether it can still be asked.
    pub(super) fn is_open(&self) -> bool {
        !self.ask.is_closed() && !self.state.end.is_cancelled()
    }

    /// Whether nobody waits for it.
    pub(super) fn is_idle(&self) -> bool {
        self.state.waiting.load(Ordering::Acquire) == 0
    }

    /// Ends it as soon as nobody waits for it any more.
    pub(super) fn end(&self) {
        self.state.end.cancel();
    }

    /// Remembers its place in the order of use.
    pub(super) fn used(&self, visit: u64) {
        self.state.used.store(visit, Ordering::Relaxed);
    }

    pub(super) fn last_used(&self) -> u64 {
        self.state.used.load(Ordering::Relaxed)
    }
}

/// A process with its task.
struct Tended {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    complaints: Option<ChildStderr>,
    asked: mpsc::Receiver<Asked>,
    talk: Talk,
    words: Words,
    patience: Duration,
    idle: Duration,
    state: Arc<State>,
    ending: CancellationToken,
}

impl Tended {
    /// Until the process is gone; only then another may take its place.
    async fn tend(mut self, room: OwnedSemaphorePermit) {
        let over = Box::pin(self.until_over()).await;
        self.asked.close();
        let Self {
            mut child,
            input,
            output,
            complaints,
            mut asked,
            mut talk,
            mut words,
            state,
            ..
        } = self;
        // Its keeper hears that, and ends it with all that it has started.
        drop((input, output));
        let (why, gone) = match over {
            Over::Ended => {
                let gone = timeout(GONE, child.wait()).await;
                words.last(complaints).await;
                (McpError::Ended(words.obituary(&gone)), true)
            }
            Over::Broken(text) => (McpError::Protocol(text), false),
            Over::NotNeeded => (McpError::Closed, false),
            Over::Ending => (McpError::Start("the service is ending".to_owned()), false),
        };
        tracing::debug!(server = words.name, %why, "an MCP server is over");
        // Set once.
        let _ = state.over.set(why.clone());
        talk.give_up(&why);
        while let Ok(unsent) = asked.try_recv() {
            // Whoever has left does not wait.
            let _ = unsent.tell.send(Err(McpError::Closed));
        }
        if !gone && timeout(GONE, child.wait()).await.is_err() {
            tracing::warn!(server = words.name, "the program of an MCP server goes on");
        }
        drop(room);
    }

    async fn until_over(&mut self) -> Over {
        let (mut piece, mut complaint) = (vec![0; PIECE], vec![0; KEPT]);
        let mut needed_at = Instant::now();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_idle = self.talk.is_idle();
            let said = tokio::select! {
                () = self.ending.cancelled() => return Over::Ending,
                () = self.state.end.cancelled(), if is_idle => return Over::NotNeeded,
                asked = self.asked.recv(), if self.talk.has_room() => match asked {
                    Some(asked) => {
                        self.talk.ask(asked, Instant::now());
                        Ok(())
                    }
                    None => return Over::NotNeeded,
                },
                wrote = self.input.write(self.talk.unsent()), if !self.talk.unsent().is_empty() => match wrote {
                    Ok(bytes) => {
                        self.talk.sent(bytes);
                        Ok(())
                    }
                    Err(_) => return Over::Ended,
                },
                read = self.output.read(&mut piece) => match read {
                    Ok(0) | Err(_) => return Over::Ended,
                    Ok(bytes) => self.talk.hear(&piece[..bytes], Instant::now()),
                },
                read = complained(&mut self.complaints, &mut complaint) => {
                    self.words.hear(&complaint[..read]);
                    Ok(())
                }
                _ = look.tick() => self.talk.look(Instant::now(), self.patience),
            };
            if let Err(why) = said {
                return Over::Broken(why);
            }
            if !self.talk.is_idle() {
                needed_at = Instant::now();
            } else if needed_at.elapsed() >= self.idle {
                return Over::NotNeeded;
            }
        }
    }
}

/// What there is to read; never comes back when there will be nothing any more.
async fn complained(from: &mut Option<ChildStderr>, into: &mut [u8]) -> usize {
    if let Some(open) = from {
        match open.read(into).await {
            Ok(read) if read > 0 => return read,
            Ok(_) | Err(_) => *from = None,
        }
    }
    std::future::pending().await
}

/// What a process says on its error stream: logged within bounds, and without the credential.
struct Words {
    name: String,
    hidden: Vec<String>,
    line: Vec<u8>,
    kept: String,
    logged: usize,
}

impl Words {
    fn new(name: &str, hidden: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            hidden,
            line: Vec::new(),
            kept: String::new(),
            logged: 0,
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' || self.line.len() == KEPT {
                self.end_line();
            }
            if *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let mut text = String::from_utf8_lossy(&line).into_owned();
        for secret in &self.hidden {
            text = text.replace(secret, "…");
        }
        if self.logged < LOGGED {
            self.logged += text.len();
            tracing::debug!(server = self.name, "says: {}", text.trim_end());
        }
        self.kept.push_str(&text);
        self.kept.push('\n');
        let over = self.kept.len().saturating_sub(KEPT);
        let cut = (over..=self.kept.len()).find(|at| self.kept.is_char_boundary(*at));
        self.kept.drain(..cut.unwrap_or_default());
    }

    /// What it said while it ended.
    async fn last(&mut self, from: Option<ChildStderr>) {
        let Some(from) = from else {
            return;
        };
        let mut said = Vec::new();
        let mut limited = from.take(LOGGED as u64);
        // What cannot be read is not needed.
        let _ = timeout(LAST_WORDS, limited.read_to_end(&mut said)).await;
        self.hear(&said);
    }

    /// How it ended, and what it said last.
    fn obituary<E>(
        &mut self,
        gone: &Result<std::io::Result<std::process::ExitStatus>, E>,
    ) -> String {
        if !self.line.is_empty() {
            self.end_line();
        }
        let how = match gone {
            Ok(Ok(status)) => match status.code() {
                Some(code) if code > 128 => format!("signal {}", code - 128),
                Some(code) => format!("exit code {code}"),
                None => status.to_string(),
            },
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => "it has closed its output".to_owned(),
        };
        match self.kept.trim() {
            "" => how,
            words => format!("{how}; it said: {words}"),
        }
    }
}
