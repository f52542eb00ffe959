//! Reading an answer that comes as a stream of events.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use tokio::time::timeout;

use latchkey_outbound::{Body, Error, Response};

use crate::chat::ChatChunk;
use crate::error::{ErrorKind, InvokeError};
use crate::provider::ChunkStream;
use crate::providers::openai::answer::Reading;
use crate::providers::openai::failure::unreached;
use crate::sse::Parser;

/// How long a connection may take to end after the answer, so that it can be used again.
const TO_THE_END: Duration = Duration::from_millis(100);
/// How long the end mark of a whole answer is waited for, whose counts have come.
const AFTER_THE_COUNTS: Duration = Duration::from_secs(2);
/// How long the counts of a whole answer are waited for.
const AFTER_THE_ANSWER: Duration = Duration::from_secs(10);

struct State {
    body: Body,
    parser: Parser,
    reading: Reading,
    ready: VecDeque<Result<ChatChunk, InvokeError>>,
    over: bool,
}

/// Reads a stream of events into pieces.
pub(crate) fn streamed(response: Response) -> ChunkStream {
    let state = State {
        body: response.body,
        parser: Parser::default(),
        reading: Reading::default(),
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

impl State {
    /// Reads on until there is something to tell, or the answer is over.
    async fn read(&mut self) {
        let is_whole = self.reading.is_whole();
        let patience = match (is_whole, self.reading.has_counts()) {
            (true, true) => Some(AFTER_THE_COUNTS),
            (true, false) => Some(AFTER_THE_ANSWER),
            (false, _) => None,
        };
        let next = match patience {
            None => self.body.next().await,
            Some(patience) => timeout(patience, self.body.next()).await.unwrap_or(None),
        };
        match next {
            Some(Ok(bytes)) => self.take(&bytes).await,
            // Everything that was asked for has come: nothing is lost by how the connection ends.
            Some(Err(_)) if is_whole => self.over = true,
            Some(Err(cause)) => self.ready.push_back(Err(unreached(&cause))),
            None => {
                self.over = true;
                if let Some(event) = self.parser.finish() {
                    self.ready.extend(self.reading.last(&event));
                }
                self.ready.extend(self.reading.end());
            }
        }
    }

    async fn take(&mut self, bytes: &Bytes) {
        let Ok(events) = self.parser.push(bytes) else {
            let text = "the provider sent an event that is too long";
            let error = InvokeError::new(ErrorKind::BadRequest, text).sent();
            self.ready.push_back(Err(error));
            return;
        };
        let pieces = events.iter().filter_map(|event| self.reading.event(event));
        self.ready.extend(pieces);
        if self.reading.is_done() {
            self.over = true;
            // A connection that is read to its end can be used again.
            let rest: Result<Option<Result<Bytes, Error>>, _> =
                timeout(TO_THE_END, self.body.next()).await;
            drop(rest);
        }
    }
}
