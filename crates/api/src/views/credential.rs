//! Stored credentials. Values go in; last four characters and a fingerprint come out.

use std::collections::BTreeMap;

use latchkey_domain::credential::{
    CredentialState, Environment, Fingerprint, ModelScope, Principal, Scope,
};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::provider::ModelType;
use latchkey_service::{Checked, CredentialStanding, Reference, Used};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::Object;
use crate::views::limits::{BudgetBody, BudgetView, HealthView, LimitsBody, LimitsInUseView};

/// A credential that is to be stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredentialBody {
    /// Its provider, such as `openai`.
    pub(crate) provider: String,
    /// Its name, unique at its provider: letters, digits, dots, underscores, hyphens.
    pub(crate) name: String,
    /// The model, if it is for one only.
    pub(crate) model: Option<String>,
    /// What that model does; `llm` unless said.
    #[schema(value_type = Option<String>)]
    pub(crate) model_type: Option<ModelType>,
    /// The fields of its provider's form; secret ones are sealed and never shown again.
    pub(crate) values: BTreeMap<String, ValueBody>,
    /// Where it may be sent (`host` or `host:port`); the host of its URL unless said.
    pub(crate) hosts: Option<Vec<String>>,
    /// Who may use it; everybody unless said.
    #[serde(default)]
    #[schema(value_type = Option<ScopeBody>)]
    pub(crate) scope: Object<ScopeBody>,
    /// What it may do per minute and at once; unlimited unless said.
    #[serde(default)]
    #[schema(value_type = Option<LimitsBody>)]
    pub(crate) limits: Object<LimitsBody>,
    /// What it may cost; unlimited unless said.
    #[serde(default)]
    #[schema(value_type = Option<Vec<BudgetBody>>)]
    pub(crate) budgets: Vec<Object<BudgetBody>>,
    /// From when on it may not pay (RFC 3339).
    pub(crate) expires_at: Option<String>,
    /// Whether it becomes the default of its provider, or of its model.
    #[serde(default)]
    pub(crate) default: bool,
    /// Whether the provider is asked first.
    #[serde(default = "yes")]
    pub(crate) validate: bool,
}

/// A field of a credential's form.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ValueBody {
    /// Its value.
    Text(String),
    /// Where the value of a secret field is kept.
    Reference(ValueReferenceBody),
}

/// Where the value of a secret field is kept, as far as the operator allows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueReferenceBody {
    /// `env:NAME`, `file:/path` or `vault:mount/path#field`.
    #[serde(rename = "ref")]
    pub(crate) reference: String,
}

pub(crate) const fn yes() -> bool {
    true
}

/// What is changed of a credential; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialChangeBody {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Fields of its form that are entered again; the others stay. All secret ones, if an address or a host changes.
    pub(crate) values: Option<BTreeMap<String, ValueBody>>,
    /// Where it may be sent; a change only together with all secret values.
    pub(crate) hosts: Option<Vec<String>>,
    /// Who may use it.
    #[schema(value_type = Option<ScopeBody>)]
    pub(crate) scope: Option<Object<ScopeBody>>,
    /// What it may do per minute and at once: all of it, what is absent is not limited any more.
    #[schema(value_type = Option<LimitsBody>)]
    pub(crate) limits: Option<Object<LimitsBody>>,
    /// What it may cost: all of it.
    #[schema(value_type = Option<Vec<BudgetBody>>)]
    pub(crate) budgets: Option<Vec<Object<BudgetBody>>>,
    /// `active` or `disabled`.
    #[schema(value_type = Option<String>)]
    pub(crate) state: Option<CredentialState>,
    /// From when on it may not pay; null takes the date away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(crate) expires_at: Option<Option<String>>,
    /// Whether the provider is asked before new values are stored.
    #[serde(default = "yes")]
    pub(crate) validate: bool,
}

/// Tells null from absent.
pub(crate) fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Who may use a credential. An absent list allows everything of its kind; an empty one allows nothing.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeBody {
    /// Workflows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) workflows: Option<Vec<WorkflowId>>,
    /// Environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) environments: Option<Vec<String>>,
    /// Callers and authors: `{kind: api_key | member, id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub(crate) principals: Option<Vec<Principal>>,
}

impl From<ScopeBody> for Scope {
    fn from(body: ScopeBody) -> Self {
        Self {
            workflows: body.workflows,
            environments: body
                .environments
                .map(|names| names.into_iter().map(Environment).collect()),
            principals: body.principals,
        }
    }
}

impl From<Scope> for ScopeBody {
    fn from(scope: Scope) -> Self {
        Self {
            workflows: scope.workflows,
            environments: scope
                .environments
                .map(|names| names.into_iter().map(|name| name.0).collect()),
            principals: scope.principals,
        }
    }
}

/// A stored credential, without its values.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CredentialView {
    /// Its id.
    id: String,
    /// Its provider.
    provider: String,
    /// Its name.
    name: String,
    /// The model that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// What that model does.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_type: Option<String>,
    /// active, disabled, invalid or exhausted.
    state: String,
    /// Its secret fields: enough to recognise one, not to use it.
    values: BTreeMap<String, FingerprintView>,
    /// Its other fields.
    settings: BTreeMap<String, String>,
    /// Where it may be sent.
    hosts: Vec<String>,
    /// Who may use it.
    scope: ScopeBody,
    /// What it may do per minute and at once.
    limits: LimitsBody,
    /// What is taken of these limits now.
    in_use: LimitsInUseView,
    /// What it may cost, and how that stands.
    budgets: Vec<BudgetView>,
    /// What calls have shown about it.
    health: HealthView,
    /// Counts changes of its values.
    version: i32,
    /// From when on it may not pay.
    expires_at: Option<String>,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
    /// When it last paid, roughly.
    last_used_at: Option<String>,
    /// When its provider last confirmed it.
    last_validated_at: Option<String>,
}

/// The readable trace of a secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FingerprintView {
    /// The last four characters; empty for short values.
    last4: String,
    /// Equal values of one workspace have equal fingerprints; empty for one that is kept elsewhere.
    fingerprint: String,
    /// Where the value is kept, if it is not stored here.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// What reads show of secrets.
pub(crate) fn traces(secrets: BTreeMap<String, Fingerprint>) -> BTreeMap<String, FingerprintView> {
    let trace = |trace: Fingerprint| FingerprintView {
        last4: trace.last4,
        fingerprint: trace.fingerprint,
        reference: trace.reference.map(String::from),
    };
    let all = secrets.into_iter();
    all.map(|(name, of)| (name, trace(of))).collect()
}

impl From<CredentialStanding> for CredentialView {
    fn from(standing: CredentialStanding) -> Self {
        let CredentialStanding {
            credential,
            budgets,
            in_use,
        } = standing;
        let state = match credential.state {
            CredentialState::Active if credential.health.exhausted_at.is_some() => {
                CredentialState::Exhausted
            }
            state @ (CredentialState::Active
            | CredentialState::Disabled
            | CredentialState::Invalid
            | CredentialState::Exhausted) => state,
        };
        let (model, model_type) = match credential.model {
            Some(ModelScope { name, model_type }) => {
                (Some(name), Some(model_type.as_str().to_owned()))
            }
            None => (None, None),
        };
        Self {
            id: credential.id.to_string(),
            provider: credential.provider.to_string(),
            name: credential.name,
            model,
            model_type,
            state: state.as_str().to_owned(),
            limits: credential.limits.into(),
            in_use: in_use.into(),
            budgets: budgets.into_iter().map(BudgetView::from).collect(),
            health: credential.health.into(),
            values: traces(credential.secrets),
            settings: credential.settings,
            hosts: credential.hosts,
            scope: credential.scope.into(),
            version: credential.version,
            expires_at: credential.expires_at.map(|at| at.to_string()),
            created_at: credential.created_at.to_string(),
            updated_at: credential.updated_at.to_string(),
            last_used_at: credential.last_used_at.map(|at| at.to_string()),
            last_validated_at: credential.last_validated_at.map(|at| at.to_string()),
        }
    }
}

/// What the provider said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CheckedView {
    /// Whether it accepts the credential.
    valid: bool,
    /// Why not.
    code: Option<String>,
    /// The provider's words.
    message: Option<String>,
    /// The credential's state afterwards.
    state: String,
}

impl From<Checked> for CheckedView {
    fn from(checked: Checked) -> Self {
        Self {
            valid: checked.valid,
            code: checked.code,
            message: checked.message,
            state: checked.state.as_str().to_owned(),
        }
    }
}

/// How a credential or a pool is deleted.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteQuery {
    /// Whether it goes although something names it.
    #[serde(default)]
    pub(crate) force: bool,
}

impl DeleteQuery {
    /// What becomes of it when something names it.
    pub(crate) const fn used(self) -> Used {
        if self.force { Used::Goes } else { Used::Stays }
    }
}

/// A place that names a credential or a pool, may come to it, or was paid by it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct ReferenceView {
    /// default, binding, node, pool, dataset or paid.
    kind: String,
    /// The workflow.
    workflow_id: Option<String>,
    /// Its name.
    workflow_name: Option<String>,
    /// The published version; null for the draft.
    version: Option<u32>,
    /// The node.
    node_id: Option<String>,
    /// Whether a run decides: the node's selector has variables, and this credential's name fits it.
    by_variable: bool,
    /// The pool that it is a member of.
    pool_id: Option<String>,
    /// Its name.
    pool_name: Option<String>,
    /// The dataset.
    dataset_id: Option<String>,
    /// Its name.
    dataset_name: Option<String>,
    /// When it last paid for the workflow: for `paid`.
    last_used_at: Option<String>,
}

impl From<Reference> for ReferenceView {
    fn from(reference: Reference) -> Self {
        let of = |kind: &str, workflow: Option<WorkflowId>, name: Option<String>| Self {
            kind: kind.to_owned(),
            workflow_id: workflow.map(|id| id.to_string()),
            workflow_name: name,
            ..Self::default()
        };
        match reference {
            Reference::Default => of("default", None, None),
            Reference::Binding { workflow, name } => of("binding", Some(workflow), Some(name)),
            Reference::Node {
                workflow,
                name,
                version,
                node_id,
                by_variable,
            } => Self {
                version,
                node_id: Some(node_id.to_string()),
                by_variable,
                ..of("node", Some(workflow), Some(name))
            },
            Reference::Pool { pool, name, .. } => Self {
                pool_id: Some(pool.to_string()),
                pool_name: Some(name),
                ..of("pool", None, None)
            },
            Reference::Dataset { dataset, name } => Self {
                dataset_id: Some(dataset.to_string()),
                dataset_name: Some(name),
                ..of("dataset", None, None)
            },
            Reference::Paid {
                workflow,
                name,
                last_used_at,
            } => Self {
                last_used_at: Some(last_used_at.to_string()),
                ..of("paid", workflow, name)
            },
        }
    }
}
