//! The messages of a call: rendered, remembered, with files, and cut down to what the model can read.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::{File, Value, ValueKind};
use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::{Part as TemplatePart, Resolved, Template};
use latchkey_models::catalogue::ModelInfo;
use latchkey_models::{Message, Part, Role};

use crate::host::Host;
use crate::jinja;
use crate::model_call::{files, memory, shown};

use super::config::{Config, Edition, Prompt, PromptMessage};
use super::{Error, context};

/// What goes in, for people, in the order in which it is looked for; what was found before something is missing stays.
pub(super) fn add_inputs(
    inputs: &mut Map<String, Json>,
    config: &Config,
    pool: &Pool,
) -> Result<(), Error> {
    let missing = |selector: &[String]| Error::VariableNotFound(selector.join("."));
    for selector in config.placeholders() {
        let value = pool.get(&selector).ok_or_else(|| missing(&selector))?;
        inputs.insert(format!("#{}#", selector.join(".")), shown_input(&value));
    }
    for (name, selector) in &config.jinja_variables {
        let value = pool.get(selector).ok_or_else(|| missing(selector))?;
        inputs.insert(name.clone(), shown_input(&value));
    }
    if let Some(vision) = &config.vision {
        let files = vision.files(pool)?;
        if !files.is_empty() {
            let files = files.iter().map(File::to_json).collect();
            inputs.insert("#files#".to_owned(), files);
        }
    }
    let context = context::of(config.context.as_deref(), pool)?;
    if let Some(text) = context.text {
        inputs.insert("#context#".to_owned(), text.into());
    }
    if !context.files.is_empty() {
        let files = context.files.iter().map(File::to_json).collect();
        inputs.insert("#context_files#".to_owned(), files);
    }
    let model = &config.model;
    inputs.insert("model_provider".to_owned(), model.provider().into());
    inputs.insert("model_name".to_owned(), model.name().into());
    Ok(())
}

fn shown_input(value: &Value) -> Json {
    if *value == Value::None {
        json!("")
    } else {
        value.to_json()
    }
}

/// What is sent, and the files that it names.
pub(super) async fn messages(
    config: &Config,
    context: &NodeContext,
    info: &ModelInfo,
    host: &Host,
) -> Result<(Vec<Message>, Vec<File>), Error> {
    let pool = &context.pool;
    let told = context::of(config.context.as_deref(), pool)?;
    let renderer = Renderer {
        config,
        pool,
        context: told.text.unwrap_or_default(),
        host,
    };
    let mut draft = Draft {
        detail: &config.detail,
        messages: Vec::new(),
        shown: Vec::new(),
    };
    match &config.prompt {
        Prompt::Chat(templates) => {
            renderer.chat(templates, context, info, &mut draft).await?;
        }
        Prompt::Completion(edition) => {
            let message = renderer.completion(edition, context, info).await?;
            draft.messages.push(message);
        }
    }
    let mut parts = Vec::new();
    if let Some(vision) = &config.vision {
        parts.extend(draft.show(vision.files(pool)?));
    }
    parts.extend(draft.show(told.files));
    let Draft {
        mut messages,
        shown,
        ..
    } = draft;
    files::add(&mut messages, parts);
    let kept: Vec<Message> = messages
        .into_iter()
        .filter_map(|message| files::readable(message, info))
        .collect();
    if kept.is_empty() {
        return Err(Error::NoPrompt);
    }
    Ok((kept, shown))
}

/// Messages that are being put together.
struct Draft<'a> {
    /// How closely images are looked at.
    detail: &'a str,
    messages: Vec<Message>,
    /// The files of their parts.
    shown: Vec<File>,
}

impl Draft<'_> {
    /// A text makes one message, the files that it names another one.
    fn push(&mut self, role: Role, (text, found): (String, Vec<File>)) {
        if !text.is_empty() {
            let text = vec![Part::Text(text)];
            self.messages.push(Message::parts(role, text));
        }
        let parts = self.show(found);
        if !parts.is_empty() {
            self.messages.push(Message::parts(role, parts));
        }
    }

    /// Files as parts of a message.
    fn show(&mut self, files: Vec<File>) -> Vec<Part> {
        let parts = files
            .iter()
            .filter_map(|file| files::part(file, self.detail));
        let parts = parts.collect();
        self.shown.extend(files);
        parts
    }
}

struct Renderer<'a> {
    config: &'a Config,
    pool: &'a Pool,
    context: String,
    host: &'a Host,
}

impl Renderer<'_> {
    async fn chat(
        &self,
        templates: &[PromptMessage],
        context: &NodeContext,
        info: &ModelInfo,
        draft: &mut Draft<'_>,
    ) -> Result<(), Error> {
        for template in templates {
            let rendered = self.render(&template.edition).await?;
            draft.push(template.role, rendered);
        }
        if let Some(settings) = &self.config.memory {
            for (role, text) in memory::messages(settings, context, &self.config.model, info) {
                draft.messages.push(Message::text(role, text.to_owned()));
            }
            let rendered = match &settings.query {
                Some(query) => self.interpolate(query),
                None => self.interpolate_words(&memory::words(self.pool)),
            };
            draft.push(Role::User, rendered);
        }
        Ok(())
    }

    /// A completion model gets one text: the question, the history, the prompt.
    async fn completion(
        &self,
        edition: &Edition,
        context: &NodeContext,
        info: &ModelInfo,
    ) -> Result<Message, Error> {
        let (mut text, _) = self.render(edition).await?;
        let history = match &self.config.memory {
            Some(settings) => memory::text(settings, context, &self.config.model, info)?,
            None => String::new(),
        };
        text = if text.contains("#histories#") {
            text.replace("#histories#", &history)
        } else {
            format!("{history}\n{text}")
        };
        if let Some(settings) = &self.config.memory {
            let words = || memory::words(self.pool);
            let query = settings.query.clone().unwrap_or_else(words);
            if !query.is_empty() {
                text = format!("{query}\n{text}");
            }
        }
        Ok(Message::parts(Role::User, vec![Part::Text(text)]))
    }

    async fn render(&self, edition: &Edition) -> Result<(String, Vec<File>), Error> {
        match edition {
            Edition::Basic(text) => {
                Ok(self.interpolate(&text.replace("{{#context#}}", &self.context)))
            }
            Edition::Jinja(_, template) => {
                let values = jinja::values(self.pool, &self.config.jinja_variables);
                let sandbox = self.host.sandbox.as_deref();
                let text = template.render(&values, self.host.template_length, sandbox);
                let text = text.await;
                let text = text.map_err(|cause| Error::Template(cause.to_string()))?;
                Ok((text, Vec::new()))
            }
        }
    }

    fn interpolate(&self, text: &str) -> (String, Vec<File>) {
        self.fill(&Template::parse(text), Some)
    }

    /// What the user wrote is interpolated too, as in the reference. But the workflow's author chose what the prompt
    /// names, and nobody chose this: a user who asks for `{{#env.KEY#}}` must not be told. So a secret, and whatever
    /// contains one, counts as not found and is its dotted name.
    fn interpolate_words(&self, text: &str) -> (String, Vec<File>) {
        let secrets = shown::secrets(self.pool);
        let is_open = |value: &Value| {
            let text = value.text();
            let mut secrets = secrets.iter();
            value.kind() != ValueKind::Secret && !secrets.any(|secret| text.contains(secret))
        };
        self.fill(&Template::parse(text), |value| Some(value).filter(is_open))
    }

    fn fill(
        &self,
        template: &Template,
        allowed: impl Fn(Value) -> Option<Value>,
    ) -> (String, Vec<File>) {
        let mut out = String::new();
        let mut found = Vec::new();
        for (part, piece) in template.parts().iter().zip(template.resolve(self.pool)) {
            let piece = match piece {
                Resolved::Value(value) => {
                    allowed(value).map_or_else(|| unfound(part), Resolved::Value)
                }
                text @ Resolved::Text(_) => text,
            };
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

/// What a piece is when it finds nothing.
fn unfound(part: &TemplatePart) -> Resolved<'_> {
    Resolved::Text(match part {
        TemplatePart::Text(text) => text.into(),
        TemplatePart::Variable(selector) => selector.join(".").into(),
    })
}
