//! What the scripted provider answers, and to whom.

use serde_json::{Value as Json, json};

/// The reply without a rule.
pub(crate) const DEFAULT_WORDS: &str = "the quick brown fox answers";

/// What the provider does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers this text, in chunks of a word when streamed, with usage.
    Words(String),
    /// Answers a status and a body, with `Retry-After` if given. `{key}` in the body becomes the key that was sent:
    /// providers do echo keys in their errors. `{json-key}` becomes the same as JSON writes it.
    Status {
        /// The HTTP status.
        status: u16,
        /// Seconds for `Retry-After`.
        retry_after: Option<u32>,
        /// The body's text.
        body: String,
    },
    /// Takes the request and never answers.
    Hangs,
    /// Streams this text and then neither goes on nor ends.
    HangsAfter(String),
    /// Streams this text and then closes the connection.
    Cut(String, Break),
    /// Streams the words of this text, one for each [`release`](super::Provider::release).
    Gated(String),
    /// Sends the caller elsewhere (307).
    Redirect(String),
    /// Answers 200 with what is no JSON; `{key}` becomes the key that was sent.
    Garbage(String),
    /// Streams this data of one event, in which `{key}` becomes the key that was sent, as JSON writes it.
    Event(String),
}

/// Where a stream is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Between two events.
    BetweenEvents,
    /// In the middle of an event's JSON.
    InsideEvent,
    /// In the middle of a character of two bytes.
    InsideCharacter,
}

impl Reply {
    /// Answers this text.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self::Words(text.to_owned())
    }

    /// 401 as OpenAI words it, with the key in full, which real ones shorten.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::error(
            401,
            "Incorrect API key provided: {key}.",
            "invalid_api_key",
            None,
        )
    }

    /// 429 with a time to wait.
    #[must_use]
    pub fn rate_limited(retry_after: u32) -> Self {
        Self::error(
            429,
            "Rate limit reached",
            "rate_limit_exceeded",
            Some(retry_after),
        )
    }

    /// A 5xx.
    #[must_use]
    pub fn server_error(status: u16) -> Self {
        Self::error(status, "The server had an error", "server_error", None)
    }

    fn error(status: u16, message: &str, code: &str, retry_after: Option<u32>) -> Self {
        let body =
            json!({"error": {"message": message, "type": "error", "param": null, "code": code}});
        Self::Status {
            status,
            retry_after,
            body: body.to_string(),
        }
    }
}

/// A reply and the requests that it is for.
#[derive(Clone, Debug)]
pub struct Rule {
    reply: Reply,
    key: Option<String>,
    prompt: Option<String>,
    left: Option<usize>,
    lists: bool,
}

impl Rule {
    /// For every request.
    #[must_use]
    pub fn always(reply: Reply) -> Self {
        Self {
            reply,
            key: None,
            prompt: None,
            left: None,
            lists: false,
        }
    }

    /// For requests of the list of models, by which a key is checked; other rules say nothing about them.
    #[must_use]
    pub fn for_checks(reply: Reply) -> Self {
        Self {
            lists: true,
            ..Self::always(reply)
        }
    }

    /// For requests of this key.
    #[must_use]
    pub fn for_key(key: &str, reply: Reply) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..Self::always(reply)
        }
    }

    /// For requests whose prompt contains this text.
    #[must_use]
    pub fn for_prompt(text: &str, reply: Reply) -> Self {
        Self {
            prompt: Some(text.to_owned()),
            ..Self::always(reply)
        }
    }

    /// The same of one key.
    #[must_use]
    pub fn for_checks_of(key: &str, reply: Reply) -> Self {
        Self {
            lists: true,
            ..Self::for_key(key, reply)
        }
    }

    /// Only so many times.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self {
            left: Some(times),
            ..self
        }
    }

    /// The reply if this rule decides about the request; counts the use.
    pub(crate) fn take(&mut self, key: &str, prompt: &str, lists: bool) -> Option<Reply> {
        let fits = self.lists == lists
            && self.key.as_deref().is_none_or(|wanted| wanted == key)
            && self
                .prompt
                .as_deref()
                .is_none_or(|part| prompt.contains(part));
        if !fits || self.left == Some(0) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(self.reply.clone())
    }
}

/// The texts of a request's messages, one per line: plain contents and the text parts of others.
pub(crate) fn prompt_of(body: &Json) -> String {
    let mut lines = Vec::new();
    for message in body["messages"].as_array().into_iter().flatten() {
        match &message["content"] {
            Json::String(text) => lines.push(text.as_str()),
            Json::Array(parts) => {
                lines.extend(parts.iter().filter_map(|part| part["text"].as_str()))
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {}
        }
    }
    lines.join("\n")
}
