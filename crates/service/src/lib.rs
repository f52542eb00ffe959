//! The use cases: who may do what, and what happens then. Everything above (HTTP, the command line) only translates.
//!
//! Every use case takes the caller as its first argument and checks the caller's permission first; what belongs to another
//! workspace does not exist for it. Runs are executed here as tasks of their own, so that no connection owns one.

mod access;
mod accounts;
mod alerts;
mod apps;
mod asides;
mod audit;
mod book;
mod bootstrap;
mod calendar;
mod chunking;
mod conversations;
mod credentials;
mod dataset_documents;
mod datasets;
mod disclosure;
mod documents;
mod error;
mod events;
mod execution;
mod external;
mod facts;
mod files;
mod follower;
mod forms;
mod history;
mod hub;
mod import;
mod indexing;
mod inline;
mod invitations;
mod keyring;
mod knowledge;
mod lease;
mod limits;
mod master_key;
mod meanwhile;
mod members;
mod metrics;
mod observed;
mod passwords;
mod pools;
mod prices;
mod providers;
mod publishing;
mod queue;
mod readiness;
mod references;
mod remembered;
mod removal;
mod resolve;
mod retention;
mod retry;
mod rotation;
mod run_log;
mod runs;
mod schedules;
mod sessions;
mod settings;
mod signals;
mod single_node;
mod start;
mod takeup;
mod task;
mod throttle;
mod tool_bindings;
mod tool_providers;
mod tools;
mod traces;
mod triggers;
mod turns;
mod usage;
mod validation;
mod vault;
mod webhooks;
mod work;
mod workflows;
mod workspace;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::Principal;
use latchkey_domain::id::{EndUserId, NodeId, RunId, ToolProviderId, WorkflowId};
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::Workflow;
use latchkey_engine::clock::Clock;
use latchkey_models::ModelManager;
use latchkey_nodes::tools::mcp::stdio::StdioServers;
use latchkey_nodes::tools::openapi::Api;
use latchkey_nodes::{BuiltinNodes, Host, Sandbox};
use latchkey_outbound::Outbound;
use latchkey_secrets::KeyedHash;
use latchkey_store::Store;
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::access::KnownKeys;
use crate::book::Book;
use crate::documents::Prepared;
use crate::execution::Live;
use crate::external::External;
use crate::facts::Facts;
use crate::files::{Files, StoredFiles};
use crate::indexing::Indexer;
use crate::knowledge::Library;
use crate::lease::Heart;
use crate::observed::Observed;
use crate::passwords::Passwords;
use crate::queue::Queue;
use crate::remembered::Remembered;
use crate::takeup::Claims;
use crate::throttle::Throttle;
use crate::tools::WorkspaceTools;
use crate::vault::Vault;
use crate::webhooks::WebhookLimits;

pub use crate::access::{CreatedKey, NewKey};
pub use crate::accounts::{AccountChange, SetUp};
pub use crate::apps::{App, AppChange, AppForm, Told, tool_name};
pub use crate::audit::Names;
pub use crate::bootstrap::{Bootstrapped, SAMPLE_NAME};
pub use crate::conversations::{ConversationList, MessageList, SaidMessage};
pub use crate::credentials::{ChangedCredential, NewCredential};
pub use crate::dataset_documents::{Content, NewDocument};
pub use crate::datasets::{ChangedDataset, NewDataset, SearchRequest};
pub use crate::disclosure::Disclosure;
pub use crate::error::{Error, ErrorItem, ErrorKind, Hint};
pub use crate::events::{Attached, Events};
pub use crate::external::{ExternalValues, VaultAuth, VaultServer};
pub use crate::facts::SystemCredentials;
pub use crate::files::{FileContent, FileSettings, NewFile};
pub use crate::forms::Submission;
pub use crate::import::{CredentialState, ImportRequest, Imported, ImportedCredential};
pub use crate::inline::{StatedOverride, StatedOverrides};
pub use crate::invitations::{AcceptInvitation, CreatedInvitation, OpenInvitation};
pub use crate::keyring::Keyring;
pub use crate::limits::{CredentialStanding, WorkflowStanding};
pub use crate::master_key::{Haste, KeyState, Reencryption, order_to_reencrypt, order_to_rotate};
pub use crate::meanwhile::Meanwhile;
pub use crate::members::{ChangedMember, reset_password};
pub use crate::metrics::Standing;
pub use crate::observed::{Observation, ServerStatus};
pub use crate::pools::{ChangedPool, NewPool, PoolView};
pub use crate::providers::ProviderView;
pub use crate::publishing::Published;
pub use crate::references::Reference;
pub use crate::removal::Used;
pub use crate::resolve::{ResolveRequest, Version};
pub use crate::retention::{Pruned, Retention};
pub use crate::retry::{RetryFrom, RetryRequest, RetryVersion};
pub use crate::rotation::Rotation;
pub use crate::run_log::RunLog;
pub use crate::sessions::{Account, CurrentSession, LogIn, LoggedIn};
pub use crate::signals::{Executes, Signals, Unconnected, Work, WorkLimits};
pub use crate::start::{StartRequest, Started};
pub use crate::takeup::TakenUp;
pub use crate::tool_bindings::ToolBindings;
pub use crate::tool_providers::{ChangedToolProvider, NewToolProvider, NewToolSource};
pub use crate::traces::TraceSettings;
pub use crate::triggers::{TriggerChange, TriggerView};
pub use crate::turns::TurnRequest;
pub use crate::validation::Checked;
pub use crate::webhooks::{LONGEST_WEBHOOK_BODY, OpenWebhook, ReceivedRequest, WebhookAnswer};
pub use crate::workflows::{Draft, NewWorkflow, WorkflowChange};
pub use latchkey_models::catalogue::{Field, ListedPrice, ModelInfo, SecretNeed};
pub use latchkey_models::{DryRunOutcome, DryRunRow};
pub use latchkey_nodes::Hit;
pub use latchkey_nodes::{ParameterForm, ToolDefinition, ToolParameter};
pub use latchkey_store::{
    AuditEntry, AuditFilter, BudgetEvent, BudgetState, BudgetWebhook, CallFilter, Company,
    ConversationOrder, Dimension, LimitsInUse, Page, Paged, Payer, QueueState, RunCount,
    RunCountQuery, RunFilter, RunLogQuery, StatedPrice, UsageQuery, UsageRow, WaitingRun, Worker,
};

/// How long letting go of the runs that did not end in time may take.
const MARKING: Duration = Duration::from_secs(3);
/// How long closing the rows of dropped calls may take at the end.
const CLOSING: Duration = Duration::from_secs(5);
/// Workflows that are remembered.
const HEADS: usize = 10_000;
/// Runs that are rebuilt from their journals at the same time.
const REBUILDING: usize = 64;
/// How many bytes of documents of APIs are remembered.
const APIS: usize = 16 << 20;

/// What a service is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The key that wraps all others, and what outlives it.
    pub keyring: Keyring,
    /// The way out.
    pub outbound: Outbound,
    /// Where files are kept.
    pub files: FileSettings,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The operator's own credentials, if they may pay.
    pub system: SystemCredentials,
    /// Where values of credentials may be kept instead of here.
    pub external: ExternalValues,
    /// Where code runs; without one it is refused.
    pub sandbox: Option<Arc<Sandbox>>,
    /// The MCP servers that are programs of the operator.
    pub mcp_programs: StdioServers,
    /// Where runs are executed.
    pub runtime: Handle,
    /// How this process takes part in the work at runs.
    pub work: Work,
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Store,
    vault: Arc<Vault>,
    facts: Arc<Facts>,
    models: Arc<ModelManager>,
    outbound: Outbound,
    nodes: BuiltinNodes,
    sandbox: Option<Arc<Sandbox>>,
    mcp_programs: StdioServers,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    tasks: TaskTracker,
    /// The process ends: nothing is begun any more, and what waits for times waits no more.
    ending: CancellationToken,
    /// There are deadlines or answers that nobody has looked at.
    forms_changed: Notify,
    /// Running runs are let go of: others go on with them, or the next start does.
    giving_up: CancellationToken,
    live: Mutex<HashMap<RunId, Arc<Live>>>,
    /// A run is executed here that was not before, or is not any more.
    live_changed: Notify,
    /// Runs that this process takes up or has taken up, until they end here.
    taken_up: Mutex<HashSet<RunId>>,
    /// Runs of which nobody knows whether they were claimed: the database was away meanwhile.
    doubtful: Mutex<HashSet<RunId>>,
    /// Runs that are being claimed and rebuilt.
    claims: Claims,
    rebuilding: Semaphore,
    work: Work,
    heart: Heart,
    queue: Arc<Queue>,
    /// Tasks that live longer than the runs.
    beats: TaskTracker,
    /// Everything has ended.
    gone: CancellationToken,
    /// Workflows without their drafts.
    heads: Remembered<WorkflowId, Workflow>,
    /// Published versions that were prepared before. They never change.
    plans: Remembered<(WorkflowId, u32, Option<NodeId>), Arc<Prepared>>,
    /// APIs of tool providers that were read before, by revision.
    apis: Remembered<(ToolProviderId, i32), Arc<Api>>,
    files: Arc<Files>,
    keys: KnownKeys,
    /// Of sessions and invitations.
    accounts: KeyedHash,
    passwords: Passwords,
    throttle: Throttle,
    /// Where the first token is kept until there is an owner.
    first_token_file: OnceLock<PathBuf>,
    public_url: String,
    body_hash: KeyedHash,
    /// Of the names of end users.
    end_users: KeyedHash,
    /// End users that are kept already.
    known_end_users: Remembered<EndUserId, ()>,
    /// Of webhooks.
    addresses: KeyedHash,
    webhook_limits: WebhookLimits,
    /// Somebody has changed when schedules are due.
    schedules_changed: Notify,
    library: Arc<Library>,
    indexer: Arc<Indexer>,
    long_work: Arc<Semaphore>,
    /// How far sealing anew has come.
    reencryption: Mutex<Reencryption>,
    /// This process, among others on the same database.
    process: Uuid,
    observed: Arc<Observed>,
}

impl Service {
    /// The service over its parts. The database must have been made with the same master key: see
    /// [`Service::bootstrap`].
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            keyring,
            outbound,
            files,
            clock,
            system,
            external,
            sandbox,
            mcp_programs,
            runtime,
            work,
        } = parts;
        let keys = KnownKeys::new(keyring.hash("api keys"));
        let accounts = keyring.hash("accounts");
        let public_url = files.public_url.clone();
        let body_hash = keyring.hash("idempotency");
        let end_users = keyring.hash("end users");
        let files = Files::new(
            store.clone(),
            files,
            keyring.hash("file addresses"),
            Arc::clone(&clock),
        );
        let files = Arc::new(files);
        let addresses = keyring.hash("webhooks");
        let external = External::new(external, Arc::clone(&clock));
        let vault = Arc::new(Vault::new(store.clone(), keyring, external));
        let facts = Arc::new(Facts::new(
            store.clone(),
            Arc::clone(&vault),
            Arc::clone(&clock),
            system,
        ));
        let (observed, heart) = (Arc::new(Observed::new()), Heart::new());
        let (facts_of, observed_of) = (Arc::clone(&facts), Arc::clone(&observed));
        let book = Book::new(store.clone(), facts_of, observed_of, heart.lease());
        let book = Arc::new(book);
        let models = Arc::new(ModelManager::new(facts.clone(), book, outbound.clone()));
        let stored = StoredFiles::new(Arc::clone(&files), outbound.clone());
        let library = Arc::new(Library::new(store.clone(), Arc::clone(&models)));
        let process = Self::new_id();
        let indexer = Arc::new(Indexer::new(
            store.clone(),
            Arc::clone(&models),
            Arc::clone(&clock),
            runtime.clone(),
            process,
        ));
        let mut host = Host {
            files: Arc::new(stored),
            knowledge: Arc::clone(&library) as _,
            sandbox: sandbox.clone(),
            ..Host::new(Arc::clone(&models), outbound.clone())
        };
        let inner = Arc::new_cyclic(|service: &Weak<Inner>| {
            let contents = Arc::clone(&host.files);
            host.tools = Arc::new(WorkspaceTools::new(Weak::clone(service), contents));
            let nodes = BuiltinNodes::new(host);
            Inner {
                accounts,
                passwords: Passwords::new(runtime.clone()),
                throttle: Throttle::default(),
                first_token_file: OnceLock::new(),
                public_url,
                store,
                vault,
                facts,
                models,
                outbound,
                nodes,
                sandbox,
                mcp_programs,
                clock,
                runtime,
                tasks: TaskTracker::new(),
                ending: CancellationToken::new(),
                forms_changed: Notify::new(),
                giving_up: CancellationToken::new(),
                live: Mutex::default(),
                live_changed: Notify::new(),
                taken_up: Mutex::default(),
                doubtful: Mutex::default(),
                claims: Claims::default(),
                rebuilding: Semaphore::new(REBUILDING),
                queue: Queue::new(work.limits, work.executes),
                work,
                heart,
                beats: TaskTracker::new(),
                gone: CancellationToken::new(),
                heads: Remembered::new(HEADS),
                plans: Remembered::new(documents::REMEMBERED),
                apis: Remembered::new(APIS),
                files,
                keys,
                body_hash,
                end_users,
                known_end_users: Remembered::new(HEADS),
                addresses,
                webhook_limits: WebhookLimits::new(),
                library,
                indexer,
                schedules_changed: Notify::new(),
                long_work: Arc::new(Semaphore::new(processors())),
                reencryption: Mutex::default(),
                process,
                observed,
            }
        });
        Self { inner }
    }

    /// Begins to end: no run is started any more, and running ones get `grace` to end. Those that do not are let go of, so that others
    /// or the next start go on with them; how many.
    pub async fn drain(&self, grace: Duration) -> usize {
        self.inner.indexer.end();
        {
            let _begins_none = lock(&self.inner.live);
            self.inner.tasks.close();
        }
        self.inner.ending.cancel();
        if timeout(grace, self.inner.tasks.wait()).await.is_ok() {
            return 0;
        }
        let left = self.inner.tasks.len();
        self.inner.giving_up.cancel();
        // What cannot even be let go of now is taken up when this process is found to be dead.
        let _ = timeout(MARKING, self.inner.tasks.wait()).await;
        left
    }

    /// Ends: dropped calls are closed in the ledger, what was handed over is written, the database is closed.
    pub async fn close(&self) {
        self.inner.indexer.end();
        self.inner.tasks.close();
        self.inner.ending.cancel();
        // A batch that is being kept; what takes longer is taken up by the next start.
        let _ = timeout(MARKING, self.inner.indexer.ended()).await;
        // Changes that arrived after the drain; what takes longer is cut off by the end of the process.
        let _ = timeout(MARKING, self.inner.tasks.wait()).await;
        // What cannot be closed now is closed as lost by the next start.
        if timeout(CLOSING, self.inner.models.close()).await.is_err() {
            tracing::warn!("rows of calls are left open: the database is away");
        }
        self.inner.gone.cancel();
        self.inner.beats.close();
        self.inner.beats.wait().await;
        if let Err(error) = self.inner.store.leave(self.inner.work.worker).await {
            tracing::warn!(%error, "others learn only by its silence that this process has ended");
        }
        self.inner.mcp_programs.close().await;
        if let Some(sandbox) = &self.inner.sandbox {
            sandbox.close().await;
        }
        self.inner.store.close().await;
    }

    /// The time, by the clock of this service.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A new id, which sorts after older ones.
    fn new_id() -> Uuid {
        Uuid::now_v7()
    }

    /// Writes down who changed what.
    async fn audit(
        &self,
        caller: &Caller,
        action: &str,
        subject: impl ToString,
        detail: Json,
    ) -> Result<(), Error> {
        let entry = AuditEntry {
            id: Self::new_id(),
            workspace: caller.workspace,
            at: self.now(),
            actor: caller.principal,
            action: action.to_owned(),
            subject: subject.to_string(),
            detail,
        };
        Ok(self.inner.store.insert_audit(&entry).await?)
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The same for what belongs to the whole workspace: an app's key reaches its own app only.
fn require_workspace(caller: &Caller, permission: Permission) -> Result<(), Error> {
    require(caller, permission)?;
    if caller.workflow.is_none() {
        return Ok(());
    }
    let detail = "an app's key reaches its own app only, and this is the workspace's";
    Err(Error::new(ErrorKind::Forbidden, "forbidden", detail))
}

/// A caller without the permission is told which one it lacks.
fn require(caller: &Caller, permission: Permission) -> Result<(), Error> {
    if caller.may(permission) {
        return Ok(());
    }
    let detail = match caller.principal {
        Principal::Member(_) => format!("your role does not include {}", permission.as_str()),
        Principal::ApiKey(_) | Principal::Operator => {
            format!("the key lacks the scope {}", permission.as_str())
        }
    };
    Err(Error::new(ErrorKind::Forbidden, "forbidden", detail))
}

/// A panic of somebody else leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
