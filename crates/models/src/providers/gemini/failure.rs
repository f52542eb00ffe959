//! What a refusal of Google's means. Its APIs answer a bad key with status 400, and say how long to wait in the body.

use std::time::Duration;

use serde_json::Value as Json;

use latchkey_outbound::Response;

use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::providers::openai::failure::kind_of;
use crate::providers::refusal::{Refusal, seconds};

/// Reasons that mean: this key is none (any more).
const DEAD: [&str; 6] = [
    "API_KEY_INVALID",
    "API_KEY_EXPIRED",
    "ACCESS_TOKEN_EXPIRED",
    "ACCOUNT_STATE_INVALID",
    "CONSUMER_SUSPENDED",
    "CREDENTIALS_MISSING",
];
/// Reasons that mean: nobody pays for this project.
const UNPAID: [&str; 2] = ["BILLING_DISABLED", "BILLING_NOT_ENABLED"];
/// What is said in words only.
const LEAKED: &str = "reported as leaked";
const DEPLETED: [&str; 2] = [
    "prepayment credits are depleted",
    "billing account is disabled",
];

/// The provider answered with an error.
pub(crate) async fn refused(response: Response) -> InvokeError {
    let refusal = Refusal::read(response).await;
    let body = refusal.json();
    // A stream that is asked for without events answers with a list.
    let body = body.get(0).unwrap_or(&body);
    let error = body.get("error").unwrap_or(body);
    let told = refusal.error(text_of(error));
    understood(told, refusal.status, error)
}

/// An error inside a stream that had begun well.
pub(crate) fn told_in_stream(error: &Json) -> InvokeError {
    let code = error.get("code").and_then(Json::as_u64);
    let status = code.and_then(|code| u16::try_from(code).ok());
    let status = status.filter(|status| (400..600).contains(status));
    let text = text_of(error).map_or_else(|| error.to_string(), str::to_owned);
    let kind = status.map_or(ErrorKind::ServerUnavailable, kind_of);
    let told = InvokeError::new(kind, text).sent();
    understood(told, status.unwrap_or(500), error)
}

fn understood(mut told: InvokeError, status: u16, error: &Json) -> InvokeError {
    told.retry_after = told.retry_after.or_else(|| wait(error));
    let text = text_of(error).unwrap_or_default();
    let says = |known: &[&str]| reasons(error).any(|reason| known.contains(&reason));
    if status == 401 || says(&DEAD) || text.contains(LEAKED) {
        told.kind = ErrorKind::Authorization;
        return told.about_key(Some(KeyFault::Dead));
    }
    let is_depleted = DEPLETED.iter().any(|words| text.contains(words));
    if status == 402 || says(&UNPAID) || is_depleted || is_spent(error) {
        told.kind = if status == 429 {
            ErrorKind::RateLimit
        } else {
            ErrorKind::Authorization
        };
        return told.about_key(Some(KeyFault::Exhausted));
    }
    told
}

fn text_of(error: &Json) -> Option<&str> {
    error
        .get("message")
        .and_then(Json::as_str)
        .or(error.as_str())
}

fn details(error: &Json) -> impl Iterator<Item = &Json> {
    let details = error.get("details").and_then(Json::as_array);
    details.into_iter().flatten()
}

fn reasons(error: &Json) -> impl Iterator<Item = &str> {
    details(error).filter_map(|detail| detail.get("reason")?.as_str())
}

/// `"retryDelay": "22.5s"`
fn wait(error: &Json) -> Option<Duration> {
    let delay = details(error).find_map(|detail| detail.get("retryDelay")?.as_str())?;
    seconds(delay.strip_suffix('s')?.parse().ok()?)
}

/// Whether all that a day allows is used up, for every model. A day's quota of one model leaves the others.
fn is_spent(error: &Json) -> bool {
    let violations = details(error).filter_map(|detail| detail.get("violations")?.as_array());
    let mut ids = violations
        .flatten()
        .filter_map(|violation| violation.get("quotaId")?.as_str());
    ids.any(|id| id.contains("PerDay") && !id.contains("PerModel"))
}

#[cfg(test)]
mod tests {
    use latchkey_outbound::Response;
    use serde_json::{Value as Json, json};

    use super::{refused, told_in_stream};
    use crate::error::KeyFault;

    async fn told(status: u16, body: &Json) -> (&'static str, Option<KeyFault>, Option<u64>) {
        let error = refused(Response::ready(status, vec![], body.to_string())).await;
        let wait = error.retry_after.map(|wait| wait.as_secs());
        assert_eq!(error.http_status, Some(status));
        (error.error_type(), error.key_fault, wait)
    }

    fn because(reason: &str) -> Json {
        json!({"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]}})
    }

    fn spent(quota: &str) -> Json {
        json!({"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "22.4s"}]}})
    }

    #[tokio::test]
    async fn a_dead_key_and_an_unpaid_account_are_told_from_the_rest() {
        let (dead, exhausted) = (Some(KeyFault::Dead), Some(KeyFault::Exhausted));
        let message = |text: &str| json!({"error": {"message": text}});
        for (status, body, expected) in [
            (
                400,
                because("API_KEY_INVALID"),
                ("InvokeAuthorizationError", dead, None),
            ),
            (
                400,
                json!([because("API_KEY_INVALID")]),
                ("InvokeAuthorizationError", dead, None),
            ),
            (
                400,
                because("SOMETHING_ELSE"),
                ("InvokeBadRequestError", None, None),
            ),
            (401, message("no"), ("InvokeAuthorizationError", dead, None)),
            (
                403,
                message("Your API key was reported as leaked."),
                ("InvokeAuthorizationError", dead, None),
            ),
            (
                403,
                message("not this model"),
                ("InvokeAuthorizationError", None, None),
            ),
            (
                403,
                because("BILLING_DISABLED"),
                ("InvokeAuthorizationError", exhausted, None),
            ),
            (
                403,
                because("SERVICE_DISABLED"),
                ("InvokeAuthorizationError", None, None),
            ),
            (
                429,
                spent("GenerateRequestsPerMinutePerProjectPerModel"),
                ("InvokeRateLimitError", None, Some(22)),
            ),
            (
                429,
                spent("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
                ("InvokeRateLimitError", None, Some(22)),
            ),
            (
                429,
                spent("RequestsPerDayPerProject"),
                ("InvokeRateLimitError", exhausted, Some(22)),
            ),
            (
                429,
                message("Your prepayment credits are depleted. Please go on."),
                ("InvokeRateLimitError", exhausted, None),
            ),
            (
                404,
                message("no such model"),
                ("InvokeBadRequestError", None, None),
            ),
            (
                503,
                json!("overloaded"),
                ("InvokeServerUnavailableError", None, None),
            ),
        ] {
            assert_eq!(told(status, &body).await, expected, "{status} {body}");
        }
    }

    #[test]
    fn errors_in_a_stream_keep_their_class() {
        for (error, kind) in [
            (
                json!({"code": 429, "message": "slow down"}),
                "InvokeRateLimitError",
            ),
            (
                json!({"code": 503, "message": "overloaded"}),
                "InvokeServerUnavailableError",
            ),
            (
                json!({"code": 13, "message": "internal"}),
                "InvokeServerUnavailableError",
            ),
            (json!("broken"), "InvokeServerUnavailableError"),
        ] {
            assert_eq!(told_in_stream(&error).error_type(), kind, "{error}");
        }
    }
}
