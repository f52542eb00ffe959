//! Prompts for people: the messages of a call with secret variables masked.

use serde_json::{Value as Json, json};

use latchkey_domain::value::{ValueKind, mask};
use latchkey_engine::pool::Pool;
use latchkey_models::{Content, Message};

use super::files;

/// The texts of the secret environment variables, empty ones left out.
pub(crate) fn secrets(pool: &Pool) -> Vec<String> {
    let environment = pool.node_values("env").into_iter();
    environment
        .filter(|(_, value)| value.kind() == ValueKind::Secret && value.is_truthy())
        .map(|(_, value)| value.text().into_owned())
        .collect()
}

/// The messages for people: secret variables that they contain are masked.
pub(crate) fn messages(messages: &[Message], pool: &Pool) -> Json {
    let secrets = secrets(pool);
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
