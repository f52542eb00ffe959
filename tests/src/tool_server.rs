//! A server of tools on a port of its own: an HTTP API with its OpenAPI document, and an MCP server.
//!
//! `GET /v1/weather?city=` answers with the city and with the key that it was sent, as careless servers do; a city that is
//! called `hang` never gets an answer, `wrong` gets a refusal that repeats the key, `broken` a 502, and `busy` a 429 for keys that
//! end with `-busy`. `POST /mcp` speaks MCP with a handshake
//! and has one tool, `add`; `lie` instead of a number makes it break its promise.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value as Json, json};

use crate::provider::lock;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /v1/weather?city=Paris`.
    pub line: String,
    /// The header `x-key`, or what stands after `Bearer `.
    pub key: String,
    /// The body.
    pub body: Json,
}

/// The running server. Dropping it closes every connection.
pub struct ToolServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl ToolServer {
    /// Starts on 127.0.0.1.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let state = Arc::clone(&asked);
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::from(Arc::clone(&state)))
                        .default_service(web::to(answer))
                })
                .workers(1)
                .h1_allow_half_closed(false)
                .disable_signals()
                .listen(listener)
                .expect("the socket listens")
                .run();
                tell.send(server.handle()).expect("the starter waits");
                server.await.expect("the tools are served");
            });
        });
        Self {
            address,
            asked,
            server: told.recv().expect("the server starts"),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:<port>` and a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The OpenAPI document of the API, whose key goes into the header `x-key`.
    #[must_use]
    pub fn document(&self) -> String {
        document(&self.url("/v1")).to_string()
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }
}

impl Drop for ToolServer {
    fn drop(&mut self) {
        // The command is sent when the future is made.
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed.
            let _ = thread.join();
        }
    }
}

fn document(server: &str) -> Json {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Weather", "description": "Weather of cities", "version": "1"},
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-key"}}},
        "paths": {"/weather": {"get": {
            "operationId": "get_weather", "summary": "The weather of a city",
            "parameters": [
                {"name": "city", "in": "query", "required": true, "schema": {"type": "string"}},
                {"name": "days", "in": "query", "schema": {"type": "integer", "default": 1}},
            ],
        }}},
    })
}

async fn answer(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<Mutex<Vec<Asked>>>,
) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap_or_default().to_owned())
    };
    let bearer = header("authorization");
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
    let key = header("x-key").or(bearer).unwrap_or_default();
    let body: Json = serde_json::from_slice(&body).unwrap_or_default();
    lock(&state).push(Asked {
        line: format!("{} {}", request.method(), request.uri()),
        key: key.clone(),
        body: body.clone(),
    });
    match request.path() {
        "/v1/weather" => weather(request.query_string(), &key).await,
        "/openapi.json" => {
            let host = header("host").unwrap_or_default();
            HttpResponse::Ok().json(document(&format!("http://{host}/v1")))
        }
        "/mcp" if body["params"]["arguments"]["b"] == "hang" => {
            let _left = Left(state);
            std::future::pending().await
        }
        "/mcp" => mcp(&body, &key),
        _ => HttpResponse::NotFound().finish(),
    }
}

/// Notes when somebody who waits for an answer has left.
struct Left(web::Data<Mutex<Vec<Asked>>>);

impl Drop for Left {
    fn drop(&mut self) {
        lock(&self.0).push(Asked {
            line: "left".to_owned(),
            key: String::new(),
            body: Json::Null,
        });
    }
}

async fn weather(query: &str, key: &str) -> HttpResponse {
    let city = query.split('&').find_map(|pair| pair.strip_prefix("city="));
    match city.unwrap_or_default() {
        "hang" => std::future::pending().await,
        "wrong" => HttpResponse::BadRequest().body(format!("no such city for {key}")),
        "broken" => HttpResponse::BadGateway().body("the weather is out"),
        "busy" if key.ends_with("-busy") => HttpResponse::TooManyRequests()
            .insert_header(("retry-after", "600"))
            .body("not so fast"),
        city => HttpResponse::Ok().json(json!({"city": city, "weather": "sunny", "sent": key})),
    }
}

fn mcp(message: &Json, key: &str) -> HttpResponse {
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "sums", "version": "1"}}),
        "notifications/initialized" => return HttpResponse::Accepted().finish(),
        "tools/list" => json!({"tools": [{"name": "add", "description": "Adds two numbers",
            "inputSchema": {"type": "object", "required": ["a", "b"],
                "properties": {"a": {"type": "number"}, "b": {}}},
            "outputSchema": {"type": "object", "required": ["sum"], "properties": {"sum": {"type": "number"}}}}]}),
        "tools/call" => called(&message["params"]["arguments"], key),
        other => {
            let error = json!({"code": -32601, "message": format!("no method {other}")});
            let answer = json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
            return HttpResponse::Ok().json(answer);
        }
    };
    let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": result});
    HttpResponse::Ok().json(answer)
}

fn called(arguments: &Json, key: &str) -> Json {
    if arguments["b"] == "lie" {
        return json!({"content": [], "structuredContent": {"sum": "much"}});
    }
    let number = |name: &str| {
        let said = &arguments[name];
        said.as_f64()
            .or_else(|| said.as_str()?.parse().ok())
            .unwrap_or_default()
    };
    let sum = number("a") + number("b");
    json!({"content": [{"type": "text", "text": format!("the sum is {sum}, says {key}")}],
        "structuredContent": {"sum": sum}})
}
