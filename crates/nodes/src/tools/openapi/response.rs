//! What an API answered: JSON, a text, or a file.

use serde_json::Value as Json;

use latchkey_domain::value::{json_compact, python_text};
use latchkey_outbound::Response;

use crate::host::{MadeFile, ToolError, ToolMessage, ToolRefusal};
use crate::tools::answer::{Answered, shortened};

const EMPTY: &str = "Empty response from the tool, please check your parameters and try again.";

/// Reads an answer; one that is no success is a failure.
pub(super) async fn read(answer: Response) -> Result<Vec<Answered>, ToolError> {
    let status = answer.status;
    if (300..400).contains(&status) {
        let text = format!("the API leads elsewhere (status {status}), which is not followed");
        return Err(ToolError::Invoke(text));
    }
    let kind = answer.header("content-type").unwrap_or_default().to_owned();
    let filename = answer.header("content-disposition").and_then(filename);
    let retry_after = answer.retry_after();
    let body = answer.bytes().await;
    let body = body.map_err(|cause| ToolError::Invoke(cause.to_string()))?;
    if status >= 400 {
        let text = shortened(&String::from_utf8_lossy(&body));
        let text = format!("Request failed with status code {status} and {text}");
        let refusal = ToolRefusal::answered(status, retry_after, text);
        return Err(ToolError::Refused(refusal));
    }
    if body.is_empty() {
        return Ok(vec![Answered::text(EMPTY)]);
    }
    if let Ok(value) = serde_json::from_slice::<Json>(&body) {
        return Ok(of_json(value));
    }
    match std::str::from_utf8(&body) {
        Ok(text) if !is_binary(&kind) => Ok(vec![Answered::text(text)]),
        Ok(_) | Err(_) => Ok(vec![Answered::Made(MadeFile {
            filename,
            mime_type: media_type(&kind),
            content: body,
        })]),
    }
}

/// An object is told as such and as a text; other JSON as the text that Python's `str` gives.
fn of_json(value: Json) -> Vec<Answered> {
    match value {
        Json::Object(_) => {
            let text = json_compact(&value);
            vec![
                Answered::Message(ToolMessage::Json(value)),
                Answered::text(text),
            ]
        }
        Json::Array(_) => vec![Answered::text(json_compact(&value))],
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            vec![Answered::text(python_text(&value))]
        }
    }
}

fn media_type(kind: &str) -> Option<String> {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    (!kind.is_empty()).then(|| kind.to_ascii_lowercase())
}

fn is_binary(kind: &str) -> bool {
    let kind = media_type(kind).unwrap_or_default();
    let files = [
        "application/pdf",
        "application/zip",
        "application/octet-stream",
    ];
    let families = ["image/", "audio/", "video/", "font/"];
    files.contains(&kind.as_str()) || families.iter().any(|family| kind.starts_with(family))
}

/// The name in `Content-Disposition`, without a path.
fn filename(header: &str) -> Option<String> {
    let (_, name) = header.split_once("filename=")?;
    let name = name.split(';').next()?.trim().trim_matches('"');
    let name = name.rsplit(['/', '\\']).next()?;
    (!name.is_empty() && name.len() <= 255).then(|| name.to_owned())
}
