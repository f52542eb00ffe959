//! Reading an answer that comes in events, whatever a provider's events say: server-sent ones, or a JSON text on each
//! line. What is here is the same for every format: cuts anywhere, endless lines, connections that break or never end.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use futures::stream;
use serde_json::Value as Json;
use tokio::time::timeout;

use latchkey_outbound::{Body, Error};

use crate::chat::ChatChunk;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::ChunkStream;
use crate::providers::frames::{Damaged, Frames};
use crate::providers::openai::failure::unreached;
use crate::sse::{Parser, TooLong};

/// How long a connection may take to end after the answer, so that it can be used again.
const TO_THE_END: Duration = Duration::from_millis(100);
/// How long the end of a whole answer is waited for, whose counts have come.
const AFTER_THE_COUNTS: Duration = Duration::from_secs(2);
/// How long the counts of a whole answer are waited for.
const AFTER_THE_ANSWER: Duration = Duration::from_secs(10);
/// What ends a stream in OpenAI's format.
pub(crate) const END_MARK: &str = "[DONE]";
/// How long one line may be.
const MAX_LINE: usize = 8 * 1024 * 1024;

/// Pieces of an answer, in order; nothing is told after an error.
pub(crate) type Pieces = Vec<Result<ChatChunk, InvokeError>>;

/// Understands the events of one stream.
pub(crate) trait Events: Send + 'static {
    /// What one event says.
    fn event(&mut self, data: &str) -> Pieces;

    /// How much of the answer has come.
    fn progress(&self) -> Progress;
}

/// How much of an answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The model may say more.
    Begun,
    /// The model has said everything; the counts are missing.
    Finished,
    /// The counts have come too; whatever follows is not needed.
    Counted,
    /// The end mark has come: nothing follows.
    Done,
}

/// How events are told apart.
#[derive(Debug)]
pub(crate) enum Framing {
    /// Server-sent events.
    Sse(Parser),
    /// One JSON text on each line.
    Lines(Lines),
    /// Amazon's binary messages.
    Frames(Frames),
}

impl Framing {
    /// Server-sent events.
    pub(crate) fn sse() -> Self {
        Self::Sse(Parser::default())
    }

    /// One JSON text on each line.
    pub(crate) fn lines() -> Self {
        Self::Lines(Lines::default())
    }

    /// Amazon's binary messages.
    pub(crate) fn frames() -> Self {
        Self::Frames(Frames::default())
    }

    /// Takes a piece in and gives the events that it completes; else what is wrong with the stream.
    fn push(&mut self, piece: &[u8]) -> Result<Vec<String>, &'static str> {
        let too_long = |_: TooLong| "the provider sent an event that is too long";
        match self {
            Self::Sse(parser) => parser.push(piece).map_err(too_long),
            Self::Lines(lines) => lines.push(piece).map_err(too_long),
            Self::Frames(frames) => {
                let damaged = |_: Damaged| "the provider sent a damaged or endless message";
                frames.push(piece).map_err(damaged)
            }
        }
    }

    fn finish(&mut self) -> Option<String> {
        match self {
            Self::Sse(parser) => parser.finish(),
            Self::Lines(lines) => lines.finish(),
            // Half a message is none.
            Self::Frames(_) => None,
        }
    }
}

/// Takes bytes in, gives lines out. Empty ones are left out.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    waiting: BytesMut,
    /// How much of it is known to hold no end of a line.
    looked_at: usize,
}

impl Lines {
    fn push(&mut self, piece: &[u8]) -> Result<Vec<String>, TooLong> {
        self.waiting.extend_from_slice(piece);
        let mut lines = Vec::new();
        while let Some(length) = self.waiting[self.looked_at..]
            .iter()
            .position(|byte| *byte == b'\n')
        {
            let line = self.waiting.split_to(self.looked_at + length);
            self.waiting.advance(1);
            self.looked_at = 0;
            lines.extend(text(&line));
        }
        self.looked_at = self.waiting.len();
        if self.waiting.len() > MAX_LINE {
            return Err(TooLong);
        }
        Ok(lines)
    }

    /// The stream is over: the last line may lack its end.
    fn finish(&mut self) -> Option<String> {
        self.looked_at = 0;
        text(&self.waiting.split())
    }
}

fn text(line: &[u8]) -> Option<String> {
    let line = line.trim_ascii();
    (!line.is_empty()).then(|| String::from_utf8_lossy(line).into_owned())
}

struct State<E> {
    body: Body,
    framing: Framing,
    events: E,
    ready: VecDeque<Result<ChatChunk, InvokeError>>,
    over: bool,
}

/// Reads a body into pieces. A stream that ends before the model has said everything ends with an error.
pub(crate) fn read<E: Events>(body: Body, framing: Framing, events: E) -> ChunkStream {
    let state = State {
        body,
        framing,
        events,
        ready: VecDeque::new(),
        over: false,
    };
    Box::pin(stream::unfold(state, |mut state| async move {
        loop {
            if let Some(piece) = state.ready.pop_front() {
                if piece.is_err() {
                    state.over = true;
                    state.ready.clear();
                }
                return Some((piece, state));
            }
            if state.over {
                return None;
            }
            state.read().await;
        }
    }))
}

impl<E: Events> State<E> {
    /// Reads on until there is something to tell, or the answer is over.
    async fn read(&mut self) {
        let progress = self.events.progress();
        let patience = match progress {
            Progress::Begun => None,
            Progress::Finished => Some(AFTER_THE_ANSWER),
            Progress::Counted | Progress::Done => Some(AFTER_THE_COUNTS),
        };
        let next = match patience {
            None => self.body.next().await,
            Some(patience) => timeout(patience, self.body.next()).await.unwrap_or(None),
        };
        match next {
            Some(Ok(bytes)) => self.take(&bytes).await,
            // Everything that was asked for has come: nothing is lost by how the connection ends.
            Some(Err(_)) if progress != Progress::Begun => self.over = true,
            Some(Err(cause)) => self.ready.push_back(Err(unreached(&cause))),
            None => self.end(),
        }
    }

    async fn take(&mut self, bytes: &Bytes) {
        let events = match self.framing.push(bytes) {
            Ok(events) => events,
            Err(text) => {
                let error = InvokeError::new(ErrorKind::BadRequest, text).sent();
                self.ready.push_back(Err(error));
                return;
            }
        };
        for event in events {
            self.tell(&event);
        }
        if self.events.progress() == Progress::Done {
            self.over = true;
            // A connection that is read to its end can be used again.
            let rest: Result<Option<Result<Bytes, Error>>, _> =
                timeout(TO_THE_END, self.body.next()).await;
            drop(rest);
        }
    }

    /// The connection is over. Half an event says nothing; without the answer's end it is an error.
    fn end(&mut self) {
        self.over = true;
        let last = self.framing.finish();
        let is_whole = |event: &String| {
            event.trim() == END_MARK || serde_json::from_str::<Json>(event).is_ok()
        };
        if let Some(event) = last.filter(is_whole) {
            self.tell(&event);
        }
        let is_broken = self.ready.iter().any(Result::is_err);
        if !is_broken && self.events.progress() == Progress::Begun {
            let text = "the stream broke off before the answer was over";
            let error = InvokeError::new(ErrorKind::Connection, text).sent();
            self.ready.push_back(Err(error));
        }
    }

    fn tell(&mut self, event: &str) {
        if self.events.progress() != Progress::Done && !self.ready.iter().any(Result::is_err) {
            self.ready.extend(self.events.event(event));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, MAX_LINE, TooLong};

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut all: Vec<String> = pieces
            .iter()
            .flat_map(|piece| lines.push(piece).unwrap())
            .collect();
        all.extend(lines.finish());
        all
    }

    #[test]
    fn lines_are_read_as_they_come() {
        for (stream, expected) in [
            ("{}\n{\"a\":1}\n", vec!["{}", "{\"a\":1}"]),
            ("{}\r\n\r\n{}\r\n", vec!["{}", "{}"]),
            ("\n\n", vec![]),
            ("{}", vec!["{}"]),
            ("\"你好 🎉\"\n", vec!["\"你好 🎉\""]),
            ("", vec![]),
        ] {
            assert_eq!(lines(&[stream.as_bytes()]), expected, "{stream:?} whole");
            let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
            assert_eq!(lines(&bytes), expected, "{stream:?} byte by byte");
        }
    }

    #[test]
    fn a_long_line_is_looked_at_once_and_an_endless_one_is_refused() {
        let mut lines = Lines::default();
        for _ in 0..1000 {
            assert_eq!(lines.push(b"data").unwrap(), Vec::<String>::new());
            assert_eq!(lines.looked_at, lines.waiting.len());
        }
        assert_eq!(lines.push(&vec![b'x'; MAX_LINE]), Err(TooLong));
    }
}
