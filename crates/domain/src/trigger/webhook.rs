//! What a webhook takes and answers (Dify DSL, trigger-webhook).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::inputs::{FileRules, StartVariable};
use crate::value::ArrayKind;

use super::{FieldProblem, RAW_REQUEST, text, wrong};

/// The methods that a webhook can have.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
/// The most headers, parameters or fields that a webhook can name, each.
const FIELDS: usize = 200;

/// What a webhook takes and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The only method that it answers, in capitals.
    pub method: String,
    /// The type of its body.
    pub content_type: ContentType,
    /// Headers that it hands on.
    pub headers: Vec<WebhookField>,
    /// Parameters of the query that it hands on.
    pub params: Vec<WebhookField>,
    /// Fields of the body that it hands on; a text or a file is one field.
    pub body: Vec<WebhookField>,
    /// The status of its answer.
    pub status: u16,
    /// The body of its answer, always the same.
    pub response: String,
}

/// Something that a webhook hands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookField {
    /// Its name in the request.
    pub name: String,
    /// What it must be.
    pub kind: WebhookKind,
    /// Whether a request without it is refused.
    pub required: bool,
}

/// What something in a request must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookKind {
    /// A text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// A list.
    Array(ArrayKind),
    /// A file.
    File,
}

/// The type of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentType {
    /// `application/json`.
    Json,
    /// `multipart/form-data`.
    Multipart,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `text/plain`.
    Text,
    /// `application/octet-stream`.
    Binary,
}

impl ContentType {
    const ALL: [Self; 5] = [
        Self::Json,
        Self::Multipart,
        Self::Form,
        Self::Text,
        Self::Binary,
    ];

    /// Its name, without parameters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Multipart => "multipart/form-data",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Text => "text/plain",
            Self::Binary => "application/octet-stream",
        }
    }

    /// The type that a header names, whatever its parameters and letters.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let name = header.split(';').next().unwrap_or_default().trim();
        let mut all = Self::ALL.into_iter();
        all.find(|known| known.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether a body of this type can have a field of that one: a form has texts, which can be read as numbers and booleans,
    /// and a text or a file is one field.
    const fn carries(self, kind: WebhookKind) -> bool {
        match self {
            Self::Json => !matches!(kind, WebhookKind::File),
            Self::Multipart => !matches!(kind, WebhookKind::Object | WebhookKind::Array(_)),
            Self::Form => matches!(
                kind,
                WebhookKind::String | WebhookKind::Number | WebhookKind::Boolean
            ),
            Self::Text => matches!(kind, WebhookKind::String),
            Self::Binary => matches!(kind, WebhookKind::File),
        }
    }
}

impl WebhookKind {
    /// The name used in documents, such as `array[string]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array(kind) => kind.as_str(),
            Self::File => "file",
        }
    }

    /// Reads [`WebhookKind::as_str`] back.
    fn parse(name: &str) -> Option<Self> {
        match name {
            "string" => Some(Self::String),
            "number" | "integer" | "float" => Some(Self::Number),
            "boolean" => Some(Self::Boolean),
            "object" => Some(Self::Object),
            "file" => Some(Self::File),
            list => ArrayKind::parse(list)
                .filter(|kind| *kind != ArrayKind::File)
                .map(Self::Array),
        }
    }

    /// The type of a start variable that is the same.
    const fn form(self) -> &'static str {
        match self {
            Self::String => "paragraph",
            Self::Number => "number",
            Self::Boolean => "checkbox",
            Self::Object => "json_object",
            Self::Array(kind) => kind.as_str(),
            Self::File => "file",
        }
    }
}

impl Webhook {
    /// What a node says.
    pub(super) fn of(data: &Map<String, Json>) -> Result<Self, FieldProblem> {
        let method = text(data, "method").unwrap_or("get").to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            return Err(wrong("method", format!("a webhook has no method {method}")));
        }
        let content_type = text(data, "content_type").unwrap_or("application/json");
        let content_type = ContentType::parse(content_type).ok_or_else(|| {
            let message = format!("a webhook takes no bodies of the type {content_type}");
            wrong("content_type", message)
        })?;
        let given = data.get("status_code").filter(|given| !given.is_null());
        let status = given.map_or(Some(200), Json::as_u64);
        let status = status.and_then(|status| u16::try_from(status).ok());
        let status = status.filter(|status| (200..600).contains(status));
        let mut body = fields(data, "body")?;
        if content_type == ContentType::Binary {
            // Whatever type such a node names, what comes is a file.
            body.iter_mut()
                .for_each(|field| field.kind = WebhookKind::File);
        }
        let is_one = matches!(content_type, ContentType::Text | ContentType::Binary);
        if is_one && body.len() > 1 {
            let message = format!("a body of {} is one field", content_type.as_str());
            return Err(wrong("body", message));
        }
        if let Some(field) = body.iter().find(|field| !content_type.carries(field.kind)) {
            let (name, kind) = (&field.name, field.kind.as_str());
            let message = format!(
                "{name}: a body of {} has no field of the type {kind}",
                content_type.as_str()
            );
            return Err(wrong("body", message));
        }
        let response = data.get("response_body").and_then(Json::as_str);
        Ok(Self {
            headers: fields(data, "headers")?,
            params: fields(data, "params")?,
            status: status
                .ok_or_else(|| wrong("status_code", "a status from 200 to 599 is needed"))?,
            response: response.unwrap_or_default().to_owned(),
            method,
            content_type,
            body,
        })
    }
}

fn fields(data: &Map<String, Json>, key: &'static str) -> Result<Vec<WebhookField>, FieldProblem> {
    let items = data.get(key).and_then(Json::as_array);
    let items = items.map_or(&[][..], Vec::as_slice);
    if items.len() > FIELDS {
        return Err(wrong(key, format!("there are at most {FIELDS}")));
    }
    items.iter().map(|item| field(item, key)).collect()
}

fn field(item: &Json, key: &'static str) -> Result<WebhookField, FieldProblem> {
    let of = |name: &str| item.get(name).and_then(Json::as_str).map(str::trim);
    let name = of("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| wrong(key, "an entry has no name"))?;
    let kind = of("type").filter(|kind| !kind.is_empty());
    let kind = kind.map_or(Some(WebhookKind::String), WebhookKind::parse);
    Ok(WebhookField {
        name: name.to_owned(),
        kind: kind.ok_or_else(|| wrong(key, format!("{name} is of a type that nothing has")))?,
        required: item.get("required").and_then(Json::as_bool) == Some(true),
    })
}

/// The name under which a header is an output.
pub(super) fn header_output(name: &str) -> String {
    name.replace('-', "_")
}

/// The outputs of a webhook node as variables that a run may be given: headers, parameters, fields, the raw request. What is
/// wrong with the node is left out; of two with one name the later one counts.
#[must_use]
pub fn webhook_variables(data: &Map<String, Json>) -> Vec<StartVariable> {
    let mut variables: Vec<StartVariable> = Vec::new();
    let mut add = |variable: StartVariable| {
        variables.retain(|known| known.name != variable.name);
        variables.push(variable);
    };
    for key in ["headers", "params", "body"] {
        let items = data.get(key).and_then(Json::as_array);
        for read in items.into_iter().flatten().map(|item| field(item, key)) {
            let Ok(read) = read else { continue };
            let is_header = key == "headers";
            let name = if is_header {
                header_output(&read.name)
            } else {
                read.name
            };
            let kind = if is_header {
                WebhookKind::String
            } else {
                read.kind
            };
            add(variable(name, kind.form(), read.required));
        }
    }
    add(variable(RAW_REQUEST.to_owned(), "json_object", false));
    variables
}

fn variable(name: String, form: &str, required: bool) -> StartVariable {
    StartVariable {
        label: name.clone(),
        name,
        form: form.to_owned(),
        required,
        default: Json::Null,
        max_length: None,
        options: Vec::new(),
        files: FileRules::default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{ContentType, Webhook, WebhookKind, webhook_variables};
    use crate::value::ArrayKind;

    fn data(said: Json) -> Map<String, Json> {
        said.as_object().unwrap().clone()
    }

    #[test]
    fn a_node_that_says_nothing_is_a_get() {
        let read = Webhook::of(&data(json!({}))).unwrap();
        assert_eq!((read.method.as_str(), read.status), ("GET", 200));
        assert_eq!(read.content_type, ContentType::Json);
        assert_eq!(read.response, "");
    }

    #[test]
    fn what_a_node_says_is_read() {
        let said = json!({"method": "Post", "content_type": "Application/JSON; charset=x", "status_code": 202, "response_body": "ok",
            "headers": [{"name": "X-Sign", "required": true}], "params": [{"name": "page", "type": "number"}],
            "body": [{"name": "tags", "type": "array[string]"}]});
        let read = Webhook::of(&data(said)).unwrap();
        assert_eq!((read.method.as_str(), read.status), ("POST", 202));
        assert_eq!(read.content_type, ContentType::Json);
        assert!(read.headers[0].required);
        assert_eq!(read.params[0].kind, WebhookKind::Number);
        assert_eq!(read.body[0].kind, WebhookKind::Array(ArrayKind::String));
    }

    #[test]
    fn a_body_has_only_fields_that_it_can_carry() {
        for (content_type, kind, carries) in [
            ("application/json", "array[object]", true),
            ("application/json", "file", false),
            ("multipart/form-data", "file", true),
            ("multipart/form-data", "object", false),
            ("application/x-www-form-urlencoded", "boolean", true),
            ("application/x-www-form-urlencoded", "file", false),
            ("text/plain", "string", true),
            ("text/plain", "number", false),
            ("application/octet-stream", "string", true),
        ] {
            let said = json!({"content_type": content_type, "body": [{"name": "x", "type": kind}]});
            let read = Webhook::of(&data(said))
                .map(drop)
                .map_err(|wrong| wrong.field);
            let expected = if carries { Ok(()) } else { Err("body") };
            assert_eq!(read, expected, "{content_type} {kind}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_field() {
        for (said, field) in [
            (json!({"method": "trace"}), "method"),
            (json!({"content_type": "text/html"}), "content_type"),
            (json!({"status_code": 99}), "status_code"),
            (json!({"status_code": "ok"}), "status_code"),
            (json!({"body": [{"type": "string"}]}), "body"),
            (json!({"body": [{"name": "x", "type": "date"}]}), "body"),
            (json!({"headers": ["x"]}), "headers"),
            (
                json!({"content_type": "text/plain", "body": [{"name": "a"}, {"name": "b"}]}),
                "body",
            ),
            (json!({"params": vec![json!({"name": "x"}); 201]}), "params"),
        ] {
            let read = Webhook::of(&data(said.clone()));
            assert_eq!(read.unwrap_err().field, field, "{said}");
        }
    }

    #[test]
    fn its_outputs_are_variables() {
        let said = json!({"headers": [{"name": "X-Sign", "required": true}], "params": [{"name": "x", "type": "number"}],
            "body": [{"name": "x", "type": "object"}, {"no": "name"}]});
        let variables = webhook_variables(&data(said));
        let read: Vec<_> = variables
            .iter()
            .map(|one| (one.name.as_str(), one.form.as_str(), one.required))
            .collect();
        assert_eq!(
            read,
            [
                ("X_Sign", "paragraph", true),
                ("x", "json_object", false),
                ("_webhook_raw", "json_object", false)
            ]
        );
    }
}
