//! Workflows, imports, versions, live credential settings.

use std::collections::BTreeMap;

use latchkey_domain::credential::{Environment, Level};
use latchkey_domain::document::{Problem, ReportedModel, ReportedTool, Severity, Status};
use latchkey_domain::provider::ProviderId;
use latchkey_domain::settings::{Binding, CredentialSettings, RuntimeOverride};
use latchkey_domain::workflow::{Mode, PublishedVersion, Workflow};
use latchkey_service::{Imported, ImportedCredential, Published};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::run::ChoiceBody;
use super::tool_binding::ToolTargetBody;
use crate::body::Object;
use crate::problem::Item;

/// A workflow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// workflow or advanced-chat.
    mode: String,
    /// What it is for.
    description: String,
    /// Counts changes of the draft.
    draft_revision: u32,
    /// The newest published version.
    published_version: Option<u32>,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<Workflow> for WorkflowView {
    fn from(workflow: Workflow) -> Self {
        Self {
            id: workflow.id.to_string(),
            name: workflow.name,
            mode: workflow.mode.as_str().to_owned(),
            description: workflow.description,
            draft_revision: workflow.draft_revision,
            published_version: workflow.published_version,
            created_at: workflow.created_at.to_string(),
            updated_at: workflow.updated_at.to_string(),
        }
    }
}

/// A workflow that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWorkflowBody {
    /// Its name.
    pub(crate) name: String,
    /// `workflow` (default) or `advanced-chat`.
    #[schema(value_type = Option<String>)]
    pub(crate) mode: Option<Mode>,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
}

/// What is changed of a workflow; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkflowChangeBody {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it is for.
    pub(crate) description: Option<String>,
}

/// How a file is imported.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportQuery {
    /// The name; the file's unless said.
    pub(crate) name: Option<String>,
    /// The workflow whose draft it replaces; a new one unless said.
    pub(crate) workflow_id: Option<String>,
    /// Whether it is published at once.
    #[serde(default)]
    pub(crate) publish: bool,
    /// Whether only the report is wanted.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Whether a file of a newer version is taken without asking.
    #[serde(default)]
    pub(crate) confirm_newer: bool,
    /// Whether the credential settings that the file proposes are applied.
    #[serde(default)]
    pub(crate) bind: bool,
}

/// A file with how it is imported.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportBody {
    /// The file's text.
    pub(crate) content: Option<String>,
    /// Where the file is, instead of its text.
    pub(crate) url: Option<String>,
    /// The name; the file's unless said.
    pub(crate) name: Option<String>,
    /// The workflow whose draft it replaces; a new one unless said.
    pub(crate) workflow_id: Option<String>,
    /// Whether it is published at once.
    #[serde(default)]
    pub(crate) publish: bool,
    /// Whether only the report is wanted.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Whether a file of a newer version is taken without asking.
    #[serde(default)]
    pub(crate) confirm_newer: bool,
    /// Whether the credential settings that the file proposes are applied.
    #[serde(default)]
    pub(crate) bind: bool,
    /// From `<provider>/<name in the file>` to the name or id here.
    #[serde(default)]
    pub(crate) credential_mapping: BTreeMap<String, String>,
}

/// What came of an import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ImportedView {
    /// The workflow; null for a dry run and when the import waits for a confirmation.
    workflow: Option<WorkflowView>,
    /// What was found.
    report: ReportView,
}

/// The report of an import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// completed, completed-with-warnings, pending or failed.
    #[schema(value_type = String)]
    status: Status,
    /// The file's version.
    dsl_version: String,
    /// Findings.
    items: Vec<FindingView>,
    /// What the file says about credentials.
    credentials: Vec<ImportedCredentialView>,
    /// The models that it names.
    models: Vec<ModelView>,
    /// The tools that it names.
    tools: Vec<ToolView>,
    /// Whether the credential settings that it proposes were applied.
    credential_settings_applied: bool,
}

/// One finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FindingView {
    /// info, warning or error.
    #[schema(value_type = String)]
    severity: Severity,
    /// The stable code.
    code: String,
    /// The text.
    message: String,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// The column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// The node.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<String>,
    /// The field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<Problem> for FindingView {
    fn from(problem: Problem) -> Self {
        Self {
            severity: problem.severity,
            code: problem.code,
            message: problem.message,
            line: problem.line,
            column: problem.column,
            node_id: problem.node_id.map(|node| node.to_string()),
            field: problem.field,
        }
    }
}

/// A model that a file names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ModelView {
    /// The provider.
    provider: String,
    /// The model.
    model: String,
    /// The nodes that name it.
    node_ids: Vec<String>,
    /// The line of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// A tool that a file names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ToolView {
    /// Its provider and its name.
    name: String,
    /// `builtin`, `plugin`, `api`, `workflow`, `mcp` …
    provider_type: String,
    /// The provider, as bindings name it.
    provider: String,
    /// The tool.
    tool: String,
    /// `bound` or `unbound`: a node of an unbound tool fails when a run reaches it.
    state: String,
    /// What is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_to: Option<ToolTargetBody>,
    /// The nodes that name it.
    node_ids: Vec<String>,
    /// The line of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

impl From<ReportedModel> for ModelView {
    fn from(model: ReportedModel) -> Self {
        Self {
            provider: model.provider.to_string(),
            model: model.model,
            node_ids: model.node_ids.iter().map(ToString::to_string).collect(),
            line: model.line,
        }
    }
}

impl From<ReportedTool> for ToolView {
    fn from(tool: ReportedTool) -> Self {
        Self {
            name: tool.name,
            provider_type: tool.tool.provider_type,
            provider: tool.tool.provider,
            tool: tool.tool.tool,
            state: if tool.bound_to.is_some() {
                "bound"
            } else {
                "unbound"
            }
            .to_owned(),
            bound_to: tool.bound_to.map(ToolTargetBody::from),
            node_ids: tool.node_ids.iter().map(ToString::to_string).collect(),
            line: tool.line,
        }
    }
}

/// A credential that a file names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ImportedCredentialView {
    /// The nodes that name it.
    node_ids: Vec<String>,
    /// The provider.
    provider: String,
    /// The model of the first of them.
    model: String,
    /// What they say.
    selector: ChoiceBody,
    /// found, missing or by_variable.
    state: String,
    /// What it was mapped to.
    #[serde(skip_serializing_if = "Option::is_none")]
    mapped_to: Option<String>,
}

impl From<ImportedCredential> for ImportedCredentialView {
    fn from(named: ImportedCredential) -> Self {
        Self {
            node_ids: named.node_ids.iter().map(ToString::to_string).collect(),
            provider: named.provider.to_string(),
            model: named.model,
            selector: named.selector.into(),
            state: named.state.as_str().to_owned(),
            mapped_to: named.mapped_to,
        }
    }
}

impl From<Imported> for ImportedView {
    fn from(mut imported: Imported) -> Self {
        Self {
            workflow: imported.workflow.take().map(WorkflowView::from),
            report: imported.into(),
        }
    }
}

impl From<Imported> for ReportView {
    fn from(imported: Imported) -> Self {
        let report = imported.report;
        Self {
            status: report.status,
            dsl_version: report.dsl_version,
            items: report.items.into_iter().map(FindingView::from).collect(),
            credentials: imported
                .credentials
                .into_iter()
                .map(ImportedCredentialView::from)
                .collect(),
            models: report.models.into_iter().map(ModelView::from).collect(),
            tools: report.tools.into_iter().map(ToolView::from).collect(),
            credential_settings_applied: imported.settings_applied,
        }
    }
}

/// Which version.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionQuery {
    /// `draft` (default), `published` or a version's number.
    pub(crate) version: Option<String>,
}

/// A version that is to be published.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishBody {
    /// What its author says about it.
    #[serde(default)]
    pub(crate) note: String,
}

/// A version that was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PublishedView {
    /// Its number.
    version: u32,
    /// What of it will not work as it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Item>,
}

impl From<Published> for PublishedView {
    fn from(published: Published) -> Self {
        Self {
            version: published.version,
            warnings: published.warnings.into_iter().map(Item::from).collect(),
        }
    }
}

/// A published version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct VersionView {
    /// Its number.
    version: u32,
    /// What its author says about it.
    note: String,
    /// Who published it.
    #[schema(value_type = Object)]
    author: latchkey_domain::credential::Principal,
    /// When.
    published_at: String,
}

impl From<PublishedVersion> for VersionView {
    fn from(version: PublishedVersion) -> Self {
        Self {
            version: version.number,
            note: version.note,
            author: version.author,
            published_at: version.published_at.to_string(),
        }
    }
}

/// The live credential settings of a workflow.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsBody {
    /// Which credential pays for which provider, model and environment.
    #[serde(default)]
    #[schema(value_type = Vec<BindingBody>)]
    pub(crate) bindings: Vec<Object<BindingBody>>,
    /// No weaker level may pay.
    #[serde(default = "workspace_default")]
    #[schema(value_type = String)]
    pub(crate) weakest: Level,
    /// Whether a run may state credentials: none, named or inline.
    #[serde(default)]
    #[schema(value_type = String)]
    pub(crate) runtime_override: RuntimeOverride,
    /// Names and patterns that a run may choose.
    #[serde(default)]
    pub(crate) runtime_allow: Vec<String>,
    /// Hosts that inline values may be sent to.
    #[serde(default)]
    pub(crate) runtime_hosts: Vec<String>,
}

const fn workspace_default() -> Level {
    Level::WorkspaceDefault
}

/// One binding.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BindingBody {
    /// The provider.
    provider: String,
    /// The model, if it is about one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// The environment, if it is about one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    /// By id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
    /// By name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential_name: Option<String>,
}

impl From<SettingsBody> for CredentialSettings {
    fn from(body: SettingsBody) -> Self {
        let binding = |Object(binding): Object<BindingBody>| Binding {
            provider: ProviderId::normalise(&binding.provider),
            model: binding.model,
            environment: binding.environment.map(Environment),
            choice: latchkey_domain::credential::CredentialChoice {
                credential_id: binding.credential_id,
                credential_name: binding.credential_name,
            },
        };
        Self {
            bindings: body.bindings.into_iter().map(binding).collect(),
            weakest: body.weakest,
            runtime_override: body.runtime_override,
            runtime_allow: body.runtime_allow,
            runtime_hosts: body.runtime_hosts,
        }
    }
}

impl From<CredentialSettings> for SettingsBody {
    fn from(settings: CredentialSettings) -> Self {
        let binding = |binding: Binding| {
            Object(BindingBody {
                provider: binding.provider.to_string(),
                model: binding.model,
                environment: binding.environment.map(|named| named.0),
                credential_id: binding.choice.credential_id,
                credential_name: binding.choice.credential_name,
            })
        };
        Self {
            bindings: settings.bindings.into_iter().map(binding).collect(),
            weakest: settings.weakest,
            runtime_override: settings.runtime_override,
            runtime_allow: settings.runtime_allow,
            runtime_hosts: settings.runtime_hosts,
        }
    }
}
