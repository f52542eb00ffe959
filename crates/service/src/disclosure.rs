//! What a caller may be told about credentials: those who may not read them hear only the code, and one code for everything that
//! would let them guess names.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::CredentialCode;
use latchkey_domain::event::{EventBody, RunEvent};
use latchkey_domain::ledger::ModelCall;
use latchkey_domain::run::{Failure, NodeExecution, Run, RunError};

/// The class of failures that credentials cause.
const CREDENTIAL_ERROR: &str = "CredentialError";

/// What one caller may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosure {
    tells: bool,
}

impl Disclosure {
    /// What this caller may be told.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        Self {
            tells: caller.may(Permission::CredentialsRead),
        }
    }

    /// Whether everything is told.
    #[must_use]
    pub const fn tells(self) -> bool {
        self.tells
    }

    /// A run as this caller may see it.
    #[must_use]
    pub fn run(self, mut run: Run) -> Run {
        if !self.tells {
            run.overrides.clear();
        }
        if let Some(error) = &mut run.error {
            self.end(error);
        }
        run
    }

    /// A node execution as this caller may see it.
    #[must_use]
    pub fn node(self, mut node: NodeExecution) -> NodeExecution {
        if !self.tells {
            node.resolution = None;
        }
        node.error = node.error.map(|failure| self.failure(failure));
        node
    }

    fn failure(self, mut failure: Failure) -> Failure {
        let paid_by = failure.paid_by.take();
        if !self.tells {
            return hushed(failure);
        }
        name_payer(&mut failure.message, paid_by);
        failure
    }

    fn end(self, error: &mut RunError) {
        let paid_by = error.paid_by.take();
        if self.tells {
            name_payer(&mut error.message, paid_by);
        } else {
            hush_end(error);
        }
    }

    /// A row of the ledger as this caller may see it.
    #[must_use]
    pub fn call(self, mut call: ModelCall) -> ModelCall {
        if !self.tells {
            let start = &mut call.start;
            (start.credential, start.credential_name) = (None, None);
            (
                start.credential_version,
                start.credential_revision,
                start.level,
            ) = (None, None, None);
            if let Some(end) = &mut call.end {
                end.error_code = end.error_code.as_deref().map(public);
            }
        }
        call
    }

    /// An event as this caller may see it; none when it says nothing else.
    #[must_use]
    pub fn event(self, mut event: RunEvent) -> Option<RunEvent> {
        match &mut event.body {
            EventBody::ModelCall { .. } if !self.tells => return None,
            EventBody::NodeRetry { error, .. } => *error = self.failure(error.clone()),
            EventBody::NodeFinished(node) => **node = self.node(NodeExecution::clone(node)),
            EventBody::IterationFailed(end) | EventBody::LoopFailed(end) => {
                end.error = end.error.take().map(|error| self.failure(error));
            }
            EventBody::RunFinished(end) => {
                if let Some(error) = &mut end.error {
                    self.end(error);
                }
            }
            EventBody::ModelCall { .. }
            | EventBody::RunStarted { .. }
            | EventBody::NodeStarted(_)
            | EventBody::AgentLog { .. }
            | EventBody::NodeRestarted { .. }
            | EventBody::TextChunk { .. }
            | EventBody::ReasoningChunk { .. }
            | EventBody::IterationStarted(_)
            | EventBody::IterationNext(_)
            | EventBody::IterationSucceeded(_)
            | EventBody::LoopStarted(_)
            | EventBody::LoopNext(_)
            | EventBody::LoopSucceeded(_)
            | EventBody::FormRequested(_)
            | EventBody::FormAnswered { .. }
            | EventBody::RunPaused(_) => {}
        }
        Some(event)
    }
}

fn name_payer(message: &mut String, paid_by: Option<String>) {
    if let Some(paid_by) = paid_by {
        message.push_str(&format!(" ({paid_by})"));
    }
}

fn hushed(mut failure: Failure) -> Failure {
    if failure.error_type == CREDENTIAL_ERROR {
        failure.message = match failure.credential.take() {
            Some(story) => story.public_code().as_str().to_owned(),
            None => public(&failure.message),
        };
    }
    failure
}

fn hush_end(error: &mut RunError) {
    if error.message.starts_with("credential_") {
        let code = match error.public_code {
            Some(code) => code.as_str().to_owned(),
            None => public(&error.message),
        };
        error.message.clone_from(&code);
        if error.code.starts_with("credential_") {
            error.code = code;
        }
    }
}

/// The code that a message begins with; where nothing is known about the run's part in it, the one that tells least.
fn public(message: &str) -> String {
    let code = message
        .split(|c: char| c == ':' || c.is_whitespace())
        .next()
        .unwrap_or_default();
    let telling = [
        CredentialCode::NotFound,
        CredentialCode::Forbidden,
        CredentialCode::ProviderMismatch,
        CredentialCode::SelectorConflict,
    ];
    if telling.iter().any(|known| known.as_str() == code) {
        return CredentialCode::OverrideNotAllowed.as_str().to_owned();
    }
    code.to_owned()
}
