//! `code`: Python or JavaScript of the author's, run in the sandbox, its result checked against the declared outputs.
//!
//! Parts: what the data say (`config`), the result as values (`scientific`), the check (`outputs`, `precision`).

mod config;
mod outputs;
mod precision;
mod scientific;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{ArrayKind, NamedValues, Value, to_json_map};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_engine::pool::Pool;
use latchkey_sandbox::{Job, SandboxError};

use crate::host::Host;

use self::config::Config;
use self::outputs::{OutputError, check};

/// How much of a failure's text is kept, in characters.
const TOLD: usize = 20_000;

struct Code {
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let code = Code {
        config: Config::of(&node.data)?,
        host: host.clone(),
    };
    let mut spec = NodeSpec::effect(Arc::new(code));
    spec.supports_retry = true;
    Ok(spec)
}

/// Why the node failed, under the names that Dify's workflows know.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("code cannot run here: this host has no sandbox")]
    NoSandbox,
    #[error("stopped before the code had a result")]
    Stopped,
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error("the result must be an object, not {0}")]
    NoObject(&'static str),
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Error {
    fn failure(&self) -> Failure {
        let class = match self {
            Self::NoSandbox | Self::Stopped | Self::Sandbox(_) | Self::NoObject(_) => {
                "CodeExecutionError"
            }
            Self::Output(cause) => cause.class(),
        };
        Failure::new(class, shortened(self.to_string()))
    }
}

/// A long traceback without its middle.
fn shortened(text: String) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= TOLD {
        return text;
    }
    let half = TOLD / 2;
    let begin = letters[..half].iter();
    let end = letters[letters.len() - half..].iter();
    begin.chain(&['\n', '…', '\n']).chain(end).collect()
}

#[async_trait]
impl Node for Code {
    async fn run(&self, context: NodeContext) -> Attempt {
        let inputs = inputs(&context.pool, &self.config.variables);
        let told = to_json_map(&inputs);
        let attempt = match self.outputs(&context, &inputs).await {
            Ok(outputs) => Attempt::succeeded(outputs),
            Err(cause) => Attempt::failed(cause.failure()),
        };
        attempt.with_inputs(told)
    }
}

impl Code {
    async fn outputs(
        &self,
        context: &NodeContext,
        inputs: &NamedValues,
    ) -> Result<NamedValues, Error> {
        let sandbox = self.host.sandbox.as_ref().ok_or(Error::NoSandbox)?;
        let given: Map<String, Json> = inputs
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_json()))
            .collect();
        let job = Job::Code {
            language: self.config.language,
            code: self.config.code.clone(),
            inputs: given,
        };
        let run = sandbox.run_within(job, self.host.code.time.unwrap_or(Duration::MAX));
        let output = tokio::select! {
            output = run => output?,
            () = context.cancel.cancelled() => return Err(Error::Stopped),
        };
        let result = match output.json()? {
            Json::Object(map) => scientific::numbers_of(map),
            Json::Null => return Err(Error::NoObject("null")),
            Json::Bool(_) => return Err(Error::NoObject("a boolean")),
            Json::Number(_) => return Err(Error::NoObject("a number")),
            Json::String(_) => return Err(Error::NoObject("a string")),
            Json::Array(_) => return Err(Error::NoObject("an array")),
        };
        let checked = check(&self.host.code, &self.config.outputs, result)?;
        let outputs = checked.into_iter();
        Ok(outputs
            .map(|(name, value)| (name, Value::infer(value)))
            .collect())
    }
}

/// The variables as the code gets them; an empty list of files is null.
fn inputs(pool: &Pool, variables: &[(String, Vec<String>)]) -> NamedValues {
    let value = |selector: &[String]| match pool.get(selector) {
        Some(Value::Array(array))
            if array.kind() == ArrayKind::File && array.items().is_empty() =>
        {
            Value::None
        }
        found => found.unwrap_or(Value::None),
    };
    variables
        .iter()
        .map(|(name, selector)| (name.clone(), value(selector)))
        .collect()
}
