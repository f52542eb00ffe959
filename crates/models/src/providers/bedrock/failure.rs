//! What a refusal of Bedrock's means. The type of an error stands in a header, in the body, or is the event itself.

use serde_json::Value as Json;

use latchkey_outbound::Response;

use crate::error::{ErrorKind, InvokeError, KeyFault};
use crate::providers::refusal::Refusal;

/// Types that say that the keys are none (any more), whatever the status.
const DEAD: [&str; 8] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidToken",
];
/// What is said, with a type that says less, of a Bedrock API key that is none.
const DEAD_WORDS: [&str; 3] = [
    "make sure your api key is valid",
    "bearer token has expired",
    "invalid api key format",
];
/// What is said when a signature came at another time than its own: that is about a clock, not about the keys.
const CLOCK: [&str; 2] = ["signature expired", "signature not yet current"];
/// What is said of an account that nobody pays for.
const UNPAID: [&str; 2] = ["invalid_payment_instrument", "account is suspended"];

/// The provider answered with an error.
pub(super) async fn refused(response: Response) -> InvokeError {
    let header = response.header("x-amzn-errortype").map(str::to_owned);
    let refusal = Refusal::read(response).await;
    let json = refusal.json();
    let named = ["__type", "code"]
        .iter()
        .find_map(|name| json.get(*name)?.as_str());
    let kind = type_of(header.as_deref().or(named).unwrap_or_default());
    let text = text_of(&json);
    let mut error = refusal.error(text);
    if let Some(class) = class_of(kind) {
        error.kind = class;
    }
    let fault = fault(kind, text.unwrap_or_default(), refusal.status);
    error.about_key(fault)
}

/// An error inside a stream that had begun well.
pub(super) fn told_in_stream(event: &str, said: &Json) -> InvokeError {
    let mut kind = event.to_owned();
    if let Some(first) = kind.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let class = class_of(&kind).unwrap_or(ErrorKind::ServerUnavailable);
    let text = text_of(said).unwrap_or(event);
    InvokeError::new(class, text)
        .sent()
        .about_key(fault(&kind, text, 0))
}

/// Whether the provider knows the key, which lacks a right.
pub(super) fn lacks_right(error: &InvokeError) -> bool {
    error.http_status == Some(403)
        && error.key_fault.is_none()
        && error.message.contains("not authorized to perform")
}

/// The type without what is written around it.
fn type_of(text: &str) -> &str {
    let text = text.split(':').next().unwrap_or_default();
    text.rsplit('#').next().unwrap_or_default()
}

fn text_of(json: &Json) -> Option<&str> {
    ["message", "Message", "originalMessage"]
        .iter()
        .find_map(|name| json.get(*name)?.as_str())
}

/// The class of an error where its type says more than its status.
fn class_of(kind: &str) -> Option<ErrorKind> {
    Some(match kind {
        "ThrottlingException" | "ServiceQuotaExceededException" => ErrorKind::RateLimit,
        "ModelTimeoutException"
        | "ModelNotReadyException"
        | "ModelErrorException"
        | "ModelStreamErrorException"
        | "InternalServerException"
        | "ServiceUnavailableException" => ErrorKind::ServerUnavailable,
        "ValidationException" | "ResourceNotFoundException" => ErrorKind::BadRequest,
        "AccessDeniedException" => ErrorKind::Authorization,
        dead if DEAD.contains(&dead) => ErrorKind::Authorization,
        _ => return None,
    })
}

/// What an error says about the keys themselves. A model or a right that is missing leaves them alive.
fn fault(kind: &str, text: &str, status: u16) -> Option<KeyFault> {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if says(&UNPAID) {
        Some(KeyFault::Exhausted)
    } else if says(&CLOCK) {
        None
    } else if DEAD.contains(&kind) || says(&DEAD_WORDS) || status == 401 {
        Some(KeyFault::Dead)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use latchkey_outbound::Response;

    use super::{lacks_right, refused, told_in_stream};
    use crate::error::{ErrorKind, KeyFault};

    #[tokio::test]
    async fn a_type_says_more_than_a_status() {
        use ErrorKind::{Authorization, BadRequest, RateLimit, ServerUnavailable};
        let (dead, exhausted) = (Some(KeyFault::Dead), Some(KeyFault::Exhausted));
        for (status, header, message, kind, fault) in [
            (
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
                Authorization,
                dead,
            ),
            (
                403,
                "ExpiredTokenException:http://internal/x",
                "The security token has expired",
                Authorization,
                dead,
            ),
            (
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match",
                Authorization,
                dead,
            ),
            (
                403,
                "InvalidSignatureException",
                "Signature expired: 20260829T is now earlier",
                Authorization,
                None,
            ),
            (
                403,
                "AccessDeniedException",
                "You don't have access to the model",
                Authorization,
                None,
            ),
            (
                403,
                "",
                "Authentication failed: Please make sure your API Key is valid.",
                Authorization,
                dead,
            ),
            (
                403,
                "AccessDeniedException",
                "Model access is denied due to INVALID_PAYMENT_INSTRUMENT",
                Authorization,
                exhausted,
            ),
            (
                429,
                "ThrottlingException",
                "Too many requests",
                RateLimit,
                None,
            ),
            (
                400,
                "ServiceQuotaExceededException",
                "Too many tokens",
                RateLimit,
                None,
            ),
            (
                400,
                "ValidationException",
                "The provided model identifier is invalid.",
                BadRequest,
                None,
            ),
            (404, "ResourceNotFoundException", "no", BadRequest, None),
            (
                408,
                "ModelTimeoutException",
                "slow",
                ServerUnavailable,
                None,
            ),
            (
                424,
                "ModelErrorException",
                "broken",
                ServerUnavailable,
                None,
            ),
            (
                429,
                "ModelNotReadyException",
                "warming up",
                ServerUnavailable,
                None,
            ),
            (503, "", "down", ServerUnavailable, None),
        ] {
            let headers = vec![("x-amzn-errortype".to_owned(), header.to_owned())];
            let headers = if header.is_empty() { vec![] } else { headers };
            let body = json!({"Message": message}).to_string();
            let error = refused(Response::ready(status, headers, body)).await;
            assert_eq!(
                (error.kind, error.key_fault),
                (kind, fault),
                "{status} {message}"
            );
            assert_eq!(error.message, format!("[{status}] {message}"));
        }
        let typed = json!({"__type": "com.amazon.coral.service#ThrottlingException"}).to_string();
        let error = refused(Response::ready(400, vec![], typed)).await;
        assert_eq!(error.kind, RateLimit);
    }

    #[tokio::test]
    async fn a_key_without_a_right_is_a_key() {
        for (message, alive) in [
            (
                "User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:ListAsyncInvokes",
                true,
            ),
            (
                "Authentication failed: Please make sure your API Key is valid.",
                false,
            ),
        ] {
            let body = json!({"message": message}).to_string();
            let error = refused(Response::ready(403, vec![], body)).await;
            assert_eq!(lacks_right(&error), alive, "{message}");
        }
    }

    #[test]
    fn errors_in_a_stream_keep_their_class() {
        for (event, said, kind, text) in [
            (
                "throttlingException",
                json!({"message": "slow"}),
                ErrorKind::RateLimit,
                "slow",
            ),
            (
                "validationException",
                json!({"message": "no"}),
                ErrorKind::BadRequest,
                "no",
            ),
            (
                "modelStreamErrorException",
                json!({"originalMessage": "oh"}),
                ErrorKind::ServerUnavailable,
                "oh",
            ),
            (
                "exceptionOfTomorrow",
                json!(null),
                ErrorKind::ServerUnavailable,
                "exceptionOfTomorrow",
            ),
            (
                "error",
                json!({"message": null}),
                ErrorKind::ServerUnavailable,
                "error",
            ),
        ] {
            let told = told_in_stream(event, &said);
            assert_eq!((told.kind, told.message.as_str()), (kind, text));
        }
    }
}
