//! Code with a network: what it may reach goes through the guard of everything else, and what it may not stays where it is.

use std::io::Write as _;
use std::net::TcpListener;

use latchkey_outbound::ProxyLimits;
use latchkey_sandbox::{Job, Language, Sandbox};
use latchkey_tests::document::Document;
use latchkey_tests::sandbox::networked;
use latchkey_tests::server::Setup;
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// Everything of this machine.
const LOCAL: [&str; 1] = ["127.0.0.0/8"];

/// Asks for a URL, and answers the status and the body, whichever they are.
const ASK: &str = "import json, urllib.error, urllib.request
def main(url):
    try:
        with urllib.request.urlopen(url, timeout=8) as answer:
            return {'status': answer.status, 'text': answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {'status': error.code, 'text': error.reason}
";

async fn asked(sandbox: &Sandbox, url: &str) -> Result<Json, String> {
    python(sandbox, ASK, json!({"url": url})).await
}

async fn python(sandbox: &Sandbox, code: &str, inputs: Json) -> Result<Json, String> {
    let job = Job::Code {
        language: Language::Python,
        code: code.to_owned(),
        inputs: inputs.as_object().unwrap().clone(),
    };
    let answer = sandbox.run(job).await.and_then(|output| output.json());
    answer.map_err(|cause| cause.to_string())
}

#[tokio::test]
async fn what_is_allowed_is_reached_without_a_change_to_the_code() {
    let server = ToolServer::start();
    let sandbox = networked(&LOCAL, ProxyLimits::default());
    let answer = asked(&sandbox, &server.url("/v1/weather?city=Oslo")).await;
    let answer = answer.unwrap();
    assert_eq!(answer["status"], 200, "{answer}");
    assert!(
        answer["text"].as_str().unwrap().contains("sunny"),
        "{answer}"
    );
    assert_eq!(server.asked()[0].line, "GET /v1/weather?city=Oslo");
    sandbox.close().await;
}

#[tokio::test]
async fn nobody_gets_where_the_guard_stands() {
    let server = ToolServer::start();
    let own = server.url("/v1/weather?city=Oslo");
    let port = own.split(['/', ':']).nth(4).unwrap().to_owned();
    let sandbox = networked(&[], ProxyLimits::default());
    for url in [
        own,
        format!("http://localhost:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://172.17.0.1:2375/".to_owned(),
        "http://192.168.0.1/".to_owned(),
        "http://100.100.100.200/".to_owned(),
    ] {
        let answer = asked(&sandbox, &url).await.unwrap();
        assert_eq!(answer["status"], 403, "{url}: {answer}");
        let why = answer["text"].as_str().unwrap();
        assert!(why.contains("private or local"), "{url}: {why}");
    }
    for url in ["https://169.254.169.254/", "https://localhost/"] {
        let why = asked(&sandbox, url).await.unwrap_err();
        assert!(
            why.contains("Tunnel connection failed: 403 the address"),
            "{url}: {why}"
        );
    }
    // Whoever asks for no proxy finds no network.
    let direct = ASK.replace(
        "    try:",
        "    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))\n    try:",
    );
    let why = python(
        &sandbox,
        &direct,
        json!({"url": format!("http://127.0.0.1:{port}/")}),
    )
    .await;
    let why = why.unwrap_err();
    let parts = ["Permission denied", "refused"];
    assert!(parts.iter().any(|part| why.contains(part)), "{why}");
    assert!(server.asked().is_empty());
    sandbox.close().await;
}

#[tokio::test]
async fn a_redirect_into_the_machine_is_a_new_connection_and_refused() {
    let inside = ToolServer::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // Only the loopback address of the first server is allowed.
    let at = listener.local_addr().unwrap();
    let target = inside
        .url("/v1/weather?city=Oslo")
        .replace("127.0.0.1", "127.0.0.2");
    let redirecting = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        std::io::Read::read(&mut socket, &mut [0; 4096]).unwrap();
        socket.write_all(answer.as_bytes()).unwrap();
    });
    let sandbox = networked(&["127.0.0.1/32"], ProxyLimits::default());
    let answer = asked(&sandbox, &format!("http://{at}/")).await.unwrap();
    assert_eq!(answer["status"], 403, "{answer}");
    redirecting.join().unwrap();
    sandbox.close().await;
}

#[tokio::test]
async fn a_download_without_end_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let endless = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        socket.write_all(head.as_bytes()).unwrap();
        while socket.write_all(&[b'x'; 65_536]).is_ok() {}
    });
    let limits = ProxyLimits {
        bytes: 3 << 20,
        ..ProxyLimits::default()
    };
    let sandbox = networked(&LOCAL, limits);
    let code = "import urllib.error, urllib.request
def main(url):
    total = 0
    try:
        with urllib.request.urlopen(url, timeout=8) as answer:
            while part := answer.read(65536):
                total += len(part)
    except OSError:
        pass
    try:
        urllib.request.urlopen(url)
    except urllib.error.HTTPError as error:
        return {'total': total, 'then': error.reason}
";
    let answer = python(&sandbox, code, json!({"url": format!("http://{at}/")})).await;
    let answer = answer.unwrap();
    assert!(answer["total"].as_u64().unwrap() <= 3 << 20, "{answer}");
    let then = answer["then"].as_str().unwrap();
    assert!(then.contains("has moved more than 3145728 bytes"), "{then}");
    endless.join().unwrap();
    sandbox.close().await;
}

/// Start → a Python node with the URL `x` → end with `r`.
fn asking() -> Document {
    let code = "import urllib.request\ndef main(x):\n    return {'r': urllib.request.urlopen(x).read().decode()}\n";
    Document::workflow("asking", &["x"])
        .node(
            "code",
            "code",
            json!({"code_language": "python3", "code": code,
                "variables": [{"variable": "x", "value_selector": ["start", "x"]}],
                "outputs": {"r": {"type": "string", "children": null}}}),
        )
        .end("end", &[("r", "code.r")])
        .line(&["start", "code", "end"])
}

#[tokio::test]
async fn a_server_gives_code_a_network_when_its_operator_says_so() {
    let tools = ToolServer::start();
    let url = tools.url("/v1/weather?city=Oslo");
    let run = async |setup: Setup| {
        let server = setup.start().await;
        let user = User::new(server.client());
        let workflow = user.publish(&asking(), &[]).await;
        let run = workflow.run(json!({"x": url})).await;
        let own = workflow
            .run(json!({"x": format!("{}/healthz", server.url())}))
            .await;
        (run, own)
    };
    let on = || Setup::sqlite().with("LATCHKEY_SANDBOX_NETWORK", "on");
    // The harness allows 127.0.0.0/8.
    let (reached, _) = run(on()).await;
    assert_eq!(reached["status"], "succeeded", "{reached}");
    let guarded = on().with("LATCHKEY_OUTBOUND_ALLOW", "");
    for refused in <[Json; 2]>::from(run(guarded).await) {
        let why = refused["error"]["message"].as_str().unwrap();
        assert!(
            why.contains("HTTP Error 403: the address 127.0.0.1 is private"),
            "{why}"
        );
    }
    let (off, _) = run(Setup::sqlite()).await;
    let why = off["error"]["message"].as_str().unwrap();
    assert!(why.contains("Operation not permitted"), "{why}");
    assert_eq!(tools.asked().len(), 1);
    let said = on().prepare().cli(&["doctor"]).stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        said.contains("with network through the outbound guard"),
        "{said}"
    );
}
