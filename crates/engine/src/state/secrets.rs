//! Secrets in what nodes answer: the journal refers to them by name, and people see their masks.
//!
//! A typed secret knows what it is. Inside a mapping or a list it is a text like any other, so it is recognised there
//! by being equal to the value of a secret variable.

use std::cmp::Reverse;

use latchkey_domain::journal::{JournalEntry, JournalRecord, NodeResult, ReportBody, Sealed};
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Array, NamedValues, Value, mask};
use serde_json::{Map, Value as Json};

use crate::node::Attempt;

/// From this length on a secret is looked for inside other texts; a shorter one would be found in innocent words.
const TELLING: usize = 8;

/// The secret variables of a run, longest first: a shorter one may be part of a longer one, whose rest would show.
pub(super) struct Secrets(NamedValues);

impl Secrets {
    /// Whatever the caller thinks of their type: these are masked wherever they show.
    pub(super) fn new(secrets: NamedValues) -> Self {
        let secrets = secrets.into_iter().map(|(name, value)| {
            let text = value.as_str().unwrap_or_default();
            (name, Value::Secret(text.into()))
        });
        let mut secrets: NamedValues = secrets.collect();
        secrets.sort_by_key(|(_, value)| Reverse(value.as_str().map_or(0, str::len)));
        Self(secrets)
    }

    /// By name, as they stand in the pool.
    pub(super) fn values(&self) -> &NamedValues {
        &self.0
    }

    fn known(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        let pairs = pairs.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        pairs.filter(|(_, text)| !text.is_empty())
    }

    fn name_of(&self, text: &str) -> Option<&str> {
        let mut known = self.known();
        known
            .find(|(_, plain)| *plain == text)
            .map(|(name, _)| name)
    }

    /// Masks what an attempt tells people, before anything is made of it.
    pub(super) fn mask_told(&self, attempt: &mut Attempt) {
        if self.0.is_empty() {
            return;
        }
        self.mask_map(&mut attempt.inputs);
        self.mask_map(&mut attempt.process_data);
        if let Err(Failure { message, .. }) = &mut attempt.outcome {
            self.mask_text(message);
        }
    }

    /// Masks what a running node tells people, before it is shown or written. Its text is no such thing: it is output.
    pub(super) fn mask_report(&self, body: &mut ReportBody) {
        match body {
            ReportBody::AgentLog(log) if !self.0.is_empty() => {
                self.mask_map(&mut log.data);
                self.mask_map(&mut log.metadata);
                if let Some(error) = &mut log.error {
                    self.mask_text(error);
                }
            }
            ReportBody::AgentLog(_)
            | ReportBody::Chunk { .. }
            | ReportBody::Reasoning { .. }
            | ReportBody::ModelCall { .. } => {}
        }
    }

    fn mask_map(&self, map: &mut Map<String, Json>) {
        for value in map.values_mut() {
            each_text(value, &mut |text| self.mask_text(text));
        }
    }

    /// A text for people, with every secret in it masked.
    pub(super) fn masked(&self, mut text: String) -> String {
        self.mask_text(&mut text);
        text
    }

    fn mask_text(&self, text: &mut String) {
        for (_, plain) in self.known() {
            if text == plain {
                *text = mask(plain);
            } else if plain.len() >= TELLING && text.contains(plain) {
                *text = text.replace(plain, &mask(plain));
            }
        }
    }

    /// The JSON form of an output: masked where it is a secret, and where something in it is. A text of its own means
    /// what it says: an answer that names a secret shows it.
    pub(super) fn shown(&self, value: &Value) -> Json {
        let mut json = value.to_json();
        if !self.0.is_empty() && matches!(json, Json::Array(_) | Json::Object(_)) {
            each_text(&mut json, &mut |text| {
                if self.name_of(text).is_some() {
                    *text = mask(text);
                }
            });
        }
        json
    }

    /// The markdown form of an output, masked as [`Secrets::shown`] does.
    pub(super) fn shown_markdown(&self, value: &Value) -> String {
        if let Value::Secret(_) = value {
            return value.log().into_owned();
        }
        let mut shown = value.clone();
        if !self.0.is_empty() {
            set_json(&mut shown, self.shown(value));
        }
        shown.markdown().into_owned()
    }

    /// The form of a record that is written.
    pub(super) fn sealed(&self, record: &JournalRecord) -> JournalRecord {
        let mut record = record.clone();
        if !self.0.is_empty() {
            for result in results_of(&mut record) {
                let mut sealed = Vec::new();
                each_value(result, &mut |path, value| {
                    self.seal(value, path, &mut sealed)
                });
                result.sealed = sealed;
            }
        }
        record
    }

    fn seal(&self, value: &mut Value, path: &mut Vec<String>, sealed: &mut Vec<Sealed>) {
        let mut replace = |text: &str, path: &[String]| {
            let secret = self.name_of(text)?.to_owned();
            let path = path.to_vec();
            sealed.push(Sealed { path, secret });
            Some(mask(text))
        };
        match value {
            Value::String(text) => {
                if let Some(masked) = replace(text, path) {
                    *text = masked.into();
                }
            }
            Value::Secret(text) => {
                if let Some(masked) = replace(text, path) {
                    *text = masked.into();
                }
            }
            Value::Object(_) | Value::Array(_) => {
                let mut json = value.expose_json();
                if sealed_in(&mut json, path, &mut replace) {
                    set_json(value, json);
                }
            }
            Value::None
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::File(_) => {}
        }
    }

    /// Puts the plain texts back into a record that was read.
    pub(super) fn unseal(&self, record: &mut JournalRecord) {
        for result in results_of(record) {
            self.unseal_result(result);
        }
    }

    /// Puts the secrets back into a result as a journal has it.
    fn unseal_result(&self, result: &mut NodeResult) {
        for Sealed { path, secret } in std::mem::take(&mut result.sealed) {
            let plain = self.0.iter().find(|(name, _)| *name == secret);
            let plain = plain.and_then(|(_, value)| value.as_str());
            if let Some(plain) = plain {
                put_back(result, &path, plain);
            }
        }
    }
}

fn results_of(record: &mut JournalRecord) -> Vec<&mut NodeResult> {
    match &mut record.entry {
        JournalEntry::NodeSucceeded { result, .. } | JournalEntry::NodeFailed { result, .. } => {
            vec![result]
        }
        JournalEntry::Started { values, .. } => {
            let reused = values.reused.iter_mut();
            reused.map(|reused| &mut *reused.result).collect()
        }
        JournalEntry::RetryDue { .. }
        | JournalEntry::StopAsked { .. }
        | JournalEntry::TakenOver
        | JournalEntry::TimeOver
        | JournalEntry::FormAsked { .. }
        | JournalEntry::FormAnswered { .. }
        | JournalEntry::Paused(_)
        | JournalEntry::Finished(_) => Vec::new(),
    }
}

/// The outputs and updates of a result with their places: `outputs` or `updates`, and the index.
fn each_value(result: &mut NodeResult, visit: &mut dyn FnMut(&mut Vec<String>, &mut Value)) {
    for (at, (_, value)) in result.outputs.iter_mut().enumerate() {
        visit(&mut vec!["outputs".to_owned(), at.to_string()], value);
    }
    for (at, update) in result.updates.iter_mut().enumerate() {
        visit(
            &mut vec!["updates".to_owned(), at.to_string()],
            &mut update.value,
        );
    }
}

fn put_back(result: &mut NodeResult, place: &[String], plain: &str) {
    let [list, at, path @ ..] = place else {
        return;
    };
    let at: usize = at.parse().unwrap_or(usize::MAX);
    let value = if list == "outputs" {
        result.outputs.get_mut(at).map(|(_, value)| value)
    } else {
        result.updates.get_mut(at).map(|update| &mut update.value)
    };
    let Some(value) = value else {
        return;
    };
    match value {
        Value::String(text) | Value::Secret(text) => *text = plain.into(),
        Value::Object(_) | Value::Array(_) => {
            let mut json = value.expose_json();
            if let Some(inner) = inner(&mut json, path) {
                *inner = Json::from(plain);
            }
            set_json(value, json);
        }
        Value::None | Value::Boolean(_) | Value::Integer(_) | Value::Float(_) | Value::File(_) => {}
    }
}

fn inner<'a>(json: &'a mut Json, path: &[String]) -> Option<&'a mut Json> {
    path.iter().try_fold(json, |json, step| match json {
        Json::Object(map) => map.get_mut(step),
        Json::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    })
}

/// Changes the content of a mapping or a list, not its type.
fn set_json(value: &mut Value, json: Json) {
    match (&*value, json) {
        (Value::Object(_), Json::Object(map)) => *value = Value::object(map),
        (Value::Array(array), Json::Array(items)) => {
            *value = Value::Array(Array::new(array.kind(), items));
        }
        (_, _) => {}
    }
}

/// Replaces the texts that have a replacement; answers whether there were any.
fn sealed_in(
    json: &mut Json,
    path: &mut Vec<String>,
    replace: &mut dyn FnMut(&str, &[String]) -> Option<String>,
) -> bool {
    let mut any = false;
    match json {
        Json::String(text) => {
            if let Some(masked) = replace(text, path) {
                *text = masked;
                any = true;
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                path.push(at.to_string());
                any |= sealed_in(item, path, replace);
                path.pop();
            }
        }
        Json::Object(map) => {
            for (key, item) in map {
                path.push(key.clone());
                any |= sealed_in(item, path, replace);
                path.pop();
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
    any
}

fn each_text(json: &mut Json, visit: &mut dyn FnMut(&mut String)) {
    match json {
        Json::String(text) => visit(text),
        Json::Array(items) => items.iter_mut().for_each(|item| each_text(item, visit)),
        Json::Object(map) => {
            map.values_mut().for_each(|item| each_text(item, visit));
            let becomes = |key: &String, visit: &mut dyn FnMut(&mut String)| {
                let mut new = key.clone();
                visit(&mut new);
                new
            };
            if map.keys().any(|key| becomes(key, visit) != *key) {
                let items = std::mem::take(map).into_iter();
                *map = items
                    .map(|(key, item)| (becomes(&key, visit), item))
                    .collect();
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::value::Value;
    use serde_json::{Map, json};

    use super::Secrets;
    use crate::node::Attempt;

    fn told(secrets: &[&str], inputs: serde_json::Value) -> serde_json::Value {
        let secrets = secrets.iter().enumerate();
        let secrets = secrets.map(|(at, text)| (format!("s{at}"), Value::from(*text)));
        let mut attempt = Attempt::succeeded(Vec::new());
        attempt.inputs = Map::from_iter([("i".to_owned(), inputs)]);
        Secrets::new(secrets.collect()).mask_told(&mut attempt);
        attempt.inputs["i"].clone()
    }

    #[test]
    fn of_a_secret_that_begins_with_another_nothing_is_left() {
        let secrets = ["test-key-acme", "test-key-acme-and-more"];
        let masked = json!("Bearer test-k************re, test-k************me");
        let plain = json!("Bearer test-key-acme-and-more, test-key-acme");
        assert_eq!(told(&secrets, plain.clone()), masked);
        let secrets = ["test-key-acme-and-more", "test-key-acme"];
        assert_eq!(told(&secrets, plain), masked);
    }

    #[test]
    fn a_secret_is_masked_in_a_key_too() {
        let plain = json!({"a": 1, "test-key-acme": {"of test-key-acme": 2}, "z": 3});
        let masked =
            json!({"a": 1, "test-k************me": {"of test-k************me": 2}, "z": 3});
        assert_eq!(told(&["test-key-acme"], plain), masked);
    }
}
