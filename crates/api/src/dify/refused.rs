//! Refusals in Dify's envelope: `code`, `message` and the status again (service API reference, 2).

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use latchkey_service::{Error, ErrorKind, Hint};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refused {
    status: u16,
    code: String,
    message: String,
    retry_after: Option<u64>,
}

impl Refused {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            retry_after: None,
        }
    }

    /// Something about what was sent is wrong.
    pub(crate) fn param(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_param", message)
    }

    /// The request does not make sense.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(400, "bad_request", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "not_found", message)
    }

    pub(crate) fn not_workflow() -> Self {
        let text = "Please check if your app mode matches the right API route.";
        Self::new(400, "not_workflow_app", text)
    }

    pub(crate) fn not_chat() -> Self {
        let text = "Please check if your app mode matches the right API route.";
        Self::new(400, "not_chat_app", text)
    }

    pub(crate) fn unavailable() -> Self {
        let text = "App unavailable, please check your app configurations.";
        Self::new(400, "app_unavailable", text)
    }

    pub(crate) fn internal() -> Self {
        let text =
            "The server encountered an internal error and was unable to complete your request.";
        Self::new(500, "internal_server_error", text)
    }

    /// The same with another text where something is not there.
    pub(crate) fn missing(self, message: &str) -> Self {
        if self.status == 404 {
            return Self::not_found(message);
        }
        self
    }

    /// The body of an answer, and of the event that tells it in a stream.
    pub(crate) fn body(&self) -> Json {
        json!({"code": self.code, "message": self.message, "status": self.status})
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let (status, code) = status_of(&error);
        let retry_after = match error.hint {
            Some(Hint::RetryAfter(seconds)) => Some(seconds),
            Some(Hint::Allow(_)) | None => None,
        };
        if error.kind == ErrorKind::Internal {
            return Self::internal();
        }
        let message = match error.code.as_str() {
            "workflow_not_published" => "Workflow not published".to_owned(),
            // Who reads the message hears our code too.
            own if own.starts_with("credential_") && !error.detail.starts_with(own) => {
                format!("{own}: {}", error.detail)
            }
            _ => error.detail,
        };
        Self {
            status,
            code: code.to_owned(),
            message,
            retry_after,
        }
    }
}

fn status_of(error: &Error) -> (u16, &'static str) {
    if error.code.starts_with("credential_") {
        return (400, "provider_not_initialize");
    }
    match error.kind {
        ErrorKind::Unauthenticated => (401, "unauthorized"),
        ErrorKind::Forbidden => (403, "forbidden"),
        ErrorKind::NotFound => (404, "not_found"),
        ErrorKind::Malformed if error.code == "bad_request" => (400, "bad_request"),
        ErrorKind::Malformed | ErrorKind::Unprocessable | ErrorKind::Conflict => {
            (400, "invalid_param")
        }
        ErrorKind::Precondition => (412, "precondition_failed"),
        ErrorKind::TooLarge => (413, "file_too_large"),
        ErrorKind::Method => (405, "method_not_allowed"),
        ErrorKind::MediaType => (415, "unsupported_media_type"),
        ErrorKind::RateLimited => (429, "too_many_requests"),
        ErrorKind::Unavailable => (503, "service_unavailable"),
        ErrorKind::Internal => (500, "internal_server_error"),
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
        let request_id = Uuid::now_v7().to_string();
        tracing::info!(%request_id, status = self.status, code = %self.code, "refused");
        let mut response = HttpResponse::build(self.status_code());
        if self.status == 401 {
            response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"api\""));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        let id = HeaderValue::from_str(&request_id).unwrap_or(HeaderValue::from_static(""));
        response.insert_header((HeaderName::from_static("x-request-id"), id));
        response.json(self.body())
    }
}

#[cfg(test)]
mod tests {
    use latchkey_service::{Error, ErrorKind};

    use super::Refused;

    #[test]
    fn refusals_have_the_codes_and_statuses_of_the_envelope() {
        for (kind, code, expected) in [
            (ErrorKind::NotFound, "not_found", "404 not_found"),
            (
                ErrorKind::Unprocessable,
                "input_required",
                "400 invalid_param",
            ),
            (
                ErrorKind::Unprocessable,
                "credential_missing",
                "400 provider_not_initialize",
            ),
            (
                ErrorKind::Forbidden,
                "credential_override_not_allowed",
                "400 provider_not_initialize",
            ),
            (ErrorKind::Forbidden, "forbidden", "403 forbidden"),
            (
                ErrorKind::Conflict,
                "workflow_not_published",
                "400 invalid_param",
            ),
            (ErrorKind::Malformed, "bad_request", "400 bad_request"),
            (
                ErrorKind::RateLimited,
                "too_many_requests",
                "429 too_many_requests",
            ),
            (ErrorKind::Internal, "internal", "500 internal_server_error"),
        ] {
            let body = Refused::from(Error::new(kind, code, "text")).body();
            let told = format!("{} {}", body["status"], body["code"].as_str().unwrap());
            assert_eq!(told, expected, "{code}");
        }
        let hidden = Refused::from(Error::new(ErrorKind::Internal, "internal", "how it broke"));
        assert!(!hidden.body().to_string().contains("broke"));
    }
}
