//! `parameter-extractor`: has a model fill parameters out of a text, by a tool call or in prose.
//!
//! Parts: what may be extracted (`parameter`), the messages (`prompt`), and what is made of the reply (`result`). A
//! reply that cannot be used is no failure: the outputs `__is_success` and `__reason` tell. Placeholders in the text
//! that parameters are taken from are not looked up.

mod parameter;
mod prompt;
mod result;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_engine::template::Template;
use latchkey_models::catalogue::{Feature, ModelInfo};
use latchkey_models::{ErrorKind, InvokeError, ToolCall};

use crate::data::{self, problem};
use crate::host::Host;
use crate::model_call::files::{Vision, WrongType};
use crate::model_call::memory::Memory;
use crate::model_call::reply::Reply;
use crate::model_call::{Mode, Model, contents, shown, usage};

use self::parameter::Parameter;

struct Extractor {
    config: Config,
    host: Host,
}

struct Config {
    model: Model,
    mode: Mode,
    query: Vec<String>,
    parameters: Vec<Parameter>,
    instruction: Template,
    /// Whether a model that can call tools is to answer by calling one.
    by_tool: bool,
    memory: Option<Memory>,
    vision: Option<Vision>,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let extractor = Extractor {
        config: Config::of(node)?,
        host: host.clone(),
    };
    Ok(NodeSpec::effect(Arc::new(extractor)))
}

impl Config {
    fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let data = &*node.data;
        let by_tool = match data::text(data, "reasoning_mode") {
            None | Some("" | "function_call") => true,
            Some("prompt") => false,
            Some(other) => {
                let message = format!("unknown reasoning mode {other:?}");
                return Err(problem("reasoning_mode", message));
            }
        };
        let said = data::mapping(data, "model");
        Ok(Self {
            model: Model::of(node, said)?,
            mode: Mode::of(said),
            query: data::selector(data, "query"),
            parameters: data::mappings(data, "parameters")
                .map(Parameter::of)
                .collect::<Result<_, _>>()?,
            instruction: Template::parse(data::text(data, "instruction").unwrap_or_default()),
            by_tool,
            memory: Memory::of(data),
            vision: Vision::of(data),
        })
    }

    /// Whether the model is given a tool: it must be known to call tools.
    fn calls_tool(&self, info: &ModelInfo) -> Result<bool, Error> {
        if !self.by_tool || info.can(Feature::ToolCall) != Some(true) {
            return Ok(false);
        }
        match &self.mode {
            Mode::Chat => Ok(true),
            mode @ (Mode::Completion | Mode::Other(_)) => {
                Err(Error::ModelMode(mode.as_str().to_owned()))
            }
        }
    }
}

/// Why the node failed.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("a model in the mode {0:?} calls no tools: choose the reasoning mode `prompt`")]
    ModelMode(String),
    #[error(transparent)]
    WrongType(#[from] WrongType),
    #[error(transparent)]
    File(#[from] contents::Unreadable),
    #[error(transparent)]
    Invoke(#[from] InvokeError),
}

impl Error {
    fn failure(&self) -> Failure {
        match self {
            Self::ModelMode(_) => Failure::new("InvalidModelModeError", self.to_string()),
            Self::WrongType(_) => Failure::new("InvalidVariableTypeError", self.to_string()),
            Self::File(_) => Failure::new("", self.to_string()),
            Self::Invoke(cause) => unclassed(cause),
        }
    }
}

/// A failed call. The reference leaves the class of a provider's failure out; those that are ours keep theirs.
fn unclassed(cause: &InvokeError) -> Failure {
    let mut failure = cause.failure();
    match cause.kind {
        ErrorKind::RateLimit
        | ErrorKind::Authorization
        | ErrorKind::Connection
        | ErrorKind::ServerUnavailable
        | ErrorKind::BadRequest => failure.error_type.clear(),
        ErrorKind::Credential | ErrorKind::RunOver | ErrorKind::Internal => {}
    }
    failure
}

#[async_trait]
impl Node for Extractor {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        match self.attempt(&context, &mut attempt).await {
            Ok(outputs) => attempt.outputs = outputs,
            Err(cause) => attempt.outcome = Err(cause.failure()),
        }
        attempt
    }
}

impl Extractor {
    /// One attempt; what is known before it fails is left in `attempt`.
    async fn attempt(
        &self,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<NamedValues, Error> {
        let config = &self.config;
        let query = context.pool.get(&config.query);
        let query = query.map_or_else(String::new, |value| value.text().into_owned());
        self.add_inputs(&query, context, attempt)?;
        let instance = config.model.instance(&self.host, context);
        attempt.process_data = config.model.process_data(config.mode.as_str());
        let info = instance.info();
        let calls_tool = config.calls_tool(&info)?;
        let mut messages = prompt::messages(config, context, &info, &query, calls_tool)?;
        let shown = shown::messages(&messages, &context.pool);
        attempt.process_data.insert("prompts".to_owned(), shown);
        if let Some(vision) = &config.vision {
            let files = vision.files(&context.pool)?;
            contents::put(&mut messages, &files, &self.host, context).await?;
        }
        let mut request = config.model.request(messages, context);
        if calls_tool {
            request.tools = vec![prompt::tool(&config.parameters)];
            let told = json!(prompt::TOOL);
            attempt.process_data.insert("function".to_owned(), told);
        }
        let asked = config.model.ask(&instance, request, context, attempt);
        let mut stream = asked.await?;
        let reply = Reply::read(&mut stream).await;
        let used = usage::settle(&stream, attempt);
        let reply = reply?;
        let told = &mut attempt.process_data;
        let call = reply.tool_calls.first();
        told.insert("tool_call".to_owned(), call.map_or(Json::Null, told_call));
        told.insert("finish_reason".to_owned(), json!(reply.finish_reason));
        let mut outputs = result::outputs(&reply, &config.parameters);
        outputs.push(("__usage".to_owned(), Value::object(used)));
        Ok(outputs)
    }

    fn add_inputs(
        &self,
        query: &str,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<(), Error> {
        let config = &self.config;
        let inputs = &mut attempt.inputs;
        inputs.insert("query".to_owned(), query.into());
        let instruction = config.instruction.render_shown(&context.pool);
        inputs.insert("instruction".to_owned(), instruction.into());
        let parameters = config.parameters.iter().map(Parameter::schema).collect();
        inputs.insert("parameters".to_owned(), parameters);
        if let Some(vision) = &config.vision {
            let files = vision.files(&context.pool)?;
            let files = files.iter().map(latchkey_domain::value::File::to_json);
            inputs.insert("files".to_owned(), files.collect());
        }
        Ok(())
    }
}

fn told_call(call: &ToolCall) -> Json {
    json!({"id": call.id, "name": call.name, "arguments": call.arguments})
}
