//! A process and the line to it: a task of its own reads what it says, writes what it is told, and sees to its end.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rmcp::model::{CallToolResult, ClientJsonRpcMessage, ListToolsResult, ServerJsonRpcMessage};
use rmcp::service::RoleClient;
use rmcp::transport::Transport;
use serde_json::{Map, Value as Json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::environment::Filled;
use super::state::State;
use super::talk::Talk;
use super::words::{KEPT, Words};
use super::{StdioServer, StdioServers};
use crate::tools::mcp::McpError;
use crate::tools::mcp::peer::{self, Running};

/// How many messages may wait for the task.
const QUEUE: usize = 16;
/// How much is read at a time.
const PIECE: usize = 64 << 10;
/// How often the task looks whether anybody still needs the process.
const LOOK: Duration = Duration::from_millis(250);
/// How long a process may take to be gone.
const GONE: Duration = Duration::from_secs(5);

/// The line to a process. Clones share it.
#[derive(Clone)]
pub(in crate::tools::mcp) struct Line {
    running: Arc<Running>,
    patience: Duration,
    state: Arc<State>,
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

impl Line {
    /// Starts a process, and agrees with it on how to talk.
    pub(super) async fn open(
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
        let (say, said) = mpsc::channel(QUEUE);
        let (tell, told) = mpsc::unbounded_channel();
        let state = Arc::new(State::new());
        let tended = Tended {
            child,
            input,
            output,
            complaints,
            said,
            tell,
            talk: Talk::default(),
            words: Words::new(name, given.hidden),
            idle: server.idle,
            state: Arc::clone(&state),
            ending: servers.0.ending.clone(),
        };
        servers.0.tasks.spawn(tended.tend(room));
        let lines = Lines {
            say,
            told: Arc::new(tokio::sync::Mutex::new(told)),
        };
        let greeted = state.within(server.patience, peer::greet(|| lines.clone()));
        let running = match greeted.await {
            Ok(running) => Arc::new(running),
            Err(cause) => {
                state.end.cancel();
                return Err(cause);
            }
        };
        Ok(Self {
            running,
            patience: server.patience,
            state,
        })
    }

    /// A page of the list of tools.
    pub(in crate::tools::mcp) async fn page(
        &self,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, McpError> {
        let page = peer::page(&self.running, cursor);
        self.state.within(self.patience, page).await
    }

    /// Calls a tool once.
    pub(super) async fn call(
        &self,
        name: &str,
        arguments: Map<String, Json>,
    ) -> Result<CallToolResult, McpError> {
        let called = peer::call(&self.running, name, arguments);
        self.state.within(self.patience, called).await
    }

    /// Whether it can still be asked.
    pub(super) fn is_open(&self) -> bool {
        !self.state.end.is_cancelled() && !self.state.gate().is_shut
    }

    /// Whether nobody waits for it.
    pub(super) fn is_idle(&self) -> bool {
        self.state.gate().waiting == 0
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

/// What carries the messages between the library and the task. Clones share it: one of them is used at a time.
#[derive(Clone)]
struct Lines {
    say: mpsc::Sender<ClientJsonRpcMessage>,
    told: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<ServerJsonRpcMessage>>>,
}

impl Transport<RoleClient> for Lines {
    type Error = mpsc::error::SendError<ClientJsonRpcMessage>;

    fn name() -> Cow<'static, str> {
        "lines".into()
    }

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let say = self.say.clone();
        async move { say.send(message).await }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        self.told.lock().await.recv().await
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A process with its task.
struct Tended {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    complaints: Option<ChildStderr>,
    said: mpsc::Receiver<ClientJsonRpcMessage>,
    /// Bounded by what a process may say between two answers.
    tell: mpsc::UnboundedSender<ServerJsonRpcMessage>,
    talk: Talk,
    words: Words,
    idle: Duration,
    state: Arc<State>,
    ending: CancellationToken,
}

impl Tended {
    /// Until the process is gone; only then another may take its place.
    async fn tend(mut self, room: OwnedSemaphorePermit) {
        let over = Box::pin(self.until_over()).await;
        self.state.gate().is_shut = true;
        let Self {
            mut child,
            input,
            output,
            complaints,
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
        let _ = state.over.set(why);
        state.told.cancel();
        if !gone && timeout(GONE, child.wait()).await.is_err() {
            tracing::warn!(server = words.name, "the program of an MCP server goes on");
        }
        drop(room);
    }

    async fn until_over(&mut self) -> Over {
        let (mut piece, mut complaint) = (vec![0; PIECE], vec![0; KEPT]);
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.ending.cancelled() => return Over::Ending,
                () = self.state.silent.cancelled() => {
                    return Over::Broken("it does not say anything any more".to_owned());
                }
                said = self.said.recv(), if self.talk.has_room() => match said {
                    Some(message) => self.talk.say(&message),
                    None => return Over::NotNeeded,
                },
                wrote = self.input.write(self.talk.unsent()), if !self.talk.unsent().is_empty() => match wrote {
                    Ok(bytes) => self.talk.sent(bytes),
                    Err(_) => return Over::Ended,
                },
                read = self.output.read(&mut piece) => match read {
                    Ok(0) | Err(_) => return Over::Ended,
                    Ok(bytes) => {
                        self.state.heard.fetch_add(1, Ordering::AcqRel);
                        match self.talk.hear(&piece[..bytes]) {
                            // The library reads until it is told that it is over.
                            Ok(heard) => heard.into_iter().for_each(|message| drop(self.tell.send(message))),
                            Err(why) => return Over::Broken(why),
                        }
                    }
                },
                read = complained(&mut self.complaints, &mut complaint) => self.words.hear(&complaint[..read]),
                _ = look.tick() => {}
            }
            if self.state.shut_when_unneeded(self.idle) {
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
