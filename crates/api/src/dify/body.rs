//! Bodies and queries as Dify reads them: JSON objects whose unknown fields are left alone, and in which null is as good as absent.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::refused::Refused;
use crate::body::read;

/// The longest body: a file's worth of text in the inputs.
const LONGEST: usize = 24 << 20;

/// A JSON body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) Map<String, Json>);

impl FromRequest for Fields {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = payload.take();
        Box::pin(async move {
            let body = read(payload, LONGEST).await.map_err(|_| {
                Refused::new(413, "request_entity_too_large", "The body is too long.")
            })?;
            if !is_json {
                let text = "Request Content-Type must be 'application/json'.";
                return Err(Refused::new(415, "unsupported_media_type", text));
            }
            Self::of(&body)
        })
    }
}

/// A body that need not be there.
pub(crate) struct Perhaps(pub(crate) Fields);

impl FromRequest for Perhaps {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move {
            let body = read(payload, LONGEST).await.unwrap_or_default();
            if body.is_empty() {
                return Ok(Self(Fields::default()));
            }
            Fields::of(&body).map(Self)
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json")
    })
}

impl Fields {
    fn of(body: &[u8]) -> Result<Self, Refused> {
        match serde_json::from_slice(body) {
            Ok(Json::Object(fields)) => Ok(Self(fields)),
            Ok(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) => {
                Err(Refused::param("The body must be a JSON object."))
            }
            Err(_) => {
                let text = "Invalid JSON payload received or JSON payload is empty.";
                Err(Refused::request(text))
            }
        }
    }

    /// A field that says something.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a valid string")),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(*flag)),
            Some(Json::String(text)) => flag_of(name, text).map(Some),
            Some(_) => Err(wrong(name, "a valid boolean")),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<&Map<String, Json>>, Refused> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Object(map)) => Ok(Some(map)),
            Some(_) => Err(wrong(name, "a valid dictionary")),
        }
    }

    pub(crate) fn list(&self, name: &str) -> Result<&[Json], Refused> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Json::Array(list)) => Ok(list),
            Some(_) => Err(wrong(name, "a valid list")),
        }
    }

    /// Who acts, as the caller names them; whatever else it is, it is made a text.
    pub(crate) fn user(&self) -> Result<Option<String>, Refused> {
        match self.get("user") {
            None => Ok(None),
            Some(Json::String(user)) if user.is_empty() => Ok(None),
            Some(Json::String(user)) => checked_user(user).map(Some),
            Some(other) => checked_user(&other.to_string()).map(Some),
        }
    }

    /// The same where somebody must act.
    pub(crate) fn needed_user(&self) -> Result<String, Refused> {
        self.user()?.ok_or_else(no_user)
    }
}

/// The parameters of a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Vec<(String, String)>);

impl Asked {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        Self(pairs.map(web::Query::into_inner).unwrap_or_default())
    }

    /// A parameter that says something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn user(&self) -> Result<Option<String>, Refused> {
        self.get("user").map(checked_user).transpose()
    }

    pub(crate) fn needed_user(&self) -> Result<String, Refused> {
        self.user()?.ok_or_else(no_user)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refused> {
        self.get(name).map_or(Ok(false), |text| flag_of(name, text))
    }

    /// A number within bounds.
    pub(crate) fn number(
        &self,
        name: &str,
        bounds: (u64, u64),
        otherwise: u64,
    ) -> Result<u64, Refused> {
        let Some(text) = self.get(name) else {
            return Ok(otherwise);
        };
        let number = text.parse().ok();
        let number = number.filter(|number| (bounds.0..=bounds.1).contains(number));
        let needed = format!("a valid integer between {} and {}", bounds.0, bounds.1);
        number.ok_or_else(|| wrong(name, &needed))
    }

    /// An id.
    pub(crate) fn id(&self, name: &str) -> Result<Option<Uuid>, Refused> {
        let read = |text: &str| {
            let id = Uuid::parse_str(text);
            id.map_err(|_| Refused::param(format!("{name} must be a valid UUID")))
        };
        self.get(name).map(read).transpose()
    }
}

fn flag_of(name: &str, text: &str) -> Result<bool, Refused> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(wrong(name, "a valid boolean")),
    }
}

/// A name of an end user: on one line, and not endless.
fn checked_user(user: &str) -> Result<String, Refused> {
    if user.chars().count() > 255 || user.chars().any(char::is_control) {
        return Err(wrong(
            "user",
            "a text of at most 255 characters on one line",
        ));
    }
    Ok(user.to_owned())
}

fn no_user() -> Refused {
    Refused::param("Arg user must be provided.")
}

pub(crate) fn wrong(name: &str, needed: &str) -> Refused {
    Refused::param(format!("{name}: Input should be {needed}"))
}

/// An id in a path: whatever is no id is not there.
pub(crate) fn path_id<T: std::str::FromStr>(text: &str, missing: &str) -> Result<T, Refused> {
    text.parse().map_err(|_| Refused::not_found(missing))
}

#[cfg(test)]
mod tests {
    use super::Fields;

    fn fields(body: &str) -> Fields {
        Fields::of(body.as_bytes()).unwrap()
    }

    #[test]
    fn null_is_as_good_as_absent_and_users_are_texts() {
        let body = fields(r#"{"files": null, "user": 7, "inputs": {}, "other": [1]}"#);
        assert!(body.list("files").unwrap().is_empty());
        assert_eq!(body.needed_user().unwrap(), "7");
        assert!(body.object("inputs").unwrap().is_some());
        for nobody in [r#"{"user": ""}"#, r#"{"user": null}"#, "{}"] {
            let refused = fields(nobody).needed_user().unwrap_err();
            assert_eq!(
                refused.to_string(),
                "invalid_param: Arg user must be provided."
            );
        }
        assert!(fields(r#"{"user": "a\nb"}"#).user().is_err());
    }

    #[test]
    fn what_is_no_json_is_a_bad_request() {
        for (body, told) in [
            ("", "bad_request"),
            ("{", "bad_request"),
            ("[]", "invalid_param"),
        ] {
            let refused = Fields::of(body.as_bytes()).unwrap_err();
            assert_eq!(refused.body()["code"], told, "{body}");
        }
    }
}
