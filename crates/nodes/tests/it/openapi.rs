//! APIs as tools: what their documents become, what is sent, what comes back.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use latchkey_domain::tool::{KeyPlace, ToolAuth};
use latchkey_models::{Access, CredentialValues};
use latchkey_nodes::tools::openapi::{Api, Attached};
use latchkey_nodes::tools::{Answered, Sending};
use latchkey_nodes::{ToolError, ToolMessage, ToolRefusal};
use latchkey_outbound::{Outbound, Request, Response};

const PETS: &str = r##"
openapi: 3.0.3
info: {title: Pets, description: All about pets}
servers: [{url: "https://{region}.pets.test/v1/", variables: {region: {default: eu}}}]
security: [{key: []}]
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  parameters: {limit: {name: limit, in: query, schema: {type: integer, default: 10}}}
  schemas:
    Pet: {allOf: [{$ref: "#/components/schemas/Named"}, {type: object, properties: {tags: {type: array, items: {type: string}}, id: {type: integer, readOnly: true}}}]}
    Named: {type: object, required: [name], properties: {name: {type: string}, kind: {type: string, enum: [cat, dog]}}}
paths:
  /pets:
    parameters: [{$ref: "#/components/parameters/limit"}]
    get:
      operationId: listPets
      summary: Lists pets
      parameters:
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: Authorization, in: header, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: string}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
  /pets/{petId}/photo:
    post:
      operationId: upload
      parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {photo: {type: string, format: binary}, title: {type: string}}}}}}
"##;

fn api() -> Api {
    Api::parse(PETS).unwrap()
}

/// What a call sent: method, URL, headers and body.
type Sent = (String, String, Vec<(String, String)>, String);

/// Calls a tool; the answer and what was sent.
async fn call(
    api: &Api,
    tool: &str,
    arguments: Json,
    auth: ToolAuth,
    files: &[Attached],
    answer: Response,
) -> (Result<Vec<Answered>, ToolError>, Option<Sent>) {
    let sent: Arc<Mutex<Option<Sent>>> = Arc::default();
    let (seen, answer) = (Arc::clone(&sent), Mutex::new(Some(answer)));
    let outbound = Outbound::scripted(Arc::new(move |request: &Request| {
        let headers = request.headers();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let body = String::from_utf8_lossy(request.body_bytes()).into_owned();
        let method = request.method().as_str().to_owned();
        let told = (method, request.url().to_owned(), headers.collect(), body);
        *seen.lock().unwrap() = Some(told);
        Ok(answer.lock().unwrap().take().unwrap())
    }));
    let access = Access {
        values: CredentialValues::one("api_key", "k3y"),
        ..Access::default()
    };
    let sending = Sending {
        auth: &auth,
        access: &access,
    };
    let arguments = arguments.as_object().unwrap();
    let answered = api.invoke(tool, arguments, files, sending, &outbound).await;
    let sent = sent.lock().unwrap().take();
    (answered, sent)
}

fn json_answer(body: &Json) -> Response {
    let kind = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response::ready(200, kind, body.to_string())
}

fn header<'a>(sent: &'a Sent, name: &str) -> Option<&'a str> {
    let found = sent.2.iter().find(|(known, _)| known == name)?;
    Some(found.1.as_str())
}

#[test]
fn operations_become_tools_with_their_parameters() {
    let api = api();
    assert_eq!(api.server(), Some("https://eu.pets.test/v1"));
    let key = ToolAuth::ApiKey {
        place: KeyPlace::Header,
        name: "X-Key".to_owned(),
        prefix: String::new(),
    };
    assert_eq!(api.auth, key);
    let told: Vec<String> = api
        .definitions()
        .map(|tool| {
            let parameters = tool.parameters.iter().map(|parameter| {
                let mark = if parameter.required { "!" } else { "" };
                format!("{}:{}{mark}", parameter.name, parameter.kind)
            });
            format!(
                "{}({})",
                tool.name,
                parameters.collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "listPets(tag:array X-Trace:string session:string limit:number)",
            "pets_post(limit:number name:string! kind:select tags:array)",
            "upload(petId:string! photo:file title:string)",
        ]
    );
}

#[tokio::test]
async fn every_place_gets_its_argument() {
    let arguments = json!({"tag": ["a b", "c"], "X-Trace": "t", "session": "s", "limit": 5});
    let auth = ToolAuth::Bearer;
    let empty = json_answer(&json!([]));
    let (_, sent) = call(&api(), "listPets", arguments, auth, &[], empty).await;
    let sent = sent.unwrap();
    assert_eq!(sent.0, "GET");
    assert_eq!(
        sent.1,
        "https://eu.pets.test/v1/pets?tag=a%20b&tag=c&limit=5"
    );
    assert_eq!(header(&sent, "X-Trace"), Some("t"));
    assert_eq!(header(&sent, "cookie"), Some("session=s"));
    assert_eq!(header(&sent, "authorization"), Some("Bearer k3y"));
}

#[tokio::test]
async fn a_key_goes_where_the_provider_wants_it() {
    for (place, told) in [
        (KeyPlace::Header, "header"),
        (KeyPlace::Query, "query"),
        (KeyPlace::Cookie, "cookie"),
    ] {
        let auth = ToolAuth::ApiKey {
            place,
            name: "key".to_owned(),
            prefix: "T ".to_owned(),
        };
        let empty = json_answer(&json!({}));
        let (_, sent) = call(&api(), "listPets", json!({}), auth, &[], empty).await;
        let sent = sent.unwrap();
        let found = match told {
            "header" => header(&sent, "key").map(str::to_owned),
            "query" => sent.1.split_once('?').map(|(_, query)| query.to_owned()),
            _ => header(&sent, "cookie").map(str::to_owned),
        };
        let expected = if told == "header" {
            "T k3y"
        } else {
            "key=T%20k3y"
        };
        assert_eq!(found.as_deref(), Some(expected), "{told}");
    }
}

#[tokio::test]
async fn bodies_are_json_or_parts() {
    let pet = json!({"name": "Tom", "tags": ["x"]});
    let answer = json_answer(&json!({}));
    let (_, sent) = call(
        &api(),
        "pets_post",
        pet.clone(),
        ToolAuth::None,
        &[],
        answer,
    )
    .await;
    let sent = sent.unwrap();
    assert_eq!(serde_json::from_str::<Json>(&sent.3).unwrap(), pet);
    let file = json!({"dify_model_identity": "__dify__file__", "type": "image", "transfer_method": "remote_url",
        "remote_url": "https://x.test/t\"om.png", "filename": "t\"om.png", "mime_type": "image/png"});
    let attached = Attached {
        parameter: "photo".to_owned(),
        file: latchkey_domain::value::File::from_json(&file).unwrap(),
        content: "PNG".into(),
    };
    let arguments = json!({"petId": "a/b", "title": "Tom"});
    let answer = json_answer(&json!({}));
    let (_, sent) = call(
        &api(),
        "upload",
        arguments,
        ToolAuth::None,
        &[attached],
        answer,
    )
    .await;
    let sent = sent.unwrap();
    assert_eq!(sent.1, "https://eu.pets.test/v1/pets/a%2Fb/photo");
    assert!(
        sent.3.contains("name=\"title\"\r\n\r\nTom\r\n"),
        "{}",
        sent.3
    );
    let part = "name=\"photo\"; filename=\"t%22om.png\"\r\ncontent-type: image/png\r\n\r\nPNG\r\n";
    assert!(sent.3.contains(part), "{}", sent.3);
}

#[tokio::test]
async fn a_value_cannot_leave_its_segment_of_the_path() {
    for value in ["..", ".", ""] {
        let answer = json_answer(&json!({}));
        let arguments = json!({"petId": value});
        let (answered, sent) = call(&api(), "upload", arguments, ToolAuth::None, &[], answer).await;
        assert!(
            matches!(answered, Err(ToolError::Parameter(_))),
            "{value:?}"
        );
        assert_eq!(sent, None, "nothing may be sent");
    }
}

#[tokio::test]
async fn answers_are_objects_texts_or_files() {
    let kind = |kind: &str| vec![("content-type".to_owned(), kind.to_owned())];
    let text = |text: &str| Answered::text(text);
    for (answer, expected) in [
        (
            json_answer(&json!({"a": [1]})),
            vec![
                Answered::Message(ToolMessage::Json(json!({"a": [1]}))),
                text("{\"a\": [1]}"),
            ],
        ),
        (json_answer(&json!([1, "x"])), vec![text("[1, \"x\"]")]),
        (
            Response::ready(200, kind("text/plain"), "hi"),
            vec![text("hi")],
        ),
        (
            Response::ready(204, Vec::new(), ""),
            vec![text(
                "Empty response from the tool, please check your parameters and try again.",
            )],
        ),
    ] {
        let (answered, _) = call(&api(), "listPets", json!({}), ToolAuth::None, &[], answer).await;
        assert_eq!(answered, Ok(expected));
    }
    let image = Response::ready(200, kind("image/png"), vec![0xff, 0xd8]);
    let (answered, _) = call(&api(), "listPets", json!({}), ToolAuth::None, &[], image).await;
    let Ok([Answered::Made(made)]) = answered.as_deref() else {
        panic!("{answered:?}");
    };
    assert_eq!(made.mime_type.as_deref(), Some("image/png"));
}

#[tokio::test]
async fn refusals_and_redirects_are_failures() {
    let to = vec![("location".to_owned(), "https://evil.test/".to_owned())];
    let refused = "Request failed with status code 404 and no such pet";
    let refusal = ToolRefusal::answered(404, None, refused.to_owned());
    let elsewhere = "the API leads elsewhere (status 302), which is not followed";
    for (answer, told) in [
        (
            Response::ready(404, Vec::new(), "no such pet"),
            ToolError::Refused(refusal),
        ),
        (
            Response::ready(302, to, ""),
            ToolError::Invoke(elsewhere.to_owned()),
        ),
    ] {
        let (answered, _) =
            call(&api(), "listPets", json!({}), ToolAuth::Bearer, &[], answer).await;
        assert_eq!(answered, Err(told));
    }
}

#[test]
fn documents_that_make_no_sense_are_refused_with_their_place() {
    let with = |from: &str, to: &str| PETS.replace(from, to);
    for (text, place) in [
        ("swagger: '2.0'\npaths: {}\n".to_owned(), "/openapi"),
        ("openapi: 3.0.0\n".to_owned(), "/paths"),
        ("openapi: 3.0.0\npaths: {}\n".to_owned(), "/paths"),
        (with("https://{region}.pets.test/v1/", "/v1"), "/servers"),
        (with("https://{region}", "ftp://{region}"), "/servers"),
        (
            with("https://{region}", "https://user@{region}"),
            "/servers",
        ),
        (
            with("operationId: upload", "operationId: listPets"),
            "/paths/~1pets~1{petId}~1photo/post",
        ),
        (
            with("in: path", "in: query"),
            "/paths/~1pets~1{petId}~1photo/post",
        ),
        ("{".to_owned(), ""),
        ("a: [".to_owned(), ""),
    ] {
        let problem = Api::parse(&text).unwrap_err();
        assert_eq!(problem.place, place, "{}", problem.message);
    }
}

#[test]
fn hostile_documents_end() {
    let bomb = "openapi: 3.0.0\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\npaths: {}\n";
    assert!(Api::parse(bomb).is_err());
    assert!(Api::parse(&"x".repeat(3 << 20)).is_err());
    let circle = PETS.replace(
        "Named: {type: object, required: [name], properties: {name: {type: string}, kind: {type: string, enum: [cat, dog]}}}",
        "Named: {type: object, properties: {friend: {$ref: \"#/components/schemas/Pet\"}}}",
    );
    let api = Api::parse(&circle).unwrap();
    let pet = api.definition("pets_post").unwrap();
    assert_eq!(pet.parameters[1].name, "friend");
}

#[test]
fn a_document_that_is_nested_without_end_is_refused_at_once() {
    let problem = Api::parse(&format!("a: {}", "[".repeat(400_000)))
        .err()
        .unwrap();
    assert!(problem.message.contains("no YAML"), "{}", problem.message);
}

#[test]
fn a_required_property_is_required_whether_or_not_the_body_is() {
    let document = json!({"openapi": "3.0.0", "info": {"title": "t"}, "servers": [{"url": "https://h.test"}], "paths": {"/a": {"post": {
        "operationId": "make", "summary": "Makes", "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}, "note": {"type": "string"}}}}}}}}}});
    let api = Api::parse(&document.to_string()).unwrap();
    let tool = api.definitions().next().unwrap();
    let required: Vec<(&str, bool)> = tool
        .parameters
        .iter()
        .map(|it| (&*it.name, it.required))
        .collect();
    assert_eq!(required, [("name", true), ("note", false)]);
}
