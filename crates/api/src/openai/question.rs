//! What a chat request asks of a workflow: its messages become a question, what was said before, files and inputs.

use latchkey_domain::chat::{ChatSource, Exchange};
use latchkey_domain::workflow::Mode;
use latchkey_service::{AppForm, StartRequest, TurnRequest};
use serde_json::{Map, Value as Json, json};

use super::refused::Refused;
use crate::dify::body::Fields;

/// The names of start variables that a question is put into, the first that there is.
const QUESTIONS: [&str; 6] = ["query", "question", "input", "text", "prompt", "message"];
/// The name of the start variable that instructions are put into.
const SYSTEM: &str = "system";

/// What a request asks.
#[derive(Debug, Default)]
pub(super) struct Question {
    /// The last thing that the user says.
    query: String,
    /// Instructions.
    system: String,
    earlier: Vec<Exchange>,
    files: Vec<Json>,
}

impl Question {
    /// Reads the messages.
    pub(super) fn of(messages: &[Json]) -> Result<Self, Refused> {
        let mut question = Self::default();
        // What the user has said since the last answer.
        let mut open: Vec<String> = Vec::new();
        let mut files = Vec::new();
        for message in messages {
            let (text, mut sent) = content(message)?;
            match message.get("role").and_then(Json::as_str) {
                Some("system" | "developer") => {
                    if !question.system.is_empty() {
                        question.system.push('\n');
                    }
                    question.system.push_str(&text);
                }
                Some("user") => {
                    open.push(text);
                    files.append(&mut sent);
                }
                Some("assistant") => {
                    question.earlier.push(Exchange {
                        query: std::mem::take(&mut open).join("\n"),
                        answer: text,
                    });
                    files.clear();
                }
                Some(_) | None => {
                    let text = "a message has the role system, developer, user or assistant; tools are the workflow's own";
                    return Err(Refused::request(text));
                }
            }
        }
        if open.is_empty() {
            return Err(Refused::request("the last message must be the user's"));
        }
        question.query = open.join("\n");
        question.files = files;
        Ok(question)
    }

    /// The start that asks it.
    pub(super) fn start(
        self,
        mode: Mode,
        form: &AppForm,
        body: &Fields,
    ) -> Result<StartRequest, Refused> {
        let mut inputs = body.object("inputs")?.cloned().unwrap_or_default();
        let is_declared = |name: &str| {
            let mut variables = form.variables.iter();
            variables.any(|variable| variable.get("variable").and_then(Json::as_str) == Some(name))
        };
        if !self.system.is_empty() && is_declared(SYSTEM) && !inputs.contains_key(SYSTEM) {
            inputs.insert(SYSTEM.to_owned(), json!(self.system));
        }
        let (query, turn) = match mode {
            Mode::AdvancedChat => {
                let turn = TurnRequest {
                    conversation: None,
                    parent: None,
                    source: ChatSource::Openai,
                    earlier: self.earlier,
                    is_named: false,
                };
                (Some(self.query), Some(turn))
            }
            Mode::Workflow => {
                if let Some(name) = question_variable(form, &inputs) {
                    inputs.insert(name, json!(self.query));
                }
                (None, None)
            }
        };
        Ok(StartRequest {
            inputs,
            query,
            turn,
            files: self.files,
            ..StartRequest::default()
        })
    }
}

/// The start variable that a question is put into: one that is called so, else the first text that is needed, else the first text.
fn question_variable(form: &AppForm, given: &Map<String, Json>) -> Option<String> {
    let texts = form.variables.iter().filter_map(|variable| {
        let name = variable.get("variable")?.as_str()?;
        let kind = variable.get("type").and_then(Json::as_str);
        let is_text = matches!(kind, None | Some("text-input" | "paragraph"));
        let is_needed = variable
            .get("required")
            .and_then(Json::as_bool)
            .unwrap_or(false);
        is_text.then_some((name, is_needed))
    });
    let texts: Vec<(&str, bool)> = texts.collect();
    let named = QUESTIONS
        .iter()
        .find(|name| texts.iter().any(|(known, _)| known == *name));
    let needed = texts
        .iter()
        .find(|(_, is_needed)| *is_needed)
        .or(texts.first());
    let name = named.copied().or(needed.map(|(name, _)| *name))?;
    // Whoever states it means what they state.
    (!given.contains_key(name)).then(|| name.to_owned())
}

/// The text of a message, and the files that it links.
fn content(message: &Json) -> Result<(String, Vec<Json>), Refused> {
    let parts = match message.get("content") {
        None | Some(Json::Null) => return Ok((String::new(), Vec::new())),
        Some(Json::String(text)) => return Ok((text.clone(), Vec::new())),
        Some(Json::Array(parts)) => parts,
        Some(Json::Bool(_) | Json::Number(_) | Json::Object(_)) => {
            return Err(Refused::request("content is a text or a list of parts"));
        }
    };
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    for part in parts {
        match part.get("type").and_then(Json::as_str) {
            Some("text") => texts.push(part.get("text").and_then(Json::as_str).unwrap_or_default()),
            Some("image_url") => {
                let url = part.pointer("/image_url/url").and_then(Json::as_str);
                let url =
                    url.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
                let text = "an image needs an http(s) URL; contents in the request are not taken";
                let url = url.ok_or_else(|| Refused::request(text))?;
                files.push(json!({"type": "image", "transfer_method": "remote_url", "url": url}));
            }
            Some(_) | None => {
                return Err(Refused::request("a part of a message is text or image_url"));
            }
        }
    }
    Ok((texts.join("\n"), files))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{AppForm, Question, question_variable};

    fn question(messages: Json) -> Question {
        Question::of(messages.as_array().unwrap()).unwrap()
    }

    #[test]
    fn messages_become_exchanges_and_a_question() {
        let asked = question(json!([
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "one"},
            {"role": "user", "content": [{"type": "text", "text": "more"}]},
            {"role": "assistant", "content": "answer"},
            {"role": "user", "content": [{"type": "text", "text": "two"}, {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}]},
        ]));
        assert_eq!(
            (asked.query.as_str(), asked.system.as_str()),
            ("two", "be kind")
        );
        assert_eq!(asked.earlier.len(), 1);
        assert_eq!(
            (
                asked.earlier[0].query.as_str(),
                asked.earlier[0].answer.as_str()
            ),
            ("one\nmore", "answer")
        );
        assert_eq!(asked.files.len(), 1);
    }

    #[test]
    fn what_asks_nothing_is_refused() {
        for messages in [
            json!([]),
            json!([{"role": "assistant", "content": "x"}]),
            json!([{"role": "tool", "content": "x"}]),
            json!([{"role": "user", "content": 5}]),
            json!([{"role": "user", "content": [{"type": "input_audio"}]}]),
            json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}]),
        ] {
            assert!(
                Question::of(messages.as_array().unwrap()).is_err(),
                "{messages}"
            );
        }
    }

    #[test]
    fn a_question_finds_its_variable() {
        let form = |variables: Json| AppForm {
            app: Map::new(),
            features: Map::new(),
            variables: variables.as_array().unwrap().clone(),
        };
        let text = |name: &str, required: bool| json!({"variable": name, "type": "text-input", "required": required});
        for (variables, expected) in [
            (
                json!([text("name", false), text("question", false)]),
                Some("question"),
            ),
            (
                json!([text("name", false), text("topic", true)]),
                Some("topic"),
            ),
            (json!([text("name", false)]), Some("name")),
            (json!([{"variable": "n", "type": "number"}]), None),
        ] {
            let found = question_variable(&form(variables.clone()), &Map::new());
            assert_eq!(found.as_deref(), expected, "{variables}");
        }
        let stated = Map::from_iter([("name".to_owned(), json!("x"))]);
        assert_eq!(
            question_variable(&form(json!([text("name", false)])), &stated),
            None
        );
    }
}
