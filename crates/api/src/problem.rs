//! Refusals as `application/problem+json` with stable codes.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use latchkey_service::{Error, ErrorItem, ErrorKind, Hint, Meanwhile};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::views::audit::actor;
use crate::views::workflow::ReportView;

/// A refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: String,
    /// The text, for people.
    detail: String,
    /// The request, to be found in the log.
    request_id: String,
    /// Each thing that is wrong, with its place.
    errors: Vec<Item>,
    /// The whole report of an import that was refused, warnings included.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportView>,
    /// Whose change of a draft came before the one that is refused (`version_conflict`).
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Changed>,
}

/// A change that came before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// The draft's revision now, as in its `ETag`.
    revision: u32,
    /// When it was made.
    at: String,
    /// By `api_key:<id>`, `member:<id>` or `operator`; null when that is not written down yet.
    by: Option<String>,
    /// The name of that member or key.
    by_name: Option<String>,
}

impl From<Meanwhile> for Changed {
    fn from(meanwhile: Meanwhile) -> Self {
        let (by, name) = meanwhile.by.unzip();
        Self {
            revision: meanwhile.revision,
            at: meanwhile.at.to_string(),
            by: by.as_ref().map(actor),
            by_name: name.flatten(),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Item {
    /// The stable code.
    code: String,
    /// The text, for people.
    message: String,
    /// The place in the request's body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The line of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// The column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// The node.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<String>,
    /// The field of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<ErrorItem> for Item {
    fn from(item: ErrorItem) -> Self {
        Self {
            code: item.code,
            message: item.message,
            pointer: item.pointer,
            line: item.line,
            column: item.column,
            node_id: item.node_id.map(|node| node.to_string()),
            field: item.field,
        }
    }
}

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self.0.kind {
            ErrorKind::Malformed => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Precondition => StatusCode::PRECONDITION_FAILED,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::Method => StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        answer(self.status_code(), &self.0)
    }
}

fn answer(status: StatusCode, error: &Error) -> HttpResponse {
    let request_id = Uuid::now_v7().to_string();
    tracing::info!(%request_id, status = status.as_u16(), code = %error.code, "refused");
    let report = error.refused.as_deref().cloned();
    let problem = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        code: error.code.clone(),
        detail: error.detail.clone(),
        errors: error.errors.iter().cloned().map(Item::from).collect(),
        report: report.map(ReportView::from),
        changed: error.meanwhile.as_deref().cloned().map(Changed::from),
        request_id,
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    match &error.hint {
        None => {}
        Some(Hint::Allow(method)) => {
            response.insert_header((ALLOW, method.as_str()));
        }
        Some(Hint::RetryAfter(seconds)) => {
            response.insert_header((RETRY_AFTER, *seconds));
        }
    }
    let id = HeaderValue::from_str(&problem.request_id).unwrap_or(HeaderValue::from_static(""));
    response.insert_header((HeaderName::from_static("x-request-id"), id));
    let body = serde_json::to_string(&problem).unwrap_or_default();
    response.content_type("application/problem+json").body(body)
}

/// A request that makes no sense.
pub(crate) fn malformed(code: &str, detail: impl Into<String>) -> Refusal {
    Refusal(Error::new(ErrorKind::Malformed, code, detail))
}

/// A route that does not know the method.
pub(crate) async fn no_such_method(methods: &'static str) -> HttpResponse {
    let detail = format!("this route knows {methods} only");
    let error = Error::new(ErrorKind::Malformed, "method_not_allowed", detail);
    let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, &error);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(methods));
    response
}
