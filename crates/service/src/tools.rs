//! The port of tools over the database: what a tool of a document is in this workspace, with which credential it is used,
//! and its use.
//!
//! Parts: what it is bound to (`find`), the credential and the calls of APIs and MCP servers (`remote`), workflows as
//! tools (`workflow`) and what is inside of them (`inside`).

mod find;
mod inside;
mod remote;
mod workflow;

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use latchkey_domain::tool::NamedTool;
use latchkey_engine::node::RunFacts;
use latchkey_nodes::tools::prepare;
use latchkey_nodes::{Files, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolRef, Tools};

use crate::error::Error;
use crate::{Inner, Service};

pub(crate) use self::find::{Found, Target, of_workflow};
pub(crate) use self::remote::{confined, visit};
pub(crate) use self::workflow::{DEEPEST, of_tool};

/// The tools of every workspace.
pub(crate) struct WorkspaceTools {
    /// The service owns the nodes, which own this: it must not own the service.
    service: Weak<Inner>,
    files: Arc<dyn Files>,
}

impl WorkspaceTools {
    pub(crate) const fn new(service: Weak<Inner>, files: Arc<dyn Files>) -> Self {
        Self { service, files }
    }

    fn service(&self) -> Result<Service, ToolError> {
        let inner = self.service.upgrade();
        let inner = inner.ok_or_else(|| ToolError::Invoke("the server is ending".to_owned()))?;
        Ok(Service { inner })
    }
}

#[async_trait]
impl Tools for WorkspaceTools {
    async fn definition(
        &self,
        run: &RunFacts,
        tool: &ToolRef,
    ) -> Result<ToolDefinition, ToolError> {
        let service = self.service()?;
        let found = service.tool_of(run, &NamedTool::from(tool)).await?;
        service.definition_of(run.workspace, &found).await
    }

    async fn invoke(&self, mut call: ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
        let service = self.service()?;
        let run = &call.context.run;
        let found = service.tool_of(run, &NamedTool::from(call.tool)).await?;
        let definition = service.definition_of(run.workspace, &found).await?;
        let arguments = prepare(
            &definition,
            std::mem::take(&mut call.arguments),
            &call.files,
        )?;
        call.arguments = found.renamed(arguments);
        for (name, _) in &mut call.files {
            found.rename(name);
        }
        let cancel = call.context.cancel.clone();
        if let Target::Workflow { workflow, .. } = &found.target {
            // It stops its run when it is asked to, and waits for that run's end.
            return service.run_as_tool(&call, *workflow).await;
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(ToolError::Invoke("the run was asked to stop".to_owned())),
            answer = service.use_tool(&call, &found.target, &*self.files) => answer,
        }
    }
}

impl Service {
    /// What a tool of a run is.
    async fn tool_of(&self, run: &RunFacts, tool: &NamedTool) -> Result<Found, ToolError> {
        let found = self.find_tool(run.workspace, run.workflow, tool).await;
        found.map_err(broken)?.map_err(ToolError::Unbound)
    }
}

/// A failure of ours: what happened is in the log.
fn broken(error: Error) -> ToolError {
    ToolError::Invoke(error.detail)
}
