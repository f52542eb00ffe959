//! From the tree of an OpenAPI document to operations, with Dify's names for them.

use serde_json::{Map, Value as Json};
use url::Url;

use latchkey_domain::tool::{KeyPlace, ToolAuth};

use super::{Api, ApiProblem, Form, OPERATIONS, Operation, Place, WHOLE_BODY};
use crate::host::{ToolDefinition, ToolParameter};
use crate::tools::kinds::{Resolver, parameter, type_of};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];
/// The longest name of a tool, in characters.
const NAME: usize = 128;
/// How many values the schemas of one operation may have, references resolved.
const VALUES: usize = 20_000;
/// Headers that no parameter sets (OpenAPI 3.1, 4.8.12).
const RESERVED: [&str; 3] = ["accept", "content-type", "authorization"];

pub(super) fn api(root: &Json) -> Result<Api, ApiProblem> {
    let version = root.get("openapi").and_then(Json::as_str);
    if !version.is_some_and(|version| version.starts_with("3.")) {
        let message = "an OpenAPI document of version 3 is needed (openapi: 3.x)";
        return Err(problem("/openapi", message));
    }
    let paths = root.get("paths").and_then(Json::as_object);
    let paths = paths.ok_or_else(|| problem("/paths", "the document has no paths"))?;
    let mut operations: Vec<Operation> = Vec::new();
    for (path, item) in paths {
        let item = Resolver::new(root, VALUES).follow(item);
        for method in METHODS {
            let Some(raw) = item.get(method) else {
                continue;
            };
            let reader = Reader {
                root,
                item,
                raw,
                path,
                method,
            };
            let operation = reader.operation()?;
            let name = &operation.definition.name;
            if operations
                .iter()
                .any(|other| other.definition.name == *name)
            {
                let message = format!("two operations are called {name}");
                return Err(problem(&reader.place(""), message));
            }
            operations.push(operation);
        }
    }
    if operations.is_empty() || operations.len() > OPERATIONS {
        let message = format!("a document has 1 to {OPERATIONS} operations");
        return Err(problem("/paths", message));
    }
    let info = |key: &str| {
        let text = root.pointer(&format!("/info/{key}")).and_then(Json::as_str);
        text.unwrap_or_default().trim().to_owned()
    };
    Ok(Api {
        title: info("title"),
        description: info("description"),
        auth: auth(root),
        operations,
    })
}

fn problem(place: &str, message: impl Into<String>) -> ApiProblem {
    ApiProblem {
        message: message.into(),
        place: place.to_owned(),
    }
}

/// The first scheme that the document asks for and that is understood here.
fn auth(root: &Json) -> ToolAuth {
    let schemes = root
        .pointer("/components/securitySchemes")
        .and_then(Json::as_object);
    let Some(schemes) = schemes else {
        return ToolAuth::None;
    };
    let wanted = root.get("security").and_then(Json::as_array);
    let wanted = wanted.into_iter().flatten().filter_map(Json::as_object);
    let named = wanted
        .flat_map(Map::keys)
        .filter_map(|name| schemes.get(name));
    let mut understood = named.chain(schemes.values()).filter_map(scheme);
    understood.next().unwrap_or_default()
}

fn scheme(scheme: &Json) -> Option<ToolAuth> {
    let text = |key: &str| scheme.get(key).and_then(Json::as_str);
    match (
        text("type")?,
        text("scheme").map(str::to_lowercase).as_deref(),
    ) {
        ("http", Some("bearer")) | ("oauth2" | "openIdConnect", _) => Some(ToolAuth::Bearer),
        ("http", Some("basic")) => Some(ToolAuth::Basic),
        ("apiKey", _) => Some(ToolAuth::ApiKey {
            place: match text("in")? {
                "header" => KeyPlace::Header,
                "query" => KeyPlace::Query,
                "cookie" => KeyPlace::Cookie,
                _ => return None,
            },
            name: text("name")?.to_owned(),
            prefix: String::new(),
        }),
        _ => None,
    }
}

/// One operation while it is read.
struct Reader<'a> {
    root: &'a Json,
    item: &'a Json,
    raw: &'a Json,
    path: &'a str,
    method: &'static str,
}

impl<'a> Reader<'a> {
    fn place(&self, field: &str) -> String {
        let path = self.path.replace('~', "~0").replace('/', "~1");
        format!("/paths/{path}/{}{field}", self.method)
    }

    fn operation(&self) -> Result<Operation, ApiProblem> {
        let name = self.name()?;
        let mut places = Vec::new();
        let mut parameters = self.parameters(&mut places)?;
        let body = self.body(&mut parameters, &mut places);
        for segment in self.path.split('{').skip(1) {
            let name = segment.split('}').next().unwrap_or_default();
            let is_known =
                |(known, place): &(String, Place)| known == name && *place == Place::Path;
            if !places.iter().any(is_known) {
                let message = format!("the path's {{{name}}} is no parameter");
                return Err(problem(&self.place(""), message));
            }
        }
        Ok(Operation {
            definition: ToolDefinition {
                name,
                description: self.description(),
                parameters,
            },
            method: self.method.to_uppercase(),
            server: self.server()?,
            path: self.path.to_owned(),
            places,
            body,
        })
    }

    /// The operation's id, or Dify's name for one that has none: the letters of its path and its method.
    fn name(&self) -> Result<String, ApiProblem> {
        let id = self.raw.get("operationId").and_then(Json::as_str);
        let id = id.map(str::trim).filter(|id| !id.is_empty());
        let name = id.map_or_else(
            || {
                let is_kept =
                    |letter: &char| letter.is_ascii_alphanumeric() || "_-".contains(*letter);
                let letters: String = self.path.chars().filter(is_kept).collect();
                let letters = if letters.is_empty() { "root" } else { &letters };
                format!("{letters}_{}", self.method)
            },
            str::to_owned,
        );
        if name.chars().count() > NAME || name.chars().any(char::is_control) {
            let message = format!("a name has at most {NAME} characters on one line");
            return Err(problem(&self.place("/operationId"), message));
        }
        Ok(name)
    }

    fn description(&self) -> String {
        let text = |key: &str| self.raw.get(key).and_then(Json::as_str);
        let said = text("description").or_else(|| text("summary"));
        said.unwrap_or_default().trim().to_owned()
    }

    /// The nearest server, with the defaults of its variables.
    fn server(&self) -> Result<String, ApiProblem> {
        let of = |holder: &'a Json| holder.pointer("/servers/0");
        let server = of(self.raw)
            .or_else(|| of(self.item))
            .or_else(|| of(self.root));
        let server = server.ok_or_else(|| problem("/servers", "the document names no server"))?;
        let mut url = server["url"].as_str().unwrap_or_default().to_owned();
        for (name, variable) in server["variables"].as_object().into_iter().flatten() {
            let default = variable["default"].as_str().unwrap_or_default();
            url = url.replace(&format!("{{{name}}}"), default);
        }
        let url = url.trim().trim_end_matches('/');
        let wrong = |text: &str| problem("/servers", format!("the server {url:?} {text}"));
        let parsed = Url::parse(url).map_err(|_| wrong("is no absolute URL"))?;
        let is_http = matches!(parsed.scheme(), "http" | "https");
        let is_plain = parsed.username().is_empty() && parsed.password().is_none();
        if !is_http || !is_plain || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong(
                "must be a plain http or https URL without a user name",
            ));
        }
        Ok(url.to_owned())
    }

    /// The parameters of the path item and of the operation, of which the latter win.
    fn parameters(
        &self,
        places: &mut Vec<(String, Place)>,
    ) -> Result<Vec<ToolParameter>, ApiProblem> {
        let mut found: Vec<ToolParameter> = Vec::new();
        for holder in [self.raw, self.item] {
            let said = holder.get("parameters").and_then(Json::as_array);
            for raw in said.into_iter().flatten() {
                let raw = Resolver::new(self.root, VALUES).follow(raw);
                let Some((name, place)) = place_of(raw) else {
                    return Err(problem(
                        &self.place("/parameters"),
                        "a parameter is incomplete",
                    ));
                };
                let is_reserved = place == Place::Header
                    && RESERVED.contains(&name.to_ascii_lowercase().as_str());
                if is_reserved || places.contains(&(name.to_owned(), place)) {
                    continue;
                }
                places.push((name.to_owned(), place));
                if found.iter().all(|other| other.name != name) {
                    found.push(self.parameter(name, raw, place));
                }
            }
        }
        Ok(found)
    }

    fn parameter(&self, name: &str, raw: &'a Json, place: Place) -> ToolParameter {
        let content = raw.get("content").and_then(Json::as_object);
        let content = content.and_then(|content| content.values().next()?.get("schema"));
        let schema = raw.get("schema").or(content).unwrap_or(&Json::Null);
        let schema = Resolver::new(self.root, VALUES).whole(schema);
        let required = raw.get("required") == Some(&Json::Bool(true)) || place == Place::Path;
        let mut made = parameter(name, &schema, required);
        if let Some(text) = raw.get("description").and_then(Json::as_str) {
            text.clone_into(&mut made.description);
        }
        made
    }

    /// The body's form; its properties become parameters, as Dify has it.
    fn body(
        &self,
        parameters: &mut Vec<ToolParameter>,
        places: &mut Vec<(String, Place)>,
    ) -> Option<Form> {
        let body = Resolver::new(self.root, VALUES).follow(self.raw.get("requestBody")?);
        let content = body.get("content")?.as_object()?;
        let (media_type, media) = preferred(content)?;
        let schema = media.get("schema").unwrap_or(&Json::Null);
        let schema = merged(Resolver::new(self.root, VALUES).whole(schema));
        let is_required = body.get("required") == Some(&Json::Bool(true));
        let essence = essence(media_type);
        let properties = schema.get("properties").and_then(Json::as_object);
        let is_fields = essence == "application/x-www-form-urlencoded";
        let is_parts = essence == "multipart/form-data";
        let is_json = essence == "application/json" || essence.ends_with("+json");
        let mut add = |name: &str, schema: &Json, required: bool| {
            places.push((name.to_owned(), Place::Body));
            if parameters.iter().all(|other| other.name != name) {
                parameters.push(parameter(name, schema, required));
            }
        };
        let Some(properties) = properties.filter(|_| is_json || is_fields || is_parts) else {
            add(WHOLE_BODY, &schema, is_required);
            let media_type = media_type.to_owned();
            return Some(if is_json {
                Form::Json {
                    media_type,
                    whole: true,
                }
            } else {
                Form::Plain { media_type }
            });
        };
        let required = schema.get("required").and_then(Json::as_array);
        let needs = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        for (name, property) in properties {
            // What only answers have is nobody's to say.
            if property.get("readOnly") != Some(&Json::Bool(true)) {
                add(name, property, needs(name));
            }
        }
        Some(if is_fields {
            Form::Fields
        } else if is_parts {
            Form::Parts
        } else {
            Form::Json {
                media_type: media_type.to_owned(),
                whole: false,
            }
        })
    }
}

fn place_of(raw: &Json) -> Option<(&str, Place)> {
    let name = raw.get("name")?.as_str().filter(|name| !name.is_empty())?;
    let place = match raw.get("in")?.as_str()? {
        "path" => Place::Path,
        "query" => Place::Query {
            explode: raw.get("explode") != Some(&Json::Bool(false)),
        },
        "header" => Place::Header,
        "cookie" => Place::Cookie,
        _ => return None,
    };
    Some((name, place))
}

fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// JSON if there is one, else a form, else whatever comes first.
fn preferred(content: &Map<String, Json>) -> Option<(&str, &Json)> {
    let rank = |media_type: &str| match essence(media_type).as_str() {
        "application/json" => 0,
        json if json.ends_with("+json") => 1,
        "application/x-www-form-urlencoded" => 2,
        "multipart/form-data" => 3,
        _ => 4,
    };
    let all = content.iter().map(|(name, media)| (name.as_str(), media));
    all.min_by_key(|(name, _)| rank(name))
}

/// A schema of several that all hold, as one: their properties together.
fn merged(mut schema: Json) -> Json {
    let Some(parts) = schema.get("allOf").and_then(Json::as_array).cloned() else {
        return schema;
    };
    let Some(map) = schema.as_object_mut() else {
        return schema;
    };
    map.shift_remove("allOf");
    for part in parts.into_iter().map(merged) {
        for (key, value) in part.as_object().cloned().unwrap_or_default() {
            match (map.get_mut(&key), value) {
                (Some(Json::Object(known)), Json::Object(more)) => known.extend(more),
                (Some(Json::Array(known)), Json::Array(more)) => known.extend(more),
                (Some(_), _) => {}
                (None, value) => drop(map.insert(key, value)),
            }
        }
    }
    if map.contains_key("properties") && type_of(&Json::Object(map.clone())).is_none() {
        map.insert("type".to_owned(), Json::from("object"));
    }
    schema
}
