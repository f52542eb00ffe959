//! What the data of an `llm` node say, read once.

use serde_json::{Map, Value as Json};

use latchkey_domain::document::GraphNode;
use latchkey_engine::node::BuildProblem;
use latchkey_engine::template::Template;
use latchkey_models::Role;

use crate::data::{self, Data, problem};
use crate::jinja;
use crate::model_call::Model;
use crate::model_call::files::Vision;
use crate::model_call::memory::Memory;

pub(super) struct Config {
    pub(super) model: Model,
    pub(super) prompt: Prompt,
    pub(super) jinja_variables: Vec<(String, Vec<String>)>,
    pub(super) memory: Option<Memory>,
    /// The variable whose text stands for `{{#context#}}`.
    pub(super) context: Option<Vec<String>>,
    pub(super) vision: Option<Vision>,
    /// How closely images are looked at, wherever they come from: `low` or `high`.
    pub(super) detail: String,
    /// The schema of a structured answer, as it stands in the document.
    pub(super) structured: Option<Json>,
    /// Whether thoughts are told apart from the text.
    pub(super) separated: bool,
}

pub(super) enum Prompt {
    /// Messages for a chat model.
    Chat(Vec<PromptMessage>),
    /// One text for a completion model.
    Completion(Edition),
}

pub(super) struct PromptMessage {
    pub(super) role: Role,
    pub(super) edition: Edition,
}

/// A text of a prompt and how it is rendered.
pub(super) enum Edition {
    Basic(String),
    Jinja(String, jinja::Template),
}

impl Config {
    pub(super) fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let data = &*node.data;
        let jinja = data::mapping(data, "prompt_config");
        Ok(Self {
            model: Model::of(node, data::mapping(data, "model"))?,
            prompt: prompt(data)?,
            jinja_variables: jinja.map_or_else(Vec::new, |config| {
                data::variables(config, "jinja2_variables")
            }),
            memory: Memory::of(data),
            context: context(data),
            vision: Vision::of(data),
            detail: detail(data),
            structured: structured(data),
            separated: data::text(data, "reasoning_format") == Some("separated"),
        })
    }

    /// The texts of the prompt, in the order in which they are sent.
    pub(super) fn editions(&self) -> Vec<&Edition> {
        match &self.prompt {
            Prompt::Chat(messages) => messages.iter().map(|message| &message.edition).collect(),
            Prompt::Completion(edition) => vec![edition],
        }
    }

    /// The selectors of all placeholders, which must find something.
    pub(super) fn placeholders(&self) -> Vec<Vec<String>> {
        let query = self
            .memory
            .as_ref()
            .and_then(|memory| memory.query.as_deref());
        let texts = self.editions().into_iter().map(Edition::text).chain(query);
        let mut found = Vec::new();
        for text in texts {
            found.extend(Template::parse(text).placeholders().map(<[String]>::to_vec));
        }
        found
    }

    /// What is known before the call, for people.
    pub(super) fn process_data(&self) -> Map<String, Json> {
        let mode = match self.prompt {
            Prompt::Chat(_) => "chat",
            Prompt::Completion(_) => "completion",
        };
        self.model.process_data(mode)
    }
}

impl Edition {
    fn of(data: &Data) -> Result<Self, BuildProblem> {
        if data::text(data, "edition_type") != Some("jinja2") {
            return Ok(Self::Basic(text_of(data)));
        }
        let text = data::text(data, "jinja2_text").filter(|text| !text.is_empty());
        let text = text.map_or_else(|| text_of(data), str::to_owned);
        let template = jinja::Template::new(&text)
            .map_err(|cause| problem("prompt_template", cause.to_string()))?;
        Ok(Self::Jinja(text, template))
    }

    /// The text as it stands in the document.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Basic(text) | Self::Jinja(text, _) => text,
        }
    }
}

fn text_of(data: &Data) -> String {
    data::text(data, "text").unwrap_or_default().to_owned()
}

fn prompt(data: &Data) -> Result<Prompt, BuildProblem> {
    match data.get("prompt_template") {
        Some(Json::Array(messages)) => messages
            .iter()
            .filter_map(Json::as_object)
            .map(message)
            .collect::<Result<_, _>>()
            .map(Prompt::Chat),
        Some(Json::Object(one)) => Edition::of(one).map(Prompt::Completion),
        _ => Err(problem(
            "prompt_template",
            "the prompt must be a list of messages or one text",
        )),
    }
}

fn message(data: &Data) -> Result<PromptMessage, BuildProblem> {
    let role = match data::text(data, "role") {
        Some("system") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        other => {
            let text = format!("unknown role {:?}", other.unwrap_or_default());
            return Err(problem("prompt_template", text));
        }
    };
    Ok(PromptMessage {
        role,
        edition: Edition::of(data)?,
    })
}

fn context(data: &Data) -> Option<Vec<String>> {
    let context = data::mapping(data, "context")?;
    let selector = data::selector(context, "variable_selector");
    (data::flag(context, "enabled") && !selector.is_empty()).then_some(selector)
}

/// It counts also while vision is off: a prompt may name images itself.
fn detail(data: &Data) -> String {
    let vision = data::mapping(data, "vision");
    let configs = vision.and_then(|vision| data::mapping(vision, "configs"));
    let detail = configs.and_then(|configs| data::text(configs, "detail"));
    detail.unwrap_or("high").to_owned()
}

/// The older switch counts only where the newer one is absent.
fn structured(data: &Data) -> Option<Json> {
    let switch = match data.get("structured_output_switch_on") {
        None | Some(Json::Null) => data::flag(data, "structured_output_enabled"),
        Some(switch) => *switch == Json::Bool(true),
    };
    let output = data::mapping(data, "structured_output").filter(|_| switch)?;
    Some(output.get("schema").cloned().unwrap_or(Json::Null))
}
