//! MCP servers that are programs of the operator, spoken to over their standard streams.
//!
//! Only what the operator lists is ever started, and with the environment of the list alone. A process belongs to one tool
//! provider of one workspace, and, where the list puts a credential into its environment, to one version of one credential:
//! nobody shares it. It is started when it is first needed, again when it has died, and ended when nobody has needed it for
//! a while.

mod environment;
mod line;
mod state;
mod talk;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use latchkey_domain::id::{CredentialId, ToolProviderId};
use latchkey_domain::tool::{McpTool, ToolAuth};
use latchkey_models::Access;
use latchkey_sandbox::Program;
use serde_json::{Map, Value as Json};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Asking, McpError, listed, result};
use crate::host::ToolError;
use crate::tools::answer::Answered;

pub use self::environment::Environment;
pub(super) use self::line::Line;

/// What the URL of such a server begins with.
pub const SCHEME: &str = "stdio:";
/// How often a process that was just being ended is followed by another.
const TRIES: usize = 3;
/// How long processes get to end when the service does.
const ENDING: Duration = Duration::from_secs(6);

/// A program of the operator's list.
#[derive(Clone, Debug)]
pub struct StdioServer {
    /// What is started.
    pub program: Program,
    /// Its whole environment.
    pub environment: Environment,
    /// How long it may take to answer.
    pub patience: Duration,
    /// How long it is kept when nobody needs it.
    pub idle: Duration,
    /// How many processes of it there may be.
    pub processes: usize,
}

/// The operator's list with the processes that run. Clones share both.
#[derive(Clone)]
pub struct StdioServers(Arc<Inner>);

struct Inner {
    launcher: PathBuf,
    servers: BTreeMap<String, Listed>,
    running: Mutex<HashMap<Key, Slot>>,
    tasks: TaskTracker,
    ending: CancellationToken,
    visits: AtomicU64,
}

struct Listed {
    server: StdioServer,
    room: Arc<Semaphore>,
}

/// The process of a key, if it has one; whoever starts it holds the lock.
type Slot = Arc<tokio::sync::Mutex<Option<Line>>>;

/// Whose a process is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    server: String,
    provider: ToolProviderId,
    payer: Payer,
}

/// Whose credential a process has in its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Nobody's.
    Nobody,
    /// That of a stored credential, in one of its versions.
    Stored(CredentialId, i32),
    /// One that came with a run: the process serves one visit.
    Inline,
}

/// One visit to a server.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// Its name in the list.
    pub server: &'a str,
    /// The tool provider that asks.
    pub provider: ToolProviderId,
    /// The credential, opened.
    pub access: &'a Access,
    /// Whose it is.
    pub payer: Payer,
}

/// The name in a URL `stdio:<name>`.
#[must_use]
pub fn named(url: &str) -> Option<&str> {
    url.strip_prefix(SCHEME)
}

/// The URL that stands for a server where credentials are confined to hosts: nobody else can have it.
#[must_use]
pub fn confinement(name: &str) -> String {
    format!("https://{name}.stdio.invalid/")
}

/// Whether a text can be the name of a server: it is part of a host's name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let has_edges = text.starts_with('-') || text.ends_with('-');
    !text.is_empty() && text.len() <= 63 && text.bytes().all(allowed) && !has_edges
}

impl StdioServers {
    /// An empty list.
    #[must_use]
    pub fn none() -> Self {
        Self::new(PathBuf::new(), BTreeMap::new())
    }

    /// A list, whose programs are started through a launcher: see [`latchkey_sandbox::Config::launcher`].
    #[must_use]
    pub fn new(launcher: PathBuf, servers: BTreeMap<String, StdioServer>) -> Self {
        let listed = servers.into_iter().map(|(name, server)| {
            let room = Arc::new(Semaphore::new(server.processes.max(1)));
            (name, Listed { server, room })
        });
        Self(Arc::new(Inner {
            launcher,
            servers: listed.collect(),
            running: Mutex::default(),
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
            visits: AtomicU64::new(0),
        }))
    }

    /// The names of the list.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.servers.keys().map(String::as_str)
    }

    /// The credential that a server wants of its users, as the form of one; none: there is no such server.
    #[must_use]
    pub fn auth(&self, name: &str) -> Option<ToolAuth> {
        let listed = self.0.servers.get(name);
        listed.map(|listed| listed.server.environment.auth())
    }

    /// The tools of a server.
    ///
    /// # Errors
    /// When it is not on the list, cannot be started, or does not list them.
    pub async fn list(&self, visit: Visit<'_>) -> Result<Vec<McpTool>, McpError> {
        for _ in 0..TRIES {
            let line = self.line(visit).await?;
            let tools = listed(&Asking::Program(&line)).await;
            leave(visit, &line);
            if tools != Err(McpError::Closed) {
                return tools;
            }
        }
        Err(McpError::Closed)
    }

    /// Calls a tool once, with arguments of its definition.
    ///
    /// # Errors
    /// When it does not answer as it promised, or says that it has failed.
    pub async fn call(
        &self,
        visit: Visit<'_>,
        tool: &McpTool,
        arguments: &Map<String, Json>,
    ) -> Result<Vec<Answered>, ToolError> {
        for _ in 0..TRIES {
            let line = self.line(visit).await?;
            let answer = line.call(&tool.name, arguments.clone()).await;
            leave(visit, &line);
            // Only a request that was never sent is told so.
            if answer != Err(McpError::Closed) {
                return result::read(tool, answer?);
            }
        }
        Err(McpError::Closed.into())
    }

    /// Ends every process, and waits until they are gone.
    pub async fn close(&self) {
        self.0.ending.cancel();
        self.0.tasks.close();
        if timeout(ENDING, self.0.tasks.wait()).await.is_err() {
            tracing::warn!("programs of MCP servers did not end in time");
        }
    }

    /// The process for a visit: the one that runs, or a new one.
    async fn line(&self, visit: Visit<'_>) -> Result<Line, McpError> {
        let name = visit.server;
        let listed = self.0.servers.get(name);
        let listed = listed.ok_or_else(|| McpError::NotListed(name.to_owned()))?;
        if self.0.ending.is_cancelled() {
            return Err(McpError::Start("the service is ending".to_owned()));
        }
        if visit.payer == Payer::Inline {
            return self.start(listed, visit).await;
        }
        let key = Key {
            server: name.to_owned(),
            provider: visit.provider,
            payer: visit.payer,
        };
        let slot = self.slot(key);
        let mut place = slot.lock().await;
        if let Some(line) = place.as_ref().filter(|line| line.is_open()) {
            line.used(self.0.visits.fetch_add(1, Ordering::Relaxed));
            return Ok(line.clone());
        }
        let line = self.start(listed, visit).await?;
        *place = Some(line.clone());
        Ok(line)
    }

    async fn start(&self, listed: &Listed, visit: Visit<'_>) -> Result<Line, McpError> {
        let server = &listed.server;
        let room = match Arc::clone(&listed.room).try_acquire_owned() {
            Ok(room) => room,
            Err(_) => {
                self.make_room(visit.server);
                let waited = Arc::clone(&listed.room).acquire_owned();
                let waited = timeout(server.patience, waited).await;
                let busy = || {
                    let text = format!("all of its {} processes are in use", server.processes);
                    McpError::Start(text)
                };
                waited.map_err(|_| busy())?.map_err(|_| busy())?
            }
        };
        let given = server.environment.filled(visit.access)?;
        let line = Line::open(visit.server, server, &self.0.launcher, given, room, self).await?;
        line.used(self.0.visits.fetch_add(1, Ordering::Relaxed));
        Ok(line)
    }

    /// Ends the process of a server that nobody has needed for the longest time.
    fn make_room(&self, server: &str) {
        let running = self.running();
        let of_server = running.iter().filter(|(key, _)| key.server == server);
        let idle = of_server.filter_map(|(_, slot)| {
            let place = slot.try_lock().ok()?;
            place.as_ref().filter(|line| line.is_idle()).cloned()
        });
        if let Some(longest) = idle.min_by_key(Line::last_used) {
            longest.end();
        }
    }

    fn slot(&self, key: Key) -> Slot {
        let mut running = self.running();
        // What nobody waits for and nothing runs in is forgotten.
        running.retain(|_, slot| {
            Arc::strong_count(slot) > 1
                || slot
                    .try_lock()
                    .is_ok_and(|place| place.as_ref().is_some_and(Line::is_open))
        });
        Arc::clone(running.entry(key).or_default())
    }

    /// A panic of somebody else leaves nothing half-done behind the lock.
    fn running(&self) -> MutexGuard<'_, HashMap<Key, Slot>> {
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process with a credential that nobody keeps is not kept either.
fn leave(visit: Visit<'_>, line: &Line) {
    if visit.payer == Payer::Inline {
        line.end();
    }
}

impl std::fmt::Debug for StdioServers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{confinement, is_name, named};

    #[test]
    fn names_are_parts_of_hosts() {
        for good in ["a", "files", "git-hub", "7z"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a.b",
            "a_b",
            "a b",
            "a/b",
            "ä",
            &"a".repeat(64),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
        assert_eq!(named("stdio:files"), Some("files"));
        assert_eq!(named("https://stdio:1/"), None);
        assert_eq!(confinement("files"), "https://files.stdio.invalid/");
    }
}
