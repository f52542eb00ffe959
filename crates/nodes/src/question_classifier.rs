//! `question-classifier`: asks a model which of its classes a question belongs to, and takes that branch.
//!
//! Parts: the messages (`prompt`), and what is read out of the reply (`choice`). The question is data: unlike in the
//! reference, placeholders that a user types into it are not looked up, in no part of the prompt.

mod choice;
mod prompt;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use latchkey_engine::node::{Attempt, BuildProblem, Node, NodeContext, NodeKind, NodeSpec};
use latchkey_engine::template::Template;
use latchkey_models::InvokeError;

use crate::data::{self, Data, problem};
use crate::host::Host;
use crate::model_call::files::{Vision, WrongType};
use crate::model_call::memory::Memory;
use crate::model_call::reply::Reply;
use crate::model_call::{Mode, Model, contents, shown, usage};

use self::choice::Unreadable;

struct Classifier {
    config: Config,
    host: Host,
}

struct Config {
    model: Model,
    mode: Mode,
    query: Vec<String>,
    classes: Vec<Class>,
    instruction: Template,
    memory: Option<Memory>,
    vision: Option<Vision>,
}

/// One of the classes.
struct Class {
    id: String,
    name: Template,
    label: String,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let classifier = Classifier {
        config: Config::of(node)?,
        host: host.clone(),
    };
    let mut spec = NodeSpec::effect(Arc::new(classifier));
    spec.kind = NodeKind::Branch;
    Ok(spec)
}

impl Config {
    fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let data = &*node.data;
        let classes: Vec<Class> = data::mappings(data, "classes")
            .enumerate()
            .map(class)
            .collect::<Result<_, _>>()?;
        if classes.is_empty() {
            return Err(problem("classes", "there must be at least one class"));
        }
        let said = data::mapping(data, "model");
        Ok(Self {
            model: Model::of(node, said)?,
            mode: Mode::of(said),
            query: data::selector(data, "query_variable_selector"),
            classes,
            instruction: Template::parse(data::text(data, "instruction").unwrap_or_default()),
            memory: Memory::of(data),
            vision: Vision::of(data),
        })
    }
}

fn class((at, raw): (usize, &Data)) -> Result<Class, BuildProblem> {
    let missing = |key| problem("classes", format!("the class {} has no {key}", at + 1));
    let label = data::text(raw, "label").filter(|label| !label.is_empty());
    Ok(Class {
        id: data::text(raw, "id")
            .ok_or_else(|| missing("id"))?
            .to_owned(),
        name: Template::parse(data::text(raw, "name").ok_or_else(|| missing("name"))?),
        label: label.map_or_else(|| format!("CLASS {}", at + 1), str::to_owned),
    })
}

/// Why the node failed, under the names that Dify's workflows know.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the model's mode {0:?} is neither chat nor completion")]
    Mode(String),
    #[error(transparent)]
    WrongType(#[from] WrongType),
    #[error(transparent)]
    File(#[from] contents::Unreadable),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    Invoke(#[from] InvokeError),
}

impl Error {
    fn failure(&self) -> Failure {
        let class = match self {
            Self::Mode(_) => "InvalidModelTypeError",
            Self::WrongType(_) => "InvalidVariableTypeError",
            Self::File(_) => "QuestionClassifierNodeError",
            Self::Unreadable(Unreadable::Nothing) => "ValueError",
            Self::Unreadable(Unreadable::Broken(_) | Unreadable::NoObject) => "OutputParserError",
            Self::Invoke(cause) => return cause.failure(),
        };
        Failure::new(class, self.to_string())
    }
}

#[async_trait]
impl Node for Classifier {
    async fn run(&self, context: NodeContext) -> Attempt {
        let mut attempt = Attempt::succeeded(Vec::new());
        match self.attempt(&context, &mut attempt).await {
            Ok(outputs) => attempt.outputs = outputs,
            Err(cause) => attempt.outcome = Err(cause.failure()),
        }
        attempt
    }
}

impl Classifier {
    /// One attempt; what is known before it fails is left in `attempt`.
    async fn attempt(
        &self,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<NamedValues, Error> {
        let config = &self.config;
        let pool = &context.pool;
        let query = pool.get(&config.query);
        let told = query.as_ref().map_or_else(|| json!(""), Value::to_json);
        attempt.inputs.insert("query".to_owned(), told);
        if let Mode::Other(mode) = &config.mode {
            return Err(Error::Mode(mode.clone()));
        }
        let instance = config.model.instance(&self.host, context);
        attempt.process_data = config.model.process_data(config.mode.as_str());
        let query = query.map_or_else(String::new, |value| value.text().into_owned());
        let mut messages = prompt::messages(config, context, &instance.info(), &query)?;
        let shown = shown::messages(&messages, pool);
        attempt.process_data.insert("prompts".to_owned(), shown);
        if let Some(vision) = &config.vision {
            let files = vision.files(pool)?;
            contents::put(&mut messages, &files, &self.host, context).await?;
        }
        let request = config.model.request(messages, context);
        let asked = config.model.ask(&instance, request, context, attempt);
        let mut stream = asked.await?;
        let reply = Reply::read(&mut stream).await;
        let used = usage::settle(&stream, attempt);
        let reply = reply?;
        let told = &mut attempt.process_data;
        told.insert("finish_reason".to_owned(), json!(reply.finish_reason));
        let ids: Vec<&str> = config.classes.iter().map(|it| it.id.as_str()).collect();
        let chosen = &config.classes[choice::of(&reply.text, &ids)?];
        attempt.handle = Some(chosen.id.clone());
        Ok(chosen.outputs(chosen.name.render_text(pool), used))
    }
}

impl Class {
    fn outputs(&self, name: String, usage: Map<String, Json>) -> NamedValues {
        vec![
            ("class_name".to_owned(), Value::string(name)),
            ("class_label".to_owned(), Value::string(self.label.as_str())),
            ("class_id".to_owned(), Value::string(self.id.as_str())),
            ("usage".to_owned(), Value::object(usage)),
        ]
    }
}
