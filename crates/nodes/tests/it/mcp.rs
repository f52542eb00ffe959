//! MCP servers: both kinds of protocol, and servers that lie.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};

use latchkey_domain::tool::{McpTool, ToolAuth};
use latchkey_models::{Access, CredentialValues};
use latchkey_nodes::tools::mcp::{McpError, Patience, Server, definition};
use latchkey_nodes::tools::{Answered, Sending};
use latchkey_nodes::{ToolError, ToolMessage};
use latchkey_outbound::{Outbound, Request, Response};

/// What a server says to a request: a status and a body, of the type that `sse:` at its beginning says.
type Says = Arc<dyn Fn(&Json) -> (u16, String) + Send + Sync>;
type Seen = Arc<Mutex<Vec<(String, Json, Vec<(String, String)>)>>>;

/// A server with a handshake, that answers everything else as it is told to.
fn server(says: impl Fn(&Json) -> (u16, String) + Send + Sync + 'static) -> (Outbound, Seen) {
    scripted(Arc::new(move |message| match message["method"].as_str() {
        Some("initialize") => (
            200,
            answer(
                message,
                json!({"protocolVersion": "2025-06-18", "capabilities": {},
                    "serverInfo": {"name": "scripted", "version": "1"}}),
            ),
        ),
        Some("notifications/initialized") => (202, String::new()),
        _ => says(message),
    }))
}

fn scripted(says: Says) -> (Outbound, Seen) {
    let seen = Seen::default();
    let told = Arc::clone(&seen);
    let outbound = Outbound::scripted(Arc::new(move |request: &Request| {
        let message: Json = serde_json::from_slice(request.body_bytes()).unwrap_or_default();
        let headers = request.headers();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let method = request.method().as_str().to_owned();
        told.lock()
            .unwrap()
            .push((method, message.clone(), headers.collect()));
        let (status, body) = says(&message);
        let (kind, body) = match body.strip_prefix("sse:") {
            Some(events) => ("text/event-stream", events.to_owned()),
            None => ("application/json", body),
        };
        let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
        if message["method"] == "initialize" {
            headers.push(("mcp-session-id".to_owned(), "session-1".to_owned()));
        }
        Ok(Response::ready(status, headers, body))
    }));
    (outbound, seen)
}

fn answer(message: &Json, result: Json) -> String {
    json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string()
}

/// What a server without a handshake says of itself.
fn discovered(versions: &[&str]) -> Json {
    json!({"resultType": "complete", "supportedVersions": versions, "capabilities": {"tools": {}},
        "ttlMs": 0, "cacheScope": "private"})
}

fn tool(output: Option<Json>) -> McpTool {
    McpTool {
        name: "echo".to_owned(),
        description: String::new(),
        input_schema: json!({"type": "object", "properties": {"text": {"type": "string"}}}),
        output_schema: output,
    }
}

async fn called(outbound: &Outbound, tool: &McpTool) -> Result<Vec<Answered>, ToolError> {
    let access = Access {
        values: CredentialValues::one("api_key", "k3y"),
        ..Access::default()
    };
    let server = Server {
        url: "https://mcp.test/mcp",
        sending: Sending {
            auth: &ToolAuth::Bearer,
            access: &access,
        },
        outbound,
        patience: Patience(Duration::from_secs(5)),
    };
    let arguments = json!({"text": "hi"});
    server.call(tool, arguments.as_object().unwrap()).await
}

async fn listed(outbound: &Outbound) -> Result<Vec<McpTool>, McpError> {
    let access = Access::default();
    let server = Server {
        url: "https://mcp.test/mcp",
        sending: Sending {
            auth: &ToolAuth::None,
            access: &access,
        },
        outbound,
        patience: Patience::default(),
    };
    server.list().await
}

fn content(items: Json) -> Json {
    json!({"content": items})
}

fn methods(seen: &Seen) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let told = seen.iter().map(|(method, message, _)| {
        let named = message["method"].as_str();
        named.unwrap_or(method).to_owned()
    });
    told.collect()
}

#[tokio::test]
async fn a_server_with_a_handshake_is_visited_and_left() {
    let (outbound, seen) = server(|message| {
        (
            200,
            answer(message, content(json!([{"type": "text", "text": "hello"}]))),
        )
    });
    assert_eq!(
        called(&outbound, &tool(None)).await,
        Ok(vec![Answered::text("hello")])
    );
    let visit = [
        "initialize",
        "notifications/initialized",
        "tools/call",
        "DELETE",
    ];
    assert_eq!(methods(&seen), visit);
    let seen = seen.lock().unwrap();
    let (_, message, headers) = &seen[2];
    assert_eq!(message["params"]["name"], "echo");
    assert_eq!(message["params"]["arguments"], json!({"text": "hi"}));
    for (name, value) in [
        ("mcp-session-id", "session-1"),
        ("mcp-protocol-version", "2025-06-18"),
        ("authorization", "Bearer k3y"),
    ] {
        assert!(
            headers.contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_server_without_a_handshake_is_told_everything_each_time() {
    let (outbound, seen) = scripted(Arc::new(|message| match message["method"].as_str() {
        Some("initialize") => {
            let error = json!({"code": -32601, "message": "no such method"});
            (
                400,
                json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string(),
            )
        }
        Some("server/discover") => (200, answer(message, discovered(&["2026-07-28"]))),
        _ => {
            let result =
                json!({"resultType": "complete", "content": [{"type": "text", "text": "hello"}]});
            (200, answer(message, result))
        }
    }));
    assert_eq!(
        called(&outbound, &tool(None)).await,
        Ok(vec![Answered::text("hello")])
    );
    assert_eq!(
        methods(&seen),
        ["initialize", "server/discover", "tools/call"]
    );
    let seen = seen.lock().unwrap();
    let (_, message, headers) = &seen[2];
    let meta = &message["params"]["_meta"];
    assert_eq!(
        meta["io.modelcontextprotocol/protocolVersion"],
        "2026-07-28"
    );
    for (name, value) in [
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "echo"),
    ] {
        assert!(
            headers.contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_answer_may_come_in_a_stream_after_other_events() {
    let (outbound, _) = server(|message| {
        let note = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}});
        let ping = json!({"jsonrpc": "2.0", "id": 99, "method": "ping"});
        let result = answer(message, content(json!([{"type": "text", "text": "hello"}])));
        let events = format!(
            "sse:: hi\n\ndata: {note}\n\nevent: message\r\ndata: {ping}\r\n\r\ndata: {result}\n\n"
        );
        (200, events)
    });
    assert_eq!(
        called(&outbound, &tool(None)).await,
        Ok(vec![Answered::text("hello")])
    );
}

#[tokio::test]
async fn contents_become_messages() {
    let json_of = |value: Json| Answered::Message(ToolMessage::Json(value));
    for (items, expected) in [
        (
            json!([{"type": "text", "text": "{\"a\": 1}"}]),
            vec![json_of(json!({"a": 1}))],
        ),
        (
            json!([{"type": "text", "text": "[{\"a\": 1}, {\"b\": 2}]"}]),
            vec![json_of(json!({"a": 1})), json_of(json!({"b": 2}))],
        ),
        (
            json!([{"type": "text", "text": "[1, 2]"}]),
            vec![Answered::text("[1, 2]")],
        ),
        (
            json!([{"type": "resource_link", "uri": "https://x.test/a", "name": "a"}]),
            vec![Answered::Message(ToolMessage::Link(
                "https://x.test/a".to_owned(),
            ))],
        ),
        (
            json!([{"type": "resource", "resource": {"uri": "file:///a.txt", "text": "inside"}}]),
            vec![Answered::text("inside")],
        ),
    ] {
        let (outbound, _) = server(move |message| (200, answer(message, content(items.clone()))));
        assert_eq!(called(&outbound, &tool(None)).await, Ok(expected));
    }
    let (outbound, _) = server(|message| {
        let image = json!([{"type": "image", "data": "/9g=", "mimeType": "image/jpeg"}]);
        (200, answer(message, content(image)))
    });
    let answered = called(&outbound, &tool(None)).await.unwrap();
    let [Answered::Made(made)] = &answered[..] else {
        panic!("{answered:?}");
    };
    assert_eq!(
        (&made.content[..], made.mime_type.as_deref()),
        (&[0xff, 0xd8][..], Some("image/jpeg"))
    );
}

#[tokio::test]
async fn a_server_that_lies_is_a_failure_that_says_so() {
    let lies: Vec<(Says, &str)> = vec![
        (
            Arc::new(|_| {
                (
                    200,
                    json!({"jsonrpc": "2.0", "id": 77, "result": {}}).to_string(),
                )
            }),
            "it answered another request",
        ),
        (
            Arc::new(|_| (200, "hello".to_owned())),
            "its answer is no JSON",
        ),
        (
            Arc::new(|message| (200, answer(message, json!("text")))),
            "its result is no object",
        ),
        (
            Arc::new(|message| (200, answer(message, json!({"content": "text"})))),
            "its result of tools/call: invalid type: string \"text\"",
        ),
        (
            Arc::new(|message| (200, answer(message, content(json!([{"type": "hologram"}]))))),
            "its result of tools/call: unknown variant `hologram`",
        ),
        (
            Arc::new(|message| {
                (
                    200,
                    answer(
                        message,
                        content(json!([{"type": "image", "data": "?", "mimeType": "image/png"}])),
                    ),
                )
            }),
            "a file of it is no base64",
        ),
        (
            Arc::new(|_| (200, "sse:data: {}\n\n".to_owned())),
            "its stream ended without an answer",
        ),
        (
            Arc::new(|_| (200, format!("sse:{}", "data: \n\n".repeat(10_001)))),
            "it sends events without end",
        ),
        (
            Arc::new(|message| {
                (
                    200,
                    answer(
                        message,
                        json!({"resultType": "input_required", "requestState": "half-way"}),
                    ),
                )
            }),
            "which is not understood",
        ),
        (
            Arc::new(|_| (503, "busy".to_owned())),
            "answered with status 503: busy",
        ),
        (
            Arc::new(|message| {
                let error = json!({"code": -32602, "message": "bad text"});
                (
                    200,
                    json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string(),
                )
            }),
            "refused tools/call: bad text (-32602)",
        ),
        (
            Arc::new(|message| {
                let failed =
                    json!({"isError": true, "content": [{"type": "text", "text": "no fuel"}]});
                (200, answer(message, failed))
            }),
            "the tool echo has failed: no fuel",
        ),
    ];
    for (says, told) in lies {
        let (outbound, _) = server(move |message| says(message));
        let text = match called(&outbound, &tool(None)).await {
            Err(ToolError::Invoke(text)) => text,
            Err(ToolError::Refused(refusal)) => refusal.text,
            other => panic!("{told}: no failure: {other:?}"),
        };
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[tokio::test]
async fn a_structured_answer_must_be_what_was_promised() {
    let promised = || {
        tool(Some(
            json!({"type": "object", "required": ["sum"], "properties": {"sum": {"type": "number"}}}),
        ))
    };
    let structured = |value: Json| {
        server(move |message| {
            let result =
                json!({"content": [{"type": "text", "text": "ok"}], "structuredContent": value});
            (200, answer(message, result))
        })
        .0
    };
    let answered = called(&structured(json!({"sum": 3})), &promised())
        .await
        .unwrap();
    assert_eq!(answered.len(), 2, "{answered:?}");
    for wrong in [json!({"sum": "three"}), json!({}), json!(null)] {
        let Err(ToolError::Invoke(text)) = called(&structured(wrong.clone()), &promised()).await
        else {
            panic!("{wrong}");
        };
        assert!(text.contains("breaks its promise"), "{text}");
    }
}

#[tokio::test]
async fn tools_are_listed_page_by_page() {
    let (outbound, _) = server(|message| {
        let one = |name: &str| {
            json!({"name": name, "description": "d", "inputSchema": {"type": "object",
            "required": ["a"], "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"type": "boolean", "default": true}},
            "$defs": {"x": {"type": "integer"}}}})
        };
        let page = match message["params"]["cursor"].as_str() {
            None => json!({"tools": [one("first")], "nextCursor": "2"}),
            Some(_) => json!({"tools": [one("second")]}),
        };
        (200, answer(message, page))
    });
    let tools = listed(&outbound).await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    let parameters = definition(&tools[0]).parameters;
    let told: Vec<_> = parameters
        .iter()
        .map(|of| (of.kind.as_str(), of.required))
        .collect();
    assert_eq!(told, [("number", true), ("boolean", false)]);
}

#[tokio::test]
async fn a_list_that_never_ends_or_makes_no_sense_is_a_failure() {
    let pages: Vec<(Json, &str)> = vec![
        (
            json!({"tools": [], "nextCursor": "again"}),
            "its list of tools never ends",
        ),
        (
            json!({"tools": [{"name": "x"}]}),
            "its result of tools/list: missing field `inputSchema`",
        ),
        (
            json!({"tools": [{"name": "", "inputSchema": {}}]}),
            "no usable name",
        ),
        (json!({}), "its answer to tools/list is not understood"),
        (
            json!({"tools": 5}),
            "its result of tools/list: invalid type",
        ),
    ];
    for (page, told) in pages {
        let (outbound, _) = server(move |message| (200, answer(message, page.clone())));
        let error = listed(&outbound).await.unwrap_err().to_string();
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[tokio::test]
async fn one_that_cannot_be_talked_to_is_not_asked_for_anything() {
    let error = |message: &Json, code: i64| {
        let error = json!({"code": code, "message": "no"});
        json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string()
    };
    let scripts: Vec<(Says, &[&str], &str)> = vec![
        (
            Arc::new(|_| (401, "who are you?".to_owned())),
            &["initialize"],
            "answered with status 401: who are you?",
        ),
        (
            Arc::new(move |message| (200, error(message, -32603))),
            &["initialize"],
            "refused initialize: no (-32603)",
        ),
        (
            Arc::new(|message| (200, answer(message, json!({"protocolVersion": 5})))),
            &["initialize"],
            "its result of initialize: invalid type",
        ),
        (
            Arc::new(|_| (202, String::new())),
            &["initialize"],
            "its answer is no JSON",
        ),
        (
            Arc::new(move |message| match message["method"].as_str() {
                Some("initialize") => (400, error(message, -32022)),
                _ => (200, answer(message, discovered(&["2031-01-01"]))),
            }),
            &["initialize", "server/discover"],
            "it speaks no version of the protocol",
        ),
        (
            Arc::new(|message| match message["method"].as_str() {
                Some("initialize") => {
                    let about = json!({"name": "scripted", "version": "1"});
                    let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": about});
                    (200, answer(message, hello))
                }
                _ => (500, "out of order".to_owned()),
            }),
            &["initialize", "notifications/initialized"],
            "answered with status 500: out of order",
        ),
    ];
    for (says, asked, told) in scripts {
        let (outbound, seen) = scripted(says);
        let error = listed(&outbound).await.unwrap_err().to_string();
        assert!(error.contains(told), "{told}: {error}");
        let seen = methods(&seen);
        assert_eq!(seen[..asked.len()], *asked, "{told}");
        assert!(!seen.contains(&"tools/list".to_owned()), "{told}: {seen:?}");
    }
}
