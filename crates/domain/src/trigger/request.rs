//! A request to a webhook against what the webhook takes: everything that is missing or of another type, or the values that the
//! run begins with.

use serde_json::{Map, Value as Json, json};

use crate::value::ArrayKind;

use super::webhook::header_output;
use super::{RAW_REQUEST, Webhook, WebhookField, WebhookKind};

/// Headers that say who asks: they are kept only where a webhook names them.
const OF_THE_CALLER: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookRequest {
    /// The method, in capitals.
    pub method: String,
    /// The headers, in order; names as they came.
    pub headers: Vec<(String, String)>,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: WebhookBody,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum WebhookBody {
    /// None.
    Empty,
    /// JSON.
    Json(Json),
    /// A form: its texts, and its files as the pool knows them.
    Form {
        /// Texts, in order.
        fields: Vec<(String, String)>,
        /// Files, in order.
        files: Vec<(String, Json)>,
    },
    /// A text.
    Text(String),
    /// A file as the pool knows it.
    File(Json),
}

/// Something in a request that a webhook does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestProblem {
    /// `input_required` or `input_type`.
    pub code: &'static str,
    /// The place: `headers.<name>`, `query.<name>`, `body.<name>`.
    pub place: String,
    /// The text. Never repeats a value.
    pub message: String,
}

impl Webhook {
    /// The values of a request, by the names of the node's outputs, with the request itself under [`RAW_REQUEST`].
    ///
    /// # Errors
    /// Everything that is missing or of another type.
    pub fn values(
        &self,
        request: &WebhookRequest,
    ) -> Result<Map<String, Json>, Vec<RequestProblem>> {
        let mut taker = Taker::default();
        for field in &self.headers {
            let found = header(&request.headers, &field.name).map(Json::from);
            taker.take("headers", field, header_output(&field.name), found);
        }
        for field in &self.params {
            let found = first(&request.query, &field.name).map(Json::from);
            let found = found.map(|text| spelled(field.kind, text));
            taker.take("query", field, field.name.clone(), found);
        }
        for field in &self.body {
            let found = request.body.field(field);
            taker.take("body", field, field.name.clone(), found);
        }
        if !taker.problems.is_empty() {
            return Err(taker.problems);
        }
        let mut values = taker.values;
        values.insert(RAW_REQUEST.to_owned(), self.raw(request));
        Ok(values)
    }

    /// The request as a value.
    fn raw(&self, request: &WebhookRequest) -> Json {
        let mut headers = Map::new();
        for (name, value) in &request.headers {
            let is_named = self.headers.iter().any(|field| same(&field.name, name));
            if OF_THE_CALLER.contains(&name.to_ascii_lowercase().as_str()) && !is_named {
                continue;
            }
            match headers.get_mut(&titled(name)) {
                Some(Json::String(known)) => {
                    known.push_str(", ");
                    known.push_str(value);
                }
                Some(_) | None => {
                    headers.insert(titled(name), json!(value));
                }
            }
        }
        let mut query = Map::new();
        for (name, value) in &request.query {
            query.entry(name.as_str()).or_insert_with(|| json!(value));
        }
        let (body, files) = request.body.raw();
        json!({"method": request.method, "headers": headers, "query_params": query, "body": body, "files": files})
    }
}

#[derive(Default)]
struct Taker {
    values: Map<String, Json>,
    problems: Vec<RequestProblem>,
}

impl Taker {
    fn take(&mut self, part: &str, field: &WebhookField, output: String, found: Option<Json>) {
        let place = || format!("{part}.{}", field.name);
        // An empty text in a header or a query is one; null is nothing.
        let found = found.filter(|value| !value.is_null());
        match found {
            None if field.required => self.problems.push(RequestProblem {
                code: "input_required",
                message: format!("{} is required", place()),
                place: place(),
            }),
            None => {
                self.values.insert(output, Json::Null);
            }
            Some(value) if fits(field.kind, &value) => {
                self.values.insert(output, value);
            }
            Some(_) => self.problems.push(RequestProblem {
                code: "input_type",
                message: format!("{} must be of the type {}", place(), field.kind.as_str()),
                place: place(),
            }),
        }
    }
}

impl WebhookBody {
    /// The value of a field that a webhook names.
    fn field(&self, field: &WebhookField) -> Option<Json> {
        match self {
            Self::Empty => None,
            Self::Json(body) => body.get(&field.name).cloned(),
            Self::Form { files, .. } if field.kind == WebhookKind::File => {
                let mut files = files.iter();
                let found = files.find(|(name, _)| *name == field.name);
                found.map(|(_, file)| file.clone())
            }
            Self::Form { fields, .. } => {
                let text = first(fields, &field.name).map(Json::from);
                text.map(|text| spelled(field.kind, text))
            }
            Self::Text(text) => Some(json!(text)),
            Self::File(file) => Some(file.clone()),
        }
    }

    /// The body and its files as values.
    fn raw(&self) -> (Json, Json) {
        match self {
            Self::Empty => (json!({}), json!({})),
            Self::Json(body) => (body.clone(), json!({})),
            Self::Form { fields, files } => {
                let mut texts = Map::new();
                for (name, text) in fields {
                    texts.entry(name.as_str()).or_insert_with(|| json!(text));
                }
                let mut kept = Map::new();
                for (name, file) in files {
                    kept.entry(name.as_str()).or_insert_with(|| file.clone());
                }
                (Json::Object(texts), Json::Object(kept))
            }
            Self::Text(text) => (json!({"raw": text}), json!({})),
            Self::File(file) => (json!({"raw": file}), json!({})),
        }
    }
}

/// A text of a form or a query as the value that it spells; one that spells none stays a text, and does not fit.
fn spelled(kind: WebhookKind, text: Json) -> Json {
    let Json::String(said) = &text else {
        return text;
    };
    let value = match kind {
        WebhookKind::Number => serde_json::from_str(said.trim())
            .ok()
            .filter(Json::is_number),
        WebhookKind::Boolean => match said.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(json!(true)),
            "false" | "0" | "no" => Some(json!(false)),
            _ => None,
        },
        WebhookKind::String | WebhookKind::Object | WebhookKind::Array(_) | WebhookKind::File => {
            None
        }
    };
    value.unwrap_or(text)
}

fn fits(kind: WebhookKind, value: &Json) -> bool {
    match kind {
        WebhookKind::String => value.is_string(),
        WebhookKind::Number => value.is_number(),
        WebhookKind::Boolean => value.is_boolean(),
        WebhookKind::Object | WebhookKind::File => value.is_object(),
        WebhookKind::Array(elements) => value
            .as_array()
            .is_some_and(|items| items.iter().all(|item| is_element(elements, item))),
    }
}

/// Unlike in a declared list of the engine, a boolean is no number here: it came from outside.
fn is_element(kind: ArrayKind, item: &Json) -> bool {
    match kind {
        ArrayKind::Number => item.is_number(),
        ArrayKind::Any
        | ArrayKind::String
        | ArrayKind::Object
        | ArrayKind::Boolean
        | ArrayKind::File => kind.accepts(item),
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// A header by its name: letters, `-` and `_` may differ, since a node may name it as its output is called.
fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| same(known, name));
    found.map(|(_, value)| value.as_str())
}

fn same(one: &str, other: &str) -> bool {
    header_output(one).eq_ignore_ascii_case(&header_output(other))
}

/// `x-request-id` as `X-Request-Id`: how the servers that these files come from spell names.
fn titled(name: &str) -> String {
    let mut is_first = true;
    let letters = name.chars().map(|letter| {
        let titled = if is_first {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        };
        is_first = letter == '-';
        titled
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Webhook;
    use super::{WebhookBody, WebhookRequest};

    fn webhook(said: Json) -> Webhook {
        Webhook::of(said.as_object().unwrap()).unwrap()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn request(body: WebhookBody) -> WebhookRequest {
        WebhookRequest {
            method: "POST".to_owned(),
            headers: pairs(&[
                ("x-sign", "abc"),
                ("authorization", "Bearer hidden"),
                ("accept", "a"),
                ("accept", "b"),
            ]),
            query: pairs(&[("page", "2"), ("page", "3"), ("deep", "yes")]),
            body,
        }
    }

    #[test]
    fn headers_query_and_body_become_values() {
        let webhook = webhook(json!({
            "headers": [{"name": "X-Sign", "required": true}, {"name": "absent"}],
            "params": [{"name": "page", "type": "number"}, {"name": "deep", "type": "boolean"}],
            "body": [{"name": "payload", "type": "object", "required": true}, {"name": "tags", "type": "array[string]"}]}));
        let body = json!({"payload": {"a": 1}, "tags": ["x"], "more": 1});
        let values = webhook.values(&request(WebhookBody::Json(body.clone())));
        let mut values = Json::Object(values.unwrap());
        let raw = values.as_object_mut().unwrap().remove("_webhook_raw");
        assert_eq!(
            values,
            json!({"X_Sign": "abc", "absent": null, "page": 2, "deep": true, "payload": {"a": 1}, "tags": ["x"]})
        );
        assert_eq!(
            raw.unwrap(),
            json!({"method": "POST", "headers": {"X-Sign": "abc", "Accept": "a, b"},
                "query_params": {"page": "2", "deep": "yes"}, "body": body, "files": {}})
        );
    }

    #[test]
    fn a_header_that_says_who_asks_is_kept_only_where_it_is_named() {
        let said = json!({"headers": [{"name": "Authorization"}]});
        let values = webhook(said).values(&request(WebhookBody::Empty)).unwrap();
        assert_eq!(values["Authorization"], "Bearer hidden");
        let kept = &values["_webhook_raw"]["headers"]["Authorization"];
        assert_eq!(kept, "Bearer hidden");
    }

    #[test]
    fn everything_that_is_wrong_is_told_without_the_values() {
        let webhook = webhook(json!({"headers": [{"name": "X-Token", "required": true}],
            "params": [{"name": "page", "type": "boolean"}],
            "body": [{"name": "a", "required": true}, {"name": "b", "type": "number"}, {"name": "c", "type": "array[number]"}, {"name": "d"}]}));
        let body = WebhookBody::Json(json!({"a": null, "b": "1", "c": [1, true], "d": 5}));
        let problems = webhook.values(&request(body)).unwrap_err();
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (problem.code, problem.place.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("input_required", "headers.X-Token"),
                ("input_type", "query.page"),
                ("input_required", "body.a"),
                ("input_type", "body.b"),
                ("input_type", "body.c"),
                ("input_type", "body.d"),
            ]
        );
    }

    #[test]
    fn bodies_of_every_type_are_read() {
        let named = |kind: &str, body: &WebhookBody| {
            let content_type = match body {
                WebhookBody::Empty | WebhookBody::Json(_) => "application/json",
                WebhookBody::Form { .. } => "multipart/form-data",
                WebhookBody::Text(_) => "text/plain",
                WebhookBody::File(_) => "application/octet-stream",
            };
            webhook(json!({"content_type": content_type, "body": [{"name": "x", "type": kind}]}))
        };
        let form = |text: &str| WebhookBody::Form {
            fields: pairs(&[("x", text), ("x", "later")]),
            files: vec![("x".to_owned(), json!({"type": "image"}))],
        };
        for (kind, body, expected) in [
            ("string", form("a"), Some(json!("a"))),
            ("number", form(" 1.5 "), Some(json!(1.5))),
            ("number", form("1e3"), Some(json!(1000.0))),
            ("number", form("NaN"), None),
            ("boolean", form("No"), Some(json!(false))),
            ("boolean", form("perhaps"), None),
            ("file", form("a"), Some(json!({"type": "image"}))),
            (
                "string",
                WebhookBody::Text("all".to_owned()),
                Some(json!("all")),
            ),
            ("string", WebhookBody::Json(json!([1])), Some(Json::Null)),
            ("string", WebhookBody::Json(json!("x")), Some(Json::Null)),
            ("object", WebhookBody::Json(json!({"x": []})), None),
            (
                "file",
                WebhookBody::File(json!({"type": "document"})),
                Some(json!({"type": "document"})),
            ),
        ] {
            let read = named(kind, &body).values(&request(body.clone()));
            let read = read.map(|values| values["x"].clone()).ok();
            assert_eq!(read, expected, "{kind} {body:?}");
        }
    }
}
