//! What a use case answers when it does not do what was asked: a kind, a stable code, a text and the places.

use latchkey_domain::credential::CredentialCode;
use latchkey_domain::document::{Problem, Severity};
use latchkey_domain::id::NodeId;
use latchkey_domain::inputs::InputProblem;
use latchkey_engine::plan::PlanProblem;
use latchkey_models::{FormProblem, InvokeError};
use latchkey_secrets::SealError;
use latchkey_store::StoreError;

use crate::import::Imported;
use crate::meanwhile::Meanwhile;

/// The classes of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request makes no sense.
    Malformed,
    /// Nobody knows who asks.
    Unauthenticated,
    /// Who asks may not.
    Forbidden,
    /// It is not there, or belongs to somebody else.
    NotFound,
    /// It does not fit what is there.
    Conflict,
    /// It was changed meanwhile.
    Precondition,
    /// It is too large.
    TooLarge,
    /// It is asked in another way than is possible.
    Method,
    /// Its body is of another type than is taken.
    MediaType,
    /// It is asked too often.
    RateLimited,
    /// It is understood and refused.
    Unprocessable,
    /// The server is ending or its database does not answer.
    Unavailable,
    /// We failed.
    Internal,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Error {
    /// Its class.
    pub kind: ErrorKind,
    /// The stable code.
    pub code: String,
    /// The text. Never holds a credential's value.
    pub detail: String,
    /// Each thing that is wrong, with its place.
    pub errors: Vec<ErrorItem>,
    /// What an import has found that refuses the file.
    pub refused: Option<Box<Imported>>,
    /// What would be possible instead.
    pub hint: Option<Hint>,
    /// Whose change came before the one that is refused.
    pub meanwhile: Option<Box<Meanwhile>>,
}

/// What is possible instead of what was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// This method.
    Allow(String),
    /// The same after so many seconds.
    RetryAfter(u64),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ErrorItem {
    /// The stable code.
    pub code: String,
    /// The text.
    pub message: String,
    /// The place in the request's body.
    pub pointer: Option<String>,
    /// The line of the file, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// The node.
    pub node_id: Option<NodeId>,
    /// The field of the document.
    pub field: Option<String>,
}

impl Error {
    /// A refusal without places.
    #[must_use]
    pub fn new(kind: ErrorKind, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            refused: None,
            hint: None,
            meanwhile: None,
        }
    }

    /// The same with what is possible instead.
    #[must_use]
    pub(crate) fn hinting(self, hint: Hint) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// The same with places.
    #[must_use]
    pub fn with(mut self, errors: impl IntoIterator<Item = ErrorItem>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Something is not there, as far as the caller is concerned.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorKind::NotFound,
            "not_found",
            format!("there is no such {what}"),
        )
    }

    pub(crate) fn unprocessable(code: &str, detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unprocessable, code, detail)
    }

    /// A field of the body that is wrong.
    pub(crate) fn field(code: &str, pointer: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let item = ErrorItem {
            code: code.to_owned(),
            message: message.clone(),
            pointer: Some(pointer.to_owned()),
            ..ErrorItem::default()
        };
        Self::unprocessable(code, message).with([item])
    }

    /// A document that is refused; the first problem gives the code.
    pub(crate) fn of_document(problems: Vec<Problem>) -> Self {
        let code = problems.first().map_or_else(
            || "invalid_input".to_owned(),
            |problem| problem.code.clone(),
        );
        let detail = problems.first().map_or_else(
            || "the document is refused".to_owned(),
            |problem| problem.message.clone(),
        );
        let errors = problems
            .into_iter()
            .filter(|problem| problem.severity == Severity::Error);
        Self::unprocessable(&code, detail).with(errors.map(ErrorItem::from))
    }

    /// A plan that cannot be made.
    pub(crate) fn of_plan(problems: Vec<PlanProblem>) -> Self {
        let code = problems
            .first()
            .map_or("node_invalid", |problem| problem.code);
        let detail = problems
            .first()
            .map_or_else(String::new, |problem| problem.message.clone());
        let item = |problem: PlanProblem| ErrorItem {
            code: problem.code.to_owned(),
            message: problem.message,
            node_id: problem.node_id,
            ..ErrorItem::default()
        };
        Self::unprocessable(code, detail).with(problems.into_iter().map(item))
    }

    /// Inputs that are refused.
    pub(crate) fn of_inputs(problems: Vec<InputProblem>) -> Self {
        Self::of_problems(problems, "/inputs/")
    }

    /// Files besides the inputs that are refused.
    pub(crate) fn of_files(problems: Vec<InputProblem>) -> Self {
        Self::of_problems(problems, "/")
    }

    pub(crate) fn of_problems(problems: Vec<InputProblem>, under: &str) -> Self {
        let detail = problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        let item = |problem: InputProblem| {
            let name = problem.name.replace('~', "~0").replace('/', "~1");
            let index = problem
                .item
                .map_or_else(String::new, |item| format!("/{item}"));
            ErrorItem {
                code: problem.code.to_owned(),
                message: problem.message,
                pointer: Some(format!("{under}{name}{index}")),
                field: Some(problem.name),
                ..ErrorItem::default()
            }
        };
        Self::unprocessable("invalid_input", detail).with(problems.into_iter().map(item))
    }

    /// A form that is filled in badly.
    pub(crate) fn of_form(problems: Vec<FormProblem>) -> Self {
        let detail = problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        let item = |problem: FormProblem| ErrorItem {
            code: problem.code.to_owned(),
            pointer: Some(if problem.field == "hosts" {
                "/hosts".to_owned()
            } else {
                format!("/values/{}", problem.field)
            }),
            message: problem.message,
            field: Some(problem.field),
            ..ErrorItem::default()
        };
        Self::unprocessable("invalid_input", detail).with(problems.into_iter().map(item))
    }

    pub(crate) fn of_credential(code: CredentialCode, detail: impl Into<String>) -> Self {
        Self::unprocessable(code.as_str(), detail)
    }

    /// A failure of ours: what happened goes to the log, not to the caller.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a use case failed");
        Self::new(
            ErrorKind::Internal,
            "internal",
            "the server failed; its log says why",
        )
    }
}

impl From<Problem> for ErrorItem {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code,
            message: problem.message,
            pointer: None,
            line: problem.line,
            column: problem.column,
            node_id: problem.node_id,
            field: problem.field,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken => Self::new(
                ErrorKind::Conflict,
                "conflict",
                "something else has that name already",
            ),
            StoreError::Changed => Self::new(
                ErrorKind::Precondition,
                "version_conflict",
                "it was changed meanwhile; read it again",
            ),
            StoreError::NotFound => Self::not_found("thing"),
            StoreError::Unavailable(cause) => {
                tracing::error!(%cause, "the database is not available");
                Self::new(
                    ErrorKind::Unavailable,
                    "database_unavailable",
                    "the database does not answer",
                )
            }
            StoreError::Failed(_)
            | StoreError::Corrupt(_)
            | StoreError::Newer(_)
            | StoreError::InUse(_)
            | StoreError::Url => Self::internal(error),
        }
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        Self::internal(error)
    }
}

impl From<InvokeError> for Error {
    fn from(error: InvokeError) -> Self {
        Self::internal(error)
    }
}
