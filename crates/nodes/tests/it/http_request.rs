//! `http-request` over a scripted network: what is sent, what is told of it, and what becomes of the answer.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use latchkey_domain::value::{File, TransferMethod, Value};
use latchkey_engine::node::{Attempt, RunFacts};
use latchkey_engine::pool::Pool;
use latchkey_nodes::{FileError, Files, MadeFile};
use latchkey_outbound::{Outbound, Response};

use super::world::{World, build, outcome, pool};

/// Files whose content is their name, and those that were kept.
#[derive(Default)]
struct Cabinet(Mutex<Vec<MadeFile>>);

#[async_trait]
impl Files for Cabinet {
    async fn read(&self, _: &RunFacts, file: &File, _: u64) -> Result<Bytes, FileError> {
        let name = file.filename.clone().unwrap_or_default();
        if name == "lost" {
            return Err(FileError::NotFound(name));
        }
        Ok(name.into())
    }

    async fn keep(&self, _: &RunFacts, made: MadeFile) -> Result<File, FileError> {
        let filename = made.filename.clone();
        self.0.lock().unwrap().push(made);
        Ok(File {
            transfer_method: TransferMethod::ToolFile,
            filename,
            ..File::default()
        })
    }
}

/// A request that was sent.
#[derive(Clone, Debug, Default)]
struct Sent {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let first = named.next().map(|(_, value)| value.as_str());
        assert!(named.next().is_none(), "{name} was sent twice");
        first
    }
}

/// What the node did with an answer of these headers and this body.
struct Seen {
    sent: Vec<Sent>,
    attempt: Attempt,
    kept: Vec<MadeFile>,
}

impl Seen {
    fn only(&self) -> &Sent {
        assert_eq!(self.sent.len(), 1, "{:?}", self.attempt.outcome);
        &self.sent[0]
    }

    fn failure(&self) -> (String, String) {
        let failure = self.attempt.outcome.clone().unwrap_err();
        (failure.error_type.to_string(), failure.message)
    }

    fn told(&self) -> &str {
        self.attempt.process_data["request"].as_str().unwrap()
    }
}

async fn answered(
    data: Json,
    pool: Pool,
    status: u16,
    headers: &[(&str, &str)],
    body: &'static [u8],
) -> Seen {
    let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
    let seen = Arc::clone(&sent);
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let outbound = Outbound::scripted(Arc::new(move |request| {
        let headers_sent = request.headers();
        seen.lock().unwrap().push(Sent {
            line: format!("{} {}", request.method().as_str(), request.url()),
            headers: headers_sent
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            body: String::from_utf8_lossy(request.body_bytes()).into_owned(),
        });
        Ok(Response::ready(status, headers.clone(), body))
    }));
    let cabinet = Arc::new(Cabinet::default());
    let world = World::over(outbound, Arc::clone(&cabinet) as _);
    let attempt = world.run("http-request", request(data), pool).await;
    let kept = cabinet.0.lock().unwrap().clone();
    let sent = sent.lock().unwrap().clone();
    Seen {
        sent,
        attempt,
        kept,
    }
}

/// A node's data with what is not said.
fn request(data: Json) -> Json {
    let mut all = json!({
        "method": "post", "url": "https://api.test/path", "headers": "", "params": "",
        "authorization": {"type": "no-auth", "config": null}, "body": null,
    });
    for (key, value) in data.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

async fn sent(data: Json, pool: Pool) -> Seen {
    answered(data, pool, 200, &[("content-type", "text/plain")], b"ok").await
}

fn variables() -> Pool {
    let mut pool = pool(json!({
        "n": {
            "word": "a b", "lines": "one\r\nX-Evil: yes", "empty": "",
            "file": {"dify_model_identity": "__dify__file__", "type": "document", "filename": "x\".txt",
                "transfer_method": "local_file", "related_id": "1", "mime_type": "text/plain", "size": 1},
            "lost": {"dify_model_identity": "__dify__file__", "type": "document", "filename": "lost",
                "transfer_method": "local_file", "related_id": "2", "size": 1},
        },
    }));
    pool.set("env", "KEY", Value::Secret("test-key-acme-123".into()));
    pool
}

fn body(kind: &str, data: Json) -> Json {
    json!({"body": {"type": kind, "data": data}})
}

#[tokio::test]
async fn json_is_repaired_and_keeps_its_digits() {
    let text = "{'word': \"{{#n.word#}}\", \"id\": 12345678901234567890123, \"x\": \"say \"{{#n.lines#}}\"\",}";
    let seen = sent(
        body("json", json!([{"type": "text", "value": text}])),
        variables(),
    )
    .await;
    let expected = "{\"word\":\"a b\",\"id\":12345678901234567890123,\"x\":\"say \\\"one\\r\\nX-Evil: yes\\\"\"}";
    assert_eq!(seen.only().body, expected);
    assert_eq!(seen.only().header("content-type"), Some("application/json"));
    let seen = sent(
        body("json", json!([{"type": "text", "value": "no json"}])),
        variables(),
    )
    .await;
    let expected = (
        "RequestBodyError".to_owned(),
        "Failed to parse JSON: no json".to_owned(),
    );
    assert_eq!(seen.failure(), expected);
}

#[tokio::test]
async fn old_bodies_of_lines_are_fields() {
    let lines = "a: 1\n\nb:{{#n.word#}}:2\nflag";
    let seen = sent(body("x-www-form-urlencoded", json!(lines)), variables()).await;
    assert_eq!(seen.only().body, "a=1&b=a+b%3A2&flag=");
    let seen = sent(body("form-data", json!("a:1")), variables()).await;
    assert!(
        seen.only().body.contains("name=\"a\"\r\n\r\n1\r\n"),
        "{}",
        seen.only().body
    );
    assert!(seen.only().body.contains("__multipart_placeholder__"));
    let seen = sent(body("json", json!("")), variables()).await;
    assert_eq!(
        seen.failure().1,
        "json body type should have exactly one item"
    );
}

#[tokio::test]
async fn files_are_parts_of_a_form() {
    let items = json!([
        {"type": "file", "key": "f", "file": ["n", "file"]},
        {"type": "text", "key": "t", "value": "{{#n.word#}}"},
        {"type": "file", "key": "no", "file": ["n", "word"]},
    ]);
    let mut data = body("form-data", items);
    data["headers"] = json!("Content-Type: text/html");
    let seen = sent(data, variables()).await;
    let sent = seen.only();
    let kind = sent.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\na b\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x%22.txt\"\r\n\
         Content-Type: text/plain\r\n\r\nx\".txt\r\n--{boundary}--\r\n"
    );
    assert_eq!(sent.body, expected);
    assert!(
        seen.told().contains("type='text/plain', size=6 bytes"),
        "{}",
        seen.told()
    );
}

#[tokio::test]
async fn a_binary_body_is_one_file() {
    for (selector, expected) in [
        (json!(["n", "file"]), Ok("x\".txt")),
        (
            json!(["n", "word"]),
            Err("cannot fetch file with selector ['n', 'word']"),
        ),
        (
            json!(["n", "lost"]),
            Err("the file \"lost\" does not exist"),
        ),
    ] {
        let seen = sent(
            body("binary", json!([{"type": "file", "file": selector}])),
            variables(),
        )
        .await;
        match expected {
            Ok(content) => {
                assert_eq!(seen.only().body, content);
                assert_eq!(seen.only().header("content-type"), None);
            }
            Err(text) => assert_eq!(
                seen.failure(),
                ("FileFetchError".to_owned(), text.to_owned())
            ),
        }
    }
}

#[tokio::test]
async fn lines_in_a_value_make_headers_but_never_more() {
    let data = json!({"headers": "X-A: {{#n.lines#}}\nx-a: last\nContent-Length: 5\nTransfer-Encoding: chunked"});
    let seen = sent(data, variables()).await;
    assert_eq!(seen.only().header("x-a"), Some("last"));
    assert_eq!(seen.only().header("x-evil"), Some("yes"));
    assert_eq!(seen.only().header("content-length"), None);
    assert_eq!(seen.only().header("transfer-encoding"), None);
    let many = (0..300)
        .map(|at| format!("x-{at}: 1\n"))
        .collect::<String>();
    let seen = sent(json!({"headers": many}), variables()).await;
    assert_eq!(seen.failure().0, "HttpRequestNodeError");
}

#[tokio::test]
async fn keys_are_sent_and_never_told() {
    let authorization = json!({"type": "api-key", "config": {
        "type": "custom", "api_key": "{{#env.KEY#}}", "header": "X-Key",
    }});
    let mut data = body(
        "raw-text",
        json!([{"type": "text", "value": "key={{#env.KEY#}}"}]),
    );
    data["authorization"] = authorization;
    data["url"] = json!("https://ann:secret@api.test/{{#env.KEY#}}?k={{#env.KEY#}}");
    data["headers"] = json!("x-key: other\nX-Again: {{#env.KEY#}}\nCookie: a=b");
    let seen = sent(data.clone(), variables()).await;
    let sent = seen.only();
    assert_eq!(
        sent.line,
        "POST https://api.test/test-key-acme-123?k=test-key-acme-123"
    );
    assert_eq!(sent.header("x-key"), Some("test-key-acme-123"));
    assert_eq!(sent.header("authorization"), Some("Basic YW5uOnNlY3JldA=="));
    assert_eq!(sent.body, "key=test-key-acme-123");
    let told = seen.told();
    assert!(
        told.starts_with(
            "POST /test-k************23?k=test-k************23 HTTP/1.1\r\nHost: api.test\r\n"
        ),
        "{told}"
    );
    for hidden in ["test-key-acme-123", "secret", "YW5u", "a=b"] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    assert!(
        told.contains(&format!("X-Key: {}\r\n", "*".repeat(17))),
        "{told}"
    );
}

#[tokio::test]
async fn a_url_that_is_none_is_refused() {
    for (url, why) in [
        ("{{#n.empty#}}", "url is required"),
        (
            "ftp://api.test/",
            "url should start with http:// or https://",
        ),
        (
            "https://api.test/{{#n.lines#}}",
            "Invalid non-printable ASCII character in URL",
        ),
        ("http://", "not a usable URL: empty host"),
        (
            "http://a b/",
            "not a usable URL: invalid international domain name",
        ),
    ] {
        let seen = sent(json!({"url": url}), variables()).await;
        assert_eq!(
            seen.failure(),
            ("InvalidURLError".to_owned(), why.to_owned()),
            "{url}"
        );
        assert!(seen.sent.is_empty());
    }
}

#[tokio::test]
async fn a_file_is_kept_and_the_body_is_empty() {
    let head = [
        ("Content-Type", "image/png; x=y"),
        ("content-disposition", "attachment; filename=\"../cat.pdf\""),
    ];
    let seen = answered(json!({}), variables(), 200, &head, b"\x89PNG").await;
    let outputs = outcome(&seen.attempt).unwrap();
    assert_eq!(
        (&outputs["body"], &outputs["status_code"]),
        (&json!(""), &json!(200))
    );
    assert_eq!(outputs["files"][0]["filename"], "cat.pdf");
    assert_eq!(seen.kept[0].mime_type.as_deref(), Some("application/pdf"));
    assert_eq!(&seen.kept[0].content[..], b"\x89PNG");
    let data = json!({"url": "https://api.test/a%20b.png?x=1"});
    let seen = answered(data, variables(), 200, &head[..1], b"\x89PNG").await;
    assert_eq!(seen.kept[0].filename.as_deref(), Some("a b.png"));
    assert_eq!(seen.kept[0].mime_type.as_deref(), Some("image/png"));
}

#[tokio::test]
async fn a_status_fails_only_with_a_strategy_or_retries() {
    for (data, fails) in [
        (json!({}), false),
        (json!({"error_strategy": null}), false),
        (json!({"error_strategy": "none"}), false),
        (json!({"error_strategy": "fail-branch"}), true),
        (
            json!({"retry_config": {"retry_enabled": false, "max_retries": 3}}),
            false,
        ),
        (
            json!({"retry_config": {"retry_enabled": true, "max_retries": 0}}),
            true,
        ),
    ] {
        let seen = answered(data.clone(), variables(), 500, &[], b"no").await;
        assert_eq!(seen.attempt.outcome.is_err(), fails, "{data}");
        if fails {
            let expected = (
                "HTTPResponseCodeError",
                "Request failed with status code 500",
            );
            let failure = seen.failure();
            assert_eq!((failure.0.as_str(), failure.1.as_str()), expected);
        }
    }
}

#[test]
fn data_that_make_no_sense_are_refused() {
    let config = |config: Json| json!({"authorization": {"type": "api-key", "config": config}});
    for (data, field) in [
        (json!({"method": "Get"}), "data.method"),
        (json!({"method": "trace"}), "data.method"),
        (json!({"url": null}), "data.url"),
        (json!({"headers": []}), "data.headers"),
        (config(json!(null)), "data.authorization"),
        (
            config(json!({"type": "digest", "api_key": "k"})),
            "data.authorization",
        ),
        (config(json!({"type": "basic"})), "data.authorization"),
        (body("soap", json!([])), "data.body"),
        (body("json", json!({})), "data.body.data"),
        (body("json", json!([{"type": "link"}])), "data.body.data"),
    ] {
        let problem = build("http-request", request(data)).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some(field), "{problem}");
    }
}
