//! Who pays and why.

use std::collections::BTreeMap;

use latchkey_domain::credential::{Considered, CredentialFailure, Resolution};
use latchkey_service::{Disclosure, DryRunOutcome, DryRunRow};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::run::{OverrideBody, VersionName};
use crate::body::Object;

/// The code of a place whose provider cannot be called.
const UNSUPPORTED: &str = "provider_unsupported";

/// What a dry run supposes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveBody {
    /// Inputs, as many as are known.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) inputs: Map<String, Json>,
    /// The id of the trigger node at which the run would begin; the first one unless said.
    pub(crate) trigger: Option<String>,
    /// The environment.
    pub(crate) environment: Option<String>,
    /// The end user's label.
    pub(crate) end_user: Option<String>,
    /// `published`, `draft` or a version's number; the published one unless there is none.
    #[schema(value_type = Option<VersionName>)]
    pub(crate) version: Option<Json>,
    /// What the run would state for itself.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, OverrideBody>)]
    pub(crate) credential_overrides: BTreeMap<String, Object<OverrideBody>>,
}

/// Who would pay at each place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ResolveView {
    /// One row for each place that names a model.
    pub(crate) nodes: Vec<ResolveRow>,
}

/// Who would pay at one place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ResolveRow {
    /// The nodes around it that use its workflow as a tool, the outermost first. None for a node of the workflow itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inside: Vec<String>,
    /// The node.
    node_id: String,
    /// Its title.
    title: String,
    /// The provider.
    provider: String,
    /// The model.
    model: String,
    /// resolved, failed, depends_on or not_needed.
    outcome: String,
    /// Why nobody would.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The whole story of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The same, level by level.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<CredentialFailureView>,
    /// Outputs (`node.output`) that only a run can give.
    #[serde(skip_serializing_if = "Option::is_none")]
    depends_on: Option<Vec<String>>,
    /// Which credential, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<ResolutionView>,
}

impl ResolveRow {
    /// A row as this caller may see it.
    pub(crate) fn of(row: DryRunRow, disclosure: Disclosure) -> Self {
        let mut view = Self {
            inside: row.inside.iter().map(ToString::to_string).collect(),
            node_id: row.node_id.to_string(),
            title: row.title,
            provider: row.provider.to_string(),
            model: row.model,
            outcome: row.outcome.as_str().to_owned(),
            code: None,
            detail: None,
            failure: None,
            depends_on: None,
            resolution: None,
        };
        match row.outcome {
            DryRunOutcome::Resolved(resolution) | DryRunOutcome::NotNeeded(resolution) => {
                view.resolution = disclosure.tells().then(|| resolution.into());
            }
            DryRunOutcome::Failed(failure) => {
                let code = if disclosure.tells() {
                    failure.code
                } else {
                    failure.public_code()
                };
                view.code = Some(code.as_str().to_owned());
                if disclosure.tells() {
                    view.detail = Some(failure.to_string());
                    view.failure = Some((*failure).into());
                }
            }
            DryRunOutcome::Unsupported => {
                view.code = Some(UNSUPPORTED.to_owned());
                view.detail = Some(format!(
                    "the provider {} cannot be called yet",
                    view.provider
                ));
            }
            DryRunOutcome::DependsOn(outputs) => view.depends_on = Some(outputs),
        }
        view
    }
}

/// Which credential pays and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ResolutionView {
    /// The credential.
    credential_id: Option<String>,
    /// Its name.
    credential_name: Option<String>,
    /// The version of its values.
    credential_version: Option<i32>,
    /// The provider that is paid.
    provider: String,
    /// The level that decided.
    level: String,
    /// What that level says.
    selector: Option<String>,
    /// The same, rendered.
    selector_rendered: Option<String>,
    /// The pool that it came out of.
    pool: Option<PoolMemberView>,
    /// Its place in the node's `credential_fallback`, from 1; absent for the credential that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<u32>,
    /// Those before it in the chain, and why each does not pay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedView>,
    /// Every level with its outcome, strongest first.
    considered: Vec<ConsideredView>,
}

/// A credential that a fallback stands in for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SkippedView {
    /// Its name.
    credential_name: Option<String>,
    /// The code that kept it from paying, or the class of the provider's error.
    code: String,
}

/// Why no credential pays.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CredentialFailureView {
    /// The stable code.
    code: String,
    /// The level that failed; null when no level says anything.
    level: Option<String>,
    /// What that level says.
    selector: Option<String>,
    /// The same, rendered.
    selector_rendered: Option<String>,
    /// The credential that cannot be used, if there is one.
    credential_id: Option<String>,
    /// Its name.
    credential_name: Option<String>,
    /// Every level with its outcome, strongest first.
    considered: Vec<ConsideredView>,
}

impl From<CredentialFailure> for CredentialFailureView {
    fn from(failure: CredentialFailure) -> Self {
        Self {
            code: failure.code.as_str().to_owned(),
            level: failure.level.map(|level| level.as_str().to_owned()),
            selector: failure.selector,
            selector_rendered: failure.selector_rendered,
            credential_id: failure.credential_id.map(|id| id.to_string()),
            credential_name: failure.credential_name,
            considered: failure
                .considered
                .into_iter()
                .map(ConsideredView::from)
                .collect(),
        }
    }
}

/// The place of a credential in a pool.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PoolMemberView {
    /// The pool's name.
    name: String,
    /// The member's name.
    member: String,
    /// Which attempt this was, from 1.
    attempt: u32,
}

/// One level, as resolution met it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConsideredView {
    /// The level.
    level: String,
    /// decided, silent, failed, locked or not_asked.
    #[schema(value_type = String)]
    outcome: latchkey_domain::credential::LevelOutcome,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The name of the credential that a level which was not asked would have chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_be: Option<String>,
}

impl From<Considered> for ConsideredView {
    fn from(level: Considered) -> Self {
        Self {
            level: level.level.as_str().to_owned(),
            outcome: level.outcome,
            code: level.code.map(|code| code.as_str().to_owned()),
            would_be: level.would_be,
        }
    }
}

impl From<Resolution> for ResolutionView {
    fn from(resolution: Resolution) -> Self {
        Self {
            credential_id: resolution.credential_id.map(|id| id.to_string()),
            credential_name: resolution.credential_name,
            credential_version: resolution.credential_version,
            provider: resolution.provider.to_string(),
            level: resolution.level.as_str().to_owned(),
            selector: resolution.selector,
            selector_rendered: resolution.selector_rendered,
            pool: resolution.pool.map(|pool| PoolMemberView {
                name: pool.name,
                member: pool.member,
                attempt: pool.attempt,
            }),
            fallback: resolution.fallback,
            skipped: resolution
                .skipped
                .into_iter()
                .map(|skipped| SkippedView {
                    credential_name: skipped.credential_name,
                    code: skipped.code,
                })
                .collect(),
            considered: resolution
                .considered
                .into_iter()
                .map(ConsideredView::from)
                .collect(),
        }
    }
}
