//! A provider's no, before anybody has understood it: what every format has in common.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;

use latchkey_outbound::Response;

use crate::error::InvokeError;
use crate::providers::openai::failure::kind_of;

pub(crate) use latchkey_outbound::wait_of as seconds;

/// How much of a refusal is read, and for how long: it is told to people, and a provider that is in trouble may never end
/// it.
const MAX_BODY: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer that is no success, read as far as anybody wants to know.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The status.
    pub(crate) status: u16,
    /// How long the head asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The beginning of the body.
    pub(crate) body: Bytes,
}

impl Refusal {
    /// Reads the answer.
    pub(crate) async fn read(response: Response) -> Self {
        let (status, retry_after) = (response.status, response.retry_after());
        Self {
            status,
            retry_after,
            body: response.beginning(MAX_BODY, PATIENCE).await,
        }
    }

    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }

    /// The error that the status means, with a text of the provider's. Without one, the body is told as it is.
    pub(crate) fn error(&self, text: Option<&str>) -> InvokeError {
        let told = match text {
            _ if (300..400).contains(&self.status) => {
                "the provider redirects to another address, which is never followed".into()
            }
            Some(text) => text.into(),
            None => String::from_utf8_lossy(&self.body),
        };
        let text = format!("[{}] {}", self.status, told.trim());
        let mut error = InvokeError::new(kind_of(self.status), text).sent();
        error.http_status = Some(self.status);
        error.retry_after = self.retry_after;
        error
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use latchkey_outbound::Response;

    use super::Refusal;

    async fn read(status: u16, headers: &[(&str, &str)], body: &'static str) -> Refusal {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Refusal::read(Response::ready(status, headers.collect(), body)).await
    }

    #[tokio::test]
    async fn a_wait_is_believed_when_it_is_one() {
        for (headers, wait) in [
            (&[("retry-after", "7")][..], Some(7000)),
            (
                &[("retry-after-ms", "1500"), ("retry-after", "2")],
                Some(1500),
            ),
            (&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], None),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "1e300")], None),
            (&[], None),
        ] {
            let refusal = read(429, headers, "{}").await;
            assert_eq!(
                refusal.retry_after,
                wait.map(Duration::from_millis),
                "{headers:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_with_its_status() {
        let plain = read(503, &[], "<html>busy</html>\n").await;
        let error = plain.error(None);
        assert_eq!(error.message, "[503] <html>busy</html>");
        assert_eq!(error.error_type(), "InvokeServerUnavailableError");
        assert!(plain.json().is_null());
        let moved = read(302, &[], "").await.error(Some("moved"));
        assert!(moved.message.contains("never followed"), "{moved}");
    }
}
