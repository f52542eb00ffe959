//! The body of a request: its bytes, its content type, and a form for people in which secrets are masked.

use bytes::Bytes;
use serde_json::Value as Json;
use uuid::Uuid;

use latchkey_domain::value::{ArrayKind, File, TransferMethod, Value, python_repr};
use latchkey_engine::node::NodeContext;
use latchkey_engine::pool::Pool;

use crate::host::Host;
use crate::json_repair::repair;

use super::Error;
use super::config::{Body, BodyKind, Item};
use super::form::{self, FilePart};

/// How much all files of one request may hold, in bytes.
const MOST_FILE_BYTES: u64 = 100 * 1024 * 1024;
/// How much of a text is repeated in a message, in characters.
const REPEATED: usize = 2000;
/// What a form without files has in their place, so that it is sent as a form with parts all the same.
const PLACEHOLDER: &str = "__multipart_placeholder__";

/// What a request carries.
#[derive(Default)]
pub(super) struct Content {
    pub(super) bytes: Bytes,
    pub(super) kind: ContentType,
    /// The body for people.
    pub(super) shown: String,
}

/// What `Content-Type` says.
#[derive(Default)]
pub(super) enum ContentType {
    /// What the headers say, if they do.
    #[default]
    Given,
    /// What the headers say, else this.
    Usual(&'static str),
    /// This, whatever the headers say.
    Always(String),
}

impl Content {
    pub(super) async fn of(body: &Body, context: &NodeContext, host: &Host) -> Result<Self, Error> {
        let pool = &context.pool;
        match body.kind {
            BodyKind::None => Ok(Self::default()),
            BodyKind::Raw => raw(only(body, "raw-text")?, pool),
            BodyKind::Json => json(only(body, "json")?, pool),
            BodyKind::Binary => binary(only(body, "binary")?, context, host).await,
            BodyKind::UrlEncoded => Ok(url_encoded(&body.items, pool)),
            BodyKind::FormData => form_data(&body.items, context, host).await,
        }
    }
}

fn only<'a>(body: &'a Body, name: &str) -> Result<&'a Item, Error> {
    match body.items.as_slice() {
        [item] => Ok(item),
        _ => Err(Error::Body(format!(
            "{name} body type should have exactly one item"
        ))),
    }
}

fn raw(item: &Item, pool: &Pool) -> Result<Content, Error> {
    Ok(Content {
        bytes: item.value.render_text(pool).into(),
        kind: ContentType::Usual("text/plain"),
        shown: item.value.render_shown(pool),
    })
}

fn json(item: &Item, pool: &Pool) -> Result<Content, Error> {
    let shown = item.value.render_shown(pool);
    let repaired = repair(&item.value.render_text(pool)).ok_or_else(|| {
        let text: String = shown.chars().take(REPEATED).collect();
        Error::Body(format!("Failed to parse JSON: {text}"))
    })?;
    // Dify's client takes a null for no body.
    let is_null = repaired == "null";
    Ok(Content {
        bytes: if is_null {
            Bytes::new()
        } else {
            repaired.into()
        },
        kind: ContentType::Usual("application/json"),
        shown,
    })
}

async fn binary(item: &Item, context: &NodeContext, host: &Host) -> Result<Content, Error> {
    let Some(Value::File(file)) = context.pool.get(&item.file) else {
        let selector = item.file.iter().map(String::as_str).collect::<Json>();
        let text = format!("cannot fetch file with selector {}", python_repr(&selector));
        return Err(Error::File(text));
    };
    let bytes = read(&file, context, host, MOST_FILE_BYTES).await?;
    Ok(Content {
        shown: format!("<binary_content: size={} bytes>", bytes.len()),
        bytes,
        kind: ContentType::Given,
    })
}

async fn read(file: &File, context: &NodeContext, host: &Host, max: u64) -> Result<Bytes, Error> {
    let read = host.files.read(&context.run, file, max).await;
    read.map_err(|cause| Error::File(cause.to_string()))
}

/// The fields among the items, for the wire and for people.
fn fields<'a>(
    items: impl Iterator<Item = &'a Item> + Clone,
    pool: &Pool,
) -> [Vec<(String, String)>; 2] {
    let real = items.clone();
    let real = real.map(|item| (item.key.render_text(pool), item.value.render_text(pool)));
    let shown = items.map(|item| (item.key.render_shown(pool), item.value.render_shown(pool)));
    [form::collapse(real), form::collapse(shown)]
}

fn url_encoded(items: &[Item], pool: &Pool) -> Content {
    let [real, shown] = fields(items.iter(), pool);
    Content {
        bytes: form::url_encoded(&real).into(),
        kind: ContentType::Usual("application/x-www-form-urlencoded"),
        shown: form::url_encoded(&shown),
    }
}

async fn form_data(items: &[Item], context: &NodeContext, host: &Host) -> Result<Content, Error> {
    let [real, shown] = fields(items.iter().filter(|item| !item.is_file), &context.pool);
    let files = file_parts(items, context, host).await?;
    let boundary = Uuid::new_v4().simple().to_string();
    let shown = shown_form(&boundary, &shown, &files);
    let bytes = if files.is_empty() {
        let placeholder = FilePart {
            name: PLACEHOLDER.to_owned(),
            filename: String::new(),
            mime_type: "application/octet-stream".to_owned(),
            content: Bytes::new(),
        };
        form::multipart(&boundary, &real, &[placeholder])
    } else {
        form::multipart(&boundary, &real, &files)
    };
    Ok(Content {
        bytes: bytes.into(),
        kind: ContentType::Always(format!("multipart/form-data; boundary={boundary}")),
        shown,
    })
}

/// The contents of all files that the items name; what is no file, or stands for nothing, is left out.
async fn file_parts(
    items: &[Item],
    context: &NodeContext,
    host: &Host,
) -> Result<Vec<FilePart>, Error> {
    let named = items.iter().filter(|item| item.is_file);
    let named = named.map(|item| (item.key.render_text(&context.pool), &item.file));
    let mut parts = Vec::new();
    let mut left = MOST_FILE_BYTES;
    for (name, selector) in form::collapse(named) {
        let files = match context.pool.get(selector) {
            Some(Value::File(file)) => vec![file.as_ref().clone()],
            Some(Value::Array(array)) if array.kind() == ArrayKind::File => array.files(),
            _ => Vec::new(),
        };
        for file in files.into_iter().filter(has_content) {
            let content = read(&file, context, host, left).await?;
            left = left.saturating_sub(content.len() as u64);
            let mime_type = file.mime_type.filter(|name| !name.is_empty());
            parts.push(FilePart {
                name: name.clone(),
                filename: file.filename.unwrap_or_default(),
                mime_type: mime_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                content,
            });
        }
    }
    Ok(parts)
}

/// Whether a description stands for something that can be read.
fn has_content(file: &File) -> bool {
    let stored = file.reference.is_some() || file.related_id.is_some();
    let remote = file.transfer_method == TransferMethod::RemoteUrl && file.remote_url.is_some();
    stored || remote
}

fn shown_form(boundary: &str, fields: &[(String, String)], files: &[FilePart]) -> String {
    let mut text = String::new();
    let mut part = |name: &str, content: &str| {
        text += &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n"
        );
    };
    for (name, value) in fields {
        part(name, value);
    }
    for file in files {
        let content = format!(
            "<file_content_binary: '{}', type='{}', size={} bytes>",
            file.filename,
            file.mime_type,
            file.content.len()
        );
        part(&file.name, &content);
    }
    if !text.is_empty() {
        text += &format!("--{boundary}--\r\n");
    }
    text
}
