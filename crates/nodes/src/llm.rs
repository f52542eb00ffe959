//! `llm`: asks a language model, streams what it says, and tells which credential paid.
//!
//! Parts: what the data say (`config`), the messages (`prompt`, `context`, `resources`), and the structured answer
//! (`structured`). The call itself is in `model_call`.

mod config;
mod context;
mod prompt;
mod resources;
mod structured;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_models::{ChatRequest, ChatStream, InvokeError};

use crate::host::Host;
use crate::model_call::answer::{Answer, Shown};
use crate::model_call::contents::Unreadable;
use crate::model_call::files::WrongType;
use crate::model_call::memory::NoPrefixes;
use crate::model_call::{contents, shown, usage};
use crate::schema::Schema;

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
    #[error(transparent)]
    InvalidVariableType(#[from] WrongType),
    #[error("Invalid context structure: {0}")]
    InvalidContext(String),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    RolePrefixRequired(#[from] NoPrefixes),
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
            Self::RolePrefixRequired(_) => "MemoryRolePrefixRequiredError",
            Self::NoPrompt => "NoPromptFoundError",
            Self::Template(_) => "TemplateRenderError",
            Self::Node(_) | Self::Unreadable(_) => "LLMNodeError",
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
        let instance = config.model.instance(&self.host, context);
        let info = instance.info();
        prompt::add_inputs(&mut attempt.inputs, config, &context.pool)?;
        attempt.process_data = config.process_data();
        let resources = resources::of(config.context.as_deref(), &context.pool);
        if !resources.is_empty() {
            let told = &mut attempt.process_data;
            told.insert("retriever_resources".to_owned(), json!(resources));
        }
        let prompt = prompt::messages(config, context, &info, &self.host);
        let (mut messages, files) = tokio::select! {
            prompt = prompt => prompt?,
            () = context.cancel.cancelled() => {
                return Err(Error::Node("stopped before the prompt was ready".to_owned()));
            }
        };
        let schema = structured::schema(config, &info);
        let is_native = structured::is_native(&info);
        if let (Ok(Some(schema)), false) = (&schema, is_native) {
            structured::ask_in_words(&mut messages, schema);
        }
        let shown = shown::messages(&messages, &context.pool);
        attempt.process_data.insert("prompts".to_owned(), shown);
        let schema = schema?;
        contents::put(&mut messages, &files, &self.host, context).await?;
        let request = ChatRequest {
            response_format: schema
                .as_ref()
                .filter(|_| is_native)
                .map(structured::response_format),
            ..config.model.request(messages, context)
        };
        let asked = config.model.ask(&instance, request, context, attempt);
        let mut stream = asked.await?;
        let mut answer = Answer::new(config.separated);
        let said = listen(&mut stream, &mut answer, context).await;
        let usage = usage::settle(&stream, attempt);
        said?;
        self.outputs(answer, usage, schema.as_ref(), attempt)
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

/// Reads the answer to its end and tells every piece of it.
async fn listen(
    stream: &mut ChatStream,
    answer: &mut Answer,
    context: &NodeContext,
) -> Result<(), InvokeError> {
    while let Some(chunk) = stream.next().await {
        tell(answer.push(chunk?), context).await;
    }
    tell(answer.finish(), context).await;
    if answer.has_thoughts() {
        context.sink.reasoning("", true).await;
    }
    context.sink.chunk("text", "", true).await;
    Ok(())
}

async fn tell(shown: Vec<Shown>, context: &NodeContext) {
    for piece in shown {
        match piece {
            Shown::Text(text) => context.sink.chunk("text", &text, false).await,
            Shown::Reasoning(text) => context.sink.reasoning(&text, false).await,
        }
    }
}
