//! Where the tools of a provider are: read, checked, and, of an MCP server, listed.

use std::sync::Arc;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::{CredentialSelector, Environment, RenderedSelector};
use latchkey_domain::id::WorkflowId;
use latchkey_domain::tool::{KeyPlace, McpTool, ToolAuth, ToolProvider, ToolSource};
use latchkey_domain::workflow::Mode;
use latchkey_models::ToolPlace;
use latchkey_nodes::tools::Sending;
use latchkey_nodes::tools::mcp::{Patience, Server, stdio};
use latchkey_nodes::tools::openapi::{Api, LONGEST};
use latchkey_outbound::{Request, target};

use super::{DESCRIPTION, NewToolSource};
use crate::Service;
use crate::error::Error;
use crate::tools::{confined, visit};
use crate::validation::without_run;

/// The longest URL, in bytes.
const URL: usize = 2_048;
/// Words in the names of query parameters that hold what nobody may read.
const SECRET_WORDS: [&str; 5] = ["key", "token", "secret", "password", "auth"];

/// What a source says about itself.
pub(super) struct Said {
    pub(super) description: String,
    pub(super) auth: ToolAuth,
}

impl Service {
    /// A source as it is kept, and what it says about itself.
    pub(super) async fn read_source(
        &self,
        caller: &Caller,
        source: NewToolSource,
        auth: Option<ToolAuth>,
    ) -> Result<(ToolSource, Said), Error> {
        let document = match source {
            NewToolSource::Document(text) => text,
            NewToolSource::DocumentAt(url) => self.fetch_document(&url).await?,
            NewToolSource::Mcp(url) => {
                let auth = match stdio::named(&url) {
                    Some(name) => self.auth_of_program(name, auth)?,
                    None => {
                        check_url(&url)?;
                        auth.unwrap_or_default()
                    }
                };
                check_auth(&auth, "mcp")?;
                let tools = Vec::new();
                let description = String::new();
                return Ok((ToolSource::Mcp { url, tools }, Said { description, auth }));
            }
            NewToolSource::Workflow(workflow_id) => {
                let auth = auth.unwrap_or_default();
                check_auth(&auth, "workflow")?;
                let description = self.check_workflow(caller, workflow_id).await?;
                return Ok((
                    ToolSource::Workflow { workflow_id },
                    Said { description, auth },
                ));
            }
        };
        let text = document.clone();
        let read = self.at_length(move |_| Api::parse(&text)).await?;
        let api = read.map_err(|wrong| {
            let place = format!("/document{}", wrong.place);
            Error::field("openapi_invalid", &place, wrong.message)
        })?;
        let auth = auth.unwrap_or(api.auth);
        check_auth(&auth, "openapi")?;
        let said = [api.description, api.title];
        let said = said
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        let description = said.chars().take(DESCRIPTION).collect();
        Ok((ToolSource::Openapi { document }, Said { description, auth }))
    }

    /// How the credential of a program of the operator is sent: as the operator's list says, and nobody else.
    fn auth_of_program(&self, name: &str, stated: Option<ToolAuth>) -> Result<ToolAuth, Error> {
        let programs = &self.inner.mcp_programs;
        let Some(auth) = programs.auth(name) else {
            let names: Vec<&str> = programs.names().collect();
            let offered = match &names[..] {
                [] => "none".to_owned(),
                some => some.join(", "),
            };
            let detail =
                format!("the operator's list has no MCP server {name:?}; it has: {offered}");
            return Err(Error::field("invalid_url", "/url", detail));
        };
        if stated.is_some_and(|stated| stated != auth) {
            let detail =
                "the credential of a program goes where the operator's list says: leave it out";
            return Err(Error::field("invalid_input", "/auth", detail));
        }
        Ok(auth)
    }

    async fn fetch_document(&self, url: &str) -> Result<String, Error> {
        let wrong = |detail: String| Error::field("url_unreachable", "/url", detail);
        let request = Request::get(url).max_body(LONGEST as u64);
        let answer = self.inner.outbound.send(request).await;
        let answer = answer.map_err(|error| wrong(error.to_string()))?;
        if answer.status != 200 {
            return Err(wrong(format!("the server answered {}", answer.status)));
        }
        let body = answer
            .bytes()
            .await
            .map_err(|error| wrong(error.to_string()))?;
        String::from_utf8(body.to_vec()).map_err(|_| wrong("the file is no UTF-8 text".to_owned()))
    }

    /// A workflow that may be used as a tool; its description.
    async fn check_workflow(&self, caller: &Caller, id: WorkflowId) -> Result<String, Error> {
        let workflow = self.inner.store.workflow(caller.workspace, id).await?;
        let workflow = workflow.ok_or_else(|| {
            let detail = format!("there is no workflow {id}");
            Error::field("workflow_unknown", "/workflow_id", detail)
        })?;
        if workflow.mode != Mode::Workflow {
            let detail = "a workflow that answers in a conversation cannot be a tool";
            return Err(Error::field("tool_workflow_mode", "/workflow_id", detail));
        }
        Ok(workflow.description.chars().take(DESCRIPTION).collect())
    }

    /// Asks an MCP server for its tools; other providers know theirs.
    pub(super) async fn list_again(
        &self,
        caller: &Caller,
        provider: &mut ToolProvider,
    ) -> Result<(), Error> {
        let ToolSource::Mcp { url, .. } = &provider.source else {
            return Ok(());
        };
        let url = url.clone();
        let listed = self.listed(caller, provider, &url).await?;
        provider.source = ToolSource::Mcp { url, tools: listed };
        Ok(())
    }

    async fn listed(
        &self,
        caller: &Caller,
        provider: &ToolProvider,
        url: &str,
    ) -> Result<Vec<McpTool>, Error> {
        let (info, _) = self.credential_form(provider).await?;
        let environment = caller.environments.first().cloned();
        let environment = environment.unwrap_or_else(|| Environment("production".to_owned()));
        let credential = self
            .inner
            .models
            .tool_credential(
                &without_run(caller, environment),
                &Arc::new(info),
                ToolPlace {
                    tool: "",
                    selector: &CredentialSelector::default(),
                    rendered: &RenderedSelector::Silent,
                },
            )
            .await;
        let credential = credential.map_err(|error| match &error.credential {
            Some(failure) => Error::of_credential(failure.code, error.message.clone()),
            None => error.into(),
        })?;
        if !credential.may_go_to(&confined(url)) {
            let detail = "the credential may not be sent to the server: enter it again";
            return Err(Error::unprocessable("credential_forbidden", detail));
        }
        let listed = match stdio::named(url) {
            Some(name) => {
                let visit = visit(name, provider, &credential);
                self.inner.mcp_programs.list(visit).await
            }
            None => {
                let server = Server {
                    url,
                    sending: Sending {
                        auth: &provider.auth,
                        access: &credential.access,
                    },
                    outbound: &self.inner.outbound,
                    patience: Patience::default(),
                };
                server.list().await
            }
        };
        listed.map_err(|error| {
            let detail = credential.masked(&error.to_string());
            Error::field("tool_server_failed", "/url", detail)
        })
    }
}

/// A place that a client can be sent to, without what nobody may read in it.
fn check_url(url: &str) -> Result<(), Error> {
    let wrong = |detail: &str| Err(Error::field("invalid_url", "/url", detail));
    if url.len() > URL || target(url).is_none() || url.contains('#') {
        return wrong("an http or https URL without a user name and a fragment is needed");
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    };
    if names.into_iter().any(is_secret) {
        return wrong(
            "the URL seems to hold a key, which everybody could read: put it into a credential (auth: type api_key, in query)",
        );
    }
    Ok(())
}

/// Nobody changes where the credential of a program goes.
pub(super) fn check_sending(auth: &ToolAuth, of: &ToolProvider) -> Result<(), Error> {
    let is_program = |url: &str| stdio::named(url).is_some();
    match &of.source {
        ToolSource::Mcp { url, .. } if is_program(url) && *auth != of.auth => {
            let detail = "the credential of a program goes where the operator's list says";
            Err(Error::field("invalid_input", "/auth", detail))
        }
        ToolSource::Mcp { .. } | ToolSource::Openapi { .. } | ToolSource::Workflow { .. } => Ok(()),
    }
}

/// Names that a request can carry.
pub(super) fn check_auth(auth: &ToolAuth, kind: &str) -> Result<(), Error> {
    let ToolAuth::ApiKey {
        place,
        name,
        prefix,
    } = auth
    else {
        if kind == "workflow" && *auth != ToolAuth::None {
            let detail = "a workflow needs no credential of its own as a tool";
            return Err(Error::field("invalid_input", "/auth", detail));
        }
        return Ok(());
    };
    let is_token = |text: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !text.is_empty() && text.len() <= 128 && text.bytes().all(allowed)
    };
    let fits = match place {
        KeyPlace::Header | KeyPlace::Cookie => is_token(name),
        KeyPlace::Query => !name.is_empty() && name.len() <= 128,
    };
    let is_plain = prefix.len() <= 64 && prefix.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits && is_plain && kind != "workflow" {
        return Ok(());
    }
    let detail = "a key needs the name of a header, a query parameter or a cookie, and a short prefix in ASCII";
    Err(Error::field("invalid_input", "/auth", detail))
}
