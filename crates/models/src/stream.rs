//! A call under way: its pieces, its counts, and its row, which is closed exactly once whatever happens.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use latchkey_domain::credential::{Finding, Resolution};
use latchkey_domain::id::ModelCallId;
use latchkey_domain::ledger::{
    CallOutcome, ModelCallEnd, ModelCallStart, Money, Price, Tokens, UsageSource,
};
use latchkey_domain::points::{Kind, Side, pass};
use latchkey_domain::time::Timestamp;

use crate::book::{BookError, CallBook, OpenError};
use crate::chat::{ChatChunk, ReportedUsage};
use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::manager::ModelManager;
use crate::provider::{ChunkStream, ProviderAnswer, TrialAnswer, WholeAnswer};
use crate::tokens::estimate;
use crate::traffic::Busy;

/// How long a credential is left alone after a 429 that does not say how long.
const PAUSE_OF_RATE_LIMIT: Duration = Duration::from_secs(5);
/// How long after a 5xx, a timeout or a broken connection.
pub(crate) const PAUSE_OF_FAILURE: Duration = Duration::from_secs(1);
/// How long at most, whatever the provider says.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The pieces of an answer. Dropping it cancels the call; its row is closed all the same.
pub struct ChatStream {
    call: OpenCall,
    resolution: Resolution,
    chunks: ChunkStream,
    seen: VecDeque<ChatChunk>,
    stop: CancellationToken,
    over: bool,
}

/// What a finished call used.
#[derive(Clone, Debug, PartialEq)]
pub struct CallReport {
    /// The call.
    pub id: ModelCallId,
    /// What was used.
    pub tokens: Tokens,
    /// Where the counts come from.
    pub usage_source: UsageSource,
    /// What it cost; none when the price is unknown.
    pub cost: Option<Money>,
    /// The price in force.
    pub price: Option<Price>,
    /// From sending to the end.
    pub latency_ms: u64,
    /// From sending to the first piece of the answer.
    pub first_token_ms: Option<u64>,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
}

impl ChatStream {
    pub(crate) fn new(
        call: OpenCall,
        resolution: Resolution,
        chunks: ChunkStream,
        seen: VecDeque<ChatChunk>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            call,
            resolution,
            chunks,
            seen,
            stop,
            over: false,
        }
    }

    /// The call's id.
    #[must_use]
    pub const fn call_id(&self) -> ModelCallId {
        self.call.id
    }

    /// Which credential pays and why.
    #[must_use]
    pub const fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// What was used; known once the stream has ended, well or not.
    #[must_use]
    pub const fn report(&self) -> Option<&CallReport> {
        self.call.report.as_ref()
    }

    /// The next piece. `None` is the end; by then the row is closed. Nothing comes after an error.
    pub async fn next(&mut self) -> Option<Result<ChatChunk, InvokeError>> {
        if let Some(chunk) = self.seen.pop_front() {
            return Some(Ok(chunk));
        }
        if self.over {
            return None;
        }
        let next = tokio::select! {
            biased;
            () = self.stop.cancelled() => Some(Err(InvokeError::stopped())),
            next = self.chunks.next() => next,
        };
        match next {
            Some(Ok(chunk)) => {
                self.call.note(&chunk);
                Some(Ok(chunk))
            }
            Some(Err(error)) => {
                self.over = true;
                // The provider's failure is what the caller must hear; the ledger's own would hide it.
                let _ = self.call.close(Some(&error)).await;
                Some(Err(error.of(&self.resolution)))
            }
            None => {
                self.over = true;
                let written = self.call.close(None).await;
                written.err().map(|error| Err(error.of(&self.resolution)))
            }
        }
    }
}

/// An open row. Whoever drops it without closing it leaves the closing to a task that the manager owns.
pub(crate) struct OpenCall {
    id: ModelCallId,
    book: Arc<dyn CallBook>,
    closers: TaskTracker,
    runtime: Handle,
    price: Option<Price>,
    /// Whether its end tells how the credential is: not of a call that only tries one out.
    pays: bool,
    room: Arc<Notify>,
    opened_at: Timestamp,
    opened: Instant,
    progress: Progress,
    input_estimate: u64,
    said: String,
    first_token: Option<Duration>,
    usage: Option<ReportedUsage>,
    finish_reason: Option<String>,
    request_id: Option<String>,
    http_status: Option<u16>,
    report: Option<CallReport>,
    closed: bool,
    /// Counts for pools as long as it is there.
    _busy: Option<Busy>,
}

/// How far a call has come: it decides what may have been used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    NotSent,
    Sent,
    Answered,
    /// The answer was read whole and uses no tokens.
    Whole,
}

impl OpenCall {
    /// Opens a row. Only when this succeeds may anything be sent.
    pub(crate) async fn open(
        manager: &ModelManager,
        start: ModelCallStart,
        input_estimate: u64,
    ) -> Result<Self, OpenError> {
        let (id, price, opened_at) = (start.id, start.price.clone(), start.at);
        let pays = start.level.is_some();
        let runtime = Handle::current();
        // The call is made before the wait, so that a row committed while the caller is being dropped is closed too.
        let mut call = Self {
            id,
            book: Arc::clone(&manager.book),
            closers: manager.closers.clone(),
            runtime,
            price,
            pays,
            room: Arc::clone(&manager.room),
            opened_at,
            opened: Instant::now(),
            progress: Progress::NotSent,
            input_estimate,
            said: String::new(),
            first_token: None,
            usage: None,
            finish_reason: None,
            request_id: None,
            http_status: None,
            report: None,
            closed: false,
            _busy: start.credential.map(|id| manager.traffic.begin(id)),
        };
        let opened = manager.book.open(start).await;
        call.opened = Instant::now();
        // After a failed write nobody knows whether the row is there: then dropping the call closes it.
        if matches!(opened, Err(OpenError::Refused(_))) {
            call.closed = true;
        }
        opened.map(|()| call)
    }

    pub(crate) const fn id(&self) -> ModelCallId {
        self.id
    }

    pub(crate) const fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// From now on the provider may see the request.
    pub(crate) fn sending(&mut self) {
        pass(Kind::Effect, Side::Before, || "call".to_owned());
        self.progress = Progress::Sent;
        self.opened = Instant::now();
    }

    pub(crate) fn answered(&mut self, answer: &ProviderAnswer) {
        pass(Kind::Effect, Side::After, || "call".to_owned());
        self.progress = Progress::Answered;
        self.request_id.clone_from(&answer.request_id);
        self.http_status = answer.http_status;
    }

    /// The answer of a model was read whole.
    pub(crate) fn answered_whole<T>(&mut self, answer: &WholeAnswer<T>) {
        self.progress = Progress::Answered;
        self.request_id.clone_from(&answer.request_id);
        self.http_status = answer.http_status;
        self.usage.clone_from(&answer.usage);
    }

    /// What was used; known once the row is closed.
    pub(crate) const fn report(&self) -> Option<&CallReport> {
        self.report.as_ref()
    }

    /// The answer was read whole, and it was none of a model.
    pub(crate) fn refused_trial(&mut self, error: &InvokeError) {
        self.progress = if error.sent {
            Progress::Sent
        } else {
            Progress::Whole
        };
    }

    /// A tool was used: nobody counts tokens.
    pub(crate) fn used_without_tokens(&mut self) {
        self.progress = Progress::Whole;
    }

    /// The answer to a trial was read whole.
    pub(crate) fn answered_trial(&mut self, answer: &TrialAnswer) {
        self.http_status = answer.http_status;
        self.progress = Progress::Whole;
        if let Some(counts) = &answer.counts {
            self.progress = Progress::Answered;
            self.note(counts);
        }
    }

    pub(crate) fn note(&mut self, chunk: &ChatChunk) {
        if chunk.says_something() && self.first_token.is_none() {
            self.first_token = Some(self.opened.elapsed());
        }
        self.said.push_str(&chunk.text);
        self.said.push_str(&chunk.reasoning);
        for call in &chunk.tool_calls {
            self.said.push_str(&call.arguments);
        }
        if let Some(usage) = &chunk.usage {
            self.usage = Some(usage.clone());
        }
        if self.finish_reason.is_none() {
            self.finish_reason.clone_from(&chunk.finish_reason);
        }
        if self.request_id.is_none() {
            self.request_id.clone_from(&chunk.request_id);
        }
    }

    /// Reads up to the first piece in which the model says something: until then another credential may be tried.
    pub(crate) async fn peek(
        &mut self,
        chunks: &mut ChunkStream,
        seen: &mut VecDeque<ChatChunk>,
        stop: &CancellationToken,
    ) -> Result<(), InvokeError> {
        loop {
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => return Err(InvokeError::stopped()),
                next = chunks.next() => next,
            };
            let Some(chunk) = next.transpose()? else {
                break;
            };
            self.note(&chunk);
            let says = chunk.says_something();
            seen.push_back(chunk);
            if says {
                break;
            }
        }
        Ok(())
    }

    /// Closes the row of a call for which nothing was sent, for a reason that is no failure.
    pub(crate) async fn close_unused(&mut self, reason: &str) -> Result<(), InvokeError> {
        let code = Some(reason.to_owned());
        self.write(CallOutcome::Cancelled, code, None).await
    }

    /// Closes the row as succeeded, or with what went wrong. The write goes on when the caller is dropped meanwhile.
    pub(crate) async fn close(&mut self, error: Option<&InvokeError>) -> Result<(), InvokeError> {
        let outcome = match error.map(|error| error.kind) {
            None => CallOutcome::Succeeded,
            Some(ErrorKind::RunOver) => CallOutcome::Cancelled,
            Some(_) => CallOutcome::Failed,
        };
        let code = error.map(InvokeError::code);
        self.write(outcome, code, error).await
    }

    async fn write(
        &mut self,
        outcome: CallOutcome,
        code: Option<String>,
        error: Option<&InvokeError>,
    ) -> Result<(), InvokeError> {
        let writing = self.start_closing(outcome, code, error);
        let written = match writing {
            None => return Ok(()),
            Some(writing) => writing
                .await
                .unwrap_or_else(|cause| Err(BookError(cause.to_string()))),
        };
        written.map_err(|cause| {
            let text = format!("the ledger could not be written: {cause}");
            InvokeError::new(ErrorKind::Internal, text).sent()
        })
    }

    fn start_closing(
        &mut self,
        outcome: CallOutcome,
        error_code: Option<String>,
        error: Option<&InvokeError>,
    ) -> Option<tokio::task::JoinHandle<Result<(), BookError>>> {
        if std::mem::replace(&mut self.closed, true) {
            return None;
        }
        let (tokens, usage_source) = self.used(error);
        let latency = self.opened.elapsed();
        let end = ModelCallEnd {
            outcome,
            error_code,
            http_status: self
                .http_status
                .or(error.and_then(|error| error.http_status)),
            tokens,
            usage_source,
            raw_usage: self.usage.as_ref().map(|usage| usage.raw.clone()),
            provider_request_id: self.request_id.clone(),
            latency_ms: millis(latency),
            first_token_ms: self.first_token.map(millis),
            finding: if self.pays {
                finding_of(outcome, error)
            } else {
                Finding::Nothing
            },
            at: self
                .opened_at
                .plus_millis(i64::try_from(millis(latency)).unwrap_or(i64::MAX)),
        };
        self.report = Some(CallReport {
            id: self.id,
            tokens,
            usage_source,
            cost: self.price.as_ref().and_then(|price| end.cost(price)),
            price: self
                .price
                .as_ref()
                .map(|price| price.for_question(tokens.prompt())),
            latency_ms: end.latency_ms,
            first_token_ms: end.first_token_ms,
            finish_reason: self.finish_reason.clone(),
        });
        let (book, id, room) = (Arc::clone(&self.book), self.id, Arc::clone(&self.room));
        let writing = async move {
            let closed = book.close(id, end).await;
            // Whoever waits for room looks again.
            room.notify_waiters();
            closed
        };
        Some(self.closers.spawn_on(writing, &self.runtime))
    }

    /// What was used, and how that is known.
    fn used(&self, error: Option<&InvokeError>) -> (Tokens, UsageSource) {
        if let Some(usage) = &self.usage {
            return (usage.tokens, UsageSource::Reported);
        }
        let estimated = Tokens {
            input: self.input_estimate,
            output: estimate(&self.said),
            ..Tokens::default()
        };
        match (self.progress, error) {
            (Progress::Answered, _) => (estimated, UsageSource::Estimated),
            (Progress::NotSent | Progress::Whole, _) => (Tokens::default(), UsageSource::None),
            // The provider said no, or was never reached.
            (Progress::Sent, Some(error)) if error.http_status.is_some() || !error.sent => {
                (Tokens::default(), UsageSource::None)
            }
            (Progress::Sent, _) => (Tokens::default(), UsageSource::Lost),
        }
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        // The tracker waits for the task, so nobody has to hold its handle.
        let _ = self.start_closing(CallOutcome::Cancelled, None, None);
    }
}

/// What the end of a call tells about the credential that paid. An answer that says that the key is dead tells nothing yet:
/// the key is validated first. A wrong address, and a question that the provider does not take, are nobody's fault.
fn finding_of(outcome: CallOutcome, error: Option<&InvokeError>) -> Finding {
    let Some(error) = error else {
        return if outcome == CallOutcome::Succeeded {
            Finding::Works
        } else {
            Finding::Nothing
        };
    };
    if error.key_fault == Some(KeyFault::Exhausted) {
        return Finding::Exhausted;
    }
    let pause = match error.kind {
        ErrorKind::RateLimit => error.retry_after.unwrap_or(PAUSE_OF_RATE_LIMIT),
        ErrorKind::Connection | ErrorKind::ServerUnavailable if error.misdirected => {
            return Finding::Nothing;
        }
        ErrorKind::Connection | ErrorKind::ServerUnavailable => {
            error.retry_after.unwrap_or(PAUSE_OF_FAILURE)
        }
        ErrorKind::Credential
        | ErrorKind::Authorization
        | ErrorKind::BadRequest
        | ErrorKind::RunOver
        | ErrorKind::Internal => return Finding::Nothing,
    };
    if pause.is_zero() {
        // It may be asked again at once.
        return Finding::Nothing;
    }
    Finding::Cools {
        millis: millis(pause.min(LONGEST_PAUSE)),
        code: error.error_type().to_owned(),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
