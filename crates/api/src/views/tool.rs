//! Tool providers and their tools.

use latchkey_domain::tool::{KeyPlace, ToolAuth, ToolProvider, ToolSource};
use latchkey_service::{
    ChangedToolProvider, NewToolProvider, NewToolSource, ParameterForm, ToolDefinition,
    ToolParameter,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::body::Object;
use crate::page::id;
use crate::problem::Refusal;
use crate::routes::wrong;

/// A tool provider that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToolProviderBody {
    /// Its name, unique in the workspace: letters, digits, dots, underscores, hyphens. Its credentials belong to the provider `tool/<name>`.
    name: String,
    /// What it is: `openapi`, `mcp` or `workflow`.
    kind: ToolKindBody,
    /// What it is for; what its source says unless said.
    description: Option<String>,
    /// Of an API: its OpenAPI 3 document, in JSON or YAML.
    document: Option<String>,
    /// Of an API: where its document is, instead of the document. Of an MCP server: where it is.
    url: Option<String>,
    /// Of a workflow: which.
    workflow_id: Option<String>,
    /// How its credential is sent; what its document says unless said.
    #[schema(value_type = Option<ToolAuthBody>)]
    auth: Option<Object<ToolAuthBody>>,
}

/// What is changed of a tool provider; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolProviderChangeBody {
    /// What it is for.
    description: Option<String>,
    /// Of an API: its new document.
    document: Option<String>,
    /// Of an API: where its new document is. Of an MCP server: where it is now; its tools are listed again.
    url: Option<String>,
    /// Of a workflow: another one.
    workflow_id: Option<String>,
    /// How its credential is sent.
    #[schema(value_type = Option<ToolAuthBody>)]
    auth: Option<Object<ToolAuthBody>>,
}

/// What a tool provider is.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToolKindBody {
    /// Operations of an HTTP API.
    Openapi,
    /// Tools of an MCP server.
    Mcp,
    /// A published workflow.
    Workflow,
}

/// How a credential is sent.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolAuthBody {
    /// `none`, `api_key`, `bearer` or `basic`.
    #[serde(rename = "type")]
    kind: ToolAuthKindBody,
    /// Where an API key goes: `header`, `query` or `cookie`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    place: Option<ToolKeyPlaceBody>,
    /// The name of that header, parameter or cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What stands before the key, such as `Token `.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToolAuthKindBody {
    None,
    ApiKey,
    Bearer,
    Basic,
}

#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToolKeyPlaceBody {
    Header,
    Query,
    Cookie,
}

impl ToolAuthBody {
    fn auth(self) -> Result<ToolAuth, Refusal> {
        let says_more = self.place.is_some() || self.name.is_some() || self.prefix.is_some();
        let plain = match self.kind {
            ToolAuthKindBody::None => ToolAuth::None,
            ToolAuthKindBody::Bearer => ToolAuth::Bearer,
            ToolAuthKindBody::Basic => ToolAuth::Basic,
            ToolAuthKindBody::ApiKey => {
                let (Some(place), Some(name)) = (self.place, self.name) else {
                    return Err(wrong("/auth", "an API key needs `in` and `name`"));
                };
                return Ok(ToolAuth::ApiKey {
                    place: match place {
                        ToolKeyPlaceBody::Header => KeyPlace::Header,
                        ToolKeyPlaceBody::Query => KeyPlace::Query,
                        ToolKeyPlaceBody::Cookie => KeyPlace::Cookie,
                    },
                    name,
                    prefix: self.prefix.unwrap_or_default(),
                });
            }
        };
        if says_more {
            return Err(wrong(
                "/auth",
                "only an API key has `in`, `name` and `prefix`",
            ));
        }
        Ok(plain)
    }
}

impl From<ToolAuth> for ToolAuthBody {
    fn from(auth: ToolAuth) -> Self {
        let plain = |kind| Self {
            kind,
            place: None,
            name: None,
            prefix: None,
        };
        match auth {
            ToolAuth::None => plain(ToolAuthKindBody::None),
            ToolAuth::Bearer => plain(ToolAuthKindBody::Bearer),
            ToolAuth::Basic => plain(ToolAuthKindBody::Basic),
            ToolAuth::ApiKey {
                place,
                name,
                prefix,
            } => Self {
                kind: ToolAuthKindBody::ApiKey,
                place: Some(match place {
                    KeyPlace::Header => ToolKeyPlaceBody::Header,
                    KeyPlace::Query => ToolKeyPlaceBody::Query,
                    KeyPlace::Cookie => ToolKeyPlaceBody::Cookie,
                }),
                name: Some(name),
                prefix: Some(prefix).filter(|prefix| !prefix.is_empty()),
            },
        }
    }
}

/// The source that a body states; exactly what its kind needs.
fn source(
    kind: ToolKindBody,
    document: Option<String>,
    url: Option<String>,
    workflow: Option<String>,
) -> Result<NewToolSource, Refusal> {
    match (kind, document, url, workflow) {
        (ToolKindBody::Openapi, Some(document), None, None) => {
            Ok(NewToolSource::Document(document))
        }
        (ToolKindBody::Openapi, None, Some(url), None) => Ok(NewToolSource::DocumentAt(url)),
        (ToolKindBody::Openapi, ..) => {
            Err(wrong("/document", "an API needs its document, or its URL"))
        }
        (ToolKindBody::Mcp, None, Some(url), None) => Ok(NewToolSource::Mcp(url)),
        (ToolKindBody::Mcp, ..) => Err(wrong(
            "/url",
            "an MCP server needs its URL, and nothing else",
        )),
        (ToolKindBody::Workflow, None, None, Some(workflow)) => {
            Ok(NewToolSource::Workflow(id(&workflow, "workflow")?))
        }
        (ToolKindBody::Workflow, ..) => Err(wrong(
            "/workflow_id",
            "a workflow needs its id, and nothing else",
        )),
    }
}

impl NewToolProviderBody {
    pub(crate) fn provider(self) -> Result<NewToolProvider, Refusal> {
        Ok(NewToolProvider {
            name: self.name,
            description: self.description,
            source: source(self.kind, self.document, self.url, self.workflow_id)?,
            auth: self.auth.map(|auth| auth.0.auth()).transpose()?,
        })
    }
}

impl ToolProviderChangeBody {
    /// The change of a provider of this kind.
    pub(crate) fn change(self, of: &ToolProvider) -> Result<ChangedToolProvider, Refusal> {
        let kind = match &of.source {
            ToolSource::Openapi { .. } => ToolKindBody::Openapi,
            ToolSource::Mcp { .. } => ToolKindBody::Mcp,
            ToolSource::Workflow { .. } => ToolKindBody::Workflow,
        };
        let is_moved = self.document.is_some() || self.url.is_some() || self.workflow_id.is_some();
        Ok(ChangedToolProvider {
            description: self.description,
            source: if is_moved {
                Some(source(kind, self.document, self.url, self.workflow_id)?)
            } else {
                None
            },
            auth: self.auth.map(|auth| auth.0.auth()).transpose()?,
        })
    }
}

/// A tool provider.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ToolProviderView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// `openapi`, `mcp` or `workflow`.
    kind: String,
    /// What it is for.
    description: String,
    /// How its credential is sent.
    auth: ToolAuthBody,
    /// The provider that its credentials belong to; none when it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_provider: Option<String>,
    /// Where an MCP server is.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<String>,
    /// The document of an API; only where one provider is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// Raised by every change; the ETag.
    revision: i32,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl ToolProviderView {
    /// With the document of an API.
    pub(crate) fn whole(of: ToolProvider) -> Self {
        let document = match &of.source {
            ToolSource::Openapi { document } => Some(document.clone()),
            ToolSource::Mcp { .. } | ToolSource::Workflow { .. } => None,
        };
        Self {
            document,
            ..Self::from(of)
        }
    }
}

impl From<ToolProvider> for ToolProviderView {
    fn from(of: ToolProvider) -> Self {
        let needs = of.auth != ToolAuth::None;
        let (mut url, mut workflow_id) = (None, None);
        match &of.source {
            ToolSource::Openapi { .. } => {}
            ToolSource::Mcp { url: at, .. } => url = Some(at.clone()),
            ToolSource::Workflow { workflow_id: id } => workflow_id = Some(id.to_string()),
        }
        Self {
            id: of.id.to_string(),
            kind: of.source.kind().to_owned(),
            credential_provider: needs.then(|| of.credential_provider().to_string()),
            url,
            workflow_id,
            document: None,
            name: of.name,
            description: of.description,
            auth: of.auth.into(),
            revision: of.revision,
            created_at: of.created_at.to_string(),
            updated_at: of.updated_at.to_string(),
        }
    }
}

/// A tool of a provider.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ProviderToolView {
    /// Its name.
    name: String,
    /// What it does.
    description: String,
    /// What it takes.
    parameters: Vec<ToolParameterView>,
}

/// One parameter of a tool.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ToolParameterView {
    /// Its name.
    name: String,
    /// What it is.
    description: String,
    /// `string`, `number`, `boolean`, `select`, `array`, `object`, `file`, `files`, `any` …
    #[serde(rename = "type")]
    kind: String,
    /// Whether a use without it is refused.
    required: bool,
    /// Who says it: `llm` (a model or the author) or `form` (the author).
    form: String,
    /// What it is when nobody says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Json>,
    /// The values of a selection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
    /// Its JSON schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    schema: Option<Json>,
}

impl From<ToolDefinition> for ProviderToolView {
    fn from(tool: ToolDefinition) -> Self {
        Self {
            name: tool.name,
            description: tool.description,
            parameters: tool
                .parameters
                .into_iter()
                .map(ToolParameterView::from)
                .collect(),
        }
    }
}

impl From<ToolParameter> for ToolParameterView {
    fn from(parameter: ToolParameter) -> Self {
        Self {
            name: parameter.name,
            description: parameter.description,
            kind: parameter.kind,
            required: parameter.required,
            form: match parameter.form {
                ParameterForm::Llm => "llm".to_owned(),
                ParameterForm::Form => "form".to_owned(),
            },
            default: parameter.default,
            options: parameter.options,
            schema: parameter.schema,
        }
    }
}
