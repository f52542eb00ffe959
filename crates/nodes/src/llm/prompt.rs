//! The messages of a call: rendered, remembered, with files, and cut down to what the model can read.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::{File, Value, ValueKind, mask};
use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::{Resolved, Template};
use latchkey_models::catalogue::ModelInfo;
use latchkey_models::{Content, Message, Part, Role};

use crate::jinja;

use super::config::{Config, Edition, Prompt};
use super::{Error, context, files, memory};

/// The variables that the prompt names, for people; all of them must exist.
pub(super) fn inputs(config: &Config, pool: &Pool) -> Result<Map<String, Json>, Error> {
    let mut inputs = Map::new();
    let missing = |selector: &[String]| Error::VariableNotFound(selector.join("."));
    for selector in config.placeholders() {
        let value = pool.get(&selector).ok_or_else(|| missing(&selector))?;
        inputs.insert(format!("#{}#", selector.join(".")), shown(&value));
    }
    for (name, selector) in &config.jinja_variables {
        let value = pool.get(selector).ok_or_else(|| missing(selector))?;
        inputs.insert(name.clone(), shown(&value));
    }
    Ok(inputs)
}

fn shown(value: &Value) -> Json {
    if *value == Value::None {
        json!("")
    } else {
        value.to_json()
    }
}

/// What is sent.
pub(super) fn messages(
    config: &Config,
    context: &NodeContext,
    info: &ModelInfo,
    limit: usize,
) -> Result<Vec<Message>, Error> {
    let pool = &context.pool;
    let renderer = Renderer {
        config,
        pool,
        context: context::text(config.context.as_deref(), pool)?,
        limit,
    };
    let mut messages = match &config.prompt {
        Prompt::Chat(_) => renderer.chat(context, info)?,
        Prompt::Completion(edition) => vec![renderer.completion(edition, context, info)?],
    };
    if let Some(vision) = &config.vision {
        files::add(&mut messages, vision, pool)?;
    }
    let kept: Vec<Message> = messages
        .into_iter()
        .filter_map(|message| files::readable(message, info))
        .collect();
    if kept.is_empty() {
        return Err(Error::NoPrompt);
    }
    Ok(kept)
}

struct Renderer<'a> {
    config: &'a Config,
    pool: &'a Pool,
    context: String,
    limit: usize,
}

impl Renderer<'_> {
    fn chat(&self, context: &NodeContext, info: &ModelInfo) -> Result<Vec<Message>, Error> {
        let mut messages = Vec::new();
        if let Prompt::Chat(templates) = &self.config.prompt {
            for template in templates {
                let rendered = self.render(&template.edition)?;
                push(&mut messages, template.role, rendered);
            }
        }
        if let Some(settings) = &self.config.memory {
            let history = memory::exchanges(settings, context, self.config, info);
            for exchange in history {
                messages.push(Message::text(Role::User, exchange.query.clone()));
                messages.push(Message::text(Role::Assistant, exchange.answer.clone()));
            }
            let query = memory::query(settings, self.pool);
            push(&mut messages, Role::User, self.interpolate(&query));
        }
        Ok(messages)
    }

    /// A completion model gets one text: the question, the history, the prompt.
    fn completion(
        &self,
        edition: &Edition,
        context: &NodeContext,
        info: &ModelInfo,
    ) -> Result<Message, Error> {
        let (mut text, _) = self.render(edition)?;
        let history = match &self.config.memory {
            Some(settings) => memory::text(settings, context, self.config, info)?,
            None => String::new(),
        };
        text = if text.contains("#histories#") {
            text.replace("#histories#", &history)
        } else {
            format!("{history}\n{text}")
        };
        if let Some(settings) = &self.config.memory {
            let query = memory::query(settings, self.pool);
            if !query.is_empty() {
                text = format!("{query}\n{text}");
            }
        }
        Ok(Message::parts(Role::User, vec![Part::Text(text)]))
    }

    fn render(&self, edition: &Edition) -> Result<(String, Vec<File>), Error> {
        match edition {
            Edition::Basic(text) => {
                Ok(self.interpolate(&text.replace("{{#context#}}", &self.context)))
            }
            Edition::Jinja(_, template) => {
                let values = jinja::values(self.pool, &self.config.jinja_variables);
                let text = template
                    .render(&values, self.limit)
                    .map_err(|cause| Error::Template(cause.to_string()))?;
                Ok((text, Vec::new()))
            }
        }
    }

    fn interpolate(&self, text: &str) -> (String, Vec<File>) {
        let mut out = String::new();
        let mut found = Vec::new();
        for piece in Template::parse(text).resolve(self.pool) {
            match piece {
                Resolved::Text(text) => out.push_str(&text),
                Resolved::Value(value) => {
                    out.push_str(&value.text());
                    found.extend(files::of_value(&value).unwrap_or_default());
                }
            }
        }
        (out, found)
    }
}

/// A text makes one message, the files that it names another one.
fn push(messages: &mut Vec<Message>, role: Role, (text, found): (String, Vec<File>)) {
    if !text.is_empty() {
        messages.push(Message::parts(role, vec![Part::Text(text)]));
    }
    let parts: Vec<Part> = found
        .iter()
        .filter_map(|file| files::part(file, "high"))
        .collect();
    if !parts.is_empty() {
        messages.push(Message::parts(role, parts));
    }
}

/// The messages for people: secret variables that they contain are masked.
pub(super) fn serialised(messages: &[Message], pool: &Pool) -> Json {
    let secrets: Vec<String> = pool
        .node_values("env")
        .into_iter()
        .filter(|(_, value)| value.kind() == ValueKind::Secret && value.is_truthy())
        .map(|(_, value)| value.text().into_owned())
        .collect();
    let masked = |text: &str| {
        secrets.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret, &mask(secret))
        })
    };
    let shown = messages.iter().map(|message| {
        let files = match &message.content {
            Content::Text(_) => Vec::new(),
            Content::Parts(parts) => parts.iter().filter_map(files::address).collect(),
        };
        json!({"role": message.role, "text": masked(&message.content.plain()), "files": files})
    });
    shown.collect()
}
