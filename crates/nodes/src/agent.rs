//! `agent`: a model that uses tools until it has an answer, by function calling or by ReAct (Dify DSL, agents of
//! version 1; their strategies are plugins there and built in here).
//!
//! Parts: what the data say (`config`, `parameters`), the tools (`toolbox`), what happens in a run of it (`session`,
//! `steps`, `using`), and the two strategies (`functions`, `react`). A tool that fails tells the model, not the run; a
//! credential that cannot be used fails the node.

mod config;
mod functions;
mod parameters;
mod react;
mod session;
mod steps;
mod toolbox;
mod using;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Array, ArrayKind, NamedValues, Value};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeSpec};
use latchkey_models::catalogue::Feature;
use latchkey_models::{ErrorKind, InvokeError};

use crate::host::{Host, ToolError};
use crate::model_call::usage;

use self::config::{Config, Strategy};
use self::parameters::Task;
use self::session::Session;
use self::toolbox::Toolbox;

struct Agent {
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    if node.version != "1" {
        let message = format!(
            "agents of version {:?} need what is not built: their own definition (`agent_binding`), their job \
             (`agent_job`) and people whom they ask; agents of version 1 run",
            node.version
        );
        return Err(BuildProblem {
            code: "node_type_unsupported",
            message,
            field: Some("data.version".to_owned()),
        });
    }
    let agent = Agent {
        config: Config::of(node)?,
        host: host.clone(),
    };
    Ok(NodeSpec::effect(Arc::new(agent)))
}

/// Why the node failed, under the names that Dify's workflows know.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("Failed to get agent strategy: {0}")]
    Strategy(String),
    #[error("{0}")]
    Parameter(String),
    #[error("Variable {0} does not exist")]
    VariableNotFound(String),
    #[error("Failed to invoke agent: {0}")]
    Tool(#[from] ToolError),
    #[error("Failed to invoke agent: {0}")]
    Invoke(#[from] InvokeError),
    #[error("Failed to invoke agent: {0}")]
    Unfit(String),
    #[error("the run was asked to stop")]
    Stopped,
}

impl Error {
    fn failure(&self) -> Failure {
        let class = match self {
            Self::Strategy(_) => "AgentStrategyNotFoundError",
            Self::Parameter(_) => "AgentParameterError",
            Self::VariableNotFound(_) => "AgentVariableNotFoundError",
            Self::Tool(ToolError::Credential(failure)) => return Failure::clone(failure),
            Self::Tool(
                ToolError::Unbound(_)
                | ToolError::Parameter(_)
                | ToolError::Invoke(_)
                | ToolError::Refused(_),
            )
            | Self::Unfit(_) => "AgentInvocationError",
            Self::Invoke(cause) => return self.of_call(cause),
            Self::Stopped => ErrorKind::RunOver.error_type(),
        };
        Failure::new(class, self.to_string())
    }

    /// The class is the call's. The message of a credential's failure begins with its code.
    fn of_call(&self, cause: &InvokeError) -> Failure {
        let mut failure = cause.failure();
        if !matches!(cause.kind, ErrorKind::Credential | ErrorKind::RunOver) {
            failure.message = self.to_string();
        }
        failure
    }
}

#[async_trait]
impl Node for Agent {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        match self.attempt(&context, &mut attempt).await {
            Ok(outputs) => attempt.outputs = outputs,
            Err(cause) => attempt.outcome = Err(cause.failure()),
        }
        attempt
    }
}

impl Agent {
    /// One attempt; what is known before it fails is left in `attempt`.
    async fn attempt(
        &self,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<NamedValues, Error> {
        let config = &self.config;
        let strategy = config.strategy.as_ref();
        let strategy = *strategy.map_err(|cause| Error::Strategy(cause.clone()))?;
        let model = config.model.as_ref();
        let missing = || Error::Parameter("the parameter model names no model".to_owned());
        let model = model.ok_or_else(missing)?;
        let task = Task::of(&config.parameters, &context.pool)?;
        attempt.inputs = task.inputs(&config.parameters, &context.pool);
        attempt.process_data = model.process_data(config.mode.as_str());
        attempt
            .process_data
            .insert("strategy".to_owned(), json!(strategy.as_str()));
        let instance = model.instance(&self.host, context);
        let toolbox = Toolbox::open(&config.tools, &self.host, context).await?;
        let info = instance.info();
        if strategy == Strategy::FunctionCalling
            && !toolbox.is_empty()
            && info.can(Feature::ToolCall) == Some(false)
        {
            let text = format!("the model {} calls no tools: choose ReAct", model.name());
            return Err(Error::Unfit(text));
        }
        let mut session = Session::new(config, model, instance, toolbox, context, attempt);
        let done = match strategy {
            Strategy::FunctionCalling => functions::run(&mut session, &self.host, &task).await,
            Strategy::React => react::run(&mut session, &self.host, &task).await,
        };
        if done.is_ok() {
            session.close().await;
        }
        let (made, latency) = session.finish();
        let used = usage::sum(&attempt.usage, latency);
        let told = Json::Object(used.clone());
        attempt.process_data.insert("usage".to_owned(), told);
        done?;
        Ok(outputs(made, used))
    }
}

/// What an agent has made.
struct Made {
    text: String,
    files: Array,
    /// Its steps, in the order in which they began.
    steps: Vec<Json>,
}

fn outputs(made: Made, usage: Map<String, Json>) -> NamedValues {
    let mut json = made.steps;
    json.push(json!({"data": []}));
    vec![
        ("text".to_owned(), Value::string(made.text)),
        ("usage".to_owned(), Value::object(usage)),
        ("files".to_owned(), Value::Array(made.files)),
        ("json".to_owned(), Value::array(ArrayKind::Object, json)),
    ]
}
