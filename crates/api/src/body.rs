//! Bodies: JSON that is read strictly, and whose refusal never repeats a value, since any value may be a secret.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures::StreamExt as _;
use latchkey_service::{Error, ErrorKind};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::problem::{Refusal, malformed};

/// The longest body: a file of 10 MiB, escaped.
const LONGEST: usize = 24 << 20;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move { parse(&read(payload, LONGEST).await?).map(Self) })
    }
}

/// A body of any type.
pub(crate) struct Raw(pub(crate) Bytes);

impl FromRequest for Raw {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move { Ok(Self(read(payload, LONGEST).await?)) })
    }
}

async fn read(mut payload: Payload, longest: usize) -> Result<Bytes, Refusal> {
    let mut body = Vec::new();
    let mut is_too_long = false;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| malformed("malformed", "the body broke off"))?;
        is_too_long |= body.len() + chunk.len() > longest;
        if is_too_long {
            // Read to its end within reason, so that the client hears the answer.
            body.clear();
            continue;
        }
        body.extend_from_slice(&chunk);
    }
    if is_too_long {
        let detail = format!("the body is longer than {} MiB", longest >> 20);
        return Err(Error::new(ErrorKind::TooLarge, "too_large", detail).into());
    }
    Ok(body.into())
}

/// Reads JSON; an empty body is an empty object.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| {
        // A value of a wrong type in the place of a word is reported as if the text were no JSON.
        let is_json = error.is_data() || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        refused(&error, is_json)
    })
}

/// What is wrong, without the value that is wrong.
fn refused(error: &serde_json::Error, is_json: bool) -> Refusal {
    let place = format!("line {}, column {}", error.line(), error.column());
    if !is_json {
        return malformed("malformed", format!("the body is no JSON: {place}"));
    }
    let text = error.to_string();
    if let Some(rest) = text.strip_prefix("unknown field ") {
        return malformed(
            "unknown_field",
            format!(
                "unknown field {}",
                rest.split(" at line ").next().unwrap_or_default()
            ),
        );
    }
    let what = if text.starts_with("missing field ") {
        text.split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    } else {
        match text.rsplit_once("expected ") {
            Some((_, expected)) if error.is_data() => format!(
                "expected {}",
                expected.split(" at line ").next().unwrap_or_default()
            ),
            Some(_) | None => "a value is not what is expected".to_owned(),
        }
    };
    Error::new(
        ErrorKind::Unprocessable,
        "invalid_input",
        format!("{what}, at {place}"),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::parse;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only whether it can be read matters")]
        values: BTreeMap<String, String>,
        #[expect(dead_code, reason = "only whether it can be read matters")]
        word: Option<Word>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Known,
    }

    #[test]
    fn a_refusal_never_repeats_a_value() {
        for (body, expected) in [
            (r#"{"values": "hidden"}"#, "invalid_input: expected a map"),
            (
                r#"{"values": {"a": ["hidden"]}}"#,
                "invalid_input: expected a string",
            ),
            (
                r#"{"values": {}, "hiden": 1}"#,
                "unknown_field: unknown field `hiden`",
            ),
            (
                r#"{"values": {}, "word": true}"#,
                "invalid_input: a value is not what is expected",
            ),
            (r#"{"#, "malformed: the body is no JSON"),
            ("", "invalid_input: missing field `values`"),
        ] {
            let told = parse::<Sample>(body.as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with(expected), "{told}");
            assert!(!told.contains("hidden"), "{told}");
        }
    }
}
