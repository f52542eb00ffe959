//! Runs and node executions.

use latchkey_domain::credential::CredentialChoice;
use latchkey_domain::ledger::Money;
use latchkey_domain::run::{IterationStep, NodeExecution, Run, RunError, RunUsage, RunVersion};
use latchkey_service::Payer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

use super::resolution::{CredentialFailureView, ResolutionView};
use crate::body::Object;

/// A start of a run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartBody {
    /// The inputs, as the start node or the trigger declares them.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) inputs: Map<String, Json>,
    /// The id of the trigger node at which the run begins; the first one unless said.
    pub(crate) trigger: Option<String>,
    /// The question, for a workflow that answers in a conversation.
    pub(crate) query: Option<String>,
    /// Files besides the inputs, if the app takes some: each with `transfer_method` and `upload_file_id` or `url`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub(crate) files: Vec<Json>,
    /// How the answer comes; `blocking` unless said.
    #[serde(default)]
    pub(crate) response_mode: ResponseMode,
    /// `published` (default), `draft` or a version's number.
    #[schema(value_type = Option<VersionName>)]
    pub(crate) version: Option<Json>,
    /// The environment; the key's first unless said.
    pub(crate) environment: Option<String>,
    /// A label for the end user: it grants nothing.
    pub(crate) end_user: Option<String>,
    /// `strict` refuses what is known to fail.
    pub(crate) preflight: Option<Preflight>,
    /// Credentials that this run states, by `<provider>` or `<provider>:<model>`.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, OverrideBody>)]
    pub(crate) credential_overrides: BTreeMap<String, Object<OverrideBody>>,
}

/// A run of one node of the draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeRunBody {
    /// The values of the variables that the node reads, by `node.variable`, `sys.variable`, `env.variable` or `conversation.variable`. What
    /// is not stated is what the draft says, or nothing. A file is named as in the inputs of a run.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) inputs: Map<String, Json>,
    /// How the answer comes; `blocking` unless said.
    #[serde(default)]
    pub(crate) response_mode: ResponseMode,
    /// The environment; `development` unless said, where there is one.
    pub(crate) environment: Option<String>,
    /// A label for the end user: it grants nothing.
    pub(crate) end_user: Option<String>,
    /// Credentials that this run states, by `<provider>` or `<provider>:<model>`.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, OverrideBody>)]
    pub(crate) credential_overrides: BTreeMap<String, Object<OverrideBody>>,
}

/// How a run is repeated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryBody {
    /// `failed`, or the id of a node of the top level: it and what follows from it is executed again.
    pub(crate) from: String,
    /// What is executed; `same` unless said.
    #[serde(default)]
    pub(crate) version: RetriedVersion,
    /// Credentials that the new run states; a run that has stated some needs them stated again.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, OverrideBody>)]
    pub(crate) credential_overrides: BTreeMap<String, Object<OverrideBody>>,
}

/// What a repeated run executes.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RetriedVersion {
    /// What the run has executed.
    #[default]
    Same,
    /// The newest published version.
    Published,
}

/// A version of a workflow.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum VersionName {
    /// A published one, from 1.
    Number(u32),
    /// `published` or `draft`.
    Word(String),
}

/// How the answer comes.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResponseMode {
    /// When the run is over.
    #[default]
    Blocking,
    /// As events while it runs.
    Streaming,
    /// At once; the run goes on alone.
    Detached,
}

/// What is checked before a start.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Preflight {
    /// Everything that the dry run knows to fail.
    Strict,
}

/// What a run states for a provider or a model: a stored credential or a pool, or values of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideBody {
    /// A stored credential, by id.
    pub(crate) credential_id: Option<String>,
    /// A stored credential or a pool, by name.
    pub(crate) credential_name: Option<String>,
    /// Values of the run's own: all fields of the provider's form. They end with the run and are shown nowhere.
    pub(crate) values: Option<BTreeMap<String, String>>,
}

/// A stored credential, by id or by name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoiceBody {
    /// By id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) credential_id: Option<String>,
    /// By name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) credential_name: Option<String>,
}

impl From<ChoiceBody> for CredentialChoice {
    fn from(body: ChoiceBody) -> Self {
        Self {
            credential_id: body.credential_id,
            credential_name: body.credential_name,
        }
    }
}

impl From<CredentialChoice> for ChoiceBody {
    fn from(choice: CredentialChoice) -> Self {
        Self {
            credential_id: choice.credential_id,
            credential_name: choice.credential_name,
        }
    }
}

/// Which runs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunsQuery {
    /// How many rows: 1 to 200, else 50.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Of one workflow.
    pub(crate) workflow_id: Option<String>,
    /// In one status.
    pub(crate) status: Option<String>,
    /// In one environment.
    pub(crate) environment: Option<String>,
    /// For one end user.
    pub(crate) end_user: Option<String>,
    /// In which a node was paid by this credential.
    pub(crate) credential_id: Option<String>,
    /// Made at this time (RFC 3339) or later.
    pub(crate) from: Option<String>,
    /// Made before this time.
    pub(crate) to: Option<String>,
}

/// A run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// Its id.
    id: String,
    /// The workflow.
    workflow_id: String,
    /// `draft` or the published version's number.
    version: VersionName,
    /// queued, running, succeeded, partial-succeeded, failed, stopped or paused.
    status: String,
    /// Its inputs.
    #[schema(value_type = Object)]
    inputs: Map<String, Json>,
    /// Its outputs; null until it is over.
    #[schema(value_type = Option<Object>)]
    outputs: Option<Map<String, Json>>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RunErrorView>,
    /// Its environment.
    environment: String,
    /// The end user's label.
    end_user: Option<String>,
    /// The run that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    retried_from: Option<String>,
    /// The trigger node at which it began, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger: Option<String>,
    /// The only node of the draft that it runs; its inputs are then the stated values, by `node.variable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<String>,
    /// The run whose tool it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_run_id: Option<String>,
    /// When it was accepted.
    created_at: String,
    /// When it began.
    started_at: Option<String>,
    /// When it ended.
    finished_at: Option<String>,
    /// How long it took.
    elapsed_ms: Option<u64>,
    /// What it used.
    usage: UsageView,
    /// Started attempts of nodes.
    steps: u32,
    /// The credentials that were asked to pay, in the order of their first calls, for those who may read credentials. Only in
    /// lists of runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<Vec<PayerView>>,
}

/// A credential that was asked to pay for a call of a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PayerView {
    /// The credential; null if the run has stated its values.
    id: Option<String>,
    /// Its name at the time.
    name: String,
    /// Its provider.
    provider: String,
    /// Whether one of its calls has succeeded or is under way.
    has_paid: bool,
}

impl From<Payer> for PayerView {
    fn from(payer: Payer) -> Self {
        Self {
            id: payer.credential.map(|id| id.to_string()),
            name: payer.name,
            provider: payer.provider,
            has_paid: payer.has_paid,
        }
    }
}

impl RunView {
    /// The same with whoever was asked to pay.
    pub(crate) fn paid_by(self, payers: Vec<Payer>) -> Self {
        let credentials = payers.into_iter().map(PayerView::from).collect();
        Self {
            credentials: Some(credentials),
            ..self
        }
    }
}

/// Why a run failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunErrorView {
    /// The stable code.
    code: String,
    /// The text.
    message: String,
    /// The node.
    node_id: Option<String>,
}

/// What was used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// Tokens that models read, cached ones included.
    input_tokens: u64,
    /// Tokens that models wrote, reasoning included.
    output_tokens: u64,
    /// Money by currency.
    cost: Vec<MoneyView>,
    /// Calls whose price is unknown.
    unpriced_calls: u64,
}

/// An amount of money.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MoneyView {
    /// ISO 4217 code.
    currency: String,
    /// A decimal text.
    amount: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self {
            currency: money.currency,
            amount: money.amount.normalize().to_string(),
        }
    }
}

impl From<RunUsage> for UsageView {
    fn from(usage: RunUsage) -> Self {
        Self {
            input_tokens: usage.tokens.prompt(),
            output_tokens: usage.tokens.completion(),
            cost: usage.cost.into_iter().map(MoneyView::from).collect(),
            unpriced_calls: usage.unpriced_calls,
        }
    }
}

impl From<RunError> for RunErrorView {
    fn from(error: RunError) -> Self {
        Self {
            code: error.code,
            message: error.message,
            node_id: error.node_id.map(|node| node.to_string()),
        }
    }
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let elapsed = run
            .started_at
            .zip(run.finished_at)
            .map(|(from, to)| to.millis_since(from));
        Self {
            id: run.id.to_string(),
            workflow_id: run.workflow.to_string(),
            version: match run.version {
                RunVersion::Draft(_) => VersionName::Word("draft".to_owned()),
                RunVersion::Published(number) => VersionName::Number(number),
            },
            status: run.status.as_str().to_owned(),
            inputs: run.inputs,
            outputs: run.outputs,
            error: run.error.map(RunErrorView::from),
            environment: run.environment.0,
            end_user: run.end_user,
            retried_from: run.retried_from.map(|id| id.to_string()),
            trigger: run.trigger.map(|node| node.to_string()),
            node_id: run.only_node.map(|node| node.to_string()),
            parent_run_id: run.parent.map(|id| id.to_string()),
            created_at: run.created_at.to_string(),
            started_at: run.started_at.map(|at| at.to_string()),
            finished_at: run.finished_at.map(|at| at.to_string()),
            elapsed_ms: elapsed,
            usage: run.usage.into(),
            steps: run.steps,
            credentials: None,
        }
    }
}

/// One execution of one node, all its attempts together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct NodeExecutionView {
    /// Its id.
    id: String,
    /// The node.
    node_id: String,
    /// The node's type.
    #[serde(rename = "type")]
    kind: String,
    /// The node's title.
    title: String,
    /// Its place in the order of starts, from 1.
    index: u32,
    /// The rounds of the containers around it.
    iteration_path: Vec<StepView>,
    /// running, succeeded, failed, exception, stopped or paused.
    status: String,
    /// What went in.
    #[schema(value_type = Option<Object>)]
    inputs: Option<Json>,
    /// What came out.
    #[schema(value_type = Option<Object>)]
    outputs: Option<Json>,
    /// What happened inside.
    #[schema(value_type = Option<Object>)]
    process_data: Option<Json>,
    /// The failure of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<FailureView>,
    /// Attempts, from 1.
    attempts: u32,
    /// Tokens of all attempts.
    input_tokens: u64,
    /// Tokens of all attempts.
    output_tokens: u64,
    /// Why this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<ResolutionView>,
    /// When its first attempt began.
    started_at: String,
    /// How long it took.
    elapsed_ms: Option<u64>,
}

/// One round of one container.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    /// The iteration or loop.
    node_id: String,
    /// Its round, from 0.
    index: u32,
}

impl From<IterationStep> for StepView {
    fn from(step: IterationStep) -> Self {
        Self {
            node_id: step.node_id.to_string(),
            index: step.index,
        }
    }
}

/// Why a node failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FailureView {
    /// The class, such as `CredentialError`.
    error_type: String,
    /// The text; for a credential's failure it begins with the code.
    message: String,
    /// The whole story of a credential's failure, for those who may read credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<CredentialFailureView>,
}

impl From<NodeExecution> for NodeExecutionView {
    fn from(node: NodeExecution) -> Self {
        Self {
            id: node.id.to_string(),
            node_id: node.node_id.to_string(),
            kind: node.node_type,
            title: node.title,
            index: node.index,
            iteration_path: node
                .iteration_path
                .into_iter()
                .map(StepView::from)
                .collect(),
            status: node.status.as_str().to_owned(),
            inputs: node.inputs,
            outputs: node.outputs,
            process_data: node.process_data,
            error: node.error.map(|error| FailureView {
                error_type: error.error_type,
                message: error.message,
                credential: error.credential.map(|story| (*story).into()),
            }),
            attempts: node.attempts,
            input_tokens: node.tokens.prompt(),
            output_tokens: node.tokens.completion(),
            resolution: node.resolution.map(ResolutionView::from),
            started_at: node.started_at.to_string(),
            elapsed_ms: node
                .finished_at
                .map(|end| end.millis_since(node.started_at)),
        }
    }
}

/// Where a run stands after it was asked to stop.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StopView {
    /// `stopping`, or the status of a run that was over already.
    pub(crate) status: String,
}
