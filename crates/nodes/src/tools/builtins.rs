//! Tools without a database: the built-in ones, and those that a test scripts.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};

use latchkey_domain::tool::NamedTool;
use latchkey_engine::clock::{Clock, SystemClock};
use latchkey_engine::node::RunFacts;
use latchkey_outbound::Outbound;
use latchkey_sandbox::Sandbox;

use super::{Builtin, Reach, prepare};
use crate::host::{ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage, ToolRef, Tools};

/// What a scripted tool answers.
type Script = Arc<dyn Fn(&Map<String, Json>) -> Result<ToolAnswer, ToolError> + Send + Sync>;

/// The tools of `latchkey run`, of the conformance runner, and of tests.
#[derive(Clone)]
pub struct BuiltinTools {
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    sandbox: Option<Arc<Sandbox>>,
    scripted: HashMap<NamedTool, (ToolDefinition, Script)>,
}

impl BuiltinTools {
    /// The built-in tools over the way out.
    #[must_use]
    pub fn new(outbound: Outbound) -> Self {
        Self {
            outbound,
            clock: Arc::new(SystemClock),
            sandbox: None,
            scripted: HashMap::new(),
        }
    }

    /// The same with a place for code.
    #[must_use]
    pub fn with_sandbox(mut self, sandbox: Arc<Sandbox>) -> Self {
        self.sandbox = Some(sandbox);
        self
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same with a tool that a function answers for.
    #[must_use]
    pub fn with_tool(
        mut self,
        tool: NamedTool,
        definition: ToolDefinition,
        script: impl Fn(&Map<String, Json>) -> Result<ToolAnswer, ToolError> + Send + Sync + 'static,
    ) -> Self {
        let scripted = (definition, Arc::new(script) as Script);
        self.scripted.insert(tool, scripted);
        self
    }
}

impl From<&ToolRef> for NamedTool {
    fn from(tool: &ToolRef) -> Self {
        Self {
            provider_type: tool.provider_type.clone(),
            provider: tool.provider.clone(),
            tool: tool.tool.clone(),
        }
    }
}

#[async_trait]
impl Tools for BuiltinTools {
    async fn definition(&self, _: &RunFacts, tool: &ToolRef) -> Result<ToolDefinition, ToolError> {
        let named = NamedTool::from(tool);
        if let Some((definition, _)) = self.scripted.get(&named) {
            return Ok(definition.clone());
        }
        let builtin = Builtin::find(&named).ok_or_else(|| unknown(tool))?;
        Ok(builtin.definition())
    }

    async fn invoke(&self, call: ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
        let definition = self.definition(&call.context.run, call.tool).await?;
        let arguments = prepare(&definition, call.arguments, &call.files)?;
        let named = NamedTool::from(call.tool);
        if let Some((_, script)) = self.scripted.get(&named) {
            return script(&arguments);
        }
        let builtin = Builtin::find(&named).ok_or_else(|| unknown(call.tool))?;
        let reach = Reach {
            now: self.clock.now(),
            outbound: &self.outbound,
            sandbox: self.sandbox.as_deref(),
        };
        let work = builtin.run(arguments, reach);
        let messages: Vec<ToolMessage> = tokio::select! {
            biased;
            () = call.context.cancel.cancelled() => return Err(stopped()),
            messages = work => messages?,
        };
        Ok(ToolAnswer {
            messages,
            ..ToolAnswer::default()
        })
    }
}

fn unknown(tool: &ToolRef) -> ToolError {
    ToolError::Unbound(format!(
        "the tool {:?} of {:?} is not built in, and nothing is bound to it here",
        tool.tool, tool.provider
    ))
}

/// The run was asked to stop while a tool was at work.
pub(crate) fn stopped() -> ToolError {
    ToolError::Invoke("the run was asked to stop".to_owned())
}
