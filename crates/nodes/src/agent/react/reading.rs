//! Reading what a model writes that works by ReAct. Models keep to a form as well as they can, so several are read: a
//! JSON object with `action` and `action_input`, the lines `Action:` and `Action Input:`, and `Final Answer:` in words
//! or as an action.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};

use latchkey_domain::value::json_compact;

use crate::agent::session::Reader;
use crate::json_text;

/// How far back a mark may have begun that is complete only now, in bytes.
const LONGEST_MARK: usize = 64;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant that the tests use")
}

static FINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:^|\n)[ \t>#*_]{0,8}final[ _]answer[*_ \t]{0,4}[:：][*_]{0,2}")
});
static ACTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:^|\n)[ \t>#*_]{0,8}action[*_ \t]{0,4}[:：][*_]{0,2}[ \t]*"));
static INPUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:^|\n)[ \t>#*_]{0,8}action[ _]input[*_ \t]{0,4}[:：][*_]{0,2}[ \t]*")
});
static OBSERVED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:^|\n)[ \t>#*_]{0,8}observation[*_ \t]{0,4}[:：]"));

/// What a model has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// The answer.
    Final(Cow<'a, str>),
    /// It wants a tool.
    Action {
        /// The tool's name.
        name: String,
        /// What the tool is given: JSON, if the model did well.
        input: String,
    },
    /// It wants a tool, and nobody knows which. The text is for the model.
    Broken(String),
}

/// Reads a whole answer: the part of it that counts, and what it says. What it makes up of observations does not count.
pub(super) fn said(text: &str) -> (&str, Said<'_>) {
    let end = OBSERVED
        .find(text)
        .map_or(text.len(), |found| found.start());
    let text = text[..end].trim_end();
    let answer = FINAL.find(text);
    let before = answer.map_or(text, |found| &text[..found.start()]);
    if let Some(action) = action(before) {
        return (text, action);
    }
    let said = match answer {
        Some(found) => Said::Final(text[found.end()..].trim().into()),
        None => Said::Final(without_label(text).into()),
    };
    (text, said)
}

/// The action in a text, if there is one.
fn action(text: &str) -> Option<Said<'static>> {
    if let Some(said) = json_text::first_object_where(text, |map| action_of(map).is_some()) {
        let (name, input) = (action_of(&said)?.to_owned(), input_of(&said));
        return Some(named(name, input));
    }
    let found = ACTION.find(text)?;
    let rest = &text[found.end()..];
    let (name, input) = match INPUT.find(rest) {
        Some(input) => (&rest[..input.start()], rest[input.end()..].trim()),
        None => (rest.lines().next().unwrap_or_default(), ""),
    };
    let marks: &[char] = &['`', '"', '\'', '*', ' ', '\n', '\r', '\t'];
    let name = name.trim_matches(marks);
    if name.is_empty() || name.len() > 200 || name.contains(['{', '\n']) {
        let cause = "the action could not be read; write it as \
                     `Action: {\"action\": \"name\", \"action_input\": {…}}`";
        return Some(Said::Broken(cause.to_owned()));
    }
    Some(named(name.to_owned(), unfenced(input).to_owned()))
}

/// An action that is called the final answer is one.
fn named(name: String, input: String) -> Said<'static> {
    let letters = name.chars().filter(char::is_ascii_alphabetic);
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    if letters == "finalanswer" {
        let text = serde_json::from_str::<Json>(&input).ok();
        let text = text.and_then(|value| value.as_str().map(str::to_owned));
        return Said::Final(text.unwrap_or(input).into());
    }
    // Bare words are meant as they stand; what looks like JSON and is none was meant otherwise.
    let is_bare = !input.is_empty()
        && !input.starts_with(['{', '['])
        && serde_json::from_str::<Json>(&input).is_err();
    let input = if is_bare {
        json_compact(&Json::String(input))
    } else {
        input
    };
    Said::Action { name, input }
}

fn action_of(map: &Map<String, Json>) -> Option<&str> {
    map.get("action")?.as_str().filter(|name| !name.is_empty())
}

fn input_of(map: &Map<String, Json>) -> String {
    let input = ["action_input", "input", "arguments"];
    let input = input.iter().find_map(|key| map.get(*key));
    input.map_or_else(String::new, json_compact)
}

fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"));
    inner.map_or(text, |inner| inner.trim_end_matches('`').trim())
}

fn without_label(text: &str) -> &str {
    let text = text.trim();
    let rest = text.strip_prefix("Thought:").map(str::trim_start);
    rest.unwrap_or(text)
}

/// Lets the final answer through while it is being written: everything behind its mark, unless an action came before.
#[derive(Debug, Default)]
pub(super) struct FinalAnswer {
    heard: String,
    has_begun: bool,
    /// Whether something of the answer has been shown.
    has_shown: bool,
}

impl FinalAnswer {
    /// Whether the answer has begun.
    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Blank space before the first word is not shown.
    fn shown(&mut self, text: &str) -> Option<String> {
        let text = if self.has_shown {
            text
        } else {
            text.trim_start()
        };
        self.has_shown |= !text.is_empty();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Reader for FinalAnswer {
    fn read(&mut self, piece: &str) -> Option<String> {
        if self.has_begun {
            return self.shown(piece);
        }
        let mut from = self.heard.len().saturating_sub(LONGEST_MARK);
        while !self.heard.is_char_boundary(from) {
            from -= 1;
        }
        // A mark begins a line, which only the text's own beginning and a line feed do.
        from = self.heard[..from].rfind('\n').unwrap_or(0);
        self.heard.push_str(piece);
        let found = FINAL.find_at(&self.heard, from)?;
        if action(&self.heard[..found.start()]).is_some() {
            return None;
        }
        self.has_begun = true;
        let rest = self.heard.split_off(found.end());
        self.shown(&rest)
    }
}
