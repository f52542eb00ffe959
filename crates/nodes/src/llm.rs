//! `llm`: asks a language model, streams what it says, and tells which credential paid.
//!
//! Parts: what the data say (`config`), the messages (`prompt`, `context`, `resources`, `memory`, `files`), the call itself
//! (`call`), and what came back (`answer`, `reasoning`, `structured`).

mod answer;
mod call;
mod config;
mod context;
mod files;
mod memory;
mod prompt;
mod reasoning;
mod resources;
mod structured;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::credential::Resolution;
use latchkey_domain::document::GraphNode;
use latchkey_domain::id::ModelCallId;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_models::{ChatRequest, InvokeError};

use crate::host::Host;
use crate::schema::Schema;

use self::answer::Answer;
use self::config::Config;

struct Llm {
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let llm = Llm {
        config: Config::of(node)?,
        host: host.clone(),
    };
    let mut spec = NodeSpec::effect(Arc::new(llm));
    spec.supports_retry = true;
    Ok(spec)
}

/// Why the node failed, under the names that Dify's workflows know.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("Variable {0} not found")]
    VariableNotFound(String),
    #[error("Invalid variable type: {0}")]
    InvalidVariableType(String),
    #[error("Invalid context structure: {0}")]
    InvalidContext(String),
    #[error("Memory role prefix is required for completion models: no role prefix is set")]
    RolePrefixRequired,
    #[error(
        "No prompt found in the LLM configuration. Please ensure a prompt is properly configured before proceeding."
    )]
    NoPrompt,
    #[error("{0}")]
    Template(String),
    #[error("{0}")]
    Node(String),
    #[error(transparent)]
    Invoke(#[from] InvokeError),
}

impl Error {
    fn failure(&self) -> Failure {
        let class = match self {
            Self::VariableNotFound(_) => "VariableNotFoundError",
            Self::InvalidVariableType(_) => "InvalidVariableTypeError",
            Self::InvalidContext(_) => "InvalidContextStructureError",
            Self::RolePrefixRequired => "MemoryRolePrefixRequiredError",
            Self::NoPrompt => "NoPromptFoundError",
            Self::Template(_) => "TemplateRenderError",
            Self::Node(_) => "LLMNodeError",
            Self::Invoke(cause) => return cause.failure(),
        };
        Failure::new(class, self.to_string())
    }
}

#[async_trait]
impl Node for Llm {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        match self.attempt(&context, &mut attempt).await {
            Ok(outputs) => attempt.outputs = outputs,
            Err(cause) => attempt.outcome = Err(cause.failure()),
        }
        attempt
    }
}

impl Llm {
    /// One attempt; what is known before it fails is left in `attempt`.
    async fn attempt(
        &self,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<NamedValues, Error> {
        let config = &self.config;
        let model = call::model(config, context);
        let instance = self
            .host
            .models
            .model_instance(&call::caller(context), &model)
            .stopped_by(context.cancel.clone());
        let info = instance.info();
        prompt::add_inputs(&mut attempt.inputs, config, &context.pool)?;
        attempt.process_data = config.process_data();
        let resources = resources::of(config.context.as_deref(), &context.pool);
        if !resources.is_empty() {
            let told = &mut attempt.process_data;
            told.insert("retriever_resources".to_owned(), json!(resources));
        }
        let messages = prompt::messages(config, context, &info, self.host.template_length)?;
        let shown = prompt::serialised(&messages, &context.pool);
        attempt.process_data.insert("prompts".to_owned(), shown);
        let schema = structured::schema(config, &info)?;
        let request = ChatRequest {
            messages,
            parameters: call::parameters(&config.parameters, &context.pool),
            stop: config.stop.clone(),
            response_format: schema.as_ref().map(structured::response_format),
            user: context.run.end_user.clone(),
            ..ChatRequest::default()
        };
        let mut stream = match instance.invoke(request).await {
            Ok(stream) => stream,
            Err(error) => {
                self.tell_call(error.call, error.resolution.as_deref(), context, attempt)
                    .await;
                return Err(error.into());
            }
        };
        let (call, resolution) = (stream.call_id(), stream.resolution());
        self.tell_call(Some(call), Some(resolution), context, attempt)
            .await;
        let mut answer = Answer::new(config.separated);
        let said = call::listen(&mut stream, &mut answer, context).await;
        if let Some(report) = stream.report() {
            attempt.usage = call::used(report);
        }
        said?;
        let usage = stream.report().map(call::usage_json).unwrap_or_default();
        self.outputs(answer, usage, schema.as_ref(), attempt)
    }

    /// Keeps who pays or was to pay, and tells of the call if one was opened, whatever comes of it.
    async fn tell_call(
        &self,
        call: Option<ModelCallId>,
        resolution: Option<&Resolution>,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) {
        attempt.resolution = resolution.cloned();
        if let (Some(call), Some(resolution)) = (call, resolution) {
            let model = &self.config.model;
            let sink = &context.sink;
            sink.model_call(call, model, context.attempt, resolution.clone())
                .await;
        }
    }

    fn outputs(
        &self,
        answer: Answer,
        usage: Map<String, Json>,
        schema: Option<&Schema>,
        attempt: &mut Attempt,
    ) -> Result<NamedValues, Error> {
        let finish_reason = answer.finish_reason.clone();
        let told = &mut attempt.process_data;
        told.insert("usage".to_owned(), Json::Object(usage.clone()));
        told.insert("finish_reason".to_owned(), json!(finish_reason));
        let structured = schema
            .map(|schema| structured::result(schema, &answer))
            .transpose()?;
        let (text, reasoning) = answer.finished();
        let mut outputs = vec![
            ("text".to_owned(), Value::string(text)),
            ("reasoning_content".to_owned(), Value::string(reasoning)),
            ("usage".to_owned(), Value::object(usage)),
            (
                "finish_reason".to_owned(),
                finish_reason.map_or(Value::None, Value::string),
            ),
        ];
        outputs
            .extend(structured.map(|value| ("structured_output".to_owned(), Value::infer(value))));
        Ok(outputs)
    }
}
