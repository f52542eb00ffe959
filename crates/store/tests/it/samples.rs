//! One plain specimen of everything that is kept; a test changes the fields that it is about.

use std::collections::BTreeMap;

use latchkey_domain::access::{ApiKey, ApiKeyKind, Permission};
use latchkey_domain::credential::{
    Credential, CredentialState, Environment, Finding, Fingerprint, Level, ModelScope, Principal,
    Scope,
};
use latchkey_domain::event::RunFinished;
use latchkey_domain::form::{Form, FormAction, FormRequest};
use latchkey_domain::id::{
    ApiKeyId, CredentialId, FormId, MemberId, ModelCallId, NodeExecutionId, NodeId, RunId,
    WorkflowId, WorkspaceId,
};
use latchkey_domain::journal::{JournalEntry, JournalRecord};
use latchkey_domain::ledger::{
    CallOutcome, ModelCallEnd, ModelCallStart, Price, Reservation, Tokens, UsageSource,
};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_domain::run::{NodeExecution, NodeStatus, Run, RunStatus, RunUsage, RunVersion};
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::{Mode, Workflow};
use latchkey_store::{DocumentText, NewRun, SealedValues, Workspace};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
/// The member who does everything.
pub(crate) const SOMEBODY: Principal = Principal::Member(MemberId::new(Uuid::from_u128(7)));

/// A new id; later ones are greater.
pub(crate) fn id() -> Uuid {
    Uuid::now_v7()
}

pub(crate) fn production() -> Environment {
    Environment("production".to_owned())
}

pub(crate) fn openai() -> ProviderId {
    ProviderId::normalise("openai")
}

pub(crate) fn object(value: Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}

pub(crate) fn workspace(name: &str) -> Workspace {
    Workspace {
        id: WorkspaceId::new(id()),
        name: name.to_owned(),
        environments: vec![production()],
        data_key: vec![1, 2, 3],
        created_at: NOW,
    }
}

pub(crate) fn api_key(workspace: WorkspaceId) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(id()),
        workspace,
        member: None,
        name: "ci".to_owned(),
        kind: ApiKeyKind::Workspace,
        workflow: None,
        permissions: vec![Permission::RunsRead, Permission::RunsWrite],
        environments: vec![production()],
        prefix: "lk_abc".to_owned(),
        expires_at: None,
        created_at: NOW,
        last_used_at: None,
    }
}

pub(crate) fn workflow(workspace: WorkspaceId) -> Workflow {
    Workflow {
        id: WorkflowId::new(id()),
        workspace,
        name: "translate".to_owned(),
        mode: Mode::Workflow,
        description: "from one language to another".to_owned(),
        draft_revision: 1,
        published_version: None,
        settings_revision: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn document(text: &str) -> DocumentText {
    DocumentText {
        json: json!({"said": text}).to_string(),
        secrets: Some(vec![0, 255, 7]),
    }
}

pub(crate) fn sealed(text: &str) -> SealedValues {
    SealedValues(text.as_bytes().to_vec())
}

pub(crate) fn credential(workspace: WorkspaceId, name: &str) -> Credential {
    let fingerprint = Fingerprint {
        last4: "wxyz".to_owned(),
        fingerprint: "f00d".to_owned(),
        reference: None,
    };
    Credential {
        id: CredentialId::new(id()),
        workspace,
        provider: openai(),
        name: name.to_owned(),
        model: None,
        hosts: vec!["127.0.0.1:9".to_owned()],
        settings: BTreeMap::from([("base_url".to_owned(), "http://127.0.0.1:9".to_owned())]),
        secrets: BTreeMap::from([("api_key".to_owned(), fingerprint)]),
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
    }
}

pub(crate) fn model(name: &str) -> ModelScope {
    ModelScope {
        name: name.to_owned(),
        model_type: ModelType::Llm,
    }
}

/// A credential of one model.
pub(crate) fn model_credential(workspace: WorkspaceId, name: &str) -> Credential {
    Credential {
        model: Some(model("small")),
        ..credential(workspace, name)
    }
}

pub(crate) fn run(workspace: WorkspaceId) -> Run {
    Run {
        id: RunId::new(id()),
        workspace,
        workflow: WorkflowId::new(Uuid::from_u128(9)),
        version: RunVersion::Published(3),
        author: SOMEBODY,
        caller: SOMEBODY,
        end_user: Some("guest".to_owned()),
        environment: production(),
        overrides: BTreeMap::new(),
        status: RunStatus::Running,
        epoch: 1,
        inputs: object(json!({"text": "hällo"})),
        outputs: None,
        error: None,
        retried_from: None,
        trigger: None,
        only_node: None,
        parent: None,
        usage: RunUsage::default(),
        steps: 0,
        exceptions: 0,
        created_at: NOW,
        started_at: Some(NOW),
        finished_at: None,
    }
}

/// A run that is to be accepted without more.
pub(crate) fn new_run(run: &Run) -> NewRun {
    NewRun::of(run.clone())
}

pub(crate) fn record(sequence: u64, epoch: u32) -> JournalRecord {
    JournalRecord {
        sequence,
        epoch,
        at: NOW,
        reports: Vec::new(),
        entry: JournalEntry::StopAsked {
            reason: format!("record {sequence}"),
        },
    }
}

pub(crate) fn last_record(sequence: u64, epoch: u32, end: &RunFinished) -> JournalRecord {
    JournalRecord {
        entry: JournalEntry::Finished(end.clone()),
        ..record(sequence, epoch)
    }
}

pub(crate) fn finished() -> RunFinished {
    RunFinished {
        status: RunStatus::Succeeded,
        outputs: object(json!({"answer": 42})),
        error: None,
        usage: RunUsage::default(),
        steps: 2,
        exceptions: 1,
    }
}

/// What the second node of a run asks.
pub(crate) fn form(run: &Run, due_at: Timestamp) -> FormRequest {
    let execution_id = NodeExecutionId::nth(run.id, 2);
    FormRequest {
        form_id: FormId::of(execution_id),
        execution_id,
        node_id: "ask".into(),
        title: "Ask".to_owned(),
        iteration_path: Vec::new(),
        form: Form {
            content: "Is it?".to_owned(),
            inputs: Vec::new(),
            actions: vec![FormAction {
                id: "yes".to_owned(),
                title: "Yes".to_owned(),
                style: "primary".to_owned(),
            }],
            due_at,
        },
    }
}

/// The `index`th node execution of a run.
pub(crate) fn node(run: RunId, index: u32) -> NodeExecution {
    NodeExecution {
        id: NodeExecutionId::nth(run, index),
        node_id: NodeId::new(&format!("node-{index}")),
        node_type: "llm".to_owned(),
        title: "Translate".to_owned(),
        index,
        iteration_path: Vec::new(),
        status: NodeStatus::Succeeded,
        inputs: None,
        outputs: Some(json!({"text": "ja"})),
        process_data: None,
        handle: None,
        error: None,
        attempts: 1,
        resolution: None,
        tokens: Tokens::default(),
        started_at: NOW,
        finished_at: Some(NOW),
    }
}

pub(crate) fn price(currency: &str, input: &str, output: &str) -> Price {
    Price {
        cache_read: "0.01".parse().unwrap(),
        cache_write: "0.2".parse().unwrap(),
        ..Price::plain(currency, input.parse().unwrap(), output.parse().unwrap())
    }
}

/// A call that no run and no credential stands behind.
pub(crate) fn call(workspace: WorkspaceId) -> ModelCallStart {
    ModelCallStart {
        id: ModelCallId::new(id()),
        workspace,
        workflow: Some(WorkflowId::new(Uuid::from_u128(9))),
        workflow_name: Some("translate".to_owned()),
        version: Some(3),
        run: None,
        epoch: 1,
        node: Some(NodeId::new("llm")),
        node_execution: None,
        iteration_path: Vec::new(),
        attempt: 1,
        environment: production(),
        end_user: Some("guest".to_owned()),
        caller: SOMEBODY,
        credential: None,
        credential_name: None,
        credential_version: None,
        credential_revision: None,
        inline: None,
        level: Some(Level::WorkspaceDefault),
        provider: openai(),
        model: "small".to_owned(),
        model_type: ModelType::Llm,
        price: Some(price("USD", "0.15", "0.6")),
        reserved: Reservation {
            input: 100,
            output: 50,
        },
        at: NOW,
    }
}

/// A call of a run, paid by a credential at its first revision.
pub(crate) fn paid_call(run: &Run, credential: CredentialId) -> ModelCallStart {
    ModelCallStart {
        run: Some(run.id),
        epoch: run.epoch,
        credential: Some(credential),
        credential_name: Some("acme".to_owned()),
        credential_version: Some(1),
        credential_revision: Some(1),
        ..call(run.workspace)
    }
}

pub(crate) fn tokens(input: u64, output: u64) -> Tokens {
    Tokens {
        input,
        output,
        ..Tokens::default()
    }
}

pub(crate) fn answered(tokens: Tokens) -> ModelCallEnd {
    ModelCallEnd {
        outcome: CallOutcome::Succeeded,
        error_code: None,
        http_status: Some(200),
        tokens,
        usage_source: UsageSource::Reported,
        raw_usage: Some(json!({"prompt_tokens": 5})),
        provider_request_id: Some("req-1".to_owned()),
        latency_ms: 120,
        first_token_ms: Some(40),
        finding: Finding::Nothing,
        at: NOW.plus_millis(120),
    }
}
