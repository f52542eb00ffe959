//! What all nodes that ask a language model share: which model and with which parameters, who asks, the call's row,
//! the conversation so far, files, and what a call used. What is asked, and what is made of it, is each node's own.

pub(crate) mod answer;
pub(crate) mod contents;
pub(crate) mod files;
pub(crate) mod memory;
pub(crate) mod reasoning;
pub(crate) mod reply;
pub(crate) mod shown;
pub(crate) mod usage;

use serde_json::{Map, Value as Json, json};

use latchkey_domain::credential::Resolution;
use latchkey_domain::document::{GraphNode, ModelPlace};
use latchkey_domain::id::ModelCallId;
use latchkey_engine::node::{Attempt, BuildProblem, NodeContext};
use latchkey_engine::pool::Pool;
use latchkey_engine::selector;
use latchkey_engine::template::Template;
use latchkey_models::{
    ChatRequest, ChatStream, InvokeError, Message, ModelInstance, ModelRef, WorkflowContext,
};

use crate::data::{self, Data, problem};
use crate::host::Host;

/// How much of a rendered parameter is used, in characters.
const PARAMETER_LENGTH: usize = 1024;

/// The model that a node names, with what the node says about it.
pub(crate) struct Model {
    place: ModelPlace,
    parameters: Map<String, Json>,
    stop: Vec<String>,
}

/// How a node speaks to its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// In messages.
    Chat,
    /// In one text.
    Completion,
    /// In a way that does not exist.
    Other(String),
}

impl Mode {
    /// The mode of the object that names a model; chat when it says nothing.
    pub(crate) fn of(said: Option<&Data>) -> Self {
        match said.and_then(|model| data::text(model, "mode")) {
            None | Some("" | "chat") => Self::Chat,
            Some("completion") => Self::Completion,
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    /// Its name.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Other(other) => other,
        }
    }
}

impl Model {
    /// The model of a node that names one; `said` is the object that names it.
    ///
    /// # Errors
    /// When there is none, or two places disagree about its credential.
    pub(crate) fn of(node: &GraphNode, said: Option<&Data>) -> Result<Self, BuildProblem> {
        let place = node.model_places().into_iter().next();
        let place = place.ok_or_else(|| problem("model", "the node names no model"))?;
        if let Some(conflict) = &place.conflict {
            return Err(problem("model", conflict.clone()));
        }
        let mut parameters = said
            .and_then(|model| data::mapping(model, "completion_params"))
            .cloned()
            .unwrap_or_default();
        let stop = match parameters.shift_remove("stop") {
            Some(Json::String(one)) if !one.is_empty() => vec![one],
            Some(Json::Array(words)) => words
                .iter()
                .filter_map(|word| word.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            place,
            parameters,
            stop,
        })
    }

    /// Its name at its provider.
    pub(crate) fn name(&self) -> &str {
        &self.place.model
    }

    /// Its provider's id.
    pub(crate) fn provider(&self) -> String {
        self.place.provider.to_string()
    }

    /// A completion parameter as it stands in the document.
    pub(crate) fn parameter(&self, name: &str) -> Option<&Json> {
        self.parameters.get(name)
    }

    /// What is known of it before a call, for people.
    pub(crate) fn process_data(&self, mode: &str) -> Map<String, Json> {
        Map::from_iter([
            ("model_mode".to_owned(), json!(mode)),
            ("model_provider".to_owned(), json!(self.provider())),
            ("model_name".to_owned(), json!(self.name())),
        ])
    }

    /// It, ready to be asked by this node. Who pays is decided at each call.
    pub(crate) fn instance(&self, host: &Host, context: &NodeContext) -> ModelInstance {
        let place = &self.place;
        let model = ModelRef {
            provider: place.provider.clone(),
            model: place.model.clone(),
            model_type: place.model_type,
            selector_source: place.selector.clone(),
            rendered: selector::render(&place.selector, &context.pool, &context.entry),
        };
        let instance = host.models.model_instance(&caller(context), &model);
        instance.stopped_by(context.cancel.clone())
    }

    /// A question with the node's parameters.
    pub(crate) fn request(&self, messages: Vec<Message>, context: &NodeContext) -> ChatRequest {
        ChatRequest {
            messages,
            parameters: parameters(&self.parameters, &context.pool),
            stop: self.stop.clone(),
            user: context.run.end_user.clone(),
            ..ChatRequest::default()
        }
    }

    /// Opens a call. Who pays or was to pay is kept in `attempt`, and of an opened call the run is told, whatever
    /// comes of it.
    pub(crate) async fn ask(
        &self,
        instance: &ModelInstance,
        request: ChatRequest,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) -> Result<ChatStream, InvokeError> {
        match instance.invoke(request).await {
            Ok(stream) => {
                let (call, resolution) = (stream.call_id(), stream.resolution());
                self.tell(Some(call), Some(resolution), context, attempt)
                    .await;
                Ok(stream)
            }
            Err(error) => {
                self.tell(error.call, error.resolution.as_deref(), context, attempt)
                    .await;
                Err(error)
            }
        }
    }

    async fn tell(
        &self,
        call: Option<ModelCallId>,
        resolution: Option<&Resolution>,
        context: &NodeContext,
        attempt: &mut Attempt,
    ) {
        attempt.resolution = resolution.cloned();
        if let (Some(call), Some(resolution)) = (call, resolution) {
            let sink = &context.sink;
            sink.model_call(call, self.name(), context.attempt, resolution.clone())
                .await;
        }
    }
}

/// Who asks: what decides which credential pays for a call of this node, for models and tools alike.
#[must_use]
pub fn caller(context: &NodeContext) -> WorkflowContext {
    let run = &context.run;
    WorkflowContext {
        workspace: run.workspace,
        workflow: run.workflow,
        workflow_name: Some(run.workflow_name.clone()),
        version: run.version,
        author: run.author,
        caller: run.caller,
        run: Some(run.run),
        epoch: context.epoch,
        node: Some(context.node_id.clone()),
        node_execution: Some(context.execution_id),
        iteration_path: context.iteration_path.clone(),
        environment: run.environment.clone(),
        end_user: run.end_user.clone(),
        overrides: run.overrides.clone(),
        attempt: context.attempt,
    }
}

/// The completion parameters: a text with placeholders is rendered, and is a number or a boolean if it looks like one.
fn parameters(raw: &Map<String, Json>, pool: &Pool) -> Map<String, Json> {
    let render = |value: &Json| {
        let text = value.as_str()?;
        let template = Template::parse(text);
        template.placeholders().next()?;
        let text = template.render_text(pool);
        let text: String = text.chars().take(PARAMETER_LENGTH).collect();
        let plain = serde_json::from_str(&text).ok();
        let plain = plain.filter(|value: &Json| value.is_number() || value.is_boolean());
        Some(plain.unwrap_or(Json::String(text)))
    };
    raw.iter()
        .map(|(name, value)| {
            let value = render(value).unwrap_or_else(|| value.clone());
            (name.clone(), value)
        })
        .collect()
}
