//! Bodies: JSON that is read strictly, and whose refusal names the field and never repeats a value, since any value may be a
//! secret.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures::StreamExt as _;
use latchkey_service::{Error, ErrorKind};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::{Refusal, malformed};
use crate::shape;

/// The longest body: a file of 10 MiB, escaped.
pub(crate) const LONGEST: usize = 24 << 20;

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

pub(crate) async fn read(mut payload: Payload, longest: usize) -> Result<Bytes, Refusal> {
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

/// Reads a JSON object; an empty body is an empty one.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes)
        .map(|Object(read)| read)
        .map_err(|_| explained::<T>(bytes))
}

/// Reads again what could not be read, this time watching where: good bodies do not pay for it.
fn explained<T: DeserializeOwned>(bytes: &[u8]) -> Refusal {
    if let Err(cause) = serde_json::from_slice::<IgnoredAny>(bytes) {
        let place = format!("line {}, column {}", cause.line(), cause.column());
        return malformed("malformed", format!("the body is no JSON: {place}"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read: Result<Object<T>, _> = serde_path_to_error::deserialize(&mut reader);
    match read {
        Err(error) => shape::refusal(&error.inner().to_string(), error.path()),
        Ok(_) => malformed("malformed", "the body cannot be read"),
    }
}

/// A JSON object: what is read by field names is never read from a list, as serde would, field after field.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMaps<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMaps<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer
            .deserialize_map(OnlyMaps(PhantomData))
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use actix_web::ResponseError as _;
    use actix_web::body::MessageBody as _;
    use serde::Deserialize;
    use serde_json::{Value as Json, json};

    use super::{Object, parse};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Sample {
        values: BTreeMap<String, String>,
        limit: Option<u32>,
        on: Option<bool>,
        #[serde(default)]
        inner: Vec<Object<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Inner {
        provider: String,
        mode: Option<Mode>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Now,
        Later,
    }

    fn refused(body: &str) -> Json {
        let answer = parse::<Sample>(body.as_bytes())
            .map(drop)
            .unwrap_err()
            .error_response();
        let body = answer.into_body().try_into_bytes().ok().unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn a_refusal_names_the_field_and_never_repeats_a_value() {
        for (body, code, pointer, message) in [
            (
                r#"{"values": "hidden"}"#,
                "invalid_input",
                "/values",
                "an object is needed",
            ),
            (
                r#"{"values": {"a~/b": ["hidden"]}}"#,
                "invalid_input",
                "/values/a~0~1b",
                "a text is needed",
            ),
            (
                r#"{"values": {}, "limit": "hidden"}"#,
                "invalid_input",
                "/limit",
                "a whole number that is not negative is needed",
            ),
            (
                r#"{"values": {}, "on": 1}"#,
                "invalid_input",
                "/on",
                "true or false is needed",
            ),
            (
                r#"{"values": {}, "inner": {}}"#,
                "invalid_input",
                "/inner",
                "a list is needed",
            ),
            (
                r#"{"values": {}, "inner": [["hidden"]]}"#,
                "invalid_input",
                "/inner/0",
                "an object is needed",
            ),
            (
                r#"{"values": {}, "inner": [{"provider": "p", "mode": "hidden"}]}"#,
                "invalid_input",
                "/inner/0/mode",
                "one of now, later is needed",
            ),
            (
                r#"{"values": {}, "inner": [{"provider": "p", "mode": true}]}"#,
                "invalid_input",
                "/inner/0/mode",
                "this value is not of the form that is needed",
            ),
            (
                r#"{"values": {}, "inner": [{}]}"#,
                "invalid_input",
                "/inner/0/provider",
                "the field provider is needed",
            ),
            (
                r#"{"values": {}, "inner": [{"provider": "p", "hiden": 1}]}"#,
                "unknown_field",
                "/inner/0/hiden",
                "unknown field hiden (known: provider, mode)",
            ),
            (
                r#"{"values": {}, "hiden": 1}"#,
                "unknown_field",
                "/hiden",
                "unknown field hiden (known: values, limit, on, inner)",
            ),
            (
                r#"{"values": {}, "values": {}}"#,
                "invalid_input",
                "/values",
                "the field values is given twice",
            ),
            ("", "invalid_input", "/values", "the field values is needed"),
        ] {
            let problem = refused(body);
            let item = json!({"code": code, "message": message, "pointer": pointer});
            assert_eq!(problem["errors"], json!([item]), "{body}");
            assert_eq!(problem["code"], code, "{body}");
            assert!(!problem.to_string().contains("hidden"), "{problem}");
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_as_a_whole() {
        for body in ["[]", "[{}]", "null", "5", "\"x\"", "true"] {
            let problem = refused(body);
            let told = (&problem["code"], &problem["errors"][0]["pointer"]);
            assert_eq!(told, (&json!("invalid_input"), &json!("")), "{body}");
            assert_eq!(problem["detail"], "the body: an object is needed", "{body}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["{", "{} x", "{\"values\": {}} {}", "x"] {
            let problem = refused(body);
            assert_eq!(
                (&problem["status"], &problem["code"]),
                (&json!(400), &json!("malformed")),
                "{body}"
            );
        }
    }
}
