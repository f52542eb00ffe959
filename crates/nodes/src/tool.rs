//! `tool`: uses one tool, and makes outputs and streamed text of what it answers (Dify DSL reference, 4.12).

mod config;
mod outputs;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_engine::selector;

use crate::host::{Host, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolProof};

use self::config::{Config, Given};

struct Tool {
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let tool = Tool {
        config: Config::of(node)?,
        host: host.clone(),
    };
    let mut spec = NodeSpec::effect(Arc::new(tool));
    spec.supports_retry = true;
    Ok(spec)
}

/// Where a tool has failed.
#[derive(Clone, Copy)]
enum Stage {
    /// It was looked for.
    Resolving,
    /// What it is given was gathered.
    Gathering,
    /// It was used.
    Using,
}

#[async_trait]
impl Node for Tool {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        attempt.process_data = self.config.process_data();
        let definition = match self.definition(&context).await {
            Ok(definition) => definition,
            Err(cause) => {
                attempt.outcome = Err(failure(Stage::Resolving, cause));
                return attempt;
            }
        };
        let given = match self.config.given(&definition, &context.pool) {
            Ok(given) => given,
            Err(cause) => {
                attempt.outcome = Err(failure(Stage::Gathering, cause));
                return attempt;
            }
        };
        attempt.inputs = given.shown.clone();
        let proof = ToolProof::default();
        match self.use_it(&context, given, &proof).await {
            Ok(answer) => self.tell(&context, answer, &mut attempt).await,
            Err(cause) => {
                (attempt.usage, attempt.resolution) = proof.into_parts();
                attempt.outcome = Err(failure(Stage::Using, cause));
            }
        }
        attempt
    }
}

impl Tool {
    async fn definition(&self, context: &NodeContext) -> Result<ToolDefinition, ToolError> {
        let tools = &self.host.tools;
        tools.definition(&context.run, &self.config.tool).await
    }

    async fn use_it(
        &self,
        context: &NodeContext,
        given: Given,
        proof: &ToolProof,
    ) -> Result<ToolAnswer, ToolError> {
        let config = &self.config;
        let call = ToolCall {
            context,
            tool: &config.tool,
            selector_source: config.selector.clone(),
            rendered: selector::render(&config.selector, &context.pool, &context.entry),
            arguments: given.arguments,
            files: given.files,
            proof,
        };
        self.host.tools.invoke(call).await
    }

    /// Streams the texts of an answer and makes outputs of it.
    async fn tell(&self, context: &NodeContext, answer: ToolAnswer, attempt: &mut Attempt) {
        attempt.usage = answer.usage;
        attempt.resolution = answer.resolution;
        let told = outputs::of(answer.messages);
        for piece in &told.pieces {
            context.sink.chunk("text", piece, false).await;
        }
        context.sink.chunk("text", "", true).await;
        attempt.outputs = told.outputs;
    }
}

/// The failure of a node, under the names that Dify's workflows know.
fn failure(stage: Stage, cause: ToolError) -> Failure {
    let class = match (&cause, stage) {
        (ToolError::Credential(failure), _) => return Failure::clone(failure),
        (ToolError::Parameter(_), _) => "ToolParameterError",
        (ToolError::Unbound(_), _)
        | (ToolError::Invoke(_) | ToolError::Refused(_), Stage::Resolving) => {
            "ToolRuntimeResolutionError"
        }
        (ToolError::Invoke(_) | ToolError::Refused(_), Stage::Gathering | Stage::Using) => {
            "ToolRuntimeInvocationError"
        }
    };
    let message = match stage {
        Stage::Resolving => format!("Failed to get tool runtime: {cause}"),
        Stage::Using => format!("Failed to invoke tool: {cause}"),
        Stage::Gathering => cause.to_string(),
    };
    Failure::new(class, message)
}

impl Config {
    /// What is known before the tool is used, for people.
    fn process_data(&self) -> Map<String, Json> {
        let info = json!({
            "provider_type": self.tool.provider_type,
            "provider_id": self.provider_id,
            "plugin_unique_identifier": self.plugin,
        });
        Map::from_iter([("tool_info".to_owned(), info)])
    }
}
