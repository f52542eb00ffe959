//! Why a call did not succeed, in the classes that workflows can tell apart.

use std::time::Duration;

use latchkey_domain::credential::{CredentialFailure, Resolution};
use latchkey_domain::id::ModelCallId;
use latchkey_domain::run::Failure;

/// The classes of failure; the provider's have the names that Dify's nodes report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No credential may pay: a code of ours.
    Credential,
    /// The provider says: too many requests.
    RateLimit,
    /// The provider does not accept the key.
    Authorization,
    /// The provider was not reached, or the stream broke.
    Connection,
    /// The provider cannot answer now.
    ServerUnavailable,
    /// The provider does not accept the request, or answered nonsense.
    BadRequest,
    /// The run was stopped or has ended.
    RunOver,
    /// We failed: storage, or an invariant.
    Internal,
}

impl ErrorKind {
    /// The `error_type` of a failed node.
    #[must_use]
    pub const fn error_type(self) -> &'static str {
        match self {
            Self::Credential => "CredentialError",
            Self::RateLimit => "InvokeRateLimitError",
            Self::Authorization => "InvokeAuthorizationError",
            Self::Connection => "InvokeConnectionError",
            Self::ServerUnavailable => "InvokeServerUnavailableError",
            Self::BadRequest => "InvokeBadRequestError",
            Self::RunOver => "RunOver",
            Self::Internal => "InternalError",
        }
    }
}

/// What a provider's refusal says about the credential itself, beyond this one call. Only what a provider says in so many
/// words is told here: a status or a code of its own that means this and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyFault {
    /// The provider does not know the key (any more): 401, or a code that says so. A 403 about a model or a right is not
    /// this: such a key is alive. Nothing is marked before a validation call has said the same.
    Dead,
    /// The account has no quota or no money left: 402, or a code that says so, such as `insufficient_quota`. It works again
    /// when somebody pays; a rate limit that passes with time is not this.
    Exhausted,
}

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct InvokeError {
    /// The class.
    pub kind: ErrorKind,
    /// The text; of a credential's failure it starts with the code. Never holds a credential's value.
    pub message: String,
    /// The whole story of a credential's failure, for those who may read credentials.
    pub credential: Option<Box<CredentialFailure>>,
    /// Who would have paid or did pay, and why: of a call that was opened, or whose candidate was turned down.
    pub resolution: Option<Box<Resolution>>,
    /// The call, if one was opened.
    pub call: Option<ModelCallId>,
    /// What the provider says about the credential itself, if anything.
    pub key_fault: Option<KeyFault>,
    /// The provider's status.
    pub http_status: Option<u16>,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether the provider may have seen the request.
    pub sent: bool,
    /// Whether it would be no other way with another credential: the address itself is wrong or forbidden, or a tool failed.
    pub misdirected: bool,
}

impl InvokeError {
    /// A failure of a class.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            credential: None,
            resolution: None,
            call: None,
            key_fault: None,
            http_status: None,
            retry_after: None,
            sent: false,
            misdirected: false,
        }
    }

    /// A call that was given up because its run was asked to stop; the provider may have seen it.
    pub(crate) fn stopped() -> Self {
        Self::new(ErrorKind::RunOver, "the run was asked to stop").sent()
    }

    /// The same, of a request that the provider may have seen.
    #[must_use]
    pub(crate) const fn sent(mut self) -> Self {
        self.sent = true;
        self
    }

    /// The same, of a refusal that says something about the key itself.
    #[must_use]
    pub(crate) const fn about_key(mut self, fault: Option<KeyFault>) -> Self {
        self.key_fault = fault;
        self
    }

    /// The same, of a call that this candidate paid or was to pay.
    pub(crate) fn of(mut self, resolution: &Resolution) -> Self {
        self.resolution = Some(Box::new(resolution.clone()));
        self
    }

    /// The same, of a call that was opened.
    pub(crate) const fn in_call(mut self, call: ModelCallId) -> Self {
        self.call = Some(call);
        self
    }

    /// Whether another credential may be tried before the first streamed token. Whether one with a dead key is gone on
    /// from is not decided here: that key is validated first.
    pub(crate) const fn goes_on(&self) -> bool {
        let for_now = matches!(
            self.kind,
            ErrorKind::RateLimit | ErrorKind::Connection | ErrorKind::ServerUnavailable
        );
        let is_exhausted = matches!(self.key_fault, Some(KeyFault::Exhausted));
        (for_now || is_exhausted) && !self.misdirected
    }

    /// The name of its class, as nodes report it.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        self.kind.error_type()
    }

    /// The failure of the node that asked.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let mut failure = Failure::new(self.error_type(), self.message.clone());
        failure.credential = self.credential.clone();
        if failure.credential.is_none() {
            failure.paid_by = self.resolution.as_deref().map(paid_by);
        }
        let millis = |after: Duration| u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        failure.retry_after_ms = self.retry_after.map(millis);
        failure
    }

    /// What the ledger writes down as the error: our code, or the class.
    #[must_use]
    pub fn code(&self) -> String {
        match &self.credential {
            Some(failure) => failure.code.as_str().to_owned(),
            None => self.error_type().to_owned(),
        }
    }
}

fn paid_by(resolution: &Resolution) -> String {
    let provider = &resolution.provider;
    match &resolution.credential_name {
        Some(name) => format!("provider {provider}, credential {name}"),
        None => format!("provider {provider}"),
    }
}

impl From<CredentialFailure> for InvokeError {
    fn from(failure: CredentialFailure) -> Self {
        Self {
            credential: Some(Box::new(failure.clone())),
            ..Self::new(ErrorKind::Credential, failure.to_string())
        }
    }
}
