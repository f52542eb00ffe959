//! What a refusal of Anthropic's means.

use serde_json::Value as Json;

use latchkey_outbound::Response;

use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::providers::refusal::Refusal;

/// Codes that say that an account may spend no more, whatever the status.
const EXHAUSTED: [&str; 5] = [
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "linked_organization_spend_limit_reached",
    "linked_organization_billing_unavailable",
    "ramp_limit_exceeded",
];
/// What the API writes, with the status and the type of a bad request, when no money is left or a limit that the customer
/// has set is reached.
const NO_MONEY: [&str; 3] = [
    "credit balance is too low",
    "reached your specified api usage limits",
    "reached your specified workspace api usage limits",
];

/// The provider answered with an error.
pub(super) async fn refused(response: Response) -> InvokeError {
    let refusal = Refusal::read(response).await;
    let json = refusal.json();
    let error = json.get("error").unwrap_or(&json);
    let text = error.get("message").and_then(Json::as_str);
    refusal.error(text).about_key(fault(error, refusal.status))
}

/// An error inside a stream that had begun well.
pub(super) fn told_in_stream(error: &Json) -> InvokeError {
    let kind = match error.get("type").and_then(Json::as_str) {
        Some("rate_limit_error") => ErrorKind::RateLimit,
        Some("authentication_error" | "permission_error") => ErrorKind::Authorization,
        Some(
            "invalid_request_error" | "not_found_error" | "request_too_large" | "billing_error",
        ) => ErrorKind::BadRequest,
        _ => ErrorKind::ServerUnavailable,
    };
    let fault = fault(error, 0);
    let text = error.get("message").and_then(Json::as_str);
    let text = text.map_or_else(|| error.to_string(), |text| text.trim().to_owned());
    InvokeError::new(kind, text).sent().about_key(fault)
}

/// What an error says about the key itself. A right that is missing (403) leaves the key alive.
fn fault(error: &Json, status: u16) -> Option<KeyFault> {
    let text = |path: &str| {
        error
            .pointer(path)
            .and_then(Json::as_str)
            .unwrap_or_default()
    };
    let code = text("/details/error_code");
    let message = text("/message").to_ascii_lowercase();
    let is_spent =
        EXHAUSTED.contains(&code) || NO_MONEY.iter().any(|words| message.contains(words));
    match text("/type") {
        _ if is_spent || status == 402 => Some(KeyFault::Exhausted),
        "billing_error" => Some(KeyFault::Exhausted),
        "authentication_error" => Some(KeyFault::Dead),
        _ if status == 401 => Some(KeyFault::Dead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fault, told_in_stream};
    use crate::error::{ErrorKind, KeyFault};

    #[test]
    fn only_what_is_said_of_the_key_is_held_against_it() {
        let (dead, exhausted) = (Some(KeyFault::Dead), Some(KeyFault::Exhausted));
        for (status, error, expected) in [
            (
                401,
                json!({"type": "authentication_error", "message": "invalid x-api-key"}),
                dead,
            ),
            (401, json!("<html>"), dead),
            (
                402,
                json!({"type": "billing_error", "message": "x"}),
                exhausted,
            ),
            (
                403,
                json!({"type": "permission_error", "message": "no access to this model"}),
                None,
            ),
            (
                404,
                json!({"type": "not_found_error", "message": "model: x"}),
                None,
            ),
            (
                400,
                json!({"type": "invalid_request_error", "message": "max_tokens: required"}),
                None,
            ),
            (
                400,
                json!({"type": "invalid_request_error", "message": "Your credit balance is too low to access the API."}),
                exhausted,
            ),
            (
                400,
                json!({"type": "invalid_request_error", "message": "You have reached your specified API usage limits."}),
                exhausted,
            ),
            (
                429,
                json!({"type": "rate_limit_error", "message": "slow down"}),
                None,
            ),
            (
                429,
                json!({"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}}),
                exhausted,
            ),
            (529, json!({"type": "overloaded_error"}), None),
        ] {
            assert_eq!(fault(&error, status), expected, "{status} {error}");
        }
    }

    #[test]
    fn errors_in_a_stream_keep_their_class() {
        for (kind, class) in [
            ("overloaded_error", ErrorKind::ServerUnavailable),
            ("api_error", ErrorKind::ServerUnavailable),
            ("of_tomorrow", ErrorKind::ServerUnavailable),
            ("rate_limit_error", ErrorKind::RateLimit),
            ("authentication_error", ErrorKind::Authorization),
            ("invalid_request_error", ErrorKind::BadRequest),
        ] {
            let told = told_in_stream(&json!({"type": kind, "message": "told"}));
            assert_eq!(
                (told.kind, told.message.as_str(), told.sent),
                (class, "told", true),
                "{kind}"
            );
        }
    }
}
