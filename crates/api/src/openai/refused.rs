//! Refusals in OpenAI's envelope.

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use latchkey_service::{Error, ErrorKind, Hint};
use serde_json::{Value as Json, json};

use crate::dify;

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct Refused {
    status: u16,
    code: String,
    message: String,
    retry_after: Option<u64>,
}

impl Refused {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            retry_after: None,
        }
    }

    pub(super) fn key() -> Self {
        Self::new(
            401,
            "invalid_api_key",
            "the key is missing, unknown or expired",
        )
    }

    pub(super) fn no_model(model: &str) -> Self {
        let text = format!("there is no published workflow {model:?} that this key reaches");
        Self::new(404, "model_not_found", text)
    }

    /// Something about what was sent is wrong.
    pub(super) fn request(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message)
    }

    /// A run that has not answered. No status that clients take for one to be tried again: what was paid is paid.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(422, "run_failed", message)
    }

    pub(super) fn body(&self) -> Json {
        let kind = match self.status {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        json!({"error": {"message": self.message, "type": kind, "param": null, "code": self.code}})
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let status = match error.kind {
            ErrorKind::Unauthenticated => 401,
            ErrorKind::Forbidden => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::TooLarge => 413,
            ErrorKind::RateLimited => 429,
            ErrorKind::Unavailable => 503,
            ErrorKind::Internal => 500,
            ErrorKind::Malformed
            | ErrorKind::Conflict
            | ErrorKind::Precondition
            | ErrorKind::Method
            | ErrorKind::MediaType
            | ErrorKind::Unprocessable => 400,
        };
        let retry_after = match error.hint {
            Some(Hint::RetryAfter(seconds)) => Some(seconds),
            Some(Hint::Allow(_)) | None => None,
        };
        let message = if status == 500 {
            "the server failed; its log says why".to_owned()
        } else {
            error.detail
        };
        Self {
            status,
            code: error.code,
            message,
            retry_after,
        }
    }
}

impl From<dify::refused::Refused> for Refused {
    fn from(refused: dify::refused::Refused) -> Self {
        let body = refused.body();
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let status = body["status"].as_u64();
        let status = status.and_then(|status| u16::try_from(status).ok());
        Self::new(status.unwrap_or(500), &text("code"), text("message"))
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.status == 401 {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(self.body())
    }
}
