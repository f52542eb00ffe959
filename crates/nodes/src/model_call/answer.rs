//! What a model has said: the text as it is streamed, and the outputs when it is complete.

use serde_json::Value as Json;

use latchkey_models::ChatChunk;

use super::reasoning::{Piece, Splitter};

/// An answer that is being received.
pub(crate) struct Answer {
    /// Tells thoughts apart; none when they stay in the text.
    splitter: Option<Splitter>,
    /// Everything that the model said, as it came.
    raw: String,
    text: String,
    thoughts: Vec<String>,
    /// Whether the last of the thoughts goes on.
    thinking: bool,
    /// Whether the provider is telling thoughts apart just now.
    provider_thinks: bool,
    /// Why the model stopped.
    pub(crate) finish_reason: Option<String>,
    /// The structured answer, when the provider delivers it apart.
    pub(crate) structured: Option<Json>,
}

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A piece of the text.
    Text(String),
    /// A piece of the reasoning.
    Reasoning(String),
}

impl Answer {
    pub(crate) fn new(separated: bool) -> Self {
        Self {
            splitter: separated.then(Splitter::default),
            raw: String::new(),
            text: String::new(),
            thoughts: Vec::new(),
            thinking: false,
            provider_thinks: false,
            finish_reason: None,
            structured: None,
        }
    }

    /// Takes a chunk and answers what is to be shown of it.
    pub(crate) fn push(&mut self, chunk: ChatChunk) -> Vec<Shown> {
        if self.finish_reason.is_none() {
            self.finish_reason = chunk.finish_reason.filter(|reason| !reason.is_empty());
        }
        if chunk.structured.is_some() {
            self.structured = chunk.structured;
        }
        let mut said = String::new();
        // Thoughts that a provider delivers apart get the tags that other models write themselves.
        if !chunk.reasoning.is_empty() {
            if !std::mem::replace(&mut self.provider_thinks, true) {
                said.push_str("<think>\n");
            }
            said.push_str(&chunk.reasoning);
        }
        if !chunk.text.is_empty() {
            said.push_str(self.end_of_thoughts());
            said.push_str(&chunk.text);
        }
        self.say(&said)
    }

    /// The answer is over.
    pub(crate) fn finish(&mut self) -> Vec<Shown> {
        let end = self.end_of_thoughts();
        let mut shown = self.say(end);
        if let Some(mut splitter) = self.splitter.take() {
            let pieces = splitter.finish();
            shown.extend(self.split(pieces));
            self.splitter = Some(splitter);
        }
        shown
    }

    /// Whether any thoughts were told apart.
    pub(crate) fn has_thoughts(&self) -> bool {
        !self.thoughts.is_empty()
    }

    fn end_of_thoughts(&mut self) -> &'static str {
        if std::mem::take(&mut self.provider_thinks) {
            "\n</think>"
        } else {
            ""
        }
    }

    fn say(&mut self, said: &str) -> Vec<Shown> {
        if said.is_empty() {
            return Vec::new();
        }
        self.raw.push_str(said);
        match self.splitter.as_mut().map(|splitter| splitter.push(said)) {
            Some(pieces) => self.split(pieces),
            None => {
                self.text.push_str(said);
                vec![Shown::Text(said.to_owned())]
            }
        }
    }

    fn split(&mut self, pieces: Vec<Piece>) -> Vec<Shown> {
        let mut shown = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Thought(thought) => {
                    if !std::mem::replace(&mut self.thinking, true) {
                        self.thoughts.push(String::new());
                    }
                    if let Some(block) = self.thoughts.last_mut() {
                        block.push_str(&thought);
                    }
                    shown.push(Shown::Reasoning(thought));
                }
                Piece::BlockEnd => self.thinking = false,
                Piece::Text(text) => shown.extend(self.read(&text)),
            }
        }
        shown
    }

    /// Blank space before the first words is not for the reader.
    fn read(&mut self, text: &str) -> Option<Shown> {
        let text = if self.text.is_empty() {
            text.trim_start()
        } else {
            text
        };
        self.text.push_str(text);
        (!text.is_empty()).then(|| Shown::Text(text.to_owned()))
    }

    /// The text and the reasoning as outputs. Told apart, the text has no runs of blank lines and no blank ends.
    pub(crate) fn finished(self) -> (String, String) {
        if self.splitter.is_none() {
            return (self.text, String::new());
        }
        let thoughts: Vec<&str> = self
            .thoughts
            .iter()
            .map(|thought| thought.trim())
            .filter(|thought| !thought.is_empty())
            .collect();
        (one_blank_line(self.text.trim()), thoughts.join("\n"))
    }

    /// The text that a structured answer is read from.
    pub(crate) fn plain(&self) -> &str {
        &self.text
    }
}

/// Runs of blank lines become one.
fn one_blank_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let mut has_blank = false;
        while lines.next_if(|next| next.trim().is_empty()).is_some() {
            has_blank = true;
        }
        if lines.peek().is_some() {
            out.push_str(if has_blank { "\n\n" } else { "\n" });
        }
    }
    out
}
