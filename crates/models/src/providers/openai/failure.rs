//! What a refusal means, and its text. The key that some servers repeat in it is masked by whoever called.

use std::time::Duration;

use serde_json::Value as Json;

use latchkey_outbound::{Error, Response};

use crate::error::{ErrorKind, InvokeError};

/// How much of a refusal is read, and for how long: it is told to people, and a provider that is in trouble may never end
/// it.
const MAX_BODY: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// The request did not get through, or the answer broke off.
pub(crate) fn unreached(cause: &Error) -> InvokeError {
    let never_sent = match cause {
        Error::Url(_)
        | Error::Header(_)
        | Error::Refused(_)
        | Error::NotFound(_)
        | Error::Unreachable(_)
        | Error::Client(_) => true,
        Error::Connection(_) | Error::Timeout(_) | Error::TooLarge(_) | Error::Redirects(_) => {
            false
        }
    };
    let kind = match cause {
        Error::TooLarge(_) | Error::Url(_) | Error::Header(_) => ErrorKind::BadRequest,
        Error::Refused(_)
        | Error::NotFound(_)
        | Error::Unreachable(_)
        | Error::Connection(_)
        | Error::Timeout(_)
        | Error::Redirects(_)
        | Error::Client(_) => ErrorKind::Connection,
    };
    let mut error = InvokeError::new(kind, cause.to_string());
    // The address is wrong or forbidden: somebody has to see that, whoever else could pay.
    error.misdirected = matches!(
        cause,
        Error::Url(_) | Error::Refused(_) | Error::NotFound(_)
    );
    if never_sent { error } else { error.sent() }
}

/// The provider answered with an error.
pub(crate) async fn refused(response: Response) -> InvokeError {
    let status = response.status;
    let retry_after = response
        .header("retry-after")
        .and_then(|text| text.trim().parse::<f64>().ok())
        .filter(|seconds| (0.0..86_400.0).contains(seconds))
        .map(Duration::from_secs_f64);
    let is_redirect = (300..400).contains(&status);
    let body = response.beginning(MAX_BODY, PATIENCE).await;
    let told = if is_redirect {
        "the provider redirects to another address, which is never followed".to_owned()
    } else {
        message(&body)
    };
    let mut error = InvokeError::new(kind_of(status), format!("[{status}] {told}")).sent();
    error.http_status = Some(status);
    error.retry_after = retry_after;
    error
}

/// An error inside a stream that had begun well.
pub(crate) fn told_in_stream(error: &Json) -> InvokeError {
    let code = error
        .get("code")
        .or_else(|| error.get("status"))
        .and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let kind = match (code, error.get("type").and_then(Json::as_str)) {
        (Some(status @ 400..=599), _) => kind_of(u16::try_from(status).unwrap_or(500)),
        (_, Some(kind)) if kind.contains("rate_limit") => ErrorKind::RateLimit,
        (_, Some(kind)) if kind.contains("authentication") => ErrorKind::Authorization,
        (_, Some(kind)) if kind.contains("invalid_request") => ErrorKind::BadRequest,
        _ => ErrorKind::ServerUnavailable,
    };
    InvokeError::new(kind, text_of(error)).sent()
}

fn kind_of(status: u16) -> ErrorKind {
    match status {
        401 | 403 => ErrorKind::Authorization,
        429 => ErrorKind::RateLimit,
        408 => ErrorKind::Connection,
        500.. => ErrorKind::ServerUnavailable,
        _ => ErrorKind::BadRequest,
    }
}

fn message(body: &[u8]) -> String {
    match serde_json::from_slice::<Json>(body) {
        Ok(Json::Array(errors)) => errors.first().map(text_of).unwrap_or_default(),
        Ok(json) => text_of(json.get("error").unwrap_or(&json)),
        Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
    }
}

fn text_of(error: &Json) -> String {
    let text = error
        .as_str()
        .or_else(|| error.get("message").and_then(Json::as_str))
        .or_else(|| error.get("detail").and_then(Json::as_str));
    text.map_or_else(|| error.to_string(), |text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{kind_of, message, told_in_stream};
    use crate::error::ErrorKind;

    #[test]
    fn a_status_is_one_of_the_five_classes() {
        for (status, kind) in [
            (400, ErrorKind::BadRequest),
            (401, ErrorKind::Authorization),
            (403, ErrorKind::Authorization),
            (404, ErrorKind::BadRequest),
            (408, ErrorKind::Connection),
            (422, ErrorKind::BadRequest),
            (429, ErrorKind::RateLimit),
            (500, ErrorKind::ServerUnavailable),
            (503, ErrorKind::ServerUnavailable),
            (529, ErrorKind::ServerUnavailable),
            (302, ErrorKind::BadRequest),
        ] {
            assert_eq!(kind_of(status), kind, "{status}");
        }
    }

    #[test]
    fn messages_are_found_in_every_shape() {
        for (body, text) in [
            (
                r#"{"error": {"message": "bad key", "type": "x"}}"#,
                "bad key",
            ),
            (r#"{"error": "plain"}"#, "plain"),
            (r#"{"message": "top"}"#, "top"),
            (r#"{"detail": "fast"}"#, "fast"),
            (r#"[{"message": "listed"}]"#, "listed"),
            (r#"{"error": {"code": 7}}"#, r#"{"code":7}"#),
            ("<html>no</html>", "<html>no</html>"),
            ("", ""),
        ] {
            assert_eq!(message(body.as_bytes()), text, "{body}");
        }
    }

    #[test]
    fn errors_in_a_stream_keep_their_class() {
        for (error, kind) in [
            (
                json!({"message": "slow down", "code": 429}),
                ErrorKind::RateLimit,
            ),
            (
                json!({"message": "no", "code": "401"}),
                ErrorKind::Authorization,
            ),
            (
                json!({"message": "x", "type": "rate_limit_error"}),
                ErrorKind::RateLimit,
            ),
            (
                json!({"message": "x", "type": "invalid_request_error"}),
                ErrorKind::BadRequest,
            ),
            (json!("broken"), ErrorKind::ServerUnavailable),
        ] {
            assert_eq!(told_in_stream(&error).kind, kind, "{error}");
        }
    }
}
