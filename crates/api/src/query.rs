//! Queries: read strictly, and refused with 400 and the name of the parameter, whatever is wrong with it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use latchkey_service::{Error, ErrorItem, ErrorKind};
use serde::de::DeserializeOwned;

use crate::problem::Refusal;
use crate::shape;

/// The parameters of a query.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// A parameter that is wrong: always 400, because it is in the address of what is asked for.
pub(crate) fn wrong(name: &str, message: impl Into<String>) -> Refusal {
    refusal("malformed", name, message.into())
}

/// A parameter, or a name in one, that there is not.
pub(crate) fn unknown(name: &str, message: impl Into<String>) -> Refusal {
    refusal("unknown_field", name, message.into())
}

fn refusal(code: &str, name: &str, message: String) -> Refusal {
    let detail = format!("{name}: {message}");
    let item = ErrorItem {
        code: code.to_owned(),
        message,
        field: Some(name.to_owned()),
        ..ErrorItem::default()
    };
    Error::new(ErrorKind::Malformed, code, detail)
        .with([item])
        .into()
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Refusal> {
    web::Query::<T>::from_query(query)
        .map(web::Query::into_inner)
        .map_err(|_| explained::<T>(query))
}

/// Finds the parameter: the one that cannot be read even when it is alone, else one that is given twice.
fn explained<T: DeserializeOwned>(query: &str) -> Refusal {
    let mut seen: Vec<String> = Vec::new();
    for piece in query.split('&').filter(|piece| !piece.is_empty()) {
        let named = web::Query::<Vec<(String, String)>>::from_query(piece).ok();
        let name = named.and_then(|pairs| pairs.into_inner().into_iter().next());
        let Some((name, _)) = name else {
            return refusal("malformed", "query", "it cannot be read".to_owned());
        };
        if let Err(cause) = web::Query::<T>::from_query(piece) {
            return because(&name, &cause.to_string());
        }
        if seen.contains(&name) {
            return wrong(&name, "it is given twice");
        }
        seen.push(name);
    }
    refusal("malformed", "query", "it cannot be read".to_owned())
}

fn because(name: &str, cause: &str) -> Refusal {
    let cause = cause.trim_start_matches("Query deserialize error: ");
    if shape::quoted(cause, "unknown field ").is_none() {
        return wrong(name, shape::needed(cause));
    }
    let known = shape::known(cause).unwrap_or_default();
    let message = format!("there is no such parameter (known: {known})");
    unknown(name, message)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::parse;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Sample {
        limit: Option<u64>,
        #[serde(default)]
        publish: bool,
        name: Option<String>,
    }

    #[test]
    fn the_parameter_that_is_wrong_is_named() {
        for (query, told) in [
            (
                "limit=x",
                "malformed: limit: a whole number that is not negative is needed",
            ),
            (
                "name=a&limit=-1",
                "malformed: limit: a whole number that is not negative is needed",
            ),
            (
                "publish=maybe",
                "malformed: publish: true or false is needed",
            ),
            (
                "limt=5",
                "unknown_field: limt: there is no such parameter (known: limit, publish, name)",
            ),
            ("name=a&name=b", "malformed: name: it is given twice"),
        ] {
            let refused = parse::<Sample>(query).map(drop).unwrap_err();
            assert_eq!(refused.to_string(), told, "{query}");
        }
        assert!(parse::<Sample>("limit=5&publish=true&name=a%20b").is_ok());
    }
}
