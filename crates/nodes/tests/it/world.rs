//! Builds nodes from JSON and runs them on a pool of JSON.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use latchkey_domain::credential::{
    Credential, CredentialState, Environment, Overrides, Principal, Scope,
};
use latchkey_domain::document::GraphNode;
use latchkey_domain::id::{CredentialId, NodeExecutionId, NodeId, RunId, WorkspaceId};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::{CredentialSettings, RuntimeOverride};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{File, Value, to_json_map};
use latchkey_domain::workflow::Mode;
use latchkey_engine::node::{
    Attempt, Behaviour, BuildProblem, Exchange, NodeContext, NodeSpec, NodeTypes as _, RunFacts,
    Sink,
};
use latchkey_engine::pool::Pool;
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_models::{CredentialValues, ModelManager};
use latchkey_nodes::{
    BuiltinNodes, FileError, Files, Host, MadeFile, MemoryFiles, NoTools, RemoteFiles, Tools,
};
use latchkey_outbound::{Outbound, Response};
use latchkey_sandbox::{Config, Limits, Sandbox};

/// 2026-11-01: prices are in force.
const NOW: Timestamp = Timestamp::from_millis(1_793_491_200_000);

/// A node of a type with these data.
pub(crate) fn node(node_type: &str, data: Json) -> GraphNode {
    GraphNode {
        id: NodeId::new("it"),
        node_type: node_type.to_owned(),
        version: data["version"].as_str().unwrap_or("1").to_owned(),
        title: String::new(),
        data: Arc::new(data.as_object().unwrap().clone()),
        container: None,
        place: None,
    }
}

/// A pool with the variables of these nodes.
pub(crate) fn pool(nodes: Json) -> Pool {
    let mut pool = Pool::new();
    for (node, variables) in nodes.as_object().unwrap() {
        for (name, value) in variables.as_object().unwrap() {
            pool.set(node, name, Value::infer(value.clone()));
        }
    }
    pool
}

/// Files in memory, by their reference.
pub(crate) struct KeptFiles(pub(crate) Vec<(String, Bytes)>);

#[async_trait]
impl Files for KeptFiles {
    async fn read(&self, _: &RunFacts, file: &File, _: u64) -> Result<Bytes, FileError> {
        let mut kept = self.0.iter();
        let found = kept.find(|(reference, _)| Some(reference) == file.reference.as_ref());
        let missing = || FileError::NotFound(file.filename.clone().unwrap_or_default());
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(missing)
    }

    async fn keep(&self, _: &RunFacts, _: MadeFile) -> Result<File, FileError> {
        Err(FileError::Unavailable("nothing is kept".to_owned()))
    }
}

/// A provider at a scripted address, and the credentials that may pay for it.
pub(crate) struct World {
    source: Arc<MemorySource>,
    manager: Arc<ModelManager>,
    outbound: Outbound,
    pub(crate) files: Arc<MemoryFiles>,
    pub(crate) other_files: Option<Arc<dyn Files>>,
    requests: Arc<Mutex<Vec<(String, Json)>>>,
    pub(crate) history: Vec<Exchange>,
    pub(crate) tools: Arc<dyn Tools>,
    pub(crate) cancel: CancellationToken,
    sandbox: Option<Arc<Sandbox>>,
}

/// A sandbox over the launcher of this crate, in which nothing may take longer than this.
pub(crate) fn sandbox(time: Duration) -> Arc<Sandbox> {
    Arc::new(Sandbox::new(Config {
        launcher: env!("CARGO_BIN_EXE_latchkey-confined").into(),
        kept_ready: 0,
        limits: Limits {
            time,
            ..Limits::default()
        },
        ..Config::default()
    }))
}

impl World {
    /// A provider that says these pieces.
    pub(crate) fn saying(pieces: &[&str]) -> Self {
        let texts = pieces.iter().map(|piece| json!({"content": piece}));
        Self::replying(vec![reply(texts)])
    }

    /// A provider that gives these replies one after another, the last one again and again.
    pub(crate) fn replying(replies: Vec<String>) -> Self {
        Self::answering(200, replies)
    }

    /// A provider that refuses every call.
    pub(crate) fn refusing(status: u16) -> Self {
        let body = json!({"error": {"message": "no"}}).to_string();
        Self::answering(status, vec![body])
    }

    fn answering(status: u16, replies: Vec<String>) -> Self {
        let requests: Arc<Mutex<Vec<(String, Json)>>> = Arc::default();
        let seen = Arc::clone(&requests);
        let outbound = Outbound::scripted(Arc::new(move |request| {
            let mut headers = request.headers();
            let key = headers.find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            let key = key.map_or("", |(_, value)| value).to_owned();
            let sent = serde_json::from_slice(request.body_bytes()).unwrap_or_default();
            let mut seen = seen.lock().unwrap();
            let body = replies[seen.len().min(replies.len() - 1)].clone();
            seen.push((key, sent));
            let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
            Ok(Response::ready(status, headers, body))
        }));
        let source = Arc::new(MemorySource::new(Arc::new(|| NOW)));
        source.set_settings(CredentialSettings {
            runtime_override: RuntimeOverride::Named,
            runtime_allow: vec!["customer-*".to_owned()],
            ..CredentialSettings::default()
        });
        let manager = ModelManager::new(
            Arc::clone(&source) as _,
            Arc::new(MemoryBook::default()),
            outbound.clone(),
        );
        Self {
            source,
            manager: Arc::new(manager),
            files: Arc::new(MemoryFiles::new(RemoteFiles::new(outbound.clone()))),
            outbound,
            other_files: None,
            requests,
            history: Vec::new(),
            tools: Arc::new(NoTools),
            cancel: CancellationToken::new(),
            sandbox: None,
        }
    }

    /// The same with a sandbox, in which nothing may take longer than this.
    pub(crate) fn with_sandbox(self, time: Duration) -> Self {
        Self {
            sandbox: Some(sandbox(time)),
            ..self
        }
    }

    /// A world with this way out and these files.
    pub(crate) fn over(outbound: Outbound, files: Arc<dyn Files>) -> Self {
        Self {
            outbound,
            other_files: Some(files),
            ..Self::saying(&[])
        }
    }

    /// The same with a credential of OpenAI; the value is `key-` and the name.
    pub(crate) fn with_credential(self, name: &str) -> Self {
        self.with_credential_of("openai", name)
    }

    /// The same with a credential of another provider.
    pub(crate) fn with_credential_of(self, provider: &str, name: &str) -> Self {
        let id = CredentialId::new(Uuid::new_v4());
        let credential = Credential {
            id,
            workspace: WorkspaceId::new(Uuid::nil()),
            provider: ProviderId::normalise(provider),
            name: name.to_owned(),
            model: None,
            hosts: Vec::new(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            scope: Scope::default(),
            state: CredentialState::Active,
            limits: latchkey_domain::credential::Limits::default(),
            budgets: Vec::new(),
            health: latchkey_domain::credential::Health::default(),
            expires_at: None,
            version: 1,
            revision: 1,
            created_at: NOW,
            updated_at: NOW,
            last_used_at: None,
            last_validated_at: None,
        };
        let values = CredentialValues::one("api_key", &format!("key-{name}"));
        self.source.put(credential, values);
        self.source.make_default(id);
        self
    }

    pub(crate) fn build(&self, node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
        BuiltinNodes::new(self.host()).build(node)
    }

    pub(crate) fn host(&self) -> Host {
        let mut host = Host {
            tools: Arc::clone(&self.tools),
            files: Arc::clone(&self.files) as _,
            sandbox: self.sandbox.clone(),
            ..Host::new(Arc::clone(&self.manager), self.outbound.clone())
        };
        if let Some(files) = &self.other_files {
            host.files = Arc::clone(files);
        }
        host
    }

    /// Runs an `llm` node: a chat model of OpenAI unless the data say otherwise.
    pub(crate) async fn ask(&self, data: Json, pool: Pool) -> Attempt {
        let mut all = json!({
            "model": {"provider": "openai", "name": "gpt-4o-mini", "mode": "chat"},
            "prompt_template": [{"role": "user", "text": "hi"}],
            "context": {"enabled": false},
        });
        for (key, value) in data.as_object().unwrap() {
            match (all[key].as_object_mut(), value.as_object()) {
                (Some(old), Some(new)) => old.extend(new.clone()),
                _ => all[key] = value.clone(),
            }
        }
        self.run("llm", all, pool).await
    }

    /// Runs a node that has effects.
    pub(crate) async fn run(&self, node_type: &str, data: Json, pool: Pool) -> Attempt {
        let spec = self.build(&node(node_type, data)).unwrap();
        let Behaviour::Effect(node) = spec.behaviour else {
            panic!("{node_type} has effects");
        };
        node.run(self.context(pool)).await
    }

    /// Runs a node of any kind.
    pub(crate) async fn run_any(&self, node_type: &str, data: Json, pool: Pool) -> Attempt {
        let spec = self.build(&node(node_type, data)).unwrap();
        match spec.behaviour {
            Behaviour::Pure(node) => node.run(&pool),
            Behaviour::Effect(node) => node.run(self.context(pool)).await,
            Behaviour::Asking(_) | Behaviour::Container(_) => {
                panic!("{node_type} asks or contains")
            }
        }
    }

    /// What a node that has effects is given.
    pub(crate) fn context(&self, pool: Pool) -> NodeContext {
        let run = RunId::new(Uuid::from_u128(7));
        NodeContext {
            pool,
            run: Arc::new(RunFacts {
                run,
                workspace: WorkspaceId::new(Uuid::nil()),
                workflow: None,
                workflow_name: "test".to_owned(),
                version: None,
                author: Principal::Operator,
                caller: Principal::Operator,
                environment: Environment("development".to_owned()),
                end_user: None,
                overrides: Overrides::new(),
                mode: Mode::AdvancedChat,
                epoch: 1,
                history: self.history.clone(),
            }),
            node_id: NodeId::new("it"),
            execution_id: NodeExecutionId::nth(run, 1),
            attempt: 1,
            iteration_path: Vec::new(),
            entry: NodeId::new("start"),
            sink: Sink::closed(NodeExecutionId::nth(run, 1)),
            cancel: self.cancel.clone(),
            epoch: 1,
        }
    }

    /// What the requests had in `Authorization`.
    pub(crate) fn keys(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(key, _)| key.clone()).collect()
    }

    /// The messages of the last request.
    pub(crate) fn messages(&self) -> Json {
        let last = self.bodies().pop();
        last.map_or(Json::Null, |body| body["messages"].clone())
    }

    /// What was sent, in order.
    pub(crate) fn bodies(&self) -> Vec<Json> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(_, body)| body.clone()).collect()
    }
}

/// The body of a reply in pieces, each as a `delta`; it used 10 and 5 tokens.
pub(crate) fn reply(deltas: impl IntoIterator<Item = Json>) -> String {
    let mut body = String::new();
    for delta in deltas {
        let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
        body += &format!("data: {chunk}\n\n");
    }
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}});
    body + &format!("data: {end}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
}

/// The body of a reply that calls a tool, its arguments in two pieces.
pub(crate) fn call(id: &str, name: &str, arguments: &str) -> String {
    let (head, tail) = arguments.split_at(arguments.len() / 2);
    let piece = |call: Json| json!({"tool_calls": [call]});
    reply([
        piece(
            json!({"index": 0, "id": id, "type": "function", "function": {"name": name, "arguments": head}}),
        ),
        piece(json!({"index": 0, "function": {"arguments": tail}})),
    ])
}

/// Builds a node, for what is wrong with it.
pub(crate) fn build(node_type: &str, data: Json) -> Result<(), BuildProblem> {
    World::saying(&[]).build(&node(node_type, data)).map(|_| ())
}

/// Runs a node without effects.
pub(crate) fn run(node_type: &str, data: Json, pool: &Pool) -> Attempt {
    let spec = World::saying(&[]).build(&node(node_type, data)).unwrap();
    let Behaviour::Pure(node) = spec.behaviour else {
        panic!("{node_type} has no effects");
    };
    node.run(pool)
}

/// The outputs as JSON, or the failure's text.
pub(crate) fn outcome(attempt: &Attempt) -> Result<Json, String> {
    match &attempt.outcome {
        Ok(()) => Ok(Json::Object(to_json_map(&attempt.outputs))),
        Err(failure) => Err(failure.message.clone()),
    }
}
