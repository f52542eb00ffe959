//! Files in messages: in front of the last question, and only to models that can read them.

use latchkey_domain::value::{ArrayKind, File, FileType, Value, ValueKind};
use latchkey_engine::pool::Pool;
use latchkey_models::catalogue::{Feature, ModelInfo};
use latchkey_models::{Content, Message, Part, Role};

use crate::data::{self, Data};

/// Which files a node shows the model, and how closely it looks.
pub(crate) struct Vision {
    selector: Vec<String>,
    detail: String,
}

impl Vision {
    /// What `vision` says; none when it is off.
    pub(crate) fn of(data: &Data) -> Option<Self> {
        let vision =
            data::mapping(data, "vision").filter(|vision| data::flag(vision, "enabled"))?;
        let configs = data::mapping(vision, "configs");
        let selector = configs.map(|configs| data::selector(configs, "variable_selector"));
        let detail = configs.and_then(|configs| data::text(configs, "detail"));
        Some(Self {
            selector: selector
                .filter(|selector| !selector.is_empty())
                .unwrap_or_else(|| vec!["sys".to_owned(), "files".to_owned()]),
            detail: detail.unwrap_or("high").to_owned(),
        })
    }

    /// The files that the node is to show the model.
    pub(crate) fn files(&self, pool: &Pool) -> Result<Vec<File>, WrongType> {
        let Some(value) = pool.get(&self.selector) else {
            return Ok(Vec::new());
        };
        of_value(&value).ok_or_else(|| WrongType(value.kind()))
    }

    /// The same as parts of a message.
    pub(crate) fn parts(&self, pool: &Pool) -> Result<Vec<Part>, WrongType> {
        let files = self.files(pool)?;
        let parts = files.iter().filter_map(|file| part(file, &self.detail));
        Ok(parts.collect())
    }
}

/// The variable of files holds something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid variable type: {0}")]
pub(crate) struct WrongType(ValueKind);

/// The files that a value is made of; none for a value of another type.
pub(crate) fn of_value(value: &Value) -> Option<Vec<File>> {
    match value {
        Value::None => Some(Vec::new()),
        Value::File(file) => Some(vec![file.as_ref().clone()]),
        Value::Array(array) if array.kind() == ArrayKind::File => Some(array.files()),
        Value::Array(array) if array.kind() == ArrayKind::Any => Some(Vec::new()),
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Secret(_)
        | Value::Object(_)
        | Value::Array(_) => None,
    }
}

/// A file as a part of a message; none for a kind that no model reads.
pub(crate) fn part(file: &File, detail: &str) -> Option<Part> {
    let url = place(file);
    let mime_type = file.mime_type.clone();
    match file.file_type {
        FileType::Image => Some(Part::Image {
            url,
            mime_type,
            detail: Some(detail.to_owned()),
        }),
        FileType::Document => Some(Part::Document { url, mime_type }),
        FileType::Audio => Some(Part::Audio { url, mime_type }),
        FileType::Video => Some(Part::Video { url, mime_type }),
        FileType::Custom => None,
    }
}

/// Where a file is: its address, or a name by which it is known until its contents take the place.
pub(crate) fn place(file: &File) -> String {
    let known = [&file.reference, &file.related_id, &file.id];
    file.address().unwrap_or_else(|| {
        let id = known.into_iter().flatten().next();
        id.map_or_else(String::new, |id| format!("file:{id}"))
    })
}

/// Where the file of a part is.
pub(crate) fn address(part: &Part) -> Option<&str> {
    match part {
        Part::Text(_) => None,
        Part::Image { url, .. }
        | Part::Document { url, .. }
        | Part::Audio { url, .. }
        | Part::Video { url, .. } => Some(url),
    }
}

/// Puts files in front of the last message if the user says it, else into a message of their own.
pub(crate) fn add(messages: &mut Vec<Message>, mut parts: Vec<Part>) {
    if parts.is_empty() {
        return;
    }
    if let Some(Message {
        role: Role::User,
        content: Content::Parts(old),
        ..
    }) = messages.last_mut()
    {
        parts.append(old);
        *old = parts;
    } else {
        messages.push(Message::parts(Role::User, parts));
    }
}

/// The message without what the model cannot read; none when nothing is left. A model of which nothing is known gets
/// everything: its provider will say.
pub(crate) fn readable(mut message: Message, info: &ModelInfo) -> Option<Message> {
    let Content::Parts(parts) = &mut message.content else {
        return (!message.content.plain().is_empty()).then_some(message);
    };
    parts.retain(|part| match part {
        Part::Text(text) => !text.is_empty(),
        Part::Image { .. } => info.can(Feature::Vision) != Some(false),
        Part::Document { .. } => info.can(Feature::Document) != Some(false),
        Part::Audio { .. } => info.can(Feature::Audio) != Some(false),
        Part::Video { .. } => info.can(Feature::Video) != Some(false),
    });
    match parts.as_mut_slice() {
        [] => None,
        [Part::Text(text)] => {
            message.content = Content::Text(std::mem::take(text));
            Some(message)
        }
        _ => Some(message),
    }
}
