//! The body of a call.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use latchkey_outbound::Request;

use super::send::{escaped, text};
use super::{Attached, Form};

/// Puts the arguments of a body into a request.
pub(super) fn put(
    request: Request,
    form: &Form,
    said: &[(&str, &Json)],
    files: &[&Attached],
) -> Request {
    match form {
        Form::Json { media_type, whole } => {
            let body = if *whole {
                let only = said.first().map(|(_, value)| Json::clone(value));
                only.map(|value| read_again(value).to_string())
            } else {
                let pairs = said.iter();
                let pairs = pairs.map(|(name, value)| ((*name).to_owned(), Json::clone(value)));
                Some(Json::Object(Map::from_iter(pairs)).to_string())
            };
            match body {
                Some(body) => request.header("content-type", media_type).body(body),
                None => request,
            }
        }
        Form::Fields => {
            let pairs = said.iter();
            let pairs =
                pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(&text(value))));
            let body = pairs.collect::<Vec<_>>().join("&");
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
        }
        Form::Parts => parts(request, said, files),
        Form::Plain { media_type } => match (files.first(), said.first()) {
            (Some(file), _) => request
                .header("content-type", media_type)
                .body(file.content.clone()),
            (None, Some((_, value))) => {
                request.header("content-type", media_type).body(text(value))
            }
            (None, None) => request,
        },
    }
}

/// A whole body that was said as a text is the JSON that the text says.
fn read_again(value: Json) -> Json {
    match value {
        Json::String(text) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
        other @ (Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::Array(_)
        | Json::Object(_)) => other,
    }
}

fn parts(request: Request, said: &[(&str, &Json)], files: &[&Attached]) -> Request {
    let boundary = format!("latchkey-{}", Uuid::new_v4().simple());
    let mut body = Vec::new();
    for (name, value) in said {
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
            quoted(name),
            text(value)
        );
        body.extend_from_slice(head.as_bytes());
    }
    for file in files {
        let of = &file.file;
        let filename = of.filename.as_deref().unwrap_or("file");
        let media_type = of.mime_type.as_deref().filter(|kind| is_media_type(kind));
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"; filename=\"{}\"\r\ncontent-type: {}\r\n\r\n",
            quoted(&file.parameter),
            quoted(filename),
            media_type.unwrap_or("application/octet-stream")
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&file.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={boundary}");
    request.header("content-type", &media_type).body(body)
}

/// As browsers write names in parts: nothing in one can end it.
fn quoted(name: &str) -> String {
    let name = name.replace('"', "%22");
    name.replace('\r', "%0D").replace('\n', "%0A")
}

fn is_media_type(kind: &str) -> bool {
    kind.bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
