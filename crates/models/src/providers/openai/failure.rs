//! What a refusal means, and its text. The key that some servers repeat in it is masked by whoever called.

use std::time::Duration;

use serde_json::Value as Json;

use latchkey_outbound::{Error, Response};

use crate::error::{ErrorKind, InvokeError, KeyFault};

/// How much of a refusal is read, and for how long: it is told to people, and a provider that is in trouble may never end
/// it.
const MAX_BODY: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// What providers of this format call an account that has nothing left, whatever the status (the code or type of the error).
const EXHAUSTED: [&str; 10] = [
    // OpenAI.
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    // Moonshot.
    "exceeded_current_quota_error",
    // DeepSeek and others.
    "insufficient_balance",
    "insufficient_credits",
    // Gateways made of one-api.
    "insufficient_user_quota",
    // Tongyi.
    "Arrearage",
    // Volcengine.
    "AccountOverdueError",
    "InsufficientBalance",
];
/// Codes that mean the same only with their status: Zhipu's and SiliconFlow's.
const EXHAUSTED_WITH_STATUS: [(u16, &str); 2] = [(429, "1113"), (403, "30001")];
/// What they call a key that is none of theirs, whatever the status.
const DEAD: [&str; 4] = [
    "invalid_api_key",
    "InvalidApiKey",
    "account_deactivated",
    "invalid_authentication_error",
];

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
    let (told, fault) = if is_redirect {
        let told = "the provider redirects to another address, which is never followed";
        (told.to_owned(), None)
    } else {
        let json = serde_json::from_slice::<Json>(&body).ok();
        let fault = fault_of(status, json.as_ref().unwrap_or(&Json::Null));
        (message(&body), fault)
    };
    let mut error = InvokeError::new(kind_of(status), format!("[{status}] {told}"))
        .sent()
        .about_key(fault);
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
    let status = code.and_then(|code| u16::try_from(code).ok());
    let fault = fault_of(status.unwrap_or_default(), error);
    InvokeError::new(kind, text_of(error))
        .sent()
        .about_key(fault)
}

/// What a refusal says about the key itself. The error may stand in `error`, in the first of a list, or be the whole body.
fn fault_of(status: u16, body: &Json) -> Option<KeyFault> {
    let body = body.get(0).unwrap_or(body);
    let error = body
        .get("error")
        .filter(|error| error.is_object())
        .unwrap_or(body);
    let words = [error.get("code"), error.get("type"), body.get("code")];
    let words = words.into_iter().flatten().filter_map(|word| match word {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    });
    let words: Vec<String> = words.collect();
    let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let with_status = EXHAUSTED_WITH_STATUS
        .iter()
        .any(|(with, code)| *with == status && says(&[code]));
    if status == 402 || with_status || says(&EXHAUSTED) {
        Some(KeyFault::Exhausted)
    } else if status == 401 || says(&DEAD) {
        Some(KeyFault::Dead)
    } else {
        None
    }
}

pub(crate) fn kind_of(status: u16) -> ErrorKind {
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

    use super::{fault_of, kind_of, message, told_in_stream};
    use crate::error::{ErrorKind, KeyFault};

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

    #[test]
    fn a_dead_key_and_an_empty_account_are_told_from_what_is_about_this_call() {
        let (dead, exhausted) = (Some(KeyFault::Dead), Some(KeyFault::Exhausted));
        for (status, body, fault) in [
            (401, json!({"error": {"message": "no"}}), dead),
            (401, json!("not json at all"), dead),
            (400, json!({"error": {"code": "invalid_api_key"}}), dead),
            (403, json!({"error": {"code": "model_not_found"}}), None),
            (403, json!({"code": 30001, "message": "balance"}), exhausted),
            (400, json!({"code": 30001}), None),
            (429, json!({"error": {"code": "rate_limit_exceeded"}}), None),
            (
                429,
                json!({"error": {"type": "insufficient_quota", "code": null}}),
                exhausted,
            ),
            (429, json!([{"error": {"code": "1113"}}]), exhausted),
            (402, json!({}), exhausted),
            (400, json!({"code": "Arrearage"}), exhausted),
            (500, json!({"error": "insufficient_quota"}), None),
        ] {
            assert_eq!(fault_of(status, &body), fault, "{status} {body}");
        }
        let in_stream = json!({"message": "x", "type": "insufficient_quota"});
        assert_eq!(told_in_stream(&in_stream).key_fault, exhausted);
        let in_stream = json!({"message": "x", "code": 401});
        assert_eq!(told_in_stream(&in_stream).key_fault, dead);
    }
}
